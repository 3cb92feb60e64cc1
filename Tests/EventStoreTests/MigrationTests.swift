import Foundation
import SQLite
import Testing
import Values

@testable import EventStore

@Suite final class MigrationTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  /// A store of version 1 with these calls, as that version wrote them.
  private func makeVersion1(_ lines: [String]) throws {
    let connection = try Connection(path: bench.path("store.sqlite"), mode: .create)
    try Migration(applicationID: 1, scripts: [EventStoreSchema.version1])
      .apply(to: connection, readOnly: false)
    for line in lines {
      let bytes = Array(line.utf8)
      let hash = try CallScanner.scan(bytes.span).messageHash(in: bytes.span)
      try connection.run(
        "INSERT INTO events(type, time, message_hash, body) VALUES (0, 0, ?1, ?2)",
        .integer(hash), .text(line))
    }
  }

  @Test func `duplicates of the calls of a store of version 1 are found`() throws {
    let old = (0..<3000).map { track(user: "u\($0)", id: "m\($0)") } + [track(user: "nobody")]
    try makeVersion1(old)
    var ingest = try bench.ingest(batchLines: 500)
    let new = track(user: "new", id: "new")
    let summary = try ingest.file(bench.write(old.reversed() + [new, old[7]]))
    #expect(summary.accepted == 1 && summary.duplicates == 3002 && summary.conflicts == 0)
    #expect(try bench.rows("PRAGMA user_version") == ["2"])
    #expect(try bench.rows("SELECT name FROM sqlite_schema WHERE name = 'events_by_message'") == [])
    #expect(try bench.indexedRows() == 3002)
  }

  @Test func `a store of version 1 without calls is one of version 2`() throws {
    try makeVersion1([])
    #expect(try bench.take(track(id: "1"), track(id: "1")).accepted == 1)
    #expect(try bench.indexedRows() == 1)
  }
}
