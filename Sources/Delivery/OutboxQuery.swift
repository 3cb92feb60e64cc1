import Membership

/// The queries over what a destination is owed. All give the columns that `OwedRows` reads, ordered by
/// object and definition.
enum OutboxQuery {
  private static let columns = """
    d.key, d.kind, d.default_value, d.id IS NULL OR d.is_enabled OR d.is_removed, d.subject,
      d.recipients
    """

  /// Everything that is pending behind an object: destination, kind, object, and with `byTrait` the
  /// definition whose value users are known by.
  static func pending(byTrait: Bool) -> String {
    select(byTrait: byTrait) + """
      FROM pending AS p \(joins(byTrait: byTrait))
      WHERE p.destination = ?1 AND p.kind = ?2 AND p.profile > ?3
      ORDER BY p.profile, p.definition, a.property
      """
  }

  /// One definition of one object, pending or not: destination, kind, object, trait, definition.
  static func one(byTrait: Bool) -> String {
    select(byTrait: byTrait) + """
      FROM (SELECT ?1 AS destination, ?2 AS kind, ?3 AS profile, ?5 AS definition) AS p
      \(joins(byTrait: byTrait))
      ORDER BY a.property
      """
  }

  /// What identities were told that are nobody's any more, behind one: destination, kind, number.
  static let former = """
    SELECT f.id, a.definition, f.identity, \(columns), NULL, a.property, a.value, 0, a.in_doubt
    FROM former_identities AS f
      LEFT JOIN acknowledged AS a ON a.destination = f.destination AND a.kind = ?2
        AND a.identity = f.identity
      LEFT JOIN definitions AS d ON d.id = a.definition
    WHERE f.destination = ?1 AND f.id > ?3
    ORDER BY f.id, a.definition, a.property
    """

  /// A query of its own: a join would go through `members`, which is a view over several tables.
  private static let value = """
    (SELECT value FROM members WHERE profile = p.profile AND definition = p.definition)
    """

  private static func select(byTrait: Bool) -> String {
    let identity = byTrait ? "u.identity" : "i.external_id"
    let isShared =
      byTrait
      ? """
      EXISTS (
          SELECT 1 FROM user_identities AS o
          WHERE o.definition = u.definition AND o.identity = u.identity AND o.profile <> p.profile)
      """ : "0"
    return """
      SELECT p.profile, p.definition, \(identity), \(columns), \(value), a.property, a.value,
        \(isShared), a.in_doubt

      """
  }

  private static func joins(byTrait: Bool) -> String {
    let who =
      byTrait
      ? "LEFT JOIN user_identities AS u ON u.definition = ?4 AND u.profile = p.profile"
      : "JOIN identities AS i ON i.id = p.profile"
    return """
        LEFT JOIN definitions AS d ON d.id = p.definition
        \(who)
        LEFT JOIN acknowledged AS a ON a.destination = p.destination AND a.kind = p.kind
          AND a.identity = \(byTrait ? "u.identity" : "i.external_id")
          AND a.definition = p.definition
      """
  }

  /// The members that a user's accounts are, for an audience: any of them will do.
  static let anyAccount = """
    SELECT value FROM (
      SELECT (SELECT value FROM members WHERE profile = f.account AND definition = ?2) AS value
      FROM affiliations AS f WHERE f.user = ?1
    ) WHERE value IS NOT NULL LIMIT 1
    """

  /// The value of a user's latest account, for a trait.
  static let latestAccount = """
    SELECT value FROM members WHERE definition = ?2 AND profile = (
      SELECT account FROM affiliations WHERE user = ?1 ORDER BY latest DESC, row DESC LIMIT 1)
    """

  /// The id of a user's latest account.
  static let latestAccountID = """
    SELECT i.external_id FROM affiliations AS f JOIN identities AS i ON i.id = f.account
    WHERE f.user = ? ORDER BY f.latest DESC, f.row DESC LIMIT 1
    """

  static let quarantined = """
    SELECT value FROM quarantine
    WHERE destination = ? AND kind = ? AND identity = ? AND definition = ? AND property = ?
    """
}
