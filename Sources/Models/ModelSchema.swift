/// The part of version 3 that knows what destinations were told of models, and are owed.
public enum ModelSchema {
  public static let version3 = """
    -- Every model that was ever run. A model about something else is another one.
    CREATE TABLE models(
      id INTEGER PRIMARY KEY,
      key TEXT NOT NULL,
      object TEXT NOT NULL CHECK (object IN ('user', 'account', 'event')),
      -- 0: off, or gone from the folder. Then nothing of it is sent.
      is_enabled INTEGER NOT NULL,
      UNIQUE (key, object)
    ) STRICT;

    -- When a destination met a model.
    CREATE TABLE model_destinations(
      destination INTEGER NOT NULL REFERENCES destinations(id),
      model INTEGER NOT NULL REFERENCES models(id),
      at INTEGER NOT NULL,
      PRIMARY KEY (destination, model)
    ) STRICT, WITHOUT ROWID;

    -- Of users and accounts: `told` is the last encoded value that was accepted; `in_doubt` says that
    -- another one was sent after that, without a definite answer; `wanted` is what is still to be
    -- sent (NULL: nothing), and `refused` what the destination refused, or what cannot be sent.
    CREATE TABLE model_values(
      destination INTEGER NOT NULL REFERENCES destinations(id),
      model INTEGER NOT NULL REFERENCES models(id),
      identity TEXT NOT NULL,
      property TEXT NOT NULL,
      wanted TEXT,
      told TEXT,
      in_doubt INTEGER NOT NULL DEFAULT 0,
      refused TEXT,
      status INTEGER,
      body TEXT,
      reason TEXT,
      at INTEGER,
      PRIMARY KEY (destination, model, identity, property)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX model_values_owed ON model_values(destination, model, identity, property)
      WHERE wanted IS NOT NULL;

    -- Of events: every insert id that there ever was. `item` is what is still to be sent, as JSON;
    -- NULL: it was sent, or was there before events were asked for. A `reason` says why it is kept
    -- apart.
    CREATE TABLE model_events(
      destination INTEGER NOT NULL REFERENCES destinations(id),
      model INTEGER NOT NULL REFERENCES models(id),
      insert_id TEXT NOT NULL,
      item TEXT,
      in_doubt INTEGER NOT NULL DEFAULT 0,
      status INTEGER,
      body TEXT,
      reason TEXT,
      at INTEGER,
      PRIMARY KEY (destination, model, insert_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX model_events_owed ON model_events(destination, model, insert_id)
      WHERE item IS NOT NULL AND reason IS NULL;

    """
}
