import EventStore
import Membership
import SQLite

extension Session {
  /// Packs all histories anew out of the events, and forgets where profiles stand, so that the next full
  /// run compares everybody with the snapshot. The snapshot stays as it is.
  ///
  /// - Returns: how many events were packed.
  public func rebuild() throws -> Int {
    try onStore {
      let store = try open()
      let lock = try LockFile(store: store.path, "run", what: "a run", wait: wait)
      defer { withExtendedLifetime(lock) {} }
      return try store.connection.transaction("rebuild") {
        try HistoryPacking.rebuild(store.connection) { progress("packing histories", $0, $1) }
        try Digests.erase(store.connection)
        try Standings.forget(store.connection)
        try Affiliations.forget(store.connection)
        try GuardLedger.rebuild(store.connection)
        return Int(try HistoryPacking.watermark(store.connection))
      }
    }
  }
}
