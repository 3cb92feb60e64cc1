import Definitions
import Delivery
import Membership
import SQLite
import Values

/// What a run did.
public struct RunReport: Sendable {
  public let run: RunLog.Run
  /// How it was chosen whom to evaluate.
  public let method: Method
  /// Links between ids that were ignored: an earlier one holds, or they would close a circle.
  public let ignoredLinks: Int
  public let definitions: [PlannedDefinition]
  public internal(set) var destinations: [DestinationReport] = []
  /// How long each part of the work took, in its order.
  public internal(set) var timings: [Stopwatch.Lap] = []

  /// Values that were accepted, over all destinations.
  public var sent: Int { destinations.reduce(0) { $0 + $1.sent } }
  /// Values that are still to be sent, over all destinations.
  public var pending: Int { destinations.reduce(0) { $0 + $1.pending } }
  public var requests: Int { destinations.reduce(0) { $0 + $1.requests } }
  /// Whether this run was to deliver at all.
  var sends = true
  /// Whether something could not be delivered.
  public var isUndelivered: Bool {
    (sends && destinations.contains { $0.failure != nil || $0.quarantined > 0 })
      || destinations.contains { $0.models.contains { $0.problem != nil } }
  }
}

/// One definition in a plan or a run.
public struct PlannedDefinition: Sendable {
  /// A profile whose value changes.
  public struct Sample: Sendable {
    public let userID: String
    /// JSON; nil for no member and no value.
    public let previous: String?
    public let value: String?
  }

  public let key: String
  public let kind: Definition.Kind
  /// What became of the definition itself since the last run.
  public let change: DefinitionRegistry.Change
  public let isEnabled: Bool
  public let tally: MembershipSnapshot.Tally
  public let sample: [Sample]
}

/// What a run takes besides the session.
public struct RunOptions: Sendable {
  public var isFull = false
  /// Whether to deliver after the roll call.
  public var sends = true
  /// Whether an instant after the clock is allowed.
  public var allowsFuture = false
  public var keep = Duration(milliseconds: 400 * 86_400_000)
  /// How many threads evaluate everybody; nil for as many as suit.
  public var threads: Int?
  public var policy = RetryPolicy()

  public init() {}
}

extension Session {
  /// Recomputes, stores what changed in one transaction, and sends to the destinations that are due.
  public func run(_ options: RunOptions = RunOptions()) throws -> RunReport {
    let project = try projectWithIdentities()
    let now = now
    if let at, at > Self.clock(), !options.allowsFuture {
      throw OperationError(
        .usage, "\(at) has not come yet, and runs until then would be refused",
        help: "add --future if that is meant")
    }
    return try onStore {
      let watch = Stopwatch()
      let store = try open()
      var report = try callRoll(store, project, now, options, watch)
      if options.sends || !project.models.isEmpty {
        var delivery = DeliveryOperation(store: store, at: now, wait: wait)
        delivery.policy = options.policy
        delivery.sends = options.sends
        delivery.models = .over(store, project.models, at: now)
        delivery.progress = { progress("sending to \($0)", $1, $2) }
        report.destinations = try delivery.send(project.destinations)
      } else {
        report.destinations = try pendingOnly(store, project)
      }
      report.sends = options.sends
      watch.lap("deliver")
      report.timings = watch.laps
      return report
    }
  }

  private func callRoll(
    _ store: Store, _ project: Project, _ now: Instant, _ options: RunOptions,
    _ watch: Stopwatch
  ) throws -> RunReport {
    let lock = try LockFile(store: store.path, "run", what: "another run", wait: wait)
    defer { withExtendedLifetime(lock) {} }
    var rollOptions = RollCall.Options(at: now, path: store.path)
    rollOptions.isFull = options.isFull
    rollOptions.threads = options.threads
    rollOptions.keep = options.keep
    rollOptions.progress = { progress("calling the roll", $0, $1) }
    rollOptions.lap = watch.lap
    try RollCall.prepare(store.connection, rollOptions, isForReal: true)
    defer { watch.lap("commit") }
    return try store.connection.transaction("run") {
      let roll = try RollCall.call(store.connection, project, rollOptions)
      return RunReport(
        run: roll.run, method: roll.method, ignoredLinks: roll.ignoredLinks,
        definitions: try planned(roll, store.connection))
    }
  }

  private func pendingOnly(_ store: Store, _ project: Project) throws -> [DestinationReport] {
    try project.destinations.map { definition in
      var report = DestinationReport(definition.name)
      report.failure = DeliveryOperation.problem(definition)
      if let fingerprint = definition.fingerprint,
        let state = try DestinationState.find(fingerprint, definition.name, store.connection)
      {
        report.take(try Outbox(store.connection, state, definition).census())
        report.encodingChanges = try EncodingChange.waiting(store.connection, state, definition)
      }
      return report
    }
  }

  func planned(_ roll: RollCall, _ connection: Connection) throws -> [PlannedDefinition] {
    let identity = try connection.prepare("SELECT external_id FROM identities WHERE id = ?")
    return try roll.definitions.filter { !$0.entry.isIdentity }.map { outcome in
      let sample = try outcome.sample.map { change in
        PlannedDefinition.Sample(
          userID: try identity.first(.init(change.profile)) { $0.text(0) } ?? "",
          previous: change.previous, value: change.value)
      }
      return PlannedDefinition(
        key: outcome.entry.key, kind: outcome.entry.kind, change: outcome.entry.change,
        isEnabled: outcome.entry.isEnabled, tally: outcome.tally, sample: sample)
    }
  }

  /// Sends what is pending, without a new roll call.
  public func send(
    ignoresCadence: Bool, retriesQuarantined: Bool = false, policy: RetryPolicy = RetryPolicy()
  ) throws -> [DestinationReport] {
    let project = try project()
    return try onStore {
      var delivery = DeliveryOperation(store: try open(), at: now, wait: wait)
      delivery.ignoresCadence = ignoresCadence
      delivery.retriesQuarantined = retriesQuarantined
      delivery.policy = policy
      delivery.progress = { progress("sending to \($0)", $1, $2) }
      return try delivery.send(project.destinations)
    }
  }
}
