extension EventStoreSchema {
  /// The part of version 2 that finds duplicates by sorted runs instead of an index.
  ///
  /// Message ids fall anywhere in an index, so that a batch writes nearly a page of it for each
  /// call; runs are written one after the other. `MessageIndex` fills them from `events`, also in a
  /// store of version 1, at the next ingest.
  public static let messagesVersion2 = """
    DROP INDEX events_by_message;

    CREATE TABLE message_runs(
      id INTEGER PRIMARY KEY,
      entries INTEGER NOT NULL,
      bits INTEGER NOT NULL,
      first_part INTEGER NOT NULL,
      last_seq INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE message_parts(
      id INTEGER PRIMARY KEY,
      hashes BLOB NOT NULL,
      seqs BLOB NOT NULL
    ) STRICT;

    """

  /// Version 6: of most message ids it is known without a part that a run does not hold them.
  public static let filtersVersion6 = """
    -- Blocks of the filters of long runs (`MessageFilter`); the first one has the id of the run's first part.
    CREATE TABLE message_filters(
      id INTEGER PRIMARY KEY,
      bits BLOB NOT NULL
    ) STRICT;

    """
}
