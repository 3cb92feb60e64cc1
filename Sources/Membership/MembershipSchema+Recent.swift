extension MembershipSchema {
  /// Version 8: what runs change of the snapshot lies in small tables until it has become much.
  public static let recentVersion8 = """
    -- The rows of the small tables, counted with each writing.
    CREATE TABLE recent_rows(
      name TEXT PRIMARY KEY,
      rows INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- What is other than in `settled_members`, which is the snapshot as it was. Without a value: no row.
    CREATE TABLE recent_members(
      profile INTEGER NOT NULL,
      definition INTEGER NOT NULL,
      value TEXT,
      since INTEGER NOT NULL,
      PRIMARY KEY (definition, profile)
    ) STRICT, WITHOUT ROWID;

    -- Views that somebody made over `members` for himself are over both from now on. The one with names is over
    -- the tables themselves: a condition on the definition reaches them then where rows are counted, too.
    PRAGMA legacy_alter_table = ON;
    DROP VIEW memberships;
    ALTER TABLE members RENAME TO settled_members;
    CREATE VIEW memberships AS
    \(rows(of: "settled_members")) WHERE \(isNot(in: "recent_members"))
      UNION ALL
    \(rows(of: "recent_members")) WHERE m.value IS NOT NULL;
    PRAGMA legacy_alter_table = OFF;
    CREATE VIEW members AS
      SELECT profile, definition, value, since FROM settled_members AS m WHERE \(isNot(in: "recent_members"))
      UNION ALL
      SELECT profile, definition, value, since FROM recent_members WHERE value IS NOT NULL;

    """
}
