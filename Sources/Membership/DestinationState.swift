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
    let known = try find(fingerprint, definition.name, connection)
    if let known {
      try connection.run(
        "UPDATE destinations SET name = ? WHERE id = ? AND name <> ?", .init(definition.name),
        .init(known.id), .init(definition.name))
    } else {
      try connection.run(
        "INSERT INTO destinations(fingerprint, name) VALUES (?, ?)", .init(fingerprint),
        .init(definition.name))
      try PendingQueue.addAll(of: connection.lastInsertedRow, connection)
    }
    guard let state = try known ?? find(fingerprint, definition.name, connection) else {
      return nil
    }
    try update(definition.accountProperty, of: state.id, connection)
    return known == nil
      ? DestinationState(id: state.id, name: state.name, lastBatch: nil, isNew: true) : state
  }

  /// Under another name, everybody's latest account has to be told again.
  private static func update(
    _ accountProperty: String?, of id: Int64, _ connection: Connection
  ) throws {
    try connection.run(
      "UPDATE destinations SET account_property = ?1 WHERE id = ?2 AND account_property IS NOT ?1",
      .init(accountProperty), .init(id))
    guard connection.changes > 0, accountProperty != nil else { return }
    try PendingQueue.addAccountProperty(of: id, connection)
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

  /// When the next batch may go, for a cadence; the past when it may go now.
  public func due(every cadence: Duration?) -> Instant {
    guard let cadence, let lastBatch else { return Instant(milliseconds: .min) }
    return lastBatch + cadence
  }
}
