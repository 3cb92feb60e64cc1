import Definitions
import Membership
import SQLite
import Values

extension Sender {
  /// Delivers what is owed of models, users first, or goes as far as it can.
  mutating func sendModels(retriesQuarantined: Bool) throws {
    for outbox in try ModelOutbox.all(connection, state, definition, limits: limits) {
      let ledger = ModelLedger(outbox, at: at)
      if retriesQuarantined {
        try connection.transaction("retry") { try ledger.reopenQuarantine() }
      }
      var place: String? = ""
      while let start = place, report.failure == nil {
        let batch = try outbox.batch(after: start)
        try deliver(batch.items, suspects: batch.suspects, ledger)
        place = batch.end
      }
    }
  }
}
