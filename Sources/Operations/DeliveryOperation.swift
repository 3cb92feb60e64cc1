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
  /// Texts that were cut to the destination's limit and accepted.
  public var shortened = 0
  /// Seconds that were waited to keep within the destination's limits.
  public var paced = 0.0
  /// Users who would be told something and have no identity, or share it with another.
  public var withoutIdentity = 0
  public var sharedIdentity = 0
  /// Both of them.
  public var heldUsers: Int { withoutIdentity + sharedIdentity }
  /// What an encoding that the file has changed would send again once it is approved.
  public var encodingChanges: [EncodingChange] {
    holds.filter { $0.reason == .encodingChanged }.map {
      EncodingChange(definition: $0.definition, key: $0.key, values: $0.changes)
    }
  }
  /// In a plan, the whole minutes that the requests take, at about one a second.
  public var minutes: Int { (requests + 30) / 60 }
  /// What waits for somebody's approval, by definition.
  public var holds: [GuardLedger.Hold] = []
  /// Changes that wait for somebody's approval: pending ones, and values in another encoding.
  public var held: Int { holds.reduce(0) { $0 + $1.changes } }
  /// Those of them that are pending.
  public var heldPending: Int {
    holds.filter { $0.reason != .encodingChanged }.reduce(0) { $0 + $1.changes }
  }
  /// When the next batch may go; nil when it may go now.
  public var due: Instant?
  /// Requests by what came of them.
  public internal(set) var outcomes: [Meters.Outcome: Int] = [:]
  /// What came of the models, where they were run.
  public var models: [ModelReport] = []
  /// What became of entries to audiences and exits from them; nil where they are no events.
  public internal(set) var audienceEvents: AudienceEventReport?
  /// Why not everything was delivered.
  public var failure: String?

  init(_ name: String) { self.name = name }
}

extension DestinationReport {
  /// Whether something was refused, is held, or could not be delivered.
  public var isUndelivered: Bool {
    failure != nil || quarantined > 0 || held + heldUsers > 0
  }

  mutating func add(_ census: Outbox.Census) {
    pending += census.values
    withoutIdentity += census.withoutIdentity
    sharedIdentity += census.sharedIdentity
  }

  /// Everything that is still to be sent.
  mutating func takeAll(
    _ outbox: Outbox, _ state: DestinationState, _ definition: DestinationDefinition,
    _ connection: Connection
  ) throws {
    take(try outbox.census())
    pending += try ModelOutbox.census(connection, state).owed
    guard definition.events == .on else { return }
    let census = try AudienceEventOutbox(connection, state, definition).census()
    audienceEvents = AudienceEventReport(census)
    pending += census.owed
  }

  mutating func take(_ census: Outbox.Census) {
    pending = census.values
    withoutIdentity = census.withoutIdentity
    sharedIdentity = census.sharedIdentity
  }
}

