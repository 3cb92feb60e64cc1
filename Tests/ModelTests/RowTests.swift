import Definitions
import SQLite
import Testing
import Values

@testable import Models

/// The rows of a model: their types, and those that cannot be sent.
@Suite struct RowTests {
  @Test("values come in their types, and whole numbers that no double holds as digits")
  func types() throws {
    let rows = try Bench().rows(
      """
      SELECT 'a' AS id, 1 AS i, 2.5 AS r, 't' AS t, NULL AS n, 9007199254740993 AS big, -0.0 AS z
      """)
    #expect(rows.properties == ["i", "r", "t", "n", "big", "z"])
    #expect(
      rows.rows.first?.values == [
        .number(1), .number(2.5), .string("t"), .absent, .string("9007199254740993"), .number(0),
      ])
  }

  @Test("only what is mapped is there, under its property's name")
  func mapped() throws {
    let rows = try Bench().rows(
      "SELECT 7 AS id, 1 AS a, 2 AS b", "object: user\nidentity: id\ncolumns: b as B, id as b")
    #expect(rows.properties == ["B", "b"])
    #expect(
      rows.rows == [
        ModelRow(
          identity: "7", insertID: nil, event: nil, timestamp: nil,
          values: [.number(2), .number(7)])
      ])
  }

  @Test("rows without a usable key are invalid, and none of those that share one is sent")
  func keys() throws {
    let long = String(repeating: "x", count: 256)
    let rows = try Bench().rows(
      """
      SELECT NULL AS id, 1 AS v UNION ALL SELECT '', 1 UNION ALL SELECT ' \t', 1
      UNION ALL SELECT '\(long)', 1 UNION ALL SELECT 1.5, 1 UNION ALL SELECT x'41', 1
      UNION ALL SELECT 'a', 1 UNION ALL SELECT 'a', 1 UNION ALL SELECT 'a', 2
      UNION ALL SELECT 'A', 1 UNION ALL SELECT 5, 1 UNION ALL SELECT '5', 1
      UNION ALL SELECT '\(long.dropLast())', 1 UNION ALL SELECT 'b', x'00'
      UNION ALL SELECT 'e\u{301}', 1 UNION ALL SELECT 'é', 1
      """)
    #expect(rows.count == 16)
    #expect(
      rows.invalid == [
        .nullKey: 1, .blankKey: 2, .longKey: 1, .badKey: 2, .duplicateKey: 5, .badValue: 1,
      ])
    #expect(
      rows.rows.map(\.identity) == ["A", "e\u{301}", String(long.dropLast()), "é"])
  }

  @Test("events need a name, may have a time, and are told apart by their insert ids")
  func events() throws {
    let rows = try Bench().rows(
      """
      SELECT 1 AS n, 'u' AS id, 'Call' AS e, '2026-03-01T10:00:00+02:00' AS t, 5 AS v
      UNION ALL SELECT 2, 'u', 'Call', '2026-03-01 08:00:00.5', 5
      UNION ALL SELECT 3, 'u', 'Call', NULL, 5
      UNION ALL SELECT 4, 'u', ' ', NULL, 5
      UNION ALL SELECT 5, 'u', NULL, NULL, 5
      UNION ALL SELECT 6, 'u', 'Call', 1772352000, 5
      UNION ALL SELECT 7, 'u', 'Call', '2026-02-30', 5
      UNION ALL SELECT NULL, 'u', 'Call', NULL, 5
      UNION ALL SELECT 8, NULL, 'Call', NULL, 5
      UNION ALL SELECT 9, 'u', 'Call', NULL, 5 UNION ALL SELECT 9, 'w', 'Call', NULL, 5
      UNION ALL SELECT 10, 'u', '\(String(repeating: "x", count: 1025))', NULL, 5
      """, Bench.event)
    #expect(rows.rows.map(\.insertID) == ["1", "2", "3"])
    #expect(
      rows.rows.map(\.timestamp) == [
        Instant(iso8601: "2026-03-01T08:00:00Z"), Instant(iso8601: "2026-03-01T08:00:00.5Z"), nil,
      ])
    #expect(
      rows.invalid == [.badEvent: 3, .badTimestamp: 2, .nullKey: 2, .duplicateKey: 2])
  }

  @Test("users are as they are after merges, with the events of all their ids")
  func merges() throws {
    let bench = try Bench(
      """
      INSERT INTO names VALUES (50, 'Order Completed');
      INSERT INTO identities VALUES (1, 0, 'ann'), (2, 0, 'ann-old'), (3, 1, 'cookie'),
        (4, 1, 'stranger'), (5, 0, 'bob');
      INSERT INTO links VALUES (2, 1, 1), (3, 2, 1);
      INSERT INTO events(type, event, user, anonymous, time, message_hash, body) VALUES
        (0, 50, 1, NULL, 5000, 1, '{}'), (0, 50, 2, NULL, 4000, 2, '{}'),
        (0, 50, NULL, 3, 3000, 3, '{}'), (0, 50, NULL, 4, 2000, 4, '{}'),
        (0, 50, 5, 4, 1000, 5, '{}');
      """)
    let rows = try bench.rows(
      """
      SELECT canonical_user_id AS id, count(*) AS n FROM event_log
      WHERE canonical_user_id IS NOT NULL GROUP BY 1
      """)
    #expect(rows.rows.map(\.identity) == ["ann", "bob"])
    #expect(rows.rows.map(\.values) == [[.number(3)], [.number(1)]])
    #expect(
      try bench.list("SELECT user_id, first_seen FROM users ORDER BY 1") == [
        "ann 1970-01-01T00:00:03.000Z", "bob 1970-01-01T00:00:01.000Z",
      ])
    #expect(
      try bench.list("SELECT kind, id, canonical_user_id FROM canonical_ids ORDER BY 1, 2") == [
        "anonymous cookie ann", "anonymous stranger NULL", "user ann ann", "user ann-old ann",
        "user bob bob",
      ])
  }
}
