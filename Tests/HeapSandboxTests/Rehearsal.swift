import HeapSandbox
import Values

/// A running sandbox for one test, and one way to talk to it.
final class Rehearsal {
  static let users = "/api/add_user_properties"
  static let accounts = "/api/add_account_properties"
  static let track = "/api/track"
  static let identify = "/api/v1/identify"

  let sandbox: HeapSandbox

  init(_ configuration: HeapSandbox.Configuration = HeapSandbox.Configuration()) throws {
    sandbox = try HeapSandbox(configuration)
    sandbox.start()
  }

  deinit { sandbox.stop() }

  func connect() throws -> RawClient { try RawClient(port: sandbox.port) }

  static func request(
    _ method: String, _ path: String, body: String = "", type: String? = "application/json"
  ) -> String {
    "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\n"
      + (type.map { "Content-Type: \($0)\r\n" } ?? "")
      + "Content-Length: \(body.utf8.count)\r\n\r\n" + body
  }

  /// Sends one request over a connection of its own.
  func send(
    _ method: String, _ path: String, body: String = "", type: String? = "application/json"
  ) throws -> RawReply {
    let client = try connect()
    client.send(Self.request(method, path, body: body, type: type))
    return try client.reply()
  }

  func get(_ path: String) throws -> RawReply { try send("GET", path, type: nil) }

  @discardableResult
  func add(_ body: String, type: String? = "application/json") throws -> RawReply {
    try send("POST", Self.users, body: body, type: type)
  }

  @discardableResult
  func post(_ path: String, _ body: String) throws -> RawReply {
    try send("POST", path, body: body)
  }

  /// Sends a body and gives the rule that it broke; nil when it was accepted.
  func ruleBroken(
    _ body: String, at path: String = users, type: String? = "application/json"
  ) throws -> String? {
    let before = count("rejected")
    let reply = try send("POST", path, body: body, type: type)
    guard reply.status != 200 else { return nil }
    guard count("rejected") == before + 1, case .array(let rejects) = sandbox.rejects(),
      let last = rejects.last
    else { return "not counted" }
    return last["rule"].textForm
  }

  /// A total counter, or one app's.
  func count(_ name: String, app: String? = nil) -> Int {
    let counters = sandbox.counters()
    let counts = if let app { counters["apps"][app] } else { counters["total"] }
    return counts[name].numeric.map { Int($0) } ?? -1
  }

  func properties(_ identity: String, app: String = "11") -> String? {
    sandbox.properties(app: app, identity: identity)?.json
  }

  /// A page under `/__/`, read; its path without the prefix.
  func page(_ path: String) throws -> Value { try Value(json: try get("/__/" + path).body) }

  /// A single event's body: its fields but for the app id, as JSON without braces.
  static func event(_ fields: String) -> String { "{\"app_id\":\"11\",\(fields)}" }

  /// A body with a list of events, each one given as JSON.
  static func events(_ events: [String]) -> String {
    "{\"app_id\":\"11\",\"events\":[\(events.joined(separator: ","))]}"
  }

  /// A single account's body. The parts are JSON.
  static func account(_ id: String = "\"acme\"", _ properties: String = "{\"n\":1}") -> String {
    "{\"app_id\":\"11\",\"account_id\":\(id),\"properties\":\(properties)}"
  }

  /// A body with a list of accounts, each one given as JSON.
  static func accounts(_ accounts: [String]) -> String {
    "{\"app_id\":\"11\",\"accounts\":[\(accounts.joined(separator: ","))]}"
  }

  /// A single user's body. The parts are JSON.
  static func user(_ identity: String = "\"ann\"", _ properties: String = "{\"n\":1}") -> String {
    "{\"app_id\":\"11\",\"identity\":\(identity),\"properties\":\(properties)}"
  }

  /// A body with a list of users, each one given as JSON.
  static func users(_ users: [String]) -> String {
    "{\"app_id\":\"11\",\"users\":[\(users.joined(separator: ","))]}"
  }

  static func item(_ identity: String, _ properties: String = "{\"n\":1}") -> String {
    "{\"identity\":\"\(identity)\",\"properties\":\(properties)}"
  }
}
