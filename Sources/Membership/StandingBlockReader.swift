import SQLite
import Values

/// Looks up blocks of standings.
struct StandingBlockReader {
  private let settled: Statement
  private let recent: Statement

  init(_ connection: Connection) throws {
    settled = try connection.prepare("SELECT data FROM standings WHERE block = ?")
    recent = try connection.prepare(
      """
      SELECT profile, next, outcome FROM recent_standings
      WHERE profile BETWEEN ? AND ? ORDER BY profile
      """)
  }

  /// A block with what is recent of it; an empty one where there is nothing.
  func block(_ number: Int64) throws -> StandingBlock {
    var block = try settledBlock(number)
    let profiles = StandingBlock.profiles(of: number)
    try recent.forEach(.init(profiles.lowerBound), .init(profiles.upperBound)) { row in
      try block.put(Standing(recent: row), of: row.int(0))
    }
    return block
  }

  /// A block without what is recent of it.
  func settledBlock(_ number: Int64) throws -> StandingBlock {
    StandingBlock(number, try settled.first(.init(number)) { $0.blob(0) } ?? [])
  }
}

extension Standing {
  /// What a row of `recent_standings` says, whose columns are `profile`, `next` and `outcome`.
  init(recent row: Statement) {
    self.init(
      next: row.optionalInt(1).map { Instant(milliseconds: $0) } ?? .never, outcome: row.blob(2))
  }
}
