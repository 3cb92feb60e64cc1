extension EventStoreSchema {
  /// Version 2, the packed histories: derived from `events`, in which rows are found by order of
  /// arrival alone from then on, and never by user.
  public static let historiesVersion2 = """
    -- The numbers of event names and keys inside packed histories.
    CREATE TABLE history_names(
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE
    ) STRICT;

    -- The calls of each identity up to `packed.watermark`. An id that became part of another profile
    -- keeps a row of its own; an account's are the group calls that name it.
    CREATE TABLE histories(
      identity INTEGER PRIMARY KEY,
      kind INTEGER NOT NULL,
      data BLOB NOT NULL
    ) STRICT;

    CREATE TABLE packed(
      id INTEGER PRIMARY KEY CHECK (id = 1),
      watermark INTEGER NOT NULL
    ) STRICT;
    INSERT INTO packed(id, watermark) VALUES (1, 0);

    DROP INDEX events_by_user;
    DROP INDEX events_by_anonymous;
    DROP INDEX events_by_account;
    CREATE INDEX events_of_groups_by_user ON events(user)
      WHERE type = \(Call.Kind.group.rawValue) AND user IS NOT NULL AND account IS NOT NULL;
    CREATE INDEX events_of_groups_by_account ON events(account)
      WHERE type = \(Call.Kind.group.rawValue) AND account IS NOT NULL;

    """

  /// Version 5: what came to a history since its row was written lies beside the histories.
  public static let historyPartsVersion5 = """
    -- The calls of identities behind those in their rows of `histories`: a history is its row and its
    -- parts in the order of their ids. When they have become many they go into the rows.
    CREATE TABLE history_parts(
      id INTEGER PRIMARY KEY,
      identity INTEGER NOT NULL,
      data BLOB NOT NULL
    ) STRICT;
    CREATE INDEX history_parts_by_identity ON history_parts(identity);

    """

  /// Version 7: the parts lie sorted, those of one packing together.
  public static let partRunsVersion7 = """
    -- The calls of identities behind those in their rows of `histories`: a history is its row and its
    -- part in each run. When they have become many they go into the rows.
    CREATE TABLE part_runs(
      id INTEGER PRIMARY KEY,
      parts INTEGER NOT NULL,
      -- Parts of identities up to this one are in the rows already.
      folded INTEGER NOT NULL,
      first_block INTEGER NOT NULL,
      last_block INTEGER NOT NULL
    ) STRICT;

    -- Whose parts are in a run, for some blocks each.
    CREATE TABLE part_lists(
      run INTEGER NOT NULL,
      since INTEGER NOT NULL,
      until INTEGER NOT NULL,
      block INTEGER NOT NULL,
      identities BLOB NOT NULL,
      PRIMARY KEY (run, since)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE part_blocks(
      id INTEGER PRIMARY KEY,
      parts BLOB NOT NULL
    ) STRICT;

    """
}
