import SQLite

/// How many rows lie in one of the small tables that take in what runs change of a large one: `recent_members`
/// beside `settled_members`, `recent_standings` beside `standings`.
///
/// A row that changes somewhere in the large table costs a page of it, which is read, kept, and written twice.
/// Among the few rows of the small one it costs a share of a page. When these have become many they are settled:
/// they go into the large table at once, in its order, so that a page is written for all that change on it.
struct RecentRows {
  enum Table: String {
    case members
    case standings
  }

  private let connection: Connection
  private let table: Table
  private let limit: Int64
  /// How many there are at most: a row that is written again is counted again.
  private(set) var count: Int64

  /// - Parameter rows: how many the large table has, about.
  init(
    _ connection: Connection, _ table: Table, _ limit: RecentLimit, beside rows: Int64
  ) throws {
    self.connection = connection
    self.table = table
    self.limit = limit.rows(beside: rows)
    count =
      try connection.prepare("SELECT rows FROM recent_rows WHERE name = ?")
      .first(.init(table.rawValue)) { $0.int(0) } ?? 0
  }

  /// Whether there is room for some more.
  func hasRoom(for more: Int) -> Bool { count + Int64(more) <= limit }

  /// Notes that some were added, or with 0 rows left that they were settled.
  mutating func set(_ count: Int64) throws {
    self.count = count
    try connection.run(
      "INSERT OR REPLACE INTO recent_rows(name, rows) VALUES (?, ?)", .init(table.rawValue),
      .init(count))
  }
}

/// How many recent rows there may be before they are settled.
public struct RecentLimit: Sendable {
  /// So many in any case.
  public var count: Int64
  /// This share of the large table's rows.
  public var share: Double

  public init(count: Int64 = 20_000, share: Double = 0.1) {
    self.count = count
    self.share = share
  }

  func rows(beside rows: Int64) -> Int64 { max(count, Int64(share * Double(rows))) }
}
