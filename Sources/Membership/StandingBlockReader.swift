import SQLite
import Values

/// Looks up blocks of standings.
struct StandingBlockReader {
  private let settled: Statement
  /// Of the small tables, in their order.
  private let small: [Statement]

  init(_ connection: Connection) throws {
    settled = try connection.prepare("SELECT data FROM standings WHERE block = ?")
    small = try RecentRows.Table.standings.small.map { table in
      try connection.prepare(
        """
        SELECT profile, next, outcome FROM \(table)
        WHERE profile BETWEEN ? AND ? ORDER BY profile
        """)
    }
  }

  /// A block with what is recent of it; an empty one where there is nothing.
  func block(_ number: Int64) throws -> StandingBlock {
    var block = try settledBlock(number)
    let profiles = StandingBlock.profiles(of: number)
    for rows in small {
      try rows.forEach(.init(profiles.lowerBound), .init(profiles.upperBound)) { row in
        try block.put(Standing(recent: row), of: row.int(0))
      }
    }
    return block
  }

  /// A block without what is recent of it.
  func settledBlock(_ number: Int64) throws -> StandingBlock {
    StandingBlock(number, try settled.first(.init(number)) { $0.blob(0) } ?? [])
  }
}

extension Standing {
  /// What a row of one of the small tables says, whose columns are `profile`, `next` and `outcome`.
  init(recent row: Statement) {
    self.init(
      next: row.optionalInt(1).map { Instant(milliseconds: $0) } ?? .never, outcome: row.blob(2))
  }
}
