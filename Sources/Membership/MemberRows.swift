import SQLite

/// The rows of the snapshot: looked up one by one, and written some at a time in the order of the table,
/// which goes by definition, so that each page is found, changed and left.
struct MemberRows {
  private struct Row {
    let profile: Int64
    /// JSON; nil where the row goes.
    let value: String?
  }

  private let definitions: [Int64]
  private let at: Int64
  private let limit: Int
  private let read: Statement
  private let write: Statement
  private let erase: Statement
  /// What waits, for each of the definitions.
  private var waiting: [[Row]]
  private var count = 0

  /// - Parameters:
  ///   - definitions: their numbers in the store.
  ///   - at: since when new values hold, in milliseconds.
  ///   - limit: so many rows wait at most.
  init(
    _ connection: Connection, _ definitions: [Int64], at: Int64, limit: Int = 100_000
  ) throws {
    self.limit = limit
    self.definitions = definitions
    self.at = at
    waiting = [[Row]](repeating: [], count: definitions.count)
    read = try connection.prepare(
      "SELECT value FROM members WHERE definition = ? AND profile = ?")
    write = try connection.prepare(
      """
      INSERT INTO members(profile, definition, value, since) VALUES (?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET value = excluded.value, since = excluded.since
      """)
    erase = try connection.prepare("DELETE FROM members WHERE profile = ? AND definition = ?")
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
    for place in waiting.indices {
      waiting[place].sort { $0.profile < $1.profile }
      for row in waiting[place] { try store(row, definitions[place]) }
      waiting[place].removeAll(keepingCapacity: true)
    }
    count = 0
  }

  private func store(_ row: Row, _ definition: Int64) throws {
    if let value = row.value {
      try write.run(.init(row.profile), .init(definition), .init(value), .init(at))
    } else {
      try erase.run(.init(row.profile), .init(definition))
    }
  }
}
