/// The tables of the event store, and the views that give them readable names.
///
/// `events` is the truth: rows are appended in the order in which calls arrive and never changed.
/// Everything that is derived from it can be dropped and built again.
public enum EventStoreSchema {
  /// The script that makes version 1 out of an empty file. It works on SQLite 3.40.
  public static let version1 = tables + indexes + views

  /// The names that have an id from the start. Smaller ids are reserved for packed histories.
  static let firstNames = [pageViewed, screenViewed]
  static let firstNameID = 16

  /// The event that a `page` call is.
  public static let pageViewed = "Page Viewed"
  /// The event that a `screen` call is.
  public static let screenViewed = "Screen Viewed"

  private static let tables = """
    CREATE TABLE names(
      id INTEGER PRIMARY KEY CHECK (id >= \(firstNameID)),
      name TEXT NOT NULL UNIQUE
    ) STRICT;
    INSERT INTO names(id, name) VALUES \(seeds);

    CREATE TABLE identities(
      id INTEGER PRIMARY KEY,
      kind INTEGER NOT NULL,
      external_id TEXT NOT NULL,
      UNIQUE (kind, external_id)
    ) STRICT;

    CREATE TABLE events(
      seq INTEGER PRIMARY KEY,
      type INTEGER NOT NULL,
      event INTEGER,
      user INTEGER,
      anonymous INTEGER,
      account INTEGER,
      time INTEGER NOT NULL,
      message_hash INTEGER NOT NULL,
      body TEXT NOT NULL
    ) STRICT;

    CREATE TABLE links(
      identity INTEGER PRIMARY KEY,
      target INTEGER NOT NULL,
      root INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE ingests(
      file TEXT PRIMARY KEY,
      offset INTEGER NOT NULL,
      prefix_hash INTEGER NOT NULL,
      lines INTEGER NOT NULL,
      accepted INTEGER NOT NULL,
      duplicates INTEGER NOT NULL,
      conflicts INTEGER NOT NULL,
      rejected INTEGER NOT NULL
    ) STRICT;

    """

  /// An index entry ends with the row's `seq`, so that one user's rows come in order of arrival.
  private static let indexes = """
    CREATE INDEX events_by_message ON events(message_hash);
    CREATE INDEX events_by_user ON events(user) WHERE user IS NOT NULL;
    CREATE INDEX events_by_anonymous ON events(anonymous) WHERE user IS NULL;
    CREATE INDEX events_by_account ON events(account) WHERE account IS NOT NULL;
    CREATE INDEX events_by_claim ON events(anonymous, time)
      WHERE type = \(Call.Kind.identify.rawValue) AND user IS NOT NULL AND anonymous IS NOT NULL;
    CREATE INDEX events_of_aliases ON events(time) WHERE type = \(Call.Kind.alias.rawValue);
    CREATE INDEX links_by_root ON links(root);

    """

  /// The columns of `event_log`, and where they come from.
  static let eventColumns = """

      e.seq,
      CASE e.type \(typeNames) END AS type,
      n.name AS event,
      u.external_id AS user_id,
      a.external_id AS anonymous_id,
      g.external_id AS account_id,
      nullif(CAST(json_extract(e.body, '$.messageId') AS TEXT), '') AS message_id,
      \(isoText("e.time")) AS timestamp,
      json_extract(e.body, '$.properties') AS properties,
      json_extract(e.body, '$.traits') AS traits,
      json_extract(e.body, '$.context') AS context
    """
  static let eventJoins = """
    LEFT JOIN names AS n ON n.id = e.event
    LEFT JOIN identities AS u ON u.id = e.user
    LEFT JOIN identities AS a ON a.id = e.anonymous
    LEFT JOIN identities AS g ON g.id = e.account
    """

  private static let views = """
    CREATE VIEW event_log AS
    SELECT \(eventColumns)
    FROM events AS e
    \(eventJoins);

    CREATE VIEW users AS
    SELECT i.external_id AS user_id, \(isoText("min(e.time)")) AS first_seen
    FROM identities AS i JOIN events AS e ON e.user = i.id
    WHERE i.kind = \(IdentityKind.user.rawValue)
    GROUP BY i.id;

    CREATE VIEW accounts AS
    SELECT
      i.external_id AS account_id,
      \(isoText("min(e.time)")) AS first_seen,
      count(DISTINCT e.user) AS users
    FROM identities AS i JOIN events AS e ON e.account = i.id
    WHERE i.kind = \(IdentityKind.account.rawValue)
    GROUP BY i.id;

    """

  private static var seeds: String {
    firstNames.enumerated()
      .map { "(\(firstNameID + $0.offset), '\($0.element)')" }
      .joined(separator: ", ")
  }

  private static var typeNames: String {
    Call.Kind.allCases.map { "WHEN \($0.rawValue) THEN '\($0.name)'" }.joined(separator: " ")
  }

  static func isoText(_ milliseconds: String) -> String {
    "strftime('%Y-%m-%dT%H:%M:%fZ', \(milliseconds) / 1000.0, 'unixepoch')"
  }
}

/// What an external id names.
public enum IdentityKind: Int64, Sendable, CaseIterable {
  case user = 0
  case anonymous = 1
  case account = 2
}
