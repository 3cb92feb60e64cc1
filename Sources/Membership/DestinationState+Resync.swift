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

  /// How much the store holds about a destination.
  public struct Extent: Sendable, Equatable {
    /// Identities of users that it was told about, or was to be.
    public let users: Int
    /// Values that it acknowledged, or may have.
    public let values: Int
    public let pending: Int
    public let quarantined: Int

    public init(users: Int, values: Int, pending: Int, quarantined: Int) {
      self.users = users
      self.values = values
      self.pending = pending
      self.quarantined = quarantined
    }
  }

  public func extent(_ connection: Connection) throws -> Extent {
    func count(_ sql: String) throws -> Int {
      try connection.prepare(sql).first(.init(id)) { Int($0.int(0)) } ?? 0
    }
    return Extent(
      users: try count(
        """
        SELECT count(DISTINCT identity) FROM acknowledged
        WHERE destination = ? AND kind = \(ObjectKind.user.rawValue)
        """),
      values: try count("SELECT count(*) FROM acknowledged WHERE destination = ?"),
      pending: try count("SELECT count(*) FROM pending WHERE destination = ?"),
      quarantined: try count("SELECT count(*) FROM quarantine WHERE destination = ?"))
  }

  /// Forgets everything about a destination. Only inside a write transaction.
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
