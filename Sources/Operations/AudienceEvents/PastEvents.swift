import Definitions
import Delivery
import Membership
import SQLite
import Values

/// What of the past a backfill tells, or would tell, as entries to audiences and exits from them.
public struct PastEventsReport: Sendable {
  /// One audience at one destination.
  public struct Part: Sendable, Equatable {
    public let key: String
    /// Events that are owed because of this call.
    public internal(set) var entered = 0
    public internal(set) var exited = 0
  }

  public struct Destination: Sendable {
    public let name: String
    public internal(set) var parts: [Part]
    /// Entries and exits that cannot follow what was told before.
    public internal(set) var corrections = 0
    /// Events that were owed before the call.
    public internal(set) var owedBefore = 0
    /// What sending came to; nil in a plan.
    public internal(set) var delivery: DestinationReport?

    public var entered: Int { parts.reduce(0) { $0 + $1.entered } }
    public var exited: Int { parts.reduce(0) { $0 + $1.exited } }
    var tally: AudienceEventTally {
      var tally = AudienceEventTally()
      (tally.entered, tally.exited, tally.corrections) = (entered, exited, corrections)
      return tally
    }
    /// Events to be sent, those that were owed before included.
    public var events: Int { owedBefore + entered + exited }
    /// The requests that they take, about.
    public var requests: Int {
      let most = Outbox.Limits().items
      return (events + most - 1) / most
    }
    /// The minutes that they take at least, within the published limits.
    public var minutes: Int { events / Pace.Limit.eventsOfApp.count }
  }

  public let from: Instant
  public let to: Instant
  public internal(set) var destinations: [Destination]

  /// Whether something could not be delivered, or waits.
  public var isUndelivered: Bool {
    destinations.contains { destination in
      guard let delivery = destination.delivery else { return false }
      return delivery.failure != nil || delivery.quarantined > 0 || delivery.held > 0
        || delivery.audienceEvents.map { $0.census.waiting > 0 } ?? false
    }
  }
}

extension Session {
  /// Tells the destinations with `events: on` who entered audiences and left them in a range of the past,
  /// as far as they were not told, and sends it. What was noted and not sent goes with the next run or send.
  ///
  /// - Throws: `OperationError` of kind `.usage` when nothing can be told, or only with a gap.
  public func tellPast(
    _ options: BackfillOptions, policy: RetryPolicy = RetryPolicy()
  ) throws -> PastEventsReport {
    let project = try project()
    try check(options)
    return try onStore {
      let store = try open()
      var report: PastEventsReport
      do {
        let lock = try LockFile(
          store: store.path, "backfill", what: "another backfill", wait: wait)
        defer { withExtendedLifetime(lock) {} }
        report = try note(options, project, store, isForReal: true)
      }
      var delivery = DeliveryOperation(store: store, at: now, wait: wait)
      delivery.guardPost = guardPost(project)
      prepare(&delivery, policy)
      delivery.ignoresCadence = true
      let sent = try delivery.send(project.destinations.filter { $0.events == .on })
      for (place, var delivery) in sent.enumerated() {
        delivery.audienceEvents?.tally = report.destinations[place].tally
        report.destinations[place].delivery = delivery
      }
      return report
    }
  }

  /// What `tellPast` would note and send, without a change.
  public func planPast(_ options: BackfillOptions) throws -> PastEventsReport {
    let project = try project()
    try check(options)
    return try onStore { try note(options, project, open(), isForReal: false) }
  }

  /// Finds out whether a range of the past can be told, before anything is computed.
  public func checkPast(_ options: BackfillOptions) throws {
    let project = try project()
    try check(options)
    _ = try onStore {
      try PastTarget.all(options, chosen(options.keys, project), project, open().connection)
    }
  }

  private func note(
    _ options: BackfillOptions, _ project: Project, _ store: Store, isForReal: Bool
  ) throws -> PastEventsReport {
    let targets = try PastTarget.all(
      options, chosen(options.keys, project), project, store.connection)
    var report = PastEventsReport(from: options.from, to: options.to, destinations: [])
    for (place, definition) in project.destinations.filter({ $0.events == .on }).enumerated() {
      var destination = PastEventsReport.Destination(
        name: definition.name,
        parts: targets.filter { $0.target.place == place }
          .map { PastEventsReport.Part(key: $0.target.key) }
          .reduce(into: []) { parts, part in if !parts.contains(part) { parts.append(part) } })
      if let fingerprint = definition.fingerprint,
        let state = try DestinationState.find(fingerprint, definition.name, store.connection)
      {
        destination.owedBefore = try AudienceEventOutbox.owed(store.connection, state, definition)
      }
      report.destinations.append(destination)
    }
    var noting = try PastEventNoting(
      store, project, targets, threads: options.threads, isForReal: isForReal)
    try noting.note { progress("noting events", $0, $1) }
    for (part, tally) in noting.tallies {
      let place = part.place
      report.destinations[place].corrections += tally.corrections
      guard
        let row = report.destinations[place].parts.firstIndex(where: { $0.key == part.key })
      else { continue }
      report.destinations[place].parts[row].entered += tally.entered
      report.destinations[place].parts[row].exited += tally.exited
    }
    return report
  }
}
