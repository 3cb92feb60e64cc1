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
    DROP INDEX standings_by_wake;
    -- Views that somebody made for himself do not hinder it.
    PRAGMA legacy_alter_table = ON;
    ALTER TABLE standings DROP COLUMN wake;
    PRAGMA legacy_alter_table = OFF;

    """
}
