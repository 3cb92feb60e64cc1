import Definitions
import Delivery
import Membership
import SQLite
import Values

/// Holds at a destination what passes the guard, before anything of it is sent.
///
/// It works inside the transaction that makes something pending, so that no sender, in whatever process,
/// sees a change before it is known whether it is held.
struct GuardPost {
  private let limits: [String: Definition.Guard]
  /// Whether anything is held at all. A rehearsal over months in a few seconds holds nothing.
  private let isOn: Bool

  init(_ definitions: [Definition], isOn: Bool = true) {
    limits = Dictionary(definitions.map { ($0.key, $0.guardLimit) }) { first, _ in first }
    self.isOn = isOn
  }

  /// The guard of a definition whose file is gone, until the removal is noted.
  private static let usual = Definition.Guard.percent(30)

  /// Looks at everything that is pending, and says what is held from now on.
  @discardableResult
  func inspect(
    _ definition: DestinationDefinition, _ state: DestinationState, at: Instant,
    _ connection: Connection
  ) throws -> [GuardLedger.Hold] {
    let ledger = GuardLedger(connection, destination: state.id)
    try ledger.settle(at: at)
    guard isOn else {
      try ledger.hold([])
      return []
    }
    let records = Dictionary(
      uniqueKeysWithValues: try ledger.records().map { ($0.definition, $0) })
    let waiting = try EncodingChange.waiting(connection, state, definition)
    let approved = waiting.filter { $0.values <= records[$0.definition]?.approvedEncoding ?? 0 }
    let outbox = Outbox(connection, state, definition)
    var holds = try swings(records, outbox, ledger, besides: approved.map(\.definition)) {
      for change in approved {
        try EncodingChange.approve(change.definition, connection, state, definition)
      }
    }
    for change in waiting where !approved.contains(change) {
      guard let record = records[change.definition] else { continue }
      holds.append(GuardLedger.Hold(record, .encodingChanged, changes: change.values))
    }
    holds.sort { $0.key.precedesByScalars($1.key) }
    try ledger.hold(holds)
    return holds
  }

  /// What of the pending changes is held, as they are before `recode`.
  ///
  /// - Parameters:
  ///   - recoded: definitions to which `recode` adds values that were approved: of one that is not held, both
  ///     may go; of one that is, both are.
  ///   - recode: takes on what was approved.
  private func swings(
    _ records: [Int64: GuardLedger.Record], _ outbox: Outbox, _ ledger: GuardLedger,
    besides recoded: [Int64], recode: () throws -> Void
  ) throws -> [GuardLedger.Hold] {
    let rows = try ledger.pendingRows()
    let suspects = records.values.filter { record in
      GuardPolicy.mayHold(record, rows: rows[record.definition] ?? 0, limit(record))
    }
    func tallies(_ definitions: [Int64]) throws -> [Int64: PendingTally] {
      definitions.isEmpty ? [:] : try outbox.tallies(of: Set(definitions))
    }
    let before = try tallies(suspects.map(\.definition))
    var reasons: [Int64: HoldReason] = [:]
    for record in suspects {
      guard let tally = before[record.definition] else { continue }
      reasons[record.definition] = GuardPolicy.reason(record, tally, limit(record))
    }
    try recode()
    let after = try before.merging(tallies(recoded)) { _, new in new }
    for id in recoded where reasons[id] == nil {
      try ledger.cover(id, changes: after[id]?.changes ?? 0)
    }
    return reasons.compactMap { id, reason in
      records[id].map { GuardLedger.Hold($0, reason, changes: after[id]?.changes ?? 0) }
    }
  }

  private func limit(_ record: GuardLedger.Record) -> Definition.Guard {
    limits[record.key] ?? Self.usual
  }
}
