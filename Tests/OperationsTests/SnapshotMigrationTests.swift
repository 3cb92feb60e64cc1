import SQLite
import Testing
import Values

@testable import Membership
@testable import Operations

@Suite("A snapshot of an earlier version")
struct SnapshotMigrationTests {
  private static let day: Int64 = 86_400_000

  /// Two users who bought and asked, in a store of version 4.
  private func place() throws -> Workplace {
    let place = try Workplace([
      ("buyers.audience", "---\nname: Buyers\n---\nevent('Bought').count() >= 1\n"),
      ("curious.audience", "---\nname: Curious\n---\nevent('Asked').within(9 days).count() >= 1\n"),
    ])
    let calls = ["ann", "bob"].flatMap { user in
      ["Bought", "Asked"].map { event in
        """
        {"type":"track","messageId":"\(event) \(user)","userId":"\(user)","event":"\(event)",\
        "timestamp":"1970-01-02T00:00:00.000Z"}

        """
      }
    }
    try place.ingest(calls.joined())
    try place.run(at: 2 * Self.day)
    try place.makeVersion(4)
    return place
  }

  @Test(
    "a standing that does not speak of all that is held is no reason to believe it",
    arguments: [
      "UPDATE standings SET outcome = x'0100'", "UPDATE standings SET outcome = x''",
      "UPDATE standings SET outcome = x'0200' WHERE profile = 1", "DELETE FROM standings", "",
    ])
  func partial(damage: String) throws {
    let place = try place()
    if !damage.isEmpty { _ = try place.rows(damage) }
    let before = try place.memberships()
    let report = try place.run(at: 3 * Self.day, isFull: true)
    #expect(report.run.entered == 0 && report.run.left == 0)
    #expect(try place.memberships() == before)
    #expect(try place.session.verify().difference == nil)
    let left = try place.run(at: 11 * Self.day)
    #expect(left.run.left == 2)
    #expect(try place.session.verify().difference == nil)
  }

  @Test("views and triggers that somebody made for himself go on")
  func ownViews() throws {
    let place = try place()
    _ = try place.rows("CREATE VIEW mine AS SELECT user_id FROM memberships")
    _ = try place.rows("CREATE VIEW rest AS SELECT profile FROM members")
    _ = try place.rows("CREATE TABLE log(profile)")
    _ = try place.rows(
      "CREATE TRIGGER noted AFTER INSERT ON log BEGIN DELETE FROM log WHERE profile IN rest; END")
    try place.run(at: 3 * Self.day)
    #expect(try place.rows("SELECT count(*) FROM mine") == [["4"]])
    #expect(try place.rows("SELECT count(*) FROM rest") == [["4"]])
    #expect(try place.rows("PRAGMA user_version") == [["\(Store.migration.version)"]])
  }

  @Test("one of version 8 keeps what changed lately, and goes on")
  func version8() throws {
    let old = try StandingStore(version: 8).connection
    try old.execute(
      """
      CREATE VIEW mine AS SELECT value FROM memberships;
      INSERT INTO identities(id, kind, external_id) VALUES (1, 0, 'ann'), (2, 0, 'bob'), (3, 0, 'cyd');
      INSERT INTO definitions(id, key, kind, name, query, is_enabled)
        VALUES (7, 'a', 'trait', 'A', '', 1);
      INSERT INTO settled_members VALUES (1, 7, '1', 0), (2, 7, '1', 0);
      INSERT INTO recent_members VALUES (2, 7, NULL, 5), (3, 7, '3', 5);
      INSERT INTO recent_rows VALUES ('members', 2);
      """)
    func values() throws -> [[String]] {
      try ["members", "memberships", "mine"].map { view in
        try old.prepareFresh("SELECT value FROM \(view) ORDER BY value").all { $0.text(0) }
      }
    }
    let before = try values()
    #expect(before == [["1", "3"], ["1", "3"], ["1", "3"]])
    try Store.migration.apply(to: old, readOnly: false)
    #expect(try values() == before)
    var rows = try MemberRows(
      old, [7], at: 9, recent: RecentLimit(count: 3, share: 0), rows: 2)
    try rows.set(nil, 0, 3)
    try rows.flush()
    #expect(try values() == [["1"], ["1"], ["1"]])
    // No room any more: what version 8 counted is counted still.
    try rows.set("4", 0, 2)
    try rows.flush()
    #expect(try values() == [["1", "4"], ["1", "4"], ["1", "4"]])
    for (table, rows) in [("settled", [1, 2]), ("recent", []), ("latest", [])] {
      let found = try old.prepareFresh("SELECT profile FROM \(table)_members ORDER BY profile")
      #expect(try found.all { Int($0.int(0)) } == rows)
    }
  }

  @Test("its store keeps its pages, and a new one has larger ones")
  func pages() throws {
    let place = try place()
    try place.run(at: 3 * Self.day)
    #expect(try place.rows("PRAGMA user_version") == [["\(Store.migration.version)"]])
    #expect(try place.rows("PRAGMA page_size") == [["4096"]])
    let new = try Workplace([])
    try new.ingest(#"{"type":"identify","userId":"ann","timestamp":"2023-01-01"}"# + "\n")
    #expect(try new.rows("PRAGMA page_size") == [["16384"]])
  }

  @Test("one that cannot be read is damage, and the store stays as it is")
  func damaged() throws {
    let place = try place()
    _ = try place.rows("UPDATE standings SET outcome = x'01'")
    #expect(throws: OperationError.self) { try place.run(at: 3 * Self.day) }
    #expect(try place.rows("PRAGMA user_version") == [["4"]])
    #expect(try place.rows("SELECT count(*) FROM standings") == [["2"]])
  }
}
