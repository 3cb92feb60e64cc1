import SQLite
import Testing
import Values

@testable import Membership
@testable import Operations

@Suite("Standings of an earlier version")
struct StandingMigrationTests {
  private func random() -> [Int64: Standing] {
    var contents: [Int64: Standing] = [:]
    for profile in Int64(1)...300 where Int.random(in: 0..<3) == 0 {
      contents[profile] = AnyStanding.random()
    }
    return contents.filter { $0.value != Standing() }
  }

  @Test("a store of version 7 keeps them, and when blocks are looked at")
  func version7() throws {
    let store = try StandingStore(version: 7)
    let connection = store.connection
    let expected = random()
    try connection.addBlocks(expected)
    // Views that somebody made for himself do not hinder it, also one that nobody can read any more.
    try connection.execute("CREATE VIEW mine AS SELECT count(*) FROM standings")
    try connection.execute("CREATE VIEW wakes AS SELECT wake FROM standings")
    try connection.execute("CREATE VIEW broken AS SELECT lost FROM nowhere")
    try Store.migration.apply(to: connection, readOnly: false)
    #expect(try store.contents() == expected)
    #expect(try Standings.sleeper(connection) == nil)
    let columns = try connection.prepareFresh("SELECT name FROM pragma_table_info('standings')")
    #expect(try columns.all { $0.text(0) } == ["block", "data"])
    #expect(
      try connection.prepareFresh("SELECT * FROM mine").first { Int($0.int(0)) }
        == Set(expected.keys.map(StandingBlock.number)).count)
    #expect(
      try connection.prepareFresh("PRAGMA integrity_check").first { $0.text(0) } == "ok")
  }

  @Test("a store of version 8 keeps those that changed lately")
  func version8() throws {
    let store = try StandingStore(version: 8)
    try store.connection.execute(
      """
      INSERT INTO standings(block, data) VALUES (0, x'020201000302010004020100');
      INSERT INTO recent_standings VALUES (3, 5, x'0200'), (4, NULL, x''), (70, NULL, x'0300');
      INSERT INTO standing_wakes VALUES (5, 0);
      INSERT INTO recent_rows VALUES ('standings', 3);
      """)
    try Store.migration.apply(to: store.connection, readOnly: false)
    try store.expect(
      [
        2: Standing(outcome: [1, 0]), 70: Standing(outcome: [3, 0]),
        3: Standing(next: Instant(milliseconds: 5), outcome: [2, 0]),
      ])
    try store.put([2: Standing()], limit: 3)
    #expect(try store.count("recent_standings") == 0)
    try store.expect(
      [
        70: Standing(outcome: [3, 0]),
        3: Standing(next: Instant(milliseconds: 5), outcome: [2, 0]),
      ])
  }

  @Test("a store of version 5, which has a row for each profile, too")
  func version5() throws {
    let store = try StandingStore(version: 5)
    let connection = store.connection
    try connection.execute(
      """
      INSERT INTO definitions(id, key, kind, name, query, is_enabled, epoch)
        VALUES (7, 'a', 'trait', 'A', '', 1, 1), (8, 'b', 'trait', 'B', '', 0, 3);
      INSERT INTO members VALUES (2, 7, '1', 0), (40, 7, '1', 0), (41, 8, '1', 0), (500, 7, '1', 0);
      INSERT INTO standings(profile, next, outcome) VALUES (1, 5, x'0200'), (2, NULL, x'0100'),
        (3, -4, x'0100'), (40, 7, x''), (41, NULL, x'0200'), (64, NULL, x'00');
      """)
    try Store.migration.apply(to: connection, readOnly: false)
    let unknown = Standing(outcome: Standing.unknown)
    let expected: [Int64: Standing] = [
      1: Standing(next: Instant(milliseconds: 5), outcome: [2, 0]),
      2: Standing(outcome: [1, 0]),
      3: Standing(next: Instant(milliseconds: -4), outcome: Standing.unknown),
      40: Standing(next: Instant(milliseconds: 7), outcome: Standing.unknown),
      41: Standing(outcome: [2, 0]), 64: unknown, 500: unknown,
    ]
    #expect(try store.contents() == expected)
    #expect(try Standings.sleeper(connection) == nil)
    #expect(try Standings.due(at: Instant(milliseconds: 5), connection) == [1, 3])
    let old = try connection.prepareFresh(
      "SELECT count(*) FROM sqlite_schema WHERE name = 'profile_standings'")
    #expect(try old.first { $0.int(0) } == 0)
  }
}
