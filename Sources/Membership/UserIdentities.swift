import SQLite
import Values

/// Who is known by which identity, where destinations know users by a trait.
///
/// The run notes each identity that a user gains or loses, and at its end looks at every such
/// identity once: one that is nobody's now is taken back what it was told, and whoever is known by
/// it is compared with what it was told. Whoever has none any more is owed everything, once there is one.
struct UserIdentities {
  private let connection: Connection
  private let read: Statement
  private let write: Statement
  private let erase: Statement
  private let touch: Statement
  private let lose: Statement

  init(_ connection: Connection) throws {
    self.connection = connection
    try connection.execute(
      """
      CREATE TEMP TABLE IF NOT EXISTS touched_identities(
        definition INTEGER NOT NULL, identity TEXT NOT NULL, PRIMARY KEY (definition, identity)
      ) STRICT, WITHOUT ROWID;
      DELETE FROM temp.touched_identities;
      CREATE TEMP TABLE IF NOT EXISTS lost_identities(
        definition INTEGER NOT NULL, profile INTEGER NOT NULL, PRIMARY KEY (definition, profile)
      ) STRICT, WITHOUT ROWID;
      DELETE FROM temp.lost_identities;
      """)
    read = try connection.prepare(
      "SELECT identity FROM user_identities WHERE definition = ? AND profile = ?")
    write = try connection.prepare(
      """
      INSERT INTO user_identities(definition, profile, identity) VALUES (?, ?, ?)
      ON CONFLICT DO UPDATE SET identity = excluded.identity
      """)
    erase = try connection.prepare(
      "DELETE FROM user_identities WHERE definition = ? AND profile = ?")
    touch = try connection.prepare(
      "INSERT OR IGNORE INTO temp.touched_identities(definition, identity) VALUES (?, ?)")
    lose = try connection.prepare(
      "INSERT OR IGNORE INTO temp.lost_identities(definition, profile) VALUES (?, ?)")
  }

  /// The identity that a trait's value makes: its text form. An array, an object and a blank text
  /// make none.
  static func identity(of value: Value) -> String? {
    switch value {
    case .array, .object, .absent: nil
    default:
      value.textForm.flatMap {
        $0.unicodeScalars.allSatisfy(\.properties.isWhitespace) ? nil : $0
      }
    }
  }

  /// Notes what became of one user's identity. Nothing when the trait is not asked for any more: the
  /// destination's file is gone, and its state stays.
  func record(_ change: MembershipSnapshot.Change, _ entry: DefinitionRegistry.Entry) throws {
    guard entry.change != .removed else { return }
    let key: (Datum, Datum) = (.init(entry.id), .init(change.profile))
    let previous = try read.first(key.0, key.1, read: { $0.text(0) })
    if let previous { try touch.run(key.0, .init(previous)) }
    let value = try change.value.map(MembershipSnapshot.value)
    if let identity = value.flatMap(Self.identity) {
      try write.run(key.0, key.1, .init(identity))
      try touch.run(key.0, .init(identity))
    } else {
      try erase.run(key.0, key.1)
      if previous != nil { try lose.run(key.0, key.1) }
    }
  }

  /// Ties the destinations to the definitions of their identities, and draws the consequences of what
  /// was noted. At the end of the run, in its transaction.
  ///
  /// - Parameter definitions: the definition that a destination knows users by, for those that have one.
  func settle(
    _ entries: [DefinitionRegistry.Entry], definitions: [(destination: Int64, definition: Int64)]
  ) throws {
    for (destination, definition) in definitions {
      try connection.run(
        """
        UPDATE destinations SET identity_definition = ?1
        WHERE id = ?2 AND identity_definition IS NOT ?1
        """, .init(definition), .init(destination))
    }
    for entry in entries where entry.isIdentity && entry.change == .added {
      try forgetLost(entry)
    }
    let isTouched =
      try connection.prepare("SELECT 1 FROM temp.touched_identities LIMIT 1").first { _ in true }
    guard isTouched != nil else { return }
    for step in Self.consequences { try connection.run(step) }
    try connection.execute(
      "DELETE FROM temp.touched_identities; DELETE FROM temp.lost_identities")
  }

