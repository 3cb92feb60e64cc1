/// The tables of the snapshot, the change log, the runs, and what destinations are owed.
///
/// `identities`, which the views join to show ids, belongs to the event store.
public enum MembershipSchema {
  /// The snapshot with names, over `members` as it was a table.
  private static let memberships = "CREATE VIEW memberships AS\n\(rows(of: "members"));"

  /// The rows of `memberships` out of a table, and their names.
  static func rows(of table: String) -> String {
    """
      SELECT d.key AS definition, d.kind AS kind,
        CASE i.kind WHEN 0 THEN i.external_id END AS user_id,
        CASE i.kind WHEN 1 THEN i.external_id END AS anonymous_id,
        CASE i.kind WHEN 2 THEN i.external_id END AS account_id,
        m.value AS value,
        strftime('%Y-%m-%dT%H:%M:%S', m.since / 1000, 'unixepoch')
          || printf('.%03dZ', m.since % 1000) AS since
      FROM \(table) AS m
        JOIN definitions AS d ON d.id = m.definition
        JOIN identities AS i ON i.id = m.profile
    """
  }

  public static let version1 = """
    -- Every definition that ever had a value. A removed one keeps its row: destinations may still
    -- have to be told.
    CREATE TABLE definitions(
      id INTEGER PRIMARY KEY,
      key TEXT NOT NULL UNIQUE,
      kind TEXT NOT NULL CHECK (kind IN ('audience', 'trait')),
      name TEXT NOT NULL,
      query TEXT NOT NULL,
      -- JSON of the value that says as much as never having sent one (0 for counts), beside absence.
      default_value TEXT,
      is_enabled INTEGER NOT NULL,
      is_removed INTEGER NOT NULL DEFAULT 0,
      members INTEGER NOT NULL DEFAULT 0
    ) STRICT;

    -- The snapshot: members and present values only. The value is JSON.
    CREATE TABLE members(
      profile INTEGER NOT NULL,
      definition INTEGER NOT NULL REFERENCES definitions(id),
      value TEXT NOT NULL,
      since INTEGER NOT NULL,
      PRIMARY KEY (profile, definition)
    ) STRICT, WITHOUT ROWID;

    -- When a profile must be looked at again though nothing happens. No row: never.
    CREATE TABLE next_changes(
      profile INTEGER PRIMARY KEY,
      at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX next_changes_at ON next_changes(at);

    -- One row a run. `watermark` is the last event that it took into account.
    CREATE TABLE runs(
      id INTEGER PRIMARY KEY,
      at INTEGER NOT NULL,
      kind TEXT NOT NULL CHECK (kind IN ('full', 'tick')),
      watermark INTEGER NOT NULL,
      evaluated INTEGER NOT NULL,
      entered INTEGER NOT NULL,
      left INTEGER NOT NULL,
      changed INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE run_definitions(
      run INTEGER NOT NULL REFERENCES runs(id),
      definition INTEGER NOT NULL REFERENCES definitions(id),
      members INTEGER NOT NULL,
      entered INTEGER NOT NULL,
      left INTEGER NOT NULL,
      changed INTEGER NOT NULL,
      PRIMARY KEY (run, definition)
    ) STRICT, WITHOUT ROWID;

    -- The change log. NULL: no member, or no value.
    CREATE TABLE changes(
      run INTEGER NOT NULL REFERENCES runs(id),
      profile INTEGER NOT NULL,
      definition INTEGER NOT NULL REFERENCES definitions(id),
      previous TEXT,
      value TEXT,
      PRIMARY KEY (run, profile, definition)
    ) STRICT, WITHOUT ROWID;

    -- A destination is what is talked to, not the file that names it.
    CREATE TABLE destinations(
      id INTEGER PRIMARY KEY,
      fingerprint TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      last_batch_at INTEGER
    ) STRICT;

    -- What may differ between the snapshot and what the destination acknowledged.
    CREATE TABLE pending(
      destination INTEGER NOT NULL REFERENCES destinations(id),
      profile INTEGER NOT NULL,
      definition INTEGER NOT NULL REFERENCES definitions(id),
      PRIMARY KEY (destination, profile, definition)
    ) STRICT, WITHOUT ROWID;

    -- What a destination was told. `value` is the last encoded value that it accepted; `in_doubt`
    -- says that another one was sent after that, without a definite answer.
    CREATE TABLE acknowledged(
      destination INTEGER NOT NULL REFERENCES destinations(id),
      identity TEXT NOT NULL,
      definition INTEGER NOT NULL REFERENCES definitions(id),
      value TEXT,
      in_doubt INTEGER NOT NULL,
      PRIMARY KEY (destination, identity, definition)
    ) STRICT, WITHOUT ROWID;

    -- What a destination refused for good, or what cannot be sent to it at all.
    CREATE TABLE quarantine(
      destination INTEGER NOT NULL REFERENCES destinations(id),
      profile INTEGER NOT NULL,
      definition INTEGER NOT NULL REFERENCES definitions(id),
      value TEXT NOT NULL,
      status INTEGER,
      reason TEXT NOT NULL,
      at INTEGER NOT NULL,
      PRIMARY KEY (destination, profile, definition)
    ) STRICT, WITHOUT ROWID;

    \(memberships)
    """

