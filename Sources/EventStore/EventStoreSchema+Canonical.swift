extension EventStoreSchema {
  /// The part of version 3 that shows ids as they are after merges, as of the last run: a column of
  /// `event_log`, the view `canonical_ids`, and one row a user in `users`.
  public static let canonicalVersion3 = """
    DROP VIEW event_log;
    CREATE VIEW event_log AS
    SELECT \(eventColumns),
      c.external_id AS canonical_user_id
    FROM events AS e
    \(eventJoins)
    LEFT JOIN links AS l ON l.identity = coalesce(e.user, e.anonymous)
    LEFT JOIN identities AS c ON c.id = coalesce(l.root, e.user, e.anonymous)
      AND c.kind = \(IdentityKind.user.rawValue);

    CREATE VIEW canonical_ids AS
    SELECT
      CASE i.kind WHEN \(IdentityKind.user.rawValue) THEN 'user' ELSE 'anonymous' END AS kind,
      i.external_id AS id,
      c.external_id AS canonical_user_id
    FROM identities AS i
    LEFT JOIN links AS l ON l.identity = i.id
    LEFT JOIN identities AS c ON c.id = coalesce(l.root, i.id)
      AND c.kind = \(IdentityKind.user.rawValue)
    WHERE i.kind IN (\(IdentityKind.user.rawValue), \(IdentityKind.anonymous.rawValue));

    DROP VIEW users;
    CREATE VIEW users AS
    SELECT c.external_id AS user_id, \(isoText("min(e.time)")) AS first_seen
    FROM events AS e
    LEFT JOIN links AS l ON l.identity = coalesce(e.user, e.anonymous)
    JOIN identities AS c ON c.id = coalesce(l.root, e.user, e.anonymous)
      AND c.kind = \(IdentityKind.user.rawValue)
    GROUP BY c.id;

    """
}
