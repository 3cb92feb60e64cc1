import Definitions
import Delivery
import Foundation
import HeapSandbox
import Operations
import SQLite
import Scratch
import Testing
import Values

/// A store with calls, models in a folder, and a strict Heap that they are sent to.
final class Shop {
  static let app = "11"

  let folder: URL
  let sandbox: HeapSandbox
  var session: Session

  /// - Parameter destination: further lines of the destination's file.
  init(_ models: [(name: String, text: String)], destination: String = "") throws {
    folder = Scratch.folder("models")
    let definitions = folder.appendingPathComponent("audiences")
    try FileManager.default.createDirectory(at: definitions, withIntermediateDirectories: true)
    sandbox = try HeapSandbox(.init(port: 0, knownApps: [Self.app]))
    sandbox.start()
    session = Session(
      storePath: folder.appendingPathComponent("store.sqlite").path, folder: definitions.path)
    for (name, text) in models { try write(name, text) }
    try write(
      "heap.destination",
      "---\ntype: heap\napp_id: \(Self.app)\nurl: \(sandbox.url)\n\(destination)---\n")
    try ingest([])
  }

  deinit {
    sandbox.stop()
    try? FileManager.default.removeItem(at: folder)
  }

  func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: session.folder + "/" + name))
  }

  func ingest(_ calls: [String]) throws {
    let file = folder.appendingPathComponent("\(UUID().uuidString).ndjson")
    try Data((calls.joined(separator: "\n") + "\n").utf8).write(to: file)
    _ = try session.ingest([file.path])
  }

  /// A call with a number in its properties.
  static func call(
    _ id: String, _ user: String, _ event: String = "Bought", v: Int = 1, day: Int = 1
  ) -> String {
    """
    {"type":"track","event":"\(event)","messageId":"\(id)","userId":"\(user)",\
    "timestamp":"2026-01-0\(day)T00:00:00Z","properties":{"v":\(v)}}
    """
  }

  /// Runs at a day of January 2026.
  @discardableResult
  func run(day: Int, sends: Bool = true, attempts: Int = 1) throws -> RunReport {
    session.at = Self.day(day)
    var options = RunOptions()
    options.sends = sends
    options.allowsFuture = true
    options.policy.attempts = attempts
    return try session.run(options)
  }

  static func day(_ day: Int) -> Instant {
    Instant(milliseconds: 1_767_225_600_000 + Int64(day - 1) * 86_400_000)
  }

  var state: Value { sandbox.state()["apps"][Self.app] }

  func counter(_ name: String) -> Double {
    if case .number(let count) = sandbox.counters()["total"][name] { return count }
    return -1
  }

  /// The properties that Heap holds of a user or an account, as JSON.
  func held(_ id: String, in list: String = "users") -> String {
    state[list][id]["properties"].json
  }

  /// Heap's events: name, identity, time and properties.
  var events: [String] {
    guard case .object(let members) = state["events"] else { return [] }
    return members.map { member in
      ["event", "identity", "timestamp", "properties"].map {
        member.value[$0].textForm ?? member.value[$0].json
      }.joined(separator: " ")
    }.sorted()
  }

  func rows(_ sql: String) throws -> [String] {
    try Connection(path: session.storePath, mode: .readWrite).prepareFresh(sql).all { row in
      (0..<row.columnCount).map { row.optionalText($0) ?? "NULL" }.joined(separator: " ")
    }
  }
}
