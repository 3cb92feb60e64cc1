import Definitions
import SQLite

/// Notes what destinations may have to be told: users and accounts, never anonymous profiles.
///
/// A row says that something may differ. What is sent is decided when it is sent. All of it happens
/// in the run's transaction.
public struct PendingQueue {
  private let object: Statement
  private let usersOfAccount: Statement
  private let connection: Connection

  public init(_ connection: Connection) throws {
    self.connection = connection
    object = try connection.prepare(
      """
      INSERT INTO pending(destination, kind, profile, definition)
      SELECT t.id, i.kind, i.id, ?2 FROM destinations AS t, identities AS i
      WHERE i.id = ?1 AND i.kind IN (\(Self.kinds))
      ON CONFLICT DO NOTHING
      """)
    usersOfAccount = try connection.prepare(
      """
      INSERT INTO pending(destination, kind, profile, definition)
      SELECT t.id, \(ObjectKind.user.rawValue), f.user, ?2
      FROM destinations AS t, affiliations AS f WHERE f.account = ?1
      ON CONFLICT DO NOTHING
      """)
  }

  private static let kinds = ObjectKind.allCases.map { String($0.rawValue) }.joined(separator: ", ")

  /// The value of a profile for a definition has changed.
  func add(_ profile: Int64, _ entry: DefinitionRegistry.Entry) throws {
    try object.run(.init(profile), .init(entry.id))
    if entry.subject == .accounts, entry.recipients != .accounts {
      try usersOfAccount.run(.init(profile), .init(entry.id))
    }
  }

  /// The accounts of a user are others, or the latest of them is.
  public func add(user: Int64, _ entries: [DefinitionRegistry.Entry]) throws {
    try object.run(.init(user), .init(ObjectKind.accountProperty))
    for entry in entries where entry.subject == .accounts && entry.recipients != .accounts {
      try object.run(.init(user), .init(entry.id))
    }
  }

  /// Others get the values of a definition than before: everybody with one is looked at.
  public func addEverybody(of entry: DefinitionRegistry.Entry) throws {
    try connection.run(
      """
      INSERT INTO pending(destination, kind, profile, definition)
      SELECT t.id, i.kind, i.id, m.definition
      FROM destinations AS t, members AS m JOIN identities AS i ON i.id = m.profile
      WHERE m.definition = ?1 AND i.kind IN (\(Self.kinds))
      UNION
      SELECT t.id, \(ObjectKind.user.rawValue), f.user, m.definition
      FROM destinations AS t, members AS m JOIN affiliations AS f ON f.account = m.profile
      WHERE m.definition = ?1
      ON CONFLICT DO NOTHING
      """, .init(entry.id))
  }

  /// Everything that the snapshot holds may have to be told to a new destination.
  static func addAll(of destination: Int64, _ connection: Connection) throws {
    try connection.run(
      """
      INSERT INTO pending(destination, kind, profile, definition)
      SELECT ?1, i.kind, m.profile, m.definition
      FROM members AS m JOIN identities AS i ON i.id = m.profile
        JOIN definitions AS d ON d.id = m.definition
      WHERE i.kind IN (\(kinds)) AND NOT d.is_identity
      UNION
      SELECT ?1, \(ObjectKind.user.rawValue), f.user, m.definition
      FROM members AS m JOIN affiliations AS f ON f.account = m.profile
        JOIN definitions AS d ON d.id = m.definition
      WHERE d.recipients <> '\(Definition.Recipients.accounts.rawValue)'
      """, .init(destination))
  }

  /// The latest account of every user who has one may have to be told.
  static func addAccountProperty(of destination: Int64, _ connection: Connection) throws {
    try connection.run(
      """
      INSERT INTO pending(destination, kind, profile, definition)
      SELECT DISTINCT ?, \(ObjectKind.user.rawValue), user, \(ObjectKind.accountProperty)
      FROM affiliations WHERE true
      ON CONFLICT DO NOTHING
      """, .init(destination))
  }
}
