import Definitions
import Delivery
import Membership
import SQLite
import Values

/// What sending to one destination came to, or would.
public struct DestinationReport: Sendable {
  public let name: String
  /// What it talks to was not met before: everything is pending.
  public var isNew = false
  public var requests = 0
  /// Values that were accepted; in a plan, values that would be sent.
  public var sent = 0
  /// Values that are still to be sent.
  public var pending = 0
  public var quarantined = 0
  /// What waits for somebody's approval, by definition; it is pending too.
  public var holds: [GuardLedger.Hold] = []
  /// Changes that wait for somebody's approval.
  public var held: Int { holds.reduce(0) { $0 + $1.changes } }
  /// When the next batch may go; nil when it may go now.
  public var due: Instant?
  /// Requests by what came of them.
  public internal(set) var outcomes: [Meters.Outcome: Int] = [:]
  /// Why not everything was delivered.
  public var failure: String?

  init(_ name: String) { self.name = name }
}

/// Sends what is pending to the destinations that are due.
struct DeliveryOperation {
  let store: Store
  let at: Instant
  var ignoresCadence = false
  var policy = RetryPolicy()
  /// Looks at what is pending before it is sent; nil when that was done in the transaction that made it so.
  var guardPost: GuardPost?
  var wait: Duration
  var isStopping: () -> Bool = { false }
  var pause: ((Double) -> Void)?
  /// Called with a destination's name and the values accepted so far.
  var progress: (String, Int) -> Void = { _, _ in }

  private static let appIDHelp = "set app_id in the destination's file, or HEAP_APP_ID"

  /// Why a destination cannot be talked to at all, before any request.
  static func problem(_ definition: DestinationDefinition) -> String? {
    guard case .heap(let appID, let url) = definition.target else { return nil }
    guard let appID else { return "there is no app id: \(appIDHelp)" }
    guard DestinationDefinition.isAppID(appID) else {
      return "the app id is not a number: \(appIDHelp)"
    }
    return HTTPTransport(url: url) == nil ? "the address is not a URL" : nil
  }

  func send(_ destinations: [DestinationDefinition]) throws -> [DestinationReport] {
    try destinations.map { definition in
      var report = DestinationReport(definition.name)
      if let problem = Self.problem(definition) {
        report.failure = problem
        return report
      }
      let state = try store.connection.transaction("register") {
        let state = try DestinationState.register(definition, store.connection)
        if let state {
          report.holds =
            try guardPost?.inspect(definition, state, at: at, store.connection)
            ?? GuardLedger(store.connection, destination: state.id).holds()
        }
        return state
      }
      guard let state else { return report }
      report.isNew = state.isNew
      let lock = try LockFile(
        store: store.path, "send-\(state.id)",
        what: "sending to '\(definition.name)' by another process", wait: wait)
      defer { withExtendedLifetime(lock) {} }
      try send(definition, &report)
      try store.connection.transaction("guard") {
        try GuardLedger(store.connection, destination: state.id).settle(at: at)
        try Meters(store.connection).add(report.outcomes, destination: state.id)
      }
      return report
    }
  }

  private func send(
    _ definition: DestinationDefinition, _ report: inout DestinationReport
  ) throws {
    // Read again under the lock: another sender may just have been through.
    guard let fingerprint = definition.fingerprint,
      let state = try DestinationState.find(fingerprint, definition.name, store.connection)
    else { return }
    let outbox = Outbox(store.connection, state, definition)
    let due = state.due(every: definition.every)
    if !ignoresCadence, at < due {
      report.due = due
      report.pending = try outbox.count()
      return
    }
    guard let carrier = transport(definition.target) else { return }
    let transport = MeteredTransport(carrier)
    defer { report.outcomes = transport.counts }
    var sender = Sender(store.connection, state, definition, transport, at: at)
    sender.policy = policy
    sender.isStopping = isStopping
    if let pause { sender.wait = pause }
    sender.progress = { progress(definition.name, $0) }
    do {
      let outcome = try sender.send()
      report.failure = outcome.failure
    } catch let error as FileTransport.Failure {
      report.failure = "the file '\(error.path)' cannot be written: \(error.reason)"
    }
    report.requests = sender.report.requests
    report.sent = sender.report.sent
    report.quarantined = sender.report.quarantined
    report.pending = try outbox.count()
  }

  private func transport(_ target: DestinationDefinition.Target) -> (any Transport)? {
    switch target {
    case .heap(_, let url): HTTPTransport(url: url + "/api/add_user_properties")
    case .file(let path): FileTransport(path: path)
    }
  }

  /// What sending would come to, without a request and without a change.
  static func rehearse(
    _ definition: DestinationDefinition, _ state: DestinationState?, at: Instant,
    _ connection: Connection
  ) throws -> DestinationReport {
    var report = DestinationReport(definition.name)
    report.failure = problem(definition)
    guard report.failure == nil, let state else { return report }
    report.isNew = state.isNew
    let outbox = Outbox(connection, state, definition)
    let due = state.due(every: definition.every)
    report.pending = try outbox.count()
    if at < due {
      report.due = due
      return report
    }
    var place: Int64? = .min
    while let start = place {
      let batch = try outbox.batch(after: start)
      if !batch.items.isEmpty { report.requests += 1 }
      report.sent += batch.propertyCount
      place = batch.end
    }
    return report
  }
}
