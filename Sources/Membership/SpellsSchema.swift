/// The tables of the exact past: who was a member, or had which value, from which instant until which.
public enum SpellsSchema {
  public static let version4 = """
    -- The definitions that the past was computed for. They are apart from the snapshot's.
    CREATE TABLE spell_definitions(
      id INTEGER PRIMARY KEY,
      key TEXT NOT NULL UNIQUE,
      kind TEXT NOT NULL CHECK (kind IN ('audience', 'trait'))
    ) STRICT;

    -- Which stretches of time were computed, of which query, and up to which event. Those of one
    -- definition do not touch.
    CREATE TABLE spell_ranges(
      definition INTEGER NOT NULL REFERENCES spell_definitions(id),
      since INTEGER NOT NULL,
      until INTEGER NOT NULL,
      fingerprint TEXT NOT NULL,
      watermark INTEGER NOT NULL,
      PRIMARY KEY (definition, since)
    ) STRICT, WITHOUT ROWID;

    -- The definition had this value for the profile while since <= t < until. Members and present values
    -- only; the value is JSON. A spell that ends where its range does held to the end of what was
    -- computed.
    CREATE TABLE spells(
      definition INTEGER NOT NULL,
      profile INTEGER NOT NULL,
      since INTEGER NOT NULL,
      until INTEGER NOT NULL,
      value TEXT NOT NULL,
      PRIMARY KEY (definition, profile, since)
    ) STRICT, WITHOUT ROWID;

    -- One row a backfill: profiles up to `place` are done. `changed_since` is the last event that had been
    -- taken into account before, where only profiles with later ones are computed.
    CREATE TABLE backfills(
      id INTEGER PRIMARY KEY,
      since INTEGER NOT NULL,
      until INTEGER NOT NULL,
      watermark INTEGER NOT NULL,
      changed_since INTEGER,
      place INTEGER NOT NULL DEFAULT 0,
      profiles INTEGER NOT NULL DEFAULT 0,
      spells INTEGER NOT NULL DEFAULT 0,
      added INTEGER NOT NULL DEFAULT 0,
      removed INTEGER NOT NULL DEFAULT 0,
      altered INTEGER NOT NULL DEFAULT 0,
      is_done INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE backfill_definitions(
      backfill INTEGER NOT NULL REFERENCES backfills(id),
      definition INTEGER NOT NULL REFERENCES spell_definitions(id),
      fingerprint TEXT NOT NULL,
      -- Whether what was there is of another query, and is replaced as a whole.
      is_anew INTEGER NOT NULL,
      PRIMARY KEY (backfill, definition)
    ) STRICT, WITHOUT ROWID;

    -- Whose each id was for the last backfill, to find out whom a later link concerns.
    CREATE TABLE spell_links(
      identity INTEGER PRIMARY KEY,
      root INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE spell_linked(
      id INTEGER PRIMARY KEY CHECK (id = 1),
      watermark INTEGER NOT NULL
    ) STRICT;
    INSERT INTO spell_linked(id, watermark) VALUES (1, 0);

    CREATE VIEW membership_spells AS
      SELECT d.key AS definition, d.kind AS kind,
        CASE i.kind WHEN 0 THEN i.external_id END AS user_id,
        CASE i.kind WHEN 1 THEN i.external_id END AS anonymous_id,
        CASE i.kind WHEN 2 THEN i.external_id END AS account_id,
        s.value AS value,
        \(isoText("s.since")) AS since,
        CASE WHEN NOT EXISTS (
          SELECT 1 FROM spell_ranges AS r
          WHERE r.definition = s.definition AND r.until = s.until
        ) THEN \(isoText("s.until")) END AS until
      FROM spells AS s
        JOIN spell_definitions AS d ON d.id = s.definition
        JOIN identities AS i ON i.id = s.profile;

    """

  /// The instant of a number of milliseconds, before 1970 too.
  private static func isoText(_ milliseconds: String) -> String {
    "strftime('%Y-%m-%dT%H:%M:%fZ', \(milliseconds) / 1000.0, 'unixepoch')"
  }
}
