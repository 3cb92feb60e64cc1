/// The tables and triggers behind the guard: how much of each definition a destination has, and how
/// much of it has changed since somebody last approved.
///
/// Triggers keep the counts, in the transaction that acknowledges a value. So no sender can forget
/// them, and a run asks for one row a definition instead of counting what was acknowledged.
public enum GuardSchema {
  /// Version 3. It stands behind everything that makes `acknowledged` anew: a table takes its triggers
  /// with it.
  public static let version3 =
    tables + triggers + """
      -- What was acknowledged before there was a guard counts as approved.
      INSERT INTO guards(destination, definition, members, baseline)
        SELECT destination, definition, members, members FROM (\(acknowledgedMembers));

      """

  private static let tables = """
    -- One row for each destination and definition.
    CREATE TABLE guards(
      destination INTEGER NOT NULL REFERENCES destinations(id),
      -- What is no definition has a row and is never held.
      definition INTEGER NOT NULL,
      -- The acknowledged values that make a member, or are present.
      members INTEGER NOT NULL DEFAULT 0,
      -- What `members` was at the last approval. NULL: the first sync is not over.
      baseline INTEGER,
      -- Values that the destination accepted and that changed it, in the day from `day`.
      delivered INTEGER NOT NULL DEFAULT 0,
      day INTEGER,
      -- How many changes may still go out because somebody approved them. NULL: nobody did, or all that
      -- was pending has arrived.
      approved INTEGER,
      -- Why changes are held, and how many: the number that an approval covers. NULL: they are not.
      reason TEXT,
      held INTEGER NOT NULL DEFAULT 0,
      -- How many values wait to be sent again in another encoding: the number that an approval covers.
      -- NULL: none does.
      encoding_held INTEGER,
      -- How many may be, because somebody approved it. NULL: nobody did.
      encoding_approved INTEGER,
      -- The last run's instant at which the destination had every value.
      right_at INTEGER,
      -- When the destination first met the definition.
      met_at INTEGER,
      PRIMARY KEY (destination, definition)
    ) STRICT, WITHOUT ROWID;

    -- A definition that took the place of a removed one that asks the same.
    CREATE TABLE key_changes(
      definition INTEGER PRIMARY KEY REFERENCES definitions(id),
      predecessor INTEGER NOT NULL UNIQUE REFERENCES definitions(id)
    ) STRICT;

    """

  private static let triggers = """
    CREATE TRIGGER guards_of_new AFTER INSERT ON acknowledged WHEN new.value IS NOT NULL BEGIN
      INSERT OR IGNORE INTO guards(destination, definition)
        VALUES (new.destination, new.definition);
      UPDATE guards SET members = members + \(isMember("new")), \(counts)
      WHERE destination = new.destination AND definition = new.definition;
    END;
    CREATE TRIGGER guards_of_changed AFTER UPDATE OF value ON acknowledged
    WHEN new.value IS NOT old.value BEGIN
      INSERT OR IGNORE INTO guards(destination, definition)
        VALUES (new.destination, new.definition);
      UPDATE guards SET members = members + \(isMember("new")) - \(isMember("old")), \(counts)
      WHERE destination = new.destination AND definition = new.definition;
    END;
    CREATE TRIGGER guards_of_erased AFTER DELETE ON acknowledged WHEN old.value IS NOT NULL BEGIN
      UPDATE guards SET members = members - \(isMember("old"))
      WHERE destination = old.destination AND definition = old.definition;
    END;

    """

  /// Counts the acknowledged members of a definition anew: an edit may have changed which value counts as
  /// never sent.
  static let recount = """
    UPDATE guards SET members = (
      SELECT coalesce(sum(\(isMember("a"))), 0) FROM acknowledged AS a
      WHERE a.destination = guards.destination AND a.definition = guards.definition)
    WHERE definition = ?
    """

  /// What `members` is to be, of each destination and definition of which something was acknowledged.
  static let acknowledgedMembers = """
    SELECT a.destination AS destination, a.definition AS definition, sum(\(isMember("a"))) AS members
    FROM acknowledged AS a GROUP BY a.destination, a.definition
    """

  private static let counts = "delivered = delivered + 1, approved = max(0, approved - 1)"

  /// 1 when the encoded value of a row of `acknowledged` makes a member or is present, else 0: the
  /// same as `AcknowledgedValue.isMember`.
  private static func isMember(_ row: String) -> String {
    """
    coalesce((SELECT CASE kind WHEN 'audience' THEN \(row).value NOT IN ('false', '"false"')
      ELSE \(row).value <> '""' AND \(row).value IS NOT default_value END
      FROM definitions WHERE id = \(row).definition), 0)
    """
  }
}