/// Sends what is pending to the destinations that are due.
struct DeliveryOperation {
  let store: Store
  let at: Instant
  var ignoresCadence = false
  var retriesQuarantined = false
  var policy = RetryPolicy()
  /// Looks at what is pending before it is sent; nil when that was done in the transaction that made it so.
  var guardPost: GuardPost?
  /// The models to run for the destinations that are due; nil when none are run.
  var models: ModelRun?
  /// Whether to send at all.
  var sends = true
  var wait: Duration
  var isStopping: () -> Bool = { false }
  var pause: ((Double) -> Void)?
  /// Called with a destination's name, the values accepted so far, and about how many there are.
  var progress: (String, Int, Int) -> Void = { _, _, _ in }

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
        let state = try Self.register(definition, store.connection)
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
        let ledger = GuardLedger(store.connection, destination: state.id)
        try ledger.settle(at: at)
        try recount(definition, state, ledger, &report)
        try Meters(store.connection).add(report.outcomes, destination: state.id)
      }
      return report
    }
  }

  /// What is delivered in the old encoding would be sent again in the new one, too.
  private func recount(
    _ definition: DestinationDefinition, _ state: DestinationState, _ ledger: GuardLedger,
    _ report: inout DestinationReport
  ) throws {
    guard report.sent > 0, !report.encodingChanges.isEmpty else { return }
    let waiting = try EncodingChange.waiting(store.connection, state, definition)
    for place in report.holds.indices where report.holds[place].reason == .encodingChanged {
      let key = report.holds[place].definition
      guard let change = waiting.first(where: { $0.definition == key }) else { continue }
      report.holds[place].changes = change.values
      try ledger.renumber(report.holds[place])
    }
  }

  /// Finds or begins the state of a destination, and takes on its encoding where that changes
  /// nothing. Only inside a write transaction.
  static func register(
    _ definition: DestinationDefinition, _ connection: Connection
  ) throws -> DestinationState? {
    guard let state = try DestinationState.register(definition, connection) else { return nil }
    try EncodingChange.adoptHarmless(connection, state, definition)
    return state
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
      try report.takeAll(outbox, state, definition, store.connection)
      return
    }
    report.models =
      try models?.take(for: state, definition, store.connection) { body in
        try store.connection.transaction("models", body)
      } ?? []
    guard sends else {
      try report.takeAll(outbox, state, definition, store.connection)
      return
    }
    guard let carrier = transport(definition.target) else { return }
    let transport = MeteredTransport(carrier)
    defer { report.outcomes = transport.counts }
    var sender = Sender(store.connection, state, definition, transport, at: at)
    sender.policy = policy
    sender.isStopping = isStopping
    if let pause { sender.clock.wait = pause }
    let total =
      try outbox.rowCount() + AudienceEventOutbox.owed(store.connection, state, definition)
    sender.progress = { progress(definition.name, $0, total) }
    do {
      let outcome = try sender.send(retriesQuarantined: retriesQuarantined)
      report.failure = outcome.failure
    } catch let error as FileTransport.Failure {
      report.failure = "the file '\(error.path)' cannot be written: \(error.reason)"
    }
    report.requests = sender.report.requests
    report.sent = sender.report.sent
    report.quarantined = sender.report.quarantined
    report.shortened = sender.report.shortened
    report.paced = sender.report.paced
    try report.takeAll(outbox, state, definition, store.connection)
  }

  private func transport(_ target: DestinationDefinition.Target) -> (any Transport)? {
    switch target {
    case .heap(_, let url): HTTPTransport(url: url, timeout: policy.timeout)
    case .file(let path): FileTransport(path: path)
    }
  }

  /// What sending would come to, without a request and without a change.
  static func rehearse(
    _ definition: DestinationDefinition, _ state: DestinationState?, at: Instant,
    _ connection: Connection, _ models: ModelRun
  ) throws -> DestinationReport {
    var report = DestinationReport(definition.name)
    report.failure = problem(definition)
    guard report.failure == nil, let state else { return report }
    report.isNew = state.isNew
    let outbox = Outbox(connection, state, definition)
    let due = state.due(every: definition.every)
    if at < due {
      report.due = due
      try report.takeAll(outbox, state, definition, connection)
      return report
    }
    var place: Outbox.Place? = .start
    while let start = place {
      let batch = try outbox.batch(after: start)
      report.requests += batch.requestCount
      report.add(batch.census)
      place = batch.end
    }
    report.sent = report.pending
    // What the guard holds is in no batch.
    if try !GuardLedger(connection, destination: state.id).heldDefinitions().isEmpty {
      report.take(try outbox.census())
    }
    report.models = try models.take(for: state, definition, connection) { try $0() }
    let owed = try ModelOutbox.forecast(connection, state, definition)
    report.requests += owed.requests
    report.sent += owed.values
    report.pending += owed.values
    guard definition.events == .on else { return report }
    let events = try AudienceEventOutbox(connection, state, definition)
    let forecast = try events.forecast()
    report.audienceEvents = AudienceEventReport(try events.census())
    report.requests += forecast.requests
    report.sent += forecast.events
    report.pending += report.audienceEvents?.census.owed ?? 0
    return report
  }
}
