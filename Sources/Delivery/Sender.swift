import Definitions
import Foundation
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
    /// Why it ended early; nil when everything was delivered.
    public var failure: String?

    public init() {}
  }

  /// After this many bad rows in one batch it is the feed or the destination that is wrong.
  static let badRowLimit = 5

  private let connection: Connection
  private let state: DestinationState
  private let outbox: Outbox
  private let format: RequestFormat
  private let encoder: PropertyEncoder
  private let transport: any Transport
  private let at: Instant
  public var policy = RetryPolicy()
  /// Waits a number of seconds.
  public var wait: (Double) -> Void = { Thread.sleep(forTimeInterval: $0) }
  /// Whether somebody asked for the end: no further request is made.
  public var isStopping: () -> Bool = { false }
  /// Called after each accepted request with the values accepted so far.
  public var progress: (Int) -> Void = { _ in }
  public private(set) var report = Report()

  public init(
    _ connection: Connection, _ state: DestinationState, _ definition: DestinationDefinition,
    _ transport: any Transport, at: Instant
  ) {
    self.connection = connection
    self.state = state
    outbox = Outbox(connection, state, definition)
    format = RequestFormat(definition)
    encoder = PropertyEncoder(definition)
    self.transport = transport
    self.at = at
  }

  /// Delivers everything that is pending, or goes as far as it can.
  public mutating func send() throws -> Report {
    var place: Int64? = .min
    while let start = place, report.failure == nil {
      let batch = try outbox.batch(after: start)
      try settle(batch)
      var badRows = 0
      if !batch.items.isEmpty {
        try deliver(batch.items[...], wasUnclear: false, badRows: &badRows)
      }
      place = batch.end
    }
    if report.failure == nil, report.requests > 0 {
      try connection.transaction("batch") {
        try connection.run(
          "UPDATE destinations SET last_batch_at = ? WHERE id = ?", .init(at.milliseconds),
          .init(state.id))
      }
    }
    return report
  }

  /// Clears the rows that need no call, and puts aside those that cannot be sent.
  private mutating func settle(_ batch: Outbox.Batch) throws {
    guard !batch.settled.isEmpty || !batch.impossible.isEmpty else { return }
    try connection.transaction("settle") {
      for row in batch.settled {
        try clear(row.profile, row.definition)
        // What went back to what the destination has is refused no longer.
        if !row.isQuarantined { try release(row.profile, row.definition) }
      }
      for (item, reason) in batch.impossible {
        try quarantine(item, status: nil, reason: reason)
      }
    }
  }

  /// Sends items, halving them when they are refused until the bad row is found.
  ///
  /// - Parameter wasUnclear: whether a request with these items ended without a definite answer. A
  ///   later refusal does not say what became of that one, so they stay in doubt.
  private mutating func deliver(
    _ items: ArraySlice<Outbox.Item>, wasUnclear: Bool, badRows: inout Int
  ) throws {
    guard !isStopping() else {
      report.failure = "stopped before everything was sent"
      return
    }
    try connection.transaction("doubt") { try markInDoubt(items) }
    let (answer, attempts) = try request(items)
    let isUnclear = wasUnclear || attempts > 1
    switch answer {
    case .accepted:
      try connection.transaction("acknowledge") { try acknowledge(items) }
      report.sent += items.reduce(0) { $0 + $1.properties.count }
      progress(report.sent)
    case .refused(let status, let body):
      if !isUnclear { try connection.transaction("refuse") { try dispelDoubt(items) } }
      if items.count > 1 {
        let middle = items.startIndex + items.count / 2
        for half in [items[..<middle], items[middle...]] where report.failure == nil {
          try deliver(half, wasUnclear: isUnclear, badRows: &badRows)
        }
        return
      }
      badRows += 1
      guard badRows < Self.badRowLimit else {
        report.failure =
          "\(badRows) users of one batch were refused with status \(status): the definitions or "
          + "the destination are wrong, and nothing more is sent"
        return
      }
      try connection.transaction("quarantine") {
        for item in items {
          try quarantine(item, status: status, reason: body.isEmpty ? "no reason given" : body)
        }
      }
    case .unclear(let reason, _): report.failure = reason
    case .unusable(let reason):
      if !isUnclear { try connection.transaction("refuse") { try dispelDoubt(items) } }
      report.failure = "\(reason): the destination's address or app id is wrong"
    }
  }

  /// One request with its repetitions. The body stays the same, byte for byte.
  private mutating func request(
    _ items: ArraySlice<Outbox.Item>
  ) throws -> (answer: Answer, attempts: Int) {
    let body = format.body(Array(items), at: at)
    var attempt = 1
    while true {
      report.requests += 1
      let answer = try transport.send(body)
      guard case .unclear(_, let retryAfter) = answer, attempt < policy.attempts, !isStopping()
      else {
        return (answer, attempt)
      }
      wait(policy.delay(afterAttempt: attempt, retryAfter: retryAfter))
      attempt += 1
    }
  }

  // MARK: Account

  private func markInDoubt(_ items: ArraySlice<Outbox.Item>) throws {
    let statement = try connection.prepare(
      """
      INSERT INTO acknowledged(destination, identity, definition, value, in_doubt)
      VALUES (?, ?, ?, NULL, 1) ON CONFLICT DO UPDATE SET in_doubt = 1
      """)
    for item in items {
      for property in item.properties {
        try statement.run(.init(state.id), .init(item.identity), .init(property.definition))
      }
    }
  }

  /// Stores the values that the request held, and clears the rows for which that is still the value
  /// to send: a run may have changed the snapshot meanwhile.
  private func acknowledge(_ items: ArraySlice<Outbox.Item>) throws {
    let store = try connection.prepare(
      """
      UPDATE acknowledged SET value = ?, in_doubt = 0
      WHERE destination = ? AND identity = ? AND definition = ?
      """)
    let current = try connection.prepare(
      """
      SELECT m.value, d.kind FROM definitions AS d
        LEFT JOIN members AS m ON m.definition = d.id AND m.profile = ?
      WHERE d.id = ?
      """)
    for item in items {
      for property in item.properties {
        try store.run(
          .init(property.value.json), .init(state.id), .init(item.identity),
          .init(property.definition))
        try release(item.profile, property.definition)
        let wanted = try current.first(.init(item.profile), .init(property.definition)) {
          row throws(SQLiteError) -> Value? in
          let stored = row.optionalText(0)
          let held: Value? = if let stored { try MembershipSnapshot.value(stored) } else { nil }
          return encoder.encode(held, Definition.Kind(rawValue: row.text(1)) ?? .audience)
        }
        if wanted == .some(property.value) { try clear(item.profile, property.definition) }
      }
    }
  }

  /// After a definite refusal nothing that only this request put in doubt is: what was acknowledged
  /// before still stands.
  private func dispelDoubt(_ items: ArraySlice<Outbox.Item>) throws {
    for item in items {
      for property in item.properties where !property.wasInDoubt {
        let key: [Datum] = [
          .init(state.id), .init(item.identity), .init(property.definition),
        ]
        try connection.run(
          """
          DELETE FROM acknowledged
          WHERE destination = ? AND identity = ? AND definition = ? AND value IS NULL
          """, key[0], key[1], key[2])
        try connection.run(
          """
          UPDATE acknowledged SET in_doubt = 0
          WHERE destination = ? AND identity = ? AND definition = ?
          """, key[0], key[1], key[2])
      }
    }
  }

  private mutating func quarantine(
    _ item: Outbox.Item, status: Int?, reason: String
  ) throws {
    for property in item.properties {
      try connection.run(
        """
        INSERT OR REPLACE INTO quarantine(destination, profile, definition, value, status, reason, at)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """, .init(state.id), .init(item.profile), .init(property.definition),
        .init(property.value.json), .init(status.map(Int64.init)), .init(reason),
        .init(at.milliseconds))
      try clear(item.profile, property.definition)
    }
    report.quarantined += item.properties.count
  }

  private func release(_ profile: Int64, _ definition: Int64) throws {
    try connection.run(
      "DELETE FROM quarantine WHERE destination = ? AND profile = ? AND definition = ?",
      .init(state.id), .init(profile), .init(definition))
  }

  private func clear(_ profile: Int64, _ definition: Int64) throws {
    try connection.run(
      "DELETE FROM pending WHERE destination = ? AND profile = ? AND definition = ?",
      .init(state.id), .init(profile), .init(definition))
  }
}
