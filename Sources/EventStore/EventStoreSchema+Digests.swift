extension EventStoreSchema {
  /// Version 5: what the definitions ask of everybody's history, for full runs.
  public static let digestsVersion5 = """
    -- Blocks of digests, by the last identity of each; a block begins behind the one before.
    CREATE TABLE digests(
      last INTEGER PRIMARY KEY,
      data BLOB NOT NULL
    ) STRICT;

    -- What the digests are of. No row: there are none.
    CREATE TABLE digested(
      id INTEGER PRIMARY KEY CHECK (id = 1),
      -- Of the definitions, and of the program that made them.
      fingerprint TEXT NOT NULL,
      at INTEGER NOT NULL,
      watermark INTEGER NOT NULL
    ) STRICT;

    -- Profiles whose digest is none, or not theirs any more, though they have no event behind its watermark.
    CREATE TABLE undigested(
      profile INTEGER PRIMARY KEY
    ) STRICT;

    """
}
