import Foundation
import SQLite
import Scratch
import Testing

@testable import EventStore

/// A folder of its own with a store and files in it, removed at the end.
final class Workbench {
  let folder: URL

  init() throws {
    folder = Scratch.folder("event-store")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  var rejectsPath: String { path("store.sqlite.rejects.ndjson") }

  func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  /// A connection of its own to the one store of this workbench.
  func connection() throws -> Connection {
    let connection = try Connection(path: path("store.sqlite"), mode: .create)
    try Self.migration.apply(to: connection, readOnly: false)
    return connection
  }

  static let migration = Migration(
    applicationID: 1,
    scripts: [
      EventStoreSchema.version1,
      EventStoreSchema.messagesVersion2 + EventStoreSchema.filtersVersion6,
    ])

  func ingest(batchLines: Int? = nil) throws -> Ingest {
    try Ingest(connection: connection(), rejectsPath: rejectsPath, batchLines: batchLines)
  }

  /// Writes a file and returns its path.
  @discardableResult
  func write(_ bytes: [UInt8], to name: String = "events.ndjson") throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: path(name)))
    return path(name)
  }

  @discardableResult
  func write(_ lines: [String], to name: String = "events.ndjson") throws -> String {
    try write(Array((lines.joined(separator: "\n") + "\n").utf8), to: name)
  }

  /// Writes the lines to a file and ingests it.
  @discardableResult
  func take(_ lines: String...) throws -> Ingest.Summary {
    var ingest = try ingest()
    return try ingest.file(write(lines))
  }

  /// The first column of a query's rows.
  func rows(_ sql: String) throws -> [String] {
    try connection().prepareFresh(sql).all { $0.text(0) }
  }

  /// The lines of the rejects file, none when there is no such file.
  func rejects() throws -> [String] {
    guard FileManager.default.fileExists(atPath: rejectsPath) else { return [] }
    let text = try String(contentsOfFile: rejectsPath, encoding: .utf8)
    return text.split(separator: "\n").map(String.init)
  }
}

/// A valid `track` call, to be varied.
func track(
  _ event: String = "Order Completed", user: String = "u1", id: String? = nil,
  at time: String = "2026-01-02T03:04:05Z", properties: String = "{}"
) -> String {
  let message = id.map { #""messageId":"\#($0)","# } ?? ""
  return
    #"{\#(message)"type":"track","event":"\#(event)","userId":"\#(user)","timestamp":"\#(time)","#
    + #""properties":\#(properties)}"#
}

extension Workbench {
  /// How many rows the message index names; each under the hash of the row, and once.
  func indexedRows() throws -> Int {
    let connection = try connection()
    let index = try MessageIndex(connection)
    var hashes: [Int64: UInt64] = [:]
    for entry in try index.checkedEntries() {
      #expect(hashes.updateValue(entry.hash, forKey: entry.seq) == nil)
    }
    let rows = try connection.prepareFresh("SELECT seq, message_hash FROM events")
      .all { (seq: $0.int(0), hash: UInt64(bitPattern: $0.int(1))) }
    #expect(rows.allSatisfy { hashes[$0.seq] == $0.hash })
    return hashes.count
  }
}

extension MessageIndex {
  /// All entries, after a look at the structure: evenly divided, sorted, and merged often enough.
  func checkedEntries() throws -> [MessageEntry] {
    var all: [MessageEntry] = []
    let runs = try runs()
    for run in runs {
      var entries: [MessageEntry] = []
      for part in 0..<run.partCount {
        let found = try self.entries(of: run, in: part, run.bits)
        #expect(found.allSatisfy { MessageRun.part(of: $0.hash, bits: run.bits) == part })
        entries += found
      }
      #expect(entries.count == run.entries && run.bits == MessageRun.bits(for: run.entries))
      #expect(entries == entries.sorted(by: MessageEntry.precedes))
      #expect(run.lastSeq == entries.lazy.map(\.seq).max())
      all += entries
    }
    let levels = Dictionary(grouping: runs) { MessageRun.level(for: $0.entries) }
    #expect(levels.values.allSatisfy { $0.count < Self.fanOut })
    return all
  }
}
