import Definitions
import Membership
import SQLite
import Values

/// Sends what a destination is owed, one request at a time, and keeps account of each.
///
/// Before a request its values are committed as in doubt; after an accepted answer as acknowledged.
/// A crash in between repeats that one request, and loses none.
public struct Sender {
  /// What a call of `send` came to.
  public struct Report: Sendable, Equatable {
    /// Requests that were made, repetitions included.
    public var requests = 0
    /// Values that were accepted.
    public var sent = 0
    /// Values that were put into quarantine.
    public var quarantined = 0
    /// Texts that were cut to the limit and accepted.
    public var shortened = 0
    /// Seconds that were waited to keep within the destination's limits.
    public var paced = 0.0
    /// Why it ended early; nil when everything was delivered.
    public var failure: String?

    public init() {}
  }

  /// After this many bad rows in one batch it is the feed or the destination that is wrong.
  static let badRowLimit = 5

  let connection: Connection
  let state: DestinationState
  let definition: DestinationDefinition
  private var outbox: Outbox
  private let ledger: Ledger
  private let format: RequestFormat
  private let transport: any Transport
  let at: Instant
  private var paces: [ObjectKind: Pace] = [:]
  /// Seconds that went on requests without a definite answer.
  private var lost = 0.0
  public var policy = RetryPolicy()
  /// What a request may hold.
  public var limits: Outbox.Limits {
    get { outbox.limits }
    set { outbox.limits = newValue }
  }
  public var clock = SenderClock.system
  /// What the waits leave to chance.
  public var random: SeededRandom
  /// Whether somebody asked for the end: no further request is made.
  public var isStopping: () -> Bool = { false }
  /// Called after each accepted request with the values accepted so far.
  public var progress: (Int) -> Void = { _ in }
  public internal(set) var report = Report()

  public init(
    _ connection: Connection, _ state: DestinationState, _ definition: DestinationDefinition,
    _ transport: any Transport, at: Instant
  ) {
    self.connection = connection
    self.state = state
    self.definition = definition
    outbox = Outbox(connection, state, definition)
    ledger = Ledger(outbox, at: at)
    format = RequestFormat(definition)
    self.transport = transport
    self.at = at
    random = SeededRandom(seed: UInt64(bitPattern: at.milliseconds &* 31 &+ state.id))
  }

  /// Delivers everything that is pending, or goes as far as it can.
  ///
  /// - Parameter retriesQuarantined: whether what was refused is sent once more as it is.
  public mutating func send(retriesQuarantined: Bool = false) throws -> Report {
    if retriesQuarantined {
      outbox.retriesQuarantined = true
      try connection.transaction("retry") { try ledger.reopenQuarantine() }
    }
    var place: Outbox.Place? = .start
    while let start = place, report.failure == nil {
      let batch = try outbox.batch(after: start)
      try settle(batch)
      try deliver(batch.items, suspects: batch.suspects, ledger)
      // What former identities lost for good is known only now.
      if start.lane == .formerIdentities, batch.requestCount > 0 {
        try settle(outbox.batch(after: start))
      }
      place = batch.end
    }
    if report.failure == nil, definition.events == .on {
      try sendAudienceEvents(retriesQuarantined: retriesQuarantined)
    }
    if report.failure == nil { try sendModels(retriesQuarantined: retriesQuarantined) }
    if report.failure == nil, report.requests > 0 {
      try connection.transaction("batch") {
        try connection.run(
          "UPDATE destinations SET last_batch_at = ? WHERE id = ?", .init(at.milliseconds),
          .init(state.id))
      }
    }
    return report
  }

  private mutating func settle(_ batch: Outbox.Batch) throws {
    guard !batch.settled.isEmpty || !batch.impossible.isEmpty || !batch.finished.isEmpty else {
      return
    }
    report.quarantined += try connection.transaction("settle") { try ledger.settle(batch) }
  }

  mutating func deliver(
    _ items: [Outbox.Item], suspects: [Outbox.Item], _ ledger: any RequestLedger
  ) throws {
    var badRows = 0
    if !items.isEmpty {
      try deliver(items[...], ledger, wasUnclear: false, badRows: &badRows)
    }
    for suspect in suspects where report.failure == nil {
      // That it is bad was known: it says nothing about the feed.
      var others = 0
      try deliver([suspect], ledger, wasUnclear: false, badRows: &others)
    }
  }

