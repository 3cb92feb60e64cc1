import Foundation
import Operations
import SQLite
import Scratch
import Testing
import Values

/// A folder with a store and definitions, removed at the end.
final class Desk {
  static let day: Int64 = 86_400_000

  let folder: URL
  var session: Session

  /// - Parameter definitions: file names with queries, and what else stands in the front matter.
  init(_ definitions: [(file: String, query: String, front: String)] = []) throws {
    folder = Scratch.folder("explain")
    let audiences = folder.appendingPathComponent("audiences")
    try FileManager.default.createDirectory(at: audiences, withIntermediateDirectories: true)
    session = Session(
      storePath: folder.appendingPathComponent("store.sqlite").path, folder: audiences.path)
    for (file, query, front) in definitions { try define(file, query, front) }
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func define(_ file: String, _ query: String, _ front: String = "") throws {
    let name = file.prefix { $0 != "." }
    try write("---\nname: \(name)\n\(front)---\n\(query)\n", to: file)
  }

  func write(_ content: String, to file: String) throws {
    try Data(content.utf8).write(to: URL(fileURLWithPath: session.folder + "/" + file))
  }

  func ingest(_ lines: String) throws {
    let file = folder.appendingPathComponent("calls-\(UUID().uuidString).ndjson")
    try Data(lines.utf8).write(to: file)
    _ = try session.ingest([file.path])
  }

  func run(at instant: Instant) throws {
    session.at = instant
    var options = RunOptions()
    options.sends = false
    options.allowsFuture = true
    _ = try session.run(options)
  }

  func explain(_ key: String, _ id: String, day: Int64) throws -> ExplainReport {
    session.at = Instant(milliseconds: day * Self.day)
    return try session.explain(key, id)
  }

  /// The snapshot of one definition: JSON of the value by user id.
  func snapshot(_ key: String) throws -> [String: String] {
    let connection = try Connection(path: session.storePath, mode: .readWrite)
    let rows = try connection.prepareFresh(
      "SELECT user_id, value FROM memberships WHERE definition = ? AND user_id IS NOT NULL"
    ).all(.init(key)) { ($0.text(0), $0.text(1)) }
    return Dictionary(uniqueKeysWithValues: rows)
  }
}

/// A call, one line; times are in days.
func call(
  _ type: String, _ id: String, day: Int64, user: String? = nil, anonymous: String? = nil,
  previous: String? = nil, group: String? = nil, event: String = "Bought", content: String? = nil
) -> String {
  let time = Instant(milliseconds: day * Desk.day)
  var members = [
    #""type":"\#(type)""#, #""messageId":"\#(id)""#, #""timestamp":"\#(time)""#,
  ]
  if type == "track" { members.append(#""event":"\#(event)""#) }
  if let user { members.append(#""userId":"\#(user)""#) }
  if let anonymous { members.append(#""anonymousId":"\#(anonymous)""#) }
  if let previous { members.append(#""previousId":"\#(previous)""#) }
  if let group { members.append(#""groupId":"\#(group)""#) }
  if let content {
    let key = ["identify", "group"].contains(type) ? "traits" : "properties"
    members.append("\"\(key)\":\(content)")
  }
  return "{" + members.joined(separator: ",") + "}\n"
}

extension ExplainedPart {
  /// The events of the part; nil when it is not made of events.
  var events: Events? {
    if case .events(let events) = source { return events }
    return nil
  }

  /// The part at the end of these places among children.
  func part(_ places: Int...) throws -> ExplainedPart {
    try places.reduce(self) { part, place in
      try #require(part.children.dropFirst(place).first, "child \(place) of '\(part.text)'")
    }
  }

  var messageIDs: [String?] { events?.calls.map(\.messageID) ?? [] }
}

extension Instant {
  static func day(_ day: Int64) -> Instant { Instant(milliseconds: day * Desk.day) }
}
