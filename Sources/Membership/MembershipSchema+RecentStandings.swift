extension MembershipSchema {
  /// Version 8: where profiles stand that changed lately lies in a small table, and so does when blocks are
  /// looked at, which is no longer written with their rows.
  public static let standingsVersion8 = """
    -- Who stands elsewhere than `standings` says. `next` NULL: never. With an empty outcome too: the profile
    -- has no standing, whatever its block says.
    CREATE TABLE recent_standings(
      profile INTEGER PRIMARY KEY,
      next INTEGER,
      outcome BLOB NOT NULL
    ) STRICT;

    -- The earliest instant at which a block of `standings` must be looked at again, with what
    -- `recent_standings` says of it. No row: never.
    CREATE TABLE standing_wakes(
      wake INTEGER NOT NULL,
      block INTEGER NOT NULL,
      PRIMARY KEY (wake, block)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO standing_wakes(wake, block)
      SELECT wake, block FROM standings WHERE wake IS NOT NULL ORDER BY wake, block;
    CREATE TABLE new_standings(
      block INTEGER PRIMARY KEY,
      data BLOB NOT NULL
    ) STRICT;
    INSERT INTO new_standings(block, data) SELECT block, data FROM standings ORDER BY block;
    -- Views that somebody made for himself do not hinder it, as they would a column that is dropped.
    PRAGMA legacy_alter_table = ON;
    DROP TABLE standings;
    ALTER TABLE new_standings RENAME TO standings;
    PRAGMA legacy_alter_table = OFF;

    """
}
