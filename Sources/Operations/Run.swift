import Definitions
import Delivery
import EventStore
import Membership
import SQLite
import Values

/// What a run did.
public struct RunReport: Sendable {
  public let run: RunLog.Run
  /// How long the roll call took, up to its commit.
  public let took: Duration
  /// How it was chosen whom to evaluate.
  public let method: Method
  /// Links between ids that were ignored: an earlier one holds, or they would close a circle.
  public let ignoredLinks: Int
  public let definitions: [PlannedDefinition]
  public internal(set) var destinations: [DestinationReport] = []
  /// The steps that SQLite took for the roll call, but for its threads'.
  public internal(set) var steps = 0
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
  /// Changes that wait for somebody's approval, over all destinations.
  public var held: Int { destinations.reduce(0) { $0 + $1.held } }
  /// Those of them that are pending.
  public var heldPending: Int { destinations.reduce(0) { $0 + $1.heldPending } }
  /// Users held for want of an identity of their own, over all destinations.
  public var heldUsers: Int { destinations.reduce(0) { $0 + $1.heldUsers } }
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
  /// Above this share of profiles with new events digests are made anew.
  var outdatedShare = DigestUse.largestOutdatedShare
  public var policy = RetryPolicy()
  /// How many parts may lie beside the packed histories.
  var partLimit = HistoryParts.Limit()
  /// How many rows may lie beside the snapshot before they go into it.
  var recentLimit = RecentLimit()
  /// From how many users on a tick evaluates them on several threads.
  var smallestForThreads = ListScan.smallestForThreads

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
      let (called, events) = try callRoll(store, project, now, options, watch)
      var report = called
      report.steps = store.connection.steps
      if options.sends || !project.models.isEmpty {
        var delivery = DeliveryOperation(store: store, at: now, wait: wait)
        prepare(&delivery, options.policy)
        delivery.sends = options.sends
        delivery.models = .over(store, project.models, at: now)
        report.destinations = try delivery.send(project.destinations)
      } else {
        report.destinations = try pendingOnly(store, project)
      }
      for (place, tally) in events.enumerated() {
        report.destinations[place].audienceEvents?.tally = tally
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
  ) throws -> (RunReport, [AudienceEventTally]) {
    let lock = try LockFile(store: store.path, "run", what: "another run", wait: wait)
    defer { withExtendedLifetime(lock) {} }
    var rollOptions = RollCall.Options(
      at: now, guardPost: guardPost(project), path: store.path)
    rollOptions.isFull = options.isFull
    rollOptions.makesDigests = true
    rollOptions.outdatedShare = options.outdatedShare
    rollOptions.threads = options.threads
    rollOptions.keep = options.keep
    rollOptions.progress = { progress("calling the roll", $0, $1) }
    rollOptions.partLimit = options.partLimit
    rollOptions.recentLimit = options.recentLimit
    rollOptions.smallestForThreads = options.smallestForThreads
    rollOptions.packingProgress = { progress("packing histories", $0, $1) }
    rollOptions.foldingProgress = { progress("folding histories", $0, $1) }
    rollOptions.lap = watch.lap
    let start = ContinuousClock.now
    rollOptions.dueScan = try DueScan(store.connection, project.definitions, rollOptions)
    // Whose connection is closed last copies the log into the store, and that one can.
    defer { rollOptions.dueScan?.stop() }
    rollOptions.packed = try RollCall.prepare(store.connection, rollOptions, isForReal: true)
    // What is committed is safe in the log. Copying it to its places can wait until the close, or the
    // next commit.
    try store.connection.execute("PRAGMA wal_autocheckpoint = 0")
    defer {
      try? store.connection.execute("PRAGMA wal_autocheckpoint = 1000")
      watch.lap("commit")
    }
    return try store.connection.transaction("run") {
      let roll = try RollCall.call(store.connection, project, rollOptions)
      let took = Duration(ContinuousClock.now - start)
      try Meters(store.connection).add(roll.run, took: took)
      let report = RunReport(
        run: roll.run, took: took, method: roll.method, ignoredLinks: roll.ignoredLinks,
        definitions: try planned(roll, store.connection))
      return (report, roll.audienceEvents)
    }
  }

  private func pendingOnly(_ store: Store, _ project: Project) throws -> [DestinationReport] {
    try project.destinations.map { definition in
      var report = DestinationReport(definition.name)
      report.failure = DeliveryOperation.problem(definition)
      if let fingerprint = definition.fingerprint,
        let state = try DestinationState.find(fingerprint, definition.name, store.connection)
      {
        try report.takeAll(
          Outbox(store.connection, state, definition), state, definition, store.connection)
        report.holds = try GuardLedger(store.connection, destination: state.id).holds()
      }
      return report
    }
  }

  func prepare(_ delivery: inout DeliveryOperation, _ policy: RetryPolicy) {
    delivery.policy = policy
    delivery.isStopping = isStopping
    delivery.pause = pause
    delivery.progress = { progress("sending to \($0)", $1, $2) }
  }

  func guardPost(_ project: Project) -> GuardPost {
    GuardPost(project.definitions, isOn: isGuarded)
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
  ///
  /// - Parameter name: to this destination alone; nil for all.
  public func send(
    ignoresCadence: Bool, to name: String? = nil, retriesQuarantined: Bool = false,
    policy: RetryPolicy = RetryPolicy()
  ) throws -> [DestinationReport] {
    let project = try project()
    let destinations = try name.map { [try project.destination($0)] } ?? project.destinations
    return try onStore {
      var delivery = DeliveryOperation(store: try open(), at: now, wait: wait)
      delivery.guardPost = guardPost(project)
      prepare(&delivery, policy)
      delivery.ignoresCadence = ignoresCadence
      delivery.retriesQuarantined = retriesQuarantined
      return try delivery.send(destinations)
    }
  }
}
