import SQLite
import Values

/// Writes standings, and when their blocks are looked at.
///
/// Who was set goes into one of two small tables as long as there is room (`RecentRows`). Then all of that is
/// settled, and from there on whole blocks are written into the large one.
struct StandingWriter {
  private let reader: StandingBlockReader
  private let recentRows: Statement
  private let addLatest: Statement
  private let addRecent: Statement
  private let put: Statement
  private let erase: Statement
  private let addWake: Statement
  private let eraseWake: Statement
  private var recent: RecentRows
  /// Whether rows were added that are not counted yet.
  private var isUncounted = false

  init(_ connection: Connection, _ limit: RecentLimit) throws {
    reader = try StandingBlockReader(connection)
    recentRows = try connection.prepare(
      "SELECT profile, next, outcome FROM recent_standings ORDER BY profile")
    func add(_ table: String) throws -> Statement {
      try connection.prepare(
        "INSERT OR REPLACE INTO \(table)(profile, next, outcome) VALUES (?, ?, ?)")
    }
    addLatest = try add("latest_standings")
    addRecent = try add("recent_standings")
    put = try connection.prepare("INSERT OR REPLACE INTO standings(block, data) VALUES (?, ?)")
    erase = try connection.prepare("DELETE FROM standings WHERE block = ?")
    addWake = try connection.prepare(
      "INSERT OR REPLACE INTO standing_wakes(wake, block) VALUES (?, ?)")
    eraseWake = try connection.prepare("DELETE FROM standing_wakes WHERE wake = ? AND block = ?")
    let last =
      try connection.prepare("SELECT max(block) FROM standings")
      .first { $0.optionalInt(0) } ?? nil
    // A first run writes everybody.
    recent = try RecentRows(
      connection, .standings, last == nil ? RecentLimit(count: 0, share: 0) : limit,
      beside: last.map { StandingBlock.profiles(of: $0).upperBound } ?? 0)
  }

  /// Says of how many profiles standings may be written.
  mutating func expect(_ profiles: Int) { recent.expect(profiles) }

  /// Writes those of a block who were set. What the store says of the others is what the block says.
  ///
  /// - Parameter wake: the earliest next change in the block.
  mutating func write(_ block: StandingBlock, _ wake: Instant) throws {
    if wake != block.stored { try move(block.number, from: block.stored, to: wake) }
    let revised = block.revisedProfiles
    let place = try recent.place(for: revised.count) ?? settle()
    isUncounted = true
    if place == .large { return try write(whole: block) }
    let add = place == .latest ? addLatest : addRecent
    for profile in revised {
      let standing = try block.standing(of: profile)
      try add.run(
        .init(profile), standing.next == .never ? .null : .init(standing.next.milliseconds),
        .blob(standing.outcome))
    }
  }

  /// Keeps how many were added.
  mutating func save() throws {
    if isUncounted { try recent.save() }
    isUncounted = false
  }

  /// Brings what is recent into the blocks, which are looked at when they were.
  private mutating func settle() throws -> RecentRows.Place {
    var block: StandingBlock?
    defer { recentRows.reset() }
    while try recentRows.step() {
      let number = StandingBlock.number(of: recentRows.int(0))
      if block?.number != number {
        if let block { try write(whole: block) }
        block = try reader.settledBlock(number)
      }
      try block?.put(Standing(recent: recentRows), of: recentRows.int(0))
    }
    if let block { try write(whole: block) }
    return try recent.settled()
  }

  private func write(whole block: StandingBlock) throws {
    if block.bytes.isEmpty {
      try erase.run(.init(block.number))
    } else {
      try put.run(.init(block.number), .blob(block.bytes))
    }
  }

  private func move(_ block: Int64, from old: Instant, to new: Instant) throws {
    if old != .never { try eraseWake.run(.init(old.milliseconds), .init(block)) }
    if new != .never { try addWake.run(.init(new.milliseconds), .init(block)) }
  }
}
