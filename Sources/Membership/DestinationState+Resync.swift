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
    let chosen = "(SELECT id FROM definitions WHERE ?2 IS NULL OR key = ?2)"
    try connection.run(
      """
      INSERT OR IGNORE INTO pending(destination, profile, definition)
      SELECT ?1, m.profile, m.definition
      FROM members AS m JOIN identities AS i ON i.id = m.profile
      WHERE i.kind = \(deliveredKind) AND m.definition IN \(chosen)
      """, .init(id), .init(key))
    try connection.run(
      """
      INSERT OR IGNORE INTO pending(destination, profile, definition)
      SELECT ?1, i.id, a.definition
      FROM acknowledged AS a
        JOIN identities AS i ON i.kind = \(deliveredKind) AND i.external_id = a.identity
      WHERE a.destination = ?1 AND a.definition IN \(chosen)
      """, .init(id), .init(key))
    try connection.run(
      """
      UPDATE acknowledged SET in_doubt = 1
      WHERE destination = ?1 AND definition IN \(chosen)
      """, .init(id), .init(key))
  }

  /// How much the store holds about a destination.
  public struct Extent: Sendable, Equatable {
    /// Identities that it was told about, or was to be.
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
      users: try count("SELECT count(DISTINCT identity) FROM acknowledged WHERE destination = ?"),
      values: try count("SELECT count(*) FROM acknowledged WHERE destination = ?"),
      pending: try count("SELECT count(*) FROM pending WHERE destination = ?"),
      quarantined: try count("SELECT count(*) FROM quarantine WHERE destination = ?"))
  }

  /// Forgets everything about a destination. Only inside a write transaction.
  public func forget(_ connection: Connection) throws {
    for table in ["pending", "quarantine", "acknowledged", "guards", "request_meters"] {
      try connection.run("DELETE FROM \(table) WHERE destination = ?", .init(id))
    }
    try connection.run("DELETE FROM destinations WHERE id = ?", .init(id))
  }
}
