/// What version 3 adds to what destinations are owed and were told: kinds of objects, several
/// properties of one definition, identities that change, and encodings that do.
public enum DeliverySchema {
  public static let version3 = definitions + destinations + tables + identities + carriedOver

  private static let definitions = """
    ALTER TABLE definitions ADD COLUMN subject TEXT NOT NULL DEFAULT 'users';
    -- Who gets the values: 'users', 'accounts', or 'both'.
    ALTER TABLE definitions ADD COLUMN recipients TEXT NOT NULL DEFAULT 'users';
    -- Whether the value is what destinations know a user by, and no property.
    ALTER TABLE definitions ADD COLUMN is_identity INTEGER NOT NULL DEFAULT 0;
    UPDATE definitions SET subject = 'accounts', recipients = 'accounts'
      WHERE query GLOB 'audience accounts*' OR query GLOB 'trait accounts*';

    """

  private static let destinations = """
    -- The user property that holds the latest account's id, as it was last asked for.
    ALTER TABLE destinations ADD COLUMN account_property TEXT;
    -- The definition whose value users are known by; NULL: by their id in the events.
    ALTER TABLE destinations ADD COLUMN identity_definition INTEGER;

    -- In which form the acknowledged values of a definition are. No row: in the destination's.
    CREATE TABLE encodings(
      destination INTEGER NOT NULL REFERENCES destinations(id),
      definition INTEGER NOT NULL,
      encoding TEXT NOT NULL,
      PRIMARY KEY (destination, definition)
    ) STRICT, WITHOUT ROWID;
    -- Version 2 wrote objects as text and dates as they came. Whether booleans were JSON shows.
    INSERT INTO encodings(destination, definition, encoding)
      SELECT DISTINCT a.destination, a.definition,
        CASE WHEN EXISTS (
          SELECT 1 FROM acknowledged AS o
          WHERE o.destination = a.destination AND o.value IN ('true', 'false')
        ) THEN 'json' ELSE 'string' END || ' empty 1'
      FROM acknowledged AS a;

    """

  /// `definition` is 0 for the property that holds the latest account.
  private static let tables = """
    -- What may differ between the snapshot and what the destination acknowledged. The kind is that
    -- of the object, as in `identities`; the profile is the object.
    CREATE TABLE pending_objects(
      destination INTEGER NOT NULL REFERENCES destinations(id),
      kind INTEGER NOT NULL,
      profile INTEGER NOT NULL,
      definition INTEGER NOT NULL,
      PRIMARY KEY (destination, kind, profile, definition)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO pending_objects SELECT destination, 0, profile, definition FROM pending;
    DROP TABLE pending;
    ALTER TABLE pending_objects RENAME TO pending;

    -- What a destination was told: one row a property. `value` is the last encoded value that it
    -- accepted; `in_doubt` says that another one was sent after that, without a definite answer.
    CREATE TABLE acknowledged_properties(
      destination INTEGER NOT NULL REFERENCES destinations(id),
      kind INTEGER NOT NULL,
      identity TEXT NOT NULL,
      definition INTEGER NOT NULL,
      property TEXT NOT NULL,
      value TEXT,
      in_doubt INTEGER NOT NULL,
      PRIMARY KEY (destination, kind, identity, definition, property)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO acknowledged_properties
      SELECT a.destination, 0, a.identity, a.definition, d.key, a.value, a.in_doubt
      FROM acknowledged AS a JOIN definitions AS d ON d.id = a.definition;
    DROP TABLE acknowledged;
    ALTER TABLE acknowledged_properties RENAME TO acknowledged;

    -- What a destination refused for good, or what cannot be sent to it at all: the value, the
    -- answer's status and body (NULL: no request was made), and the reason in words.
    CREATE TABLE quarantined_properties(
      destination INTEGER NOT NULL REFERENCES destinations(id),
      kind INTEGER NOT NULL,
      identity TEXT NOT NULL,
      definition INTEGER NOT NULL,
      property TEXT NOT NULL,
      profile INTEGER NOT NULL,
      value TEXT NOT NULL,
      status INTEGER,
      body TEXT,
      reason TEXT NOT NULL,
      at INTEGER NOT NULL,
      PRIMARY KEY (destination, kind, identity, definition, property)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO quarantined_properties
      SELECT q.destination, 0, i.external_id, q.definition, d.key, q.profile, q.value, q.status,
        CASE WHEN q.status IS NULL THEN NULL ELSE q.reason END,
        CASE WHEN q.status IS NULL THEN q.reason ELSE 'refused' END, q.at
      FROM quarantine AS q JOIN definitions AS d ON d.id = q.definition
        JOIN identities AS i ON i.id = q.profile;
    DROP TABLE quarantine;
    ALTER TABLE quarantined_properties RENAME TO quarantine;

    """

  private static let identities = """
    -- Who is known by which identity, where destinations know users by a trait.
    CREATE TABLE user_identities(
      definition INTEGER NOT NULL,
      profile INTEGER NOT NULL,
      identity TEXT NOT NULL,
      PRIMARY KEY (definition, profile)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX user_identities_by_identity ON user_identities(definition, identity);

    -- Identities that were told something and are nobody's now: what they were told is taken back.
    CREATE TABLE former_identities(
      id INTEGER PRIMARY KEY,
      destination INTEGER NOT NULL REFERENCES destinations(id),
      identity TEXT NOT NULL,
      UNIQUE (destination, identity)
    ) STRICT;

    """

  /// Accounts were computed before, and told to nobody.
  private static let carriedOver = """
    INSERT INTO pending(destination, kind, profile, definition)
      SELECT t.id, i.kind, m.profile, m.definition
      FROM destinations AS t, members AS m JOIN identities AS i ON i.id = m.profile
      WHERE i.kind = \(ObjectKind.account.rawValue);

    """
}
