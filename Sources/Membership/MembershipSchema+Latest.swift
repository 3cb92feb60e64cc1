extension MembershipSchema {
  /// Version 9: beside each small table one that is smaller still, for what the last runs changed. What it has
  /// counts in place of what the small one says, which counts in place of the large one.
  public static let latestVersion9 = """
    -- As `recent_members`, and `recent_rows` counts its rows as those of 'latest_members'.
    CREATE TABLE latest_members(
      profile INTEGER NOT NULL,
      definition INTEGER NOT NULL,
      value TEXT,
      since INTEGER NOT NULL,
      PRIMARY KEY (definition, profile)
    ) STRICT, WITHOUT ROWID;

    -- As `recent_standings`.
    CREATE TABLE latest_standings(
      profile INTEGER PRIMARY KEY,
      next INTEGER,
      outcome BLOB NOT NULL
    ) STRICT;

    DROP VIEW memberships;
    CREATE VIEW memberships AS
    \(rows(of: "settled_members")) WHERE \(isNot(in: "recent_members")) AND \(isNot(in: "latest_members"))
      UNION ALL
    \(rows(of: "recent_members")) WHERE m.value IS NOT NULL AND \(isNot(in: "latest_members"))
      UNION ALL
    \(rows(of: "latest_members")) WHERE m.value IS NOT NULL;
    DROP VIEW members;
    CREATE VIEW members AS
      SELECT profile, definition, value, since FROM settled_members AS m
        WHERE \(isNot(in: "recent_members")) AND \(isNot(in: "latest_members"))
      UNION ALL
      SELECT profile, definition, value, since FROM recent_members AS m
        WHERE m.value IS NOT NULL AND \(isNot(in: "latest_members"))
      UNION ALL
      SELECT profile, definition, value, since FROM latest_members WHERE value IS NOT NULL;

    """

  /// Whether a table says nothing else of a row `m`.
  static func isNot(in table: String) -> String {
    """
    NOT EXISTS (
        SELECT 1 FROM \(table) AS r
        WHERE r.definition = m.definition AND r.profile = m.profile
      )
    """
  }
}
