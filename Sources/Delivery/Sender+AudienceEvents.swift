import Definitions
import Membership
import SQLite
import Values

extension Sender {
  /// Delivers the entries to audiences and the exits from them that are owed, the oldest first, or goes as
  /// far as it can.
  mutating func sendAudienceEvents(retriesQuarantined: Bool) throws {
    let outbox = try AudienceEventOutbox(connection, state, definition, limits: limits)
    let ledger = AudienceEventLedger(outbox, at: at)
    if retriesQuarantined {
      try connection.transaction("retry") { try ledger.reopenQuarantine() }
    }
    var place: AudienceEventOutbox.Place? = .start
    while let start = place, report.failure == nil {
      let batch = try outbox.batch(after: start)
      if !batch.impossible.isEmpty {
        try connection.transaction("settle") { try ledger.putAside(batch.impossible) }
        report.quarantined += batch.impossible.count
      }
      try deliver(batch.items, suspects: [], ledger)
      place = batch.end
    }
  }
}
