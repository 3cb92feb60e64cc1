import Definitions
import SQLite
import Values

/// What is known about a destination: which one it is, and when it last got a batch.
public struct DestinationState: Sendable {
  public let id: Int64
  public let name: String
  public let lastBatch: Instant?
  /// Whether this call met it for the first time: then everything is pending.
  public let isNew: Bool

  /// Finds the state of a destination, or begins one, with the whole snapshot pending.
  ///
  /// Runs inside a write transaction. Nil when the destination does not yet say what it talks to.
  public static func register(
    _ definition: DestinationDefinition, _ connection: Connection
  ) throws -> DestinationState? {
    guard let fingerprint = definition.fingerprint else { return nil }
    if let state = try find(fingerprint, definition.name, connection) {
      try connection.run(
        "UPDATE destinations SET name = ? WHERE id = ? AND name <> ?", .init(definition.name),
        .init(state.id), .init(definition.name))
      return state
    }
    try connection.run(
      "INSERT INTO destinations(fingerprint, name) VALUES (?, ?)", .init(fingerprint),
      .init(definition.name))
    let id = connection.lastInsertedRow
    try connection.run(
      """
      INSERT INTO pending(destination, profile, definition)
      SELECT ?, m.profile, m.definition
      FROM members AS m JOIN identities AS i ON i.id = m.profile
      WHERE i.kind = \(deliveredKind)
      """, .init(id))
    return DestinationState(id: id, name: definition.name, lastBatch: nil, isNew: true)
  }

  /// The state of a destination that was met before.
  public static func find(
    _ fingerprint: String, _ name: String, _ connection: Connection
  ) throws -> DestinationState? {
    try connection.prepare("SELECT id, last_batch_at FROM destinations WHERE fingerprint = ?")
      .first(.init(fingerprint)) { row in
        DestinationState(
          id: row.int(0), name: name,
          lastBatch: row.optionalInt(1).map { Instant(milliseconds: $0) }, isNew: false)
      }
  }

  /// All destinations that were ever met, with what they talk to.
  public static func all(_ connection: Connection) throws -> [DestinationState] {
    try connection.prepare("SELECT id, name, last_batch_at FROM destinations ORDER BY id").all {
      row in
      DestinationState(
        id: row.int(0), name: row.text(1),
        lastBatch: row.optionalInt(2).map { Instant(milliseconds: $0) }, isNew: false)
    }
  }

  /// When the next batch may go, for a cadence; the past when it may go now.
  public func due(every cadence: Duration?) -> Instant {
    guard let cadence, let lastBatch else { return Instant(milliseconds: .min) }
    return lastBatch + cadence
  }
}
