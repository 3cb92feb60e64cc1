extension EventStoreSchema {
  /// The part of version 3 that knows which users belong to which accounts at the last run.
  public static let affiliationsVersion3 = """
    -- Derived from the group calls: which user belongs to which account, as of the run at
    -- `affiliated.at`. `latest` and `row` are those of the pair's latest call.
    CREATE TABLE affiliations(
      user INTEGER NOT NULL,
      account INTEGER NOT NULL,
      latest INTEGER NOT NULL,
      row INTEGER NOT NULL,
      PRIMARY KEY (user, account)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX affiliations_by_account ON affiliations(account);

    -- How far that is: NULL before the first time.
    CREATE TABLE affiliated(
      id INTEGER PRIMARY KEY CHECK (id = 1),
      watermark INTEGER NOT NULL,
      at INTEGER
    ) STRICT;
    INSERT INTO affiliated(id, watermark, at) VALUES (1, 0, NULL);

    CREATE INDEX events_of_groups_by_time ON events(time)
      WHERE type = \(Call.Kind.group.rawValue) AND user IS NOT NULL AND account IS NOT NULL;

    """
}
