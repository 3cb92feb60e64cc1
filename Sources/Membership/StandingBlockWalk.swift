import SQLite
import Values

/// Reads blocks of standings in their order, with what is recent of them: goes over all tables side by side.
/// Only until something is written.
struct StandingBlockWalk {
  /// So many blocks are passed before one is looked up; of recent rows those of so many blocks, for each of
  /// these may have many.
  private static let longestWay: (settled: Int64, recent: Int64) = (16, 4)

  private var settled: RowWalk
  /// Over the small tables, in their order.
  private var small: [RowWalk]

  /// - Parameter isAlone: whether there is no other one on the connection at the same time.
  init(_ connection: Connection, isAlone: Bool = true) throws {
    func prepare(_ sql: String) throws -> Statement {
      try isAlone ? connection.prepare(sql) : connection.prepareFresh(sql)
    }
    settled = RowWalk(
      try prepare("SELECT block, data FROM standings WHERE block >= ? ORDER BY block"),
      longestWay: Self.longestWay.settled)
    small = try RecentRows.Table.standings.small.map { table in
      RowWalk(
        try prepare(
          "SELECT profile, next, outcome FROM \(table) WHERE profile >= ? ORDER BY profile"),
        longestWay: Self.longestWay.recent * StandingBlock.size)
    }
  }

  /// An empty one where there is nothing.
  mutating func block(_ number: Int64) throws -> StandingBlock {
    try go(to: number)
    return try read(number)
  }

  /// The first block of which there is something, from a number on; nil at the end. It may have no standing.
  mutating func block(from number: Int64) throws -> StandingBlock? {
    try go(to: number)
    let nearest = ([settled.here] + small.map { $0.here.map(StandingBlock.number) })
      .compactMap { $0 }.min()
    return try nearest.map { try read($0) }
  }

  /// Leaves the tables. A row that is being read keeps the log from beginning anew.
  mutating func end() {
    settled.end()
    for place in small.indices { small[place].end() }
  }

  private mutating func go(to number: Int64) throws {
    try settled.go(to: number)
    let first = StandingBlock.profiles(of: number).lowerBound
    for place in small.indices { try small[place].go(to: first) }
  }

  /// The block of a number that all walks have come to.
  private mutating func read(_ number: Int64) throws -> StandingBlock {
    var block = StandingBlock(number, settled.here == number ? settled.rows.blob(1) : [])
    let last = StandingBlock.profiles(of: number).upperBound
    for place in small.indices {
      while let profile = small[place].here, profile <= last {
        try block.put(Standing(recent: small[place].rows), of: profile)
        try small[place].advance()
      }
    }
    return block
  }
}

/// Goes along the rows of a table, whose numbers are in the first column, in their order: where the next one
/// is near, the rows between are passed; where not, or where it goes back, it is looked up.
private struct RowWalk {
  /// From the number on that is bound, in order.
  let rows: Statement
  /// The number of the row that is here; nil at the end, and before the beginning.
  private(set) var here: Int64?
  /// All rows from this number on are here or still to come.
  private var start = Int64.max
  private let longestWay: Int64

  /// - Parameter longestWay: what two numbers differ by that are near.
  init(_ rows: Statement, longestWay: Int64) {
    self.rows = rows
    self.longestWay = longestWay
  }

  /// Goes to the first row from a number on.
  mutating func go(to number: Int64) throws {
    let isAhead = number >= start && number - (here ?? number) <= longestWay
    if !isAhead {
      rows.reset()
      try rows.bind(number, at: 1)
      try step()
    }
    while let here, here < number { try advance() }
    start = number
  }

  /// Goes on to the next row.
  mutating func advance() throws {
    if let here { start = here + 1 }
    try step()
  }

  mutating func end() {
    rows.reset()
    (here, start) = (nil, .max)
  }

  private mutating func step() throws { here = try rows.step() ? rows.int(0) : nil }
}