  /// Version 2: what a profile's last evaluation came to stands beside its next change, so that a run
  /// reads the snapshot only of those who changed.
  public static let version2 = """
    -- Where each profile stands: when it must be looked at again though nothing happens (NULL: never),
    -- and what the snapshot holds of it, as bytes. No row: nothing, and never.
    CREATE TABLE standings(
      profile INTEGER PRIMARY KEY,
      next INTEGER,
      outcome BLOB NOT NULL
    ) STRICT;
    INSERT INTO standings(profile, next, outcome) SELECT profile, at, x'00' FROM next_changes;
    INSERT OR IGNORE INTO standings(profile, next, outcome)
      SELECT DISTINCT profile, NULL, x'00' FROM members;
    CREATE INDEX standings_by_next ON standings(next) WHERE next IS NOT NULL;
    DROP TABLE next_changes;

    -- A number that is given anew when a definition is new, edited, or back again.
    ALTER TABLE definitions ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;
    UPDATE definitions SET epoch = id;

    """

  /// Version 5: due times stay in the index until they come.
  public static let wakesVersion5 = """
    -- When `next` is looked at again: at the latest when it comes. NULL when it is.
    ALTER TABLE standings ADD COLUMN wake INTEGER;
    DROP INDEX standings_by_next;
    UPDATE standings SET wake = next WHERE next IS NOT NULL;
    CREATE INDEX standings_by_wake ON standings(wake) WHERE wake IS NOT NULL;

    """

  /// Version 6: what belongs together lies together, so that a run reads and writes fewer pages.
  /// `Standings.migrateToVersion6` comes behind it.
  public static let blocksVersion6 = """
    -- Where profiles stand, some neighbours in a row, as bytes: see `StandingBlock`.
    DROP INDEX standings_by_wake;
    ALTER TABLE standings RENAME TO profile_standings;
    CREATE TABLE standings(
      block INTEGER PRIMARY KEY,
      -- The earliest instant at which one of them must be looked at again. NULL: never.
      wake INTEGER,
      data BLOB NOT NULL
    ) STRICT;
    CREATE INDEX standings_by_wake ON standings(wake) WHERE wake IS NOT NULL;

    -- The snapshot lies by definition: what changes of one is near what else changes of it.
    CREATE TABLE new_members(
      profile INTEGER NOT NULL,
      definition INTEGER NOT NULL REFERENCES definitions(id),
      value TEXT NOT NULL,
      since INTEGER NOT NULL,
      PRIMARY KEY (definition, profile)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO new_members(profile, definition, value, since)
      SELECT profile, definition, value, since FROM members ORDER BY definition, profile;
    -- Views that somebody made of these for himself do not hinder it, and go on.
    PRAGMA legacy_alter_table = ON;
    DROP VIEW memberships;
    DROP TABLE members;
    ALTER TABLE new_members RENAME TO members;
    \(memberships)
    PRAGMA legacy_alter_table = OFF;

    """
}
