import Evaluation
import SQLite
import Values

/// A call of the store, as people ask about it.
public struct StoredCall: Sendable {
  /// Its row in `events`.
  public let row: Int64
  public let time: Instant
  /// The event's name; the type for calls that are no events.
  public let name: String
  /// The call's message id; nil when it came without one.
  public let messageID: String?
  /// The properties of an event, the traits of an identify call.
  public let properties: Value
}

/// Reads single calls by their rows.
public struct StoredCalls {
  private let statement: Statement

  public init(_ connection: Connection) throws {
    statement = try connection.prepare(
      """
      SELECT e.type, n.name, e.time, e.body FROM events AS e LEFT JOIN names AS n ON n.id = e.event
      WHERE e.seq = ?
      """)
  }

  /// The call of a row; nil when there is no such row.
  public func call(_ row: Int64) throws -> StoredCall? {
    try statement.first(.init(row)) { columns in
      let kind = Call.Kind(rawValue: columns.int(0)) ?? .track
      let time = Instant(milliseconds: columns.int(2))
      let event = ProfileEvent(
        kind, event: columns.text(1), time: time, row: row,
        body: columns.withBytes(3) { (try? Value(json: $0)) ?? .absent }, isAnonymous: false)
      let messageID = columns.withBytes(3) { body in
        (try? CallScanner.scan(body))?.messageID?.string(in: body)
      }
      return StoredCall(
        row: row, time: time, name: columns.optionalText(1) ?? kind.name, messageID: messageID,
        properties: event.properties)
    }
  }
}

/// Who an id of the events is.
public struct KnownIdentity: Sendable {
  /// The profile that the id is, or became a part of; or the account.
  public let profile: Int64
  /// The profile's own id.
  public let externalID: String
  public let kind: IdentityKind
  /// Whether the id is a part of another profile.
  public let isMerged: Bool

  /// Looks for an id of these kinds, one after the other; nil when there is none.
  public static func find(
    _ externalID: String, among kinds: [IdentityKind], _ connection: Connection
  ) throws -> KnownIdentity? {
    let statement = try connection.prepare(
      "SELECT id FROM identities WHERE kind = ? AND external_id = ?")
    for kind in kinds {
      guard
        let identity = try statement.first(
          .init(kind.rawValue), .init(externalID), read: { $0.int(0) })
      else { continue }
      let root = try IdentityLinks.root(of: identity, connection)
      return try connection.prepare("SELECT external_id, kind FROM identities WHERE id = ?")
        .first(.init(root)) { row in
          KnownIdentity(
            profile: root, externalID: row.text(0),
            kind: IdentityKind(rawValue: row.int(1)) ?? kind, isMerged: root != identity)
        }
    }
    return nil
  }
}
