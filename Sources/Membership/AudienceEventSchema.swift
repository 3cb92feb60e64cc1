/// The tables of the events that say who entered an audience, or left it, and when.
public enum AudienceEventSchema {
  public static let version4 = """
    -- In which stretches of time a destination is told of entries to an audience and exits from it, and
    -- of which query. Those of one definition do not overlap.
    CREATE TABLE event_ranges(
      destination INTEGER NOT NULL REFERENCES destinations(id),
      definition INTEGER NOT NULL,
      since INTEGER NOT NULL,
      until INTEGER NOT NULL,
      fingerprint TEXT NOT NULL,
      -- The last run that went on with it; NULL: it is of the past.
      run INTEGER,
      -- A backfill is under way, and has come to this profile; NULL: it is done.
      place INTEGER,
      PRIMARY KEY (destination, definition, since)
    ) STRICT, WITHOUT ROWID;

    -- One row an entry or exit that a destination was told, or is owed. The ordinal is that of the spell in
    -- the user's whole history. `item` is what was sent while that is in doubt. An event that was refused,
    -- or cannot be sent, has the answer (NULL: no request was made), and the reason in words.
    CREATE TABLE audience_events(
      destination INTEGER NOT NULL REFERENCES destinations(id),
      profile INTEGER NOT NULL,
      definition INTEGER NOT NULL,
      instant INTEGER NOT NULL,
      is_entry INTEGER NOT NULL,
      ordinal INTEGER NOT NULL,
      state TEXT NOT NULL DEFAULT 'owed' CHECK (state IN ('owed', 'told', 'refused')),
      in_doubt INTEGER NOT NULL DEFAULT 0,
      item TEXT,
      status INTEGER,
      body TEXT,
      reason TEXT,
      at INTEGER,
      PRIMARY KEY (destination, profile, definition, instant),
      UNIQUE (destination, profile, definition, ordinal, is_entry)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX audience_events_owed ON audience_events(destination, instant, profile, definition)
      WHERE state = 'owed';
    CREATE INDEX audience_events_refused ON audience_events(destination) WHERE state = 'refused';

    -- In how many entries and exits a user's past is another one than the destination was told.
    CREATE TABLE event_corrections(
      destination INTEGER NOT NULL REFERENCES destinations(id),
      profile INTEGER NOT NULL,
      definition INTEGER NOT NULL,
      count INTEGER NOT NULL,
      PRIMARY KEY (destination, profile, definition)
    ) STRICT, WITHOUT ROWID;

    """
}