  /// Who lost the trait while it was not asked for.
  private func forgetLost(_ entry: DefinitionRegistry.Entry) throws {
    let lost = """
      FROM user_identities WHERE definition = ?1 AND NOT EXISTS (
        SELECT 1 FROM members AS m
        WHERE m.profile = user_identities.profile AND m.definition = ?1)
      """
    try connection.run(
      "INSERT OR IGNORE INTO temp.touched_identities SELECT ?1, identity \(lost)", .init(entry.id))
    try connection.run(
      "INSERT OR IGNORE INTO temp.lost_identities SELECT ?1, profile \(lost)", .init(entry.id))
    try connection.run("DELETE \(lost)", .init(entry.id))
  }

  /// A cross join keeps its order: from the few that were touched to what belongs to them.
  static let consequences: [String] =
    [
      // Nobody's any more: what it was told is taken back.
      """
      INSERT OR IGNORE INTO former_identities(destination, identity)
      SELECT t.id, n.identity
      FROM temp.touched_identities AS n
        CROSS JOIN destinations AS t ON t.identity_definition = n.definition
      WHERE NOT EXISTS (
          SELECT 1 FROM user_identities AS u
          WHERE u.definition = n.definition AND u.identity = n.identity)
        AND EXISTS (
          SELECT 1 FROM acknowledged AS a
          WHERE a.destination = t.id AND a.kind = \(ObjectKind.user.rawValue)
            AND a.identity = n.identity)
      ORDER BY t.id, n.identity
      """,
      // Of that, what was refused and never told is of no interest any more.
      """
      DELETE FROM quarantine WHERE kind = \(ObjectKind.user.rawValue)
        AND EXISTS (
          SELECT 1 FROM destinations AS t JOIN temp.touched_identities AS n
            ON n.definition = t.identity_definition AND n.identity = quarantine.identity
          WHERE t.id = quarantine.destination AND NOT EXISTS (
            SELECT 1 FROM user_identities AS u
            WHERE u.definition = n.definition AND u.identity = n.identity))
        AND NOT EXISTS (
          SELECT 1 FROM acknowledged AS a
          WHERE a.destination = quarantine.destination AND a.kind = quarantine.kind
            AND a.identity = quarantine.identity AND a.definition = quarantine.definition
            AND a.property = quarantine.property)
      """,
      // Somebody's again.
      """
      DELETE FROM former_identities WHERE EXISTS (
        SELECT 1 FROM temp.touched_identities AS n
          JOIN destinations AS t ON t.identity_definition = n.definition
          JOIN user_identities AS u ON u.definition = n.definition AND u.identity = n.identity
        WHERE t.id = former_identities.destination AND n.identity = former_identities.identity)
      """,
      // Whoever is known by it: everything that it was told.
      """
      INSERT OR IGNORE INTO pending(destination, kind, profile, definition)
      SELECT t.id, \(ObjectKind.user.rawValue), u.profile, a.definition
      FROM \(known)
        CROSS JOIN destinations AS t ON t.identity_definition = u.definition
        CROSS JOIN acknowledged AS a ON a.destination = t.id AND a.kind = \(ObjectKind.user.rawValue)
          AND a.identity = u.identity
      """,
    ] + everything(of: known) + everything(of: "temp.lost_identities AS u")

  /// The users who are known by an identity that was touched.
  private static let known = """
    temp.touched_identities AS n
      CROSS JOIN user_identities AS u ON u.definition = n.definition AND u.identity = n.identity
    """

  /// Everything that users have is looked at: what is theirs, what they have through accounts, and
  /// the latest of these.
  private static func everything(of users: String) -> [String] {
    func step(_ definition: String, _ joins: String) -> String {
      """
      INSERT OR IGNORE INTO pending(destination, kind, profile, definition)
      SELECT t.id, \(ObjectKind.user.rawValue), u.profile, \(definition)
      FROM \(users)
        CROSS JOIN destinations AS t ON t.identity_definition = u.definition
        \(joins)
      """
    }
    return [
      step(
        "d.id",
        """
        CROSS JOIN definitions AS d ON NOT d.is_identity AND EXISTS (
          SELECT 1 FROM members WHERE definition = d.id AND profile = u.profile)
        """),
      step(
        "d.id",
        """
        CROSS JOIN affiliations AS f ON f.user = u.profile
        CROSS JOIN definitions AS d ON d.recipients <> 'accounts' AND EXISTS (
          SELECT 1 FROM members WHERE definition = d.id AND profile = f.account)
        """),
      step(
        "\(ObjectKind.accountProperty)",
        "CROSS JOIN affiliations AS f ON f.user = u.profile"),
    ]
  }
}
