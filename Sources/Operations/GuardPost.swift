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
    let rows = try ledger.pendingRows()
    let suspects = try ledger.records().filter { record in
      isOn
        && GuardPolicy.mayHold(record, rows: rows[record.definition] ?? 0, limit(record))
    }
    var holds: [GuardLedger.Hold] = []
    if !suspects.isEmpty {
      let tallies = try Outbox(connection, state, definition)
        .tallies(of: Set(suspects.map(\.definition)))
      holds = suspects.compactMap { record in
        guard let tally = tallies[record.definition],
          let reason = GuardPolicy.reason(record, tally, limit(record))
        else { return nil }
        return GuardLedger.Hold(record, reason, changes: tally.changes)
      }
    }
    try ledger.hold(holds)
    return holds
  }

  private func limit(_ record: GuardLedger.Record) -> Definition.Guard {
    limits[record.key] ?? Self.usual
  }
}
