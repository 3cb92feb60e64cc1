import Foundation
import SQLite
import Testing
import Values

@testable import Operations

struct SpellsMigrationTests {
  @Test("a store of version 3 gets the tables of the past, and keeps what it has")
  func version3() throws {
    let place = try Workplace([
      ("all.audience", "---\nname: All\n---\nevent('A').count() >= 1\n")
    ])
    let old = try Connection(path: place.session.storePath, mode: .create)
    try Migration(
      applicationID: Store.migration.applicationID,
      scripts: Array(Store.migration.scripts.prefix(3))
    ).apply(to: old, readOnly: false)
    #expect(try place.rows("PRAGMA user_version") == [["3"]])
    try place.ingest(
      #"{"type":"track","event":"A","messageId":"1","userId":"ann","timestamp":"2023-01-02T00:00:00Z"}"#
        + "\n")
    place.session.at = Instant(iso8601: "2023-02-01")
    let report = try place.session.backfill(
      BackfillOptions(
        from: try #require(Instant(iso8601: "2023-01-01")),
        to: try #require(Instant(iso8601: "2023-02-01"))))
    #expect(report.spells == 1)
    #expect(try place.rows("PRAGMA user_version") == [["\(Store.migration.version)"]])
  }
}
