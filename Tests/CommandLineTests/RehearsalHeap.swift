import HeapSandbox
import Testing
import Values

/// A strict Heap for one test, in the test's process.
final class RehearsalHeap {
  static let app = "11"
  private static let path = "/api/add_user_properties"

  let sandbox: HeapSandbox

  /// - Parameters:
  ///   - apps: the environments that it knows.
  ///   - accountProperty: the user property that holds an account's id.
  init(apps: Set<String> = [app], accountProperty: String? = nil) throws {
    var configuration = HeapSandbox.Configuration(port: 0, knownApps: apps)
    configuration.accountIDProperty = accountProperty
    sandbox = try HeapSandbox(configuration)
    sandbox.start()
  }

  deinit { sandbox.stop() }

  /// What makes the binary send here.
  var environment: [String: String] {
    ["HEAP_URL": sandbox.url, "HEAP_APP_ID": Self.app]
  }

  /// A total counter.
  func count(_ name: String) -> Int { sandbox.counters()["total"][name].count }

  var requests: Int { count("requests") }
  var noOpWrites: Int { count("no_op_property_writes") }

  /// Puts faults in force for the requests from now on, the first of which is number 1.
  func setFaults(_ faults: [(number: Int, action: Fault.Action, applies: Bool)]) throws {
    try sandbox.setFaults(
      faults.map { Fault(path: Self.path, nth: $0.number, $0.action, applies: $0.applies) })
  }

  /// Every request from now on meets a fault.
  func setFault(_ action: Fault.Action) throws {
    try sandbox.setFaults([Fault(path: Self.path, from: 1, action)])
  }

  /// What it holds: `key identity` to the value.
  var properties: [String: Value] {
    var found: [String: Value] = [:]
    guard case .object(let users) = sandbox.state()["apps"][Self.app]["users"] else { return [:] }
    for user in users {
      guard case .object(let properties) = user.value["properties"] else { continue }
      for property in properties { found[property.key + " " + user.key] = property.value }
    }
    return found
  }

  /// Holds what it was told against the snapshot: for every property ever sent, the value of the
  /// snapshot as Heap gets it, or what says that there is none. A value that is no default must
  /// have been sent.
  func expectSnapshot(
    of rollcall: Rollcall, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let kinds = try rollcall.connection().prepareFresh("SELECT key, kind FROM definitions")
      .all { ($0.text(0), $0.text(1)) }
    let kindOf = Dictionary(uniqueKeysWithValues: kinds)
    let snapshot = try rollcall.snapshot()
    let held = properties
    var wrong: [String] = []
    for (property, value) in held {
      let key = String(property.prefix { $0 != " " })
      // What no definition owns is a model's.
      guard let kind = kindOf[key] else { continue }
      let gone = kind == "audience" ? "\"false\"" : "\"\""
      let expected = snapshot[property].map { $0 == "true" ? "\"true\"" : $0 } ?? gone
      if value.json != expected { wrong.append("\(property): \(value.json), not \(expected)") }
    }
    for (property, value) in snapshot where held[property] == nil && value != "0" {
      wrong.append("\(property) was not sent")
    }
    #expect(wrong.isEmpty, "\(wrong.count) differ", sourceLocation: sourceLocation)
    #expect(!held.isEmpty, "nothing arrived", sourceLocation: sourceLocation)
  }
}
