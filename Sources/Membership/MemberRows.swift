import SQLite

/// The rows of the snapshot: looked up one by one, and written some at a time in the order of the table,
/// which goes by definition, so that each page is found, changed and left. They lie in small tables until
/// there are many (`RecentRows`).
struct MemberRows {
  private struct Row {
    let profile: Int64
    /// JSON; nil where the row goes.
    let value: String?
  }

  private let connection: Connection
  private let definitions: [Int64]
  private let at: Int64
  private let limit: Int
  private let read: Statement
  private let writeLatest: Statement
  private let writeRecent: Statement
  private let writeSettled: Statement
  private let erase: Statement
  private var recent: RecentRows
  /// What waits, for each of the definitions.
  private var waiting: [[Row]]
  private var count = 0

  /// - Parameters:
  ///   - definitions: their numbers in the store.
  ///   - at: since when new values hold, in milliseconds.
  ///   - rows: how many the snapshot has, about.
  ///   - limit: so many rows wait at most.
  init(
    _ connection: Connection, _ definitions: [Int64], at: Int64, recent: RecentLimit, rows: Int64,
    limit: Int = 100_000
  ) throws {
    self.connection = connection
    self.limit = limit
    self.definitions = definitions
    self.at = at
    self.recent = try RecentRows(connection, .members, recent, beside: rows)
    waiting = [[Row]](repeating: [], count: definitions.count)
    read = try connection.prepare(
      "SELECT value FROM members WHERE definition = ? AND profile = ?")
    func write(_ table: String) throws -> Statement {
      try connection.prepare(
        """
        INSERT INTO \(table)(profile, definition, value, since) VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET value = excluded.value, since = excluded.since
        """)
    }
    writeLatest = try write("latest_members")
    writeRecent = try write("recent_members")
    writeSettled = try write("settled_members")
    erase = try connection.prepare(
      "DELETE FROM settled_members WHERE profile = ? AND definition = ?")
  }

  /// JSON of the value that a profile has, of those that do not wait; nil for none.
  func value(_ place: Int, _ profile: Int64) throws -> String? {
    try read.first(.init(definitions[place]), .init(profile)) { $0.text(0) }
  }

  /// Notes a value; nil takes it away.
  mutating func set(_ value: String?, _ place: Int, _ profile: Int64) throws {
    waiting[place].append(Row(profile: profile, value: value))
    count += 1
    if count == limit { try flush() }
  }

  /// Writes what waits.
  mutating func flush() throws {
    guard count > 0 else { return }
    recent.expect(count)
    let table = try recent.place(for: count) ?? settle()
    for place in waiting.indices {
      waiting[place].sort { $0.profile < $1.profile }
      for row in waiting[place] {
        try store(row.profile, definitions[place], row.value, since: at, in: table)
      }
      waiting[place].removeAll(keepingCapacity: true)
    }
    try recent.save()
    count = 0
  }

  /// Puts the recent rows into the large table, in its order, which takes all that follow.
  private mutating func settle() throws -> RecentRows.Place {
    let rows = try connection.prepareFresh(
      "SELECT profile, definition, value, since FROM recent_members ORDER BY definition, profile")
    while try rows.step() {
      try store(rows.int(0), rows.int(1), rows.optionalText(2), since: rows.int(3), in: .large)
    }
    return try recent.settled()
  }

  private func store(
    _ profile: Int64, _ definition: Int64, _ value: String?, since: Int64,
    in table: RecentRows.Place
  ) throws {
    let write =
      switch table {
      case .latest: writeLatest
      case .recent: writeRecent
      case .large: writeSettled
      }
    if table == .large, value == nil {
      try erase.run(.init(profile), .init(definition))
    } else {
      try write.run(.init(profile), .init(definition), .init(value), .init(since))
    }
  }
}
