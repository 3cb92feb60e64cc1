import SQLite

/// Where rows lie that runs change of a large table, and how many: two small tables take them in,
/// `recent_members` and `latest_members` beside `settled_members`, `recent_standings` and `latest_standings`
/// beside `standings`.
///
/// A row that changes somewhere in the large table costs a page of it, which is read, kept, and written twice.
/// Among the few rows of a small one it costs a share of a page. When these have become many they are settled:
/// they go into the large table at once, in its order, so that a page is written for all that change on it.
///
/// The same holds between the two small ones: what few rows a run changes goes into the latest table, which is
/// a few pages, and when that is full into the recent one at once. The latest lies over the recent, and that
/// over the large one.
struct RecentRows {
  enum Table: String {
    case members
    case standings

    /// The small tables: what the second one has counts in place of what the first one says.
    var small: [String] { ["recent_\(self)", "latest_\(self)"] }

    /// The columns of the small tables, and those of them that they go by.
    fileprivate var columns: (all: String, key: String) {
      switch self {
      case .members: ("profile, definition, value, since", "definition, profile")
      case .standings: ("profile, next, outcome", "profile")
      }
    }
  }

  /// One of the tables that hold the rows.
  enum Place {
    case latest
    case recent
    case large
  }

  private let connection: Connection
  private let table: Table
  private let limit: Int64
  private let latestLimit: Int64
  /// How many each holds at most: a row that is written again is counted again.
  private(set) var recent: Int64
  private(set) var latest: Int64
  /// Whether the latest table may have some, whatever was counted.
  private var mayHaveLatest = true
  /// Whether so many come that they do not go by way of the latest table.
  private var areMany = false
  /// Whether rows go into the large table. The small ones are empty then.
  private var isSettled = false

  /// - Parameter rows: how many the large table has, about.
  init(
    _ connection: Connection, _ table: Table, _ limit: RecentLimit, beside rows: Int64
  ) throws {
    self.connection = connection
    self.table = table
    self.limit = limit.rows(beside: rows)
    latestLimit = limit.latest
    let read = try connection.prepare("SELECT rows FROM recent_rows WHERE name = ?")
    func count(_ name: String) throws -> Int64 { try read.first(.init(name)) { $0.int(0) } ?? 0 }
    recent = try count(table.rawValue)
    latest = try count("latest_" + table.rawValue)
  }

  /// Says how many rows may come.
  mutating func expect(_ rows: Int) { areMany = rows > latestLimit }

  /// Finds a place for some rows more, which are counted there.
  ///
  /// - Returns: nil where there is none beside the large table. All that is there lies in the recent one then,
  ///   and is to be settled.
  mutating func place(for rows: Int) throws -> Place? {
    if isSettled { return .large }
    let more = Int64(rows)
    guard latest + recent + more <= limit else {
      try merge()
      return nil
    }
    let areLatest = !areMany && more <= latestLimit
    if !areLatest || latest + more > latestLimit { try merge() }
    if areLatest {
      latest += more
      mayHaveLatest = true
    } else {
      recent += more
    }
    return areLatest ? .latest : .recent
  }

  /// Takes away what the recent table has, which is in the large one now, where the rest goes too.
  mutating func settled() throws -> Place {
    try connection.execute("DELETE FROM recent_\(table)")
    recent = 0
    isSettled = true
    return .large
  }

  /// Keeps how many there are.
  func save() throws {
    let keep = try connection.prepare(
      "INSERT OR REPLACE INTO recent_rows(name, rows) VALUES (?, ?)")
    try keep.run(.init(table.rawValue), .init(recent))
    try keep.run(.init("latest_" + table.rawValue), .init(latest))
  }

  /// Puts the latest rows among the recent ones.
  private mutating func merge() throws {
    guard mayHaveLatest else { return }
    let columns = table.columns
    try connection.execute(
      """
      INSERT OR REPLACE INTO recent_\(table)(\(columns.all))
        SELECT \(columns.all) FROM latest_\(table) ORDER BY \(columns.key);
      DELETE FROM latest_\(table);
      """)
    recent += latest
    latest = 0
    mayHaveLatest = false
  }
}

/// How many recent rows there may be before they are settled.
public struct RecentLimit: Sendable {
  /// So many in any case.
  public var count: Int64
  /// This share of the large table's rows.
  public var share: Double
  /// Of these so many may be in the table that takes the latest ones.
  public var latest: Int64

  public init(count: Int64 = 20_000, share: Double = 0.1, latest: Int64 = 2000) {
    self.count = count
    self.share = share
    self.latest = latest
  }

  func rows(beside rows: Int64) -> Int64 { max(count, Int64(share * Double(rows))) }
}