  /// Sends items, halving them when they are refused until the bad row is found, and the properties of
  /// that one until the bad property is.
  ///
  /// - Parameters:
  ///   - wasUnclear: whether a request with these items ended without a definite answer. A later
  ///     refusal does not say what became of that one, so they stay in doubt.
  ///   - isPart: whether it is a part of a row that was refused as a whole.
  private mutating func deliver(
    _ items: ArraySlice<Outbox.Item>, _ ledger: any RequestLedger, wasUnclear: Bool,
    isPart: Bool = false, badRows: inout Int
  ) throws {
    keepPace(items)
    guard !isStopping() else {
      report.failure = "stopped before everything was sent"
      return
    }
    let items = try connection.transaction("doubt") {
      let owed = try ledger.stillOwed(items)
      try ledger.markInDoubt(owed)
      return owed
    }
    guard !items.isEmpty else { return }
    let (answer, attempts) = try request(items)
    let isUnclear = wasUnclear || attempts > 1
    switch answer {
    case .accepted:
      try connection.transaction("acknowledge") { try ledger.acknowledge(items) }
      for item in items {
        report.sent += item.valueCount
        report.shortened += item.properties.count(where: \.isShortened)
      }
      progress(report.sent)
    case .refused(let status, let body):
      if !isUnclear { try connection.transaction("refuse") { try ledger.dispelDoubt(items) } }
      if items.count > 1 {
        let middle = items.startIndex + items.count / 2
        for half in [items[..<middle], items[middle...]] where report.failure == nil {
          try deliver(half, ledger, wasUnclear: isUnclear, badRows: &badRows)
        }
      } else if let item = items.first {
        if !isPart { badRows += 1 }
        guard badRows < Self.badRowLimit else {
          report.failure =
            "\(badRows) \(item.kind.plural) of one batch were refused with status \(status): the "
            + "definitions or the destination are wrong, and nothing more is sent"
          return
        }
        try narrow(item, ledger, status, body, wasUnclear: isUnclear, badRows: &badRows)
      }
    case .unclear(let reason, _): report.failure = reason
    case .unusable(let reason):
      if !isUnclear { try connection.transaction("refuse") { try ledger.dispelDoubt(items) } }
      report.failure = "\(reason): the destination's address or app id is wrong"
    }
  }

  /// Sends the properties of a refused row in two halves, or puts the only one aside.
  private mutating func narrow(
    _ item: Outbox.Item, _ ledger: any RequestLedger, _ status: Int, _ body: String,
    wasUnclear: Bool, badRows: inout Int
  ) throws {
    // An event is sent once, and as a whole.
    guard item.valueCount > 1 else {
      try connection.transaction("quarantine") {
        try ledger.quarantine(item, status: status, body: body)
      }
      report.quarantined += 1
      return
    }
    let middle = item.properties.count / 2
    for half in [item.properties[..<middle], item.properties[middle...]]
    where report.failure == nil {
      var part = item
      part.properties = Array(half)
      try deliver([part], ledger, wasUnclear: wasUnclear, isPart: true, badRows: &badRows)
    }
  }

  /// One request with its repetitions. The body stays the same, byte for byte.
  private mutating func request(
    _ items: ArraySlice<Outbox.Item>
  ) throws -> (answer: Answer, attempts: Int) {
    let kind = items.first?.kind ?? .user
    let identities = items.map(\.identity)
    let request = format.request(Array(items), kind, at: at)
    var attempt = 1
    while true {
      let start = clock.now()
      report.requests += 1
      let answer = try transport.send(request)
      var pace = paces[kind] ?? Pace(format.limits(kind))
      pace.note(identities, at: clock.now())
      paces[kind] = pace
      guard case .unclear(let reason, let retryAfter) = answer else { return (answer, attempt) }
      lost += clock.now() - start
      guard attempt < policy.attempts, !isStopping() else { return (answer, attempt) }
      let wait = policy.delay(
        afterAttempt: attempt, retryAfter: retryAfter,
        random: Double.random(in: 0...1, using: &random))
      guard lost + wait <= policy.patience else {
        return (.unclear(reason: impatience(reason, retryAfter), retryAfter: retryAfter), attempt)
      }
      clock.wait(wait)
      lost += wait
      keepPace(items)
      guard !isStopping() else { return (answer, attempt) }
      attempt += 1
    }
  }

  /// Waits until one more request is within the destination's limits.
  private mutating func keepPace(_ items: ArraySlice<Outbox.Item>) {
    let kind = items.first?.kind ?? .user
    var pace = paces[kind] ?? Pace(format.limits(kind))
    let delay = pace.delay(items.map(\.identity), at: clock.now())
    paces[kind] = pace
    guard delay > 0 else { return }
    clock.wait(delay)
    report.paced += delay
  }

  private func impatience(_ reason: String, _ retryAfter: Double?) -> String {
    if let retryAfter, retryAfter > policy.patience {
      return
        "\(reason): it asks to come back in \(Int(retryAfter.rounded(.up))) s, and a run waits "
        + "\(Int(policy.patience)) s at most"
    }
    return "\(reason): no definite answer in \(Int(policy.patience)) s of trying"
  }
}

extension ObjectKind {
  /// The objects in words.
  fileprivate var plural: String {
    switch self {
    case .user: "users"
    case .account: "accounts"
    case .event: "events"
    }
  }
}
