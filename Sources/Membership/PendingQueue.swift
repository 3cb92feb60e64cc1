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
  /// Without any, nothing is noted.
  private let hasDestinations: Bool

  /// - Parameter connection: knows all destinations there will be.
  public init(_ connection: Connection) throws {
    self.connection = connection
    hasDestinations =
      try connection.prepare("SELECT 1 FROM destinations LIMIT 1").first { _ in true } ?? false
    // In this order: without a destination no identity is looked up.
    object = try connection.prepare(
      """
      INSERT INTO pending(destination, kind, profile, definition)
      SELECT t.id, i.kind, i.id, ?2 FROM destinations AS t CROSS JOIN identities AS i
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
    guard hasDestinations else { return }
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

  /// Everything that the snapshot holds may have to be told to a destination.
  ///
  /// - Parameter key: of this definition alone; nil for all.
  static func addAll(
    of destination: Int64, key: String? = nil, _ connection: Connection
  ) throws {
    try connection.run(
      """
      INSERT INTO pending(destination, kind, profile, definition)
      SELECT ?1, i.kind, m.profile, m.definition
      FROM members AS m JOIN identities AS i ON i.id = m.profile
      WHERE i.kind IN (\(kinds)) AND m.definition IN (
        SELECT id FROM definitions WHERE NOT is_identity AND (?2 IS NULL OR key = ?2))
      UNION
      SELECT ?1, \(ObjectKind.user.rawValue), f.user, m.definition
      FROM members AS m JOIN affiliations AS f ON f.account = m.profile
      WHERE m.definition IN (
        SELECT id FROM definitions
        WHERE recipients <> '\(Definition.Recipients.accounts.rawValue)'
          AND (?2 IS NULL OR key = ?2))
      ON CONFLICT DO NOTHING
      """, .init(destination), .init(key))
  }

  /// Everything that a destination was told may have to be told again, or taken back.
  ///
  /// - Parameter key: of this definition alone; nil for all.
  static func addTold(
    by destination: Int64, key: String?, _ connection: Connection
  ) throws {
    let told = """
      a.destination = ?1
        AND (?2 IS NULL OR a.definition IN (SELECT id FROM definitions WHERE key = ?2))
      """
    let user = ObjectKind.user.rawValue
    let trait = "(SELECT identity_definition FROM destinations WHERE id = ?1)"
    try connection.run(
      """
      INSERT INTO pending(destination, kind, profile, definition)
      SELECT DISTINCT ?1, a.kind, i.id, a.definition
      FROM acknowledged AS a JOIN identities AS i ON i.kind = a.kind AND i.external_id = a.identity
      WHERE \(told) AND (a.kind <> \(user) OR \(trait) IS NULL)
      UNION
      SELECT ?1, a.kind, u.profile, a.definition
      FROM acknowledged AS a
        JOIN user_identities AS u ON u.definition = \(trait) AND u.identity = a.identity
      WHERE \(told) AND a.kind = \(user)
      ON CONFLICT DO NOTHING
      """, .init(destination), .init(key))
    try connection.run(
      """
      INSERT INTO former_identities(destination, identity)
      SELECT DISTINCT ?1, a.identity FROM acknowledged AS a
      WHERE \(told) AND a.kind = \(user) AND \(trait) IS NOT NULL
        AND a.identity NOT IN (SELECT identity FROM user_identities WHERE definition = \(trait))
      ON CONFLICT DO NOTHING
      """, .init(destination), .init(key))
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
