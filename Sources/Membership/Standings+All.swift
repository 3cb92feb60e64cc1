import SQLite
import Values

/// What concerns all standings of a store, past those that a run has open.
extension Standings {
  /// The profiles whose next change has come, in order.
  public static func due(at: Instant, _ connection: Connection) throws -> [Int64] {
    let numbers = try connection.prepare(
      "SELECT block FROM standing_wakes WHERE wake <= ? ORDER BY block"
    ).all(.init(at.milliseconds)) { $0.int(0) }
    guard !numbers.isEmpty else { return [] }
    var walk = try StandingBlockWalk(connection)
    defer { walk.end() }
    var profiles: [Int64] = []
    for number in numbers {
      let block = try walk.block(number)
      var place = 0
      while let entry = try block.entry(at: place) {
        if entry.next <= at { profiles.append(entry.profile) }
        place = entry.place.upperBound
      }
    }
    return profiles
  }

  /// A profile of a block that is looked at at another time than the earliest next change in it, or at more
  /// than one; nil when there is none. Reads all.
  public static func sleeper(_ connection: Connection) throws -> Int64? {
    var wakes: [Int64: Instant] = [:]
    let rows = try connection.prepareFresh("SELECT block, wake FROM standing_wakes ORDER BY block")
    while try rows.step() {
      let wake = Instant(milliseconds: rows.int(1))
      guard wakes.updateValue(wake, forKey: rows.int(0)) == nil else {
        return try someone(of: StandingBlockReader(connection).block(rows.int(0)))
      }
    }
    let wrong = try firstBlock(connection) { block in
      let wake = try block.wake()
      return wakes.removeValue(forKey: block.number) != (wake == .never ? nil : wake)
    }
    if let wrong { return try someone(of: wrong) }
    // Blocks of which there is nothing.
    return try wakes.keys.min().map { try someone(of: StandingBlock($0)) }
  }

  /// The first who has a standing in a block; where nobody has, the first who has a place in it.
  private static func someone(of block: StandingBlock) throws -> Int64 {
    try block.entry(at: 0)?.profile ?? StandingBlock.profiles(of: block.number).lowerBound
  }

  /// The first block in order that satisfies a condition, of which all are asked up to there.
  private static func firstBlock(
    _ connection: Connection, where condition: (StandingBlock) throws -> Bool
  ) throws -> StandingBlock? {
    var walk = try StandingBlockWalk(connection)
    defer { walk.end() }
    var number: Int64 = 0
    while let block = try walk.block(from: number) {
      if try condition(block) { return block }
      number = block.number + 1
    }
    return nil
  }

  private static func forEachBlock(
    _ connection: Connection, _ body: (StandingBlock) throws -> Void
  ) throws {
    _ = try firstBlock(connection) { block in
      try body(block)
      return false
    }
  }

  /// Forgets what the standings say of the snapshot: no profile stands where an evaluation finds it. When
  /// blocks are looked at is made anew. Only inside a write transaction.
  public static func forget(_ connection: Connection) throws {
    let members = try connection.prepare("SELECT DISTINCT profile FROM members ORDER BY profile")
    // Nearly all are written.
    var standings = try Standings(connection, recent: RecentLimit(count: 0, share: 0))
    for profile in try profiles(connection) + members.all(read: { $0.int(0) }) {
      let next = try standings.standing(of: profile).next
      try standings.store(Standing(next: next, outcome: Standing.unknown), of: profile)
    }
    try standings.flush()
    try renewWakes(connection)
  }

  private static func renewWakes(_ connection: Connection) throws {
    try connection.run("DELETE FROM standing_wakes")
    let add = try connection.prepare("INSERT INTO standing_wakes(wake, block) VALUES (?, ?)")
    try forEachBlock(connection) { block in
      let wake = try block.wake()
      if wake != .never { try add.run(.init(wake.milliseconds), .init(block.number)) }
    }
  }

  /// All profiles that have a standing, in their order.
  public static func profiles(_ connection: Connection) throws -> [Int64] {
    var profiles: [Int64] = []
    try forEachBlock(connection) { profiles += try $0.entries().map(\.profile) }
    return profiles
  }

  /// The last profile that has a standing; 0 when none has.
  public static func lastProfile(_ connection: Connection) throws -> Int64 {
    let last = try connection.prepare(
      """
      SELECT max(block) FROM (
        SELECT max(block) AS block FROM standings WHERE block < ?1
        UNION ALL
        SELECT max(profile) / \(StandingBlock.size) FROM recent_standings WHERE profile < ?2
        UNION ALL
        SELECT max(profile) / \(StandingBlock.size) FROM latest_standings WHERE profile < ?2
      )
      """)
    let reader = try StandingBlockReader(connection)
    var end = StandingBlock.number(of: .max)
    // Of a block whose standings all went lately there is nothing.
    while let number = try last.first(
      .init(end), .init(StandingBlock.profiles(of: end).lowerBound), read: { $0.optionalInt(0) })
      ?? nil
    {
      if let entry = try reader.block(number).entries().last { return entry.profile }
      end = number
    }
    return 0
  }
}
