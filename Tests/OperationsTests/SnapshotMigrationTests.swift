import Membership
import SQLite
import Testing
import Values

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
