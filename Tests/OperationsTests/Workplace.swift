import EventStore
import Foundation
import Membership
import Oracle
import SQLite
import Scratch
import Values

@testable import Operations

/// A folder with a store, definitions and a file destination, removed at the end.
final class Workplace {
  let folder: URL
  var session: Session
  /// How many parts may lie beside the packed histories.
  var partLimit = HistoryParts.Limit()
  var recentLimit = RecentLimit()
  /// From how many users on a tick evaluates them on several threads.
  var smallestForThreads = ListScan.smallestForThreads
  /// For reading, and kept: to open a store takes SQLite longer than most that is asked of it here.
  private var reader: Connection?

  /// - Parameters:
  ///   - settings: further lines of the destination's file.
  ///   - isPrepared: whether to begin with a store without a call in place of none.
  init(
    _ files: [(name: String, content: String)], settings: String = "", isPrepared: Bool = false
  ) throws {
    folder = Scratch.folder("operations")
    let definitions = folder.appendingPathComponent("audiences")
    try FileManager.default.createDirectory(at: definitions, withIntermediateDirectories: true)
    session = Session(
      storePath: folder.appendingPathComponent("store.sqlite").path, folder: definitions.path)
    for (name, content) in files { try write(name, content) }
    let calls = folder.appendingPathComponent("identify.ndjson").path
    try write("file.destination", "---\ntype: file\npath: \(calls)\n\(settings)---\n")
    if isPrepared { try Self.store.get().write(to: URL(fileURLWithPath: session.storePath)) }
  }

  /// A store without a call, made once: a thousand times the same tables prove no more than once.
  private static let store = Result<Data, any Error> {
    let place = try Workplace([])
    try place.ingest("")
    return try Data(contentsOf: URL(fileURLWithPath: place.session.storePath))
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func write(_ name: String, _ content: String) throws {
    try Data(content.utf8).write(to: URL(fileURLWithPath: session.folder + "/" + name))
  }

  func ingest(_ lines: String) throws {
    let file = folder.appendingPathComponent("calls-\(UUID().uuidString).ndjson")
    try Data(lines.utf8).write(to: file)
    _ = try session.ingest([file.path])
  }

  @discardableResult
  func run(
    at instant: Int64, isFull: Bool = false, sends: Bool = false, threads: Int? = nil,
    outdatedShare: Double = DigestUse.largestOutdatedShare
  ) throws -> RunReport {
    session.at = Instant(milliseconds: instant)
    var options = RunOptions()
    options.isFull = isFull
    options.sends = sends
    options.threads = threads
    options.outdatedShare = outdatedShare
    options.allowsFuture = true
    options.partLimit = partLimit
    options.recentLimit = recentLimit
    options.smallestForThreads = smallestForThreads
    return try session.run(options)
  }

  /// The snapshot: definition, whose, and JSON of the value.
  func memberships() throws -> Set<[String]> {
    Set(
      try rows(
        """
        SELECT definition, coalesce('user ' || user_id, 'anonymous ' || anonymous_id, 'account ' || account_id),
          value
        FROM memberships
        """))
  }

  func rows(_ sql: String) throws -> [[String]] {
    let connection =
      try reader ?? Connection(path: session.storePath, mode: .readWrite)
    reader = connection
    return try connection.prepareFresh(sql).all { row in
      (0..<row.columnCount).map { row.text($0) }
    }
  }

  /// Puts another store in the place of this one.
  func replaceStore(with path: String) throws {
    reader = nil
    for suffix in ["", "-wal", "-shm"] {
      try? FileManager.default.removeItem(atPath: session.storePath + suffix)
    }
    try FileManager.default.moveItem(atPath: path, toPath: session.storePath)
  }

  /// What the file destination was told last: whose it is, property, JSON of the value.
  func told() throws -> Set<[String]> {
    var told: [[String]: String] = [:]
    let path = folder.appendingPathComponent("identify.ndjson").path
    guard let data = FileManager.default.contents(atPath: path) else { return [] }
    for line in String(decoding: data, as: UTF8.self).split(separator: "\n") {
      let call = try Value(json: String(line))
      guard case .object(let traits) = call["traits"] else { continue }
      for trait in traits {
        let whose =
          call["type"] == .string("group")
          ? "account " + (call["groupId"].textForm ?? "")
          : "user " + (call["userId"].textForm ?? "")
        told[[whose, trait.key]] = trait.value.json
      }
    }
    return Set(told.map { $0.key + [$0.value] })
  }
}
