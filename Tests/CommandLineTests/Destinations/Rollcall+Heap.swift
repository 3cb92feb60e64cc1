import Foundation
import Testing
import Values

extension Rollcall {
  /// An empty folder with a destination `heap` that sends to a strict Heap of its own.
  ///
  /// - Parameter settings: further lines of the destination's file.
  static func withHeap(
    _ settings: String = "", accountProperty: String? = nil
  ) throws -> (Rollcall, RehearsalHeap) {
    let heap = try RehearsalHeap(accountProperty: accountProperty)
    let rollcall = try Rollcall()
    rollcall.environment = heap.environment
    try rollcall.addHeap(settings)
    try rollcall.add([])
    return (rollcall, heap)
  }

  /// Writes a SQL model.
  func model(_ name: String, _ front: String, _ select: String) throws {
    try write("---\n\(front)\n---\n\(select)\n", to: "audiences/\(name).sql")
  }

  /// Ingests calls, each of which is accepted.
  func add(_ calls: [String], sourceLocation: SourceLocation = #_sourceLocation) throws {
    let report = try ingest(
      calls.joined(separator: "\n"), as: "\(UUID().uuidString).ndjson",
      sourceLocation: sourceLocation)
    #expect(report["accepted"].count == calls.count, sourceLocation: sourceLocation)
  }

  func add(_ calls: String..., sourceLocation: SourceLocation = #_sourceLocation) throws {
    try add(calls, sourceLocation: sourceLocation)
  }
}

/// Calls as an SDK makes them, one line each. The properties are JSON, a day one of March 2023.
enum Call {
  static func track(
    _ event: String, _ user: String, day: Int, id: String, _ properties: String = "{}"
  ) -> String {
    """
    {"type":"track","event":"\(event)","messageId":"\(id)","userId":"\(user)",\
    "timestamp":"\(time(day))","properties":\(properties)}
    """
  }

  static func identify(_ user: String, _ traits: String, day: Int) -> String {
    """
    {"type":"identify","messageId":"identify \(user) \(day)","userId":"\(user)",\
    "timestamp":"\(time(day))","traits":\(traits)}
    """
  }

  static func group(_ user: String, _ account: String, day: Int, _ traits: String = "{}") -> String
  {
    """
    {"type":"group","messageId":"group \(user) \(account) \(day)","userId":"\(user)",\
    "groupId":"\(account)","timestamp":"\(time(day))","traits":\(traits)}
    """
  }

  /// Midnight UTC of a day of March 2023.
  static func time(_ day: Int) -> String { "2023-03-\(day < 10 ? "0" : "")\(day)T00:00:00Z" }
}

extension RehearsalHeap {
  /// What an app holds.
  func state(app: String = RehearsalHeap.app) -> Value { sandbox.state()["apps"][app] }

  /// All users, as canonical JSON.
  var users: String { state()["users"].json }

  var accounts: String { state()["accounts"].json }

  /// The properties of a user as canonical JSON; nil when there is no such user.
  func user(_ identity: String, app: String = RehearsalHeap.app) -> String? {
    sandbox.properties(app: app, identity: identity)?.json
  }

  /// The events as canonical JSON, sorted, without the key that makes each of them one.
  var events: [String] {
    guard case .object(let events) = state()["events"] else { return [] }
    return events.map { event in
      guard case .object(let members) = event.value else { return event.value.json }
      return Value.object(members.filter { $0.key != "idempotency_key" }).json
    }.sorted()
  }

  /// The paths of the requests so far.
  var paths: [String] {
    sandbox.requests().elements.compactMap { $0["path"].textForm }
  }
}
