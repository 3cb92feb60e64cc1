import Definitions
import SQLite

extension DestinationState {
  /// Puts everything in doubt that a destination was ever told, and makes it pending, so that it is sent
  /// again whatever was acknowledged.
  ///
  /// What was acknowledged stays known: a value that has gone since is still taken back. Only inside a
  /// write transaction.
  ///
  /// - Parameter key: of this definition alone; nil for all.
  public func doubt(_ key: String?, _ connection: Connection) throws {
    try PendingQueue.addAll(of: id, key: key, connection)
    if key == nil { try PendingQueue.addAccountProperty(of: id, connection) }
    try PendingQueue.addTold(by: id, key: key, connection)
    try connection.run(
      """
      UPDATE acknowledged SET in_doubt = 1
      WHERE destination = ?1
        AND (?2 IS NULL OR definition IN (SELECT id FROM definitions WHERE key = ?2))
      """, .init(id), .init(key))
  }

  /// Forgets everything about a destination, once nothing is known of what models told it. Only inside a
  /// write transaction.
  public func forget(_ connection: Connection) throws {
    for table in [
      "pending", "quarantine", "acknowledged", "encodings", "former_identities", "guards",
      "request_meters", "event_ranges", "audience_events", "event_corrections",
    ] {
      try connection.run("DELETE FROM \(table) WHERE destination = ?", .init(id))
    }
    try connection.run("DELETE FROM destinations WHERE id = ?", .init(id))
  }
}
