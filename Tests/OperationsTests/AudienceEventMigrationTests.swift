import Foundation
import SQLite
import Testing
import Values

@testable import Operations

struct AudienceEventMigrationTests {
  @Test("a store of version 3 gets the tables of entries and exits, and its runs go on")
  func version3() throws {
    let place = try Workplace(
      [("all.audience", "---\nname: All\n---\nevent('A').within(1 day).count() >= 1\n")],
      settings: "events: on\n")
    let old = try Connection(path: place.session.storePath, mode: .create)
    try Migration(
      applicationID: Store.migration.applicationID,
      scripts: Array(Store.migration.scripts.prefix(3))
    ).apply(to: old, readOnly: false)
    #expect(try place.rows("PRAGMA user_version") == [["3"]])
    let day: Int64 = 86_400_000
    try place.run(at: 0)
    try place.ingest(
      #"{"type":"track","event":"A","messageId":"1","userId":"ann","timestamp":"1970-01-02T00:00:00Z"}"#
        + "\n")
    let report = try place.run(at: 9 * day, sends: true)
    let events = try #require(report.destinations.first?.audienceEvents)
    #expect(events.tally.entered == 1 && events.tally.exited == 1)
    #expect(events.census.owed == 0)
    #expect(try place.rows("PRAGMA user_version") == [["\(Store.migration.version)"]])
    #expect(
      try place.rows("SELECT instant, state FROM audience_events")
        == [["\(day)", "told"], ["\(2 * day + 1)", "told"]])
  }
}
