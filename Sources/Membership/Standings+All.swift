import SQLite
import Values

/// What concerns all standings of a store, past those that a run has open.
extension Standings {
  /// The profiles whose next change has come, in order.
  public static func due(at: Instant, _ connection: Connection) throws -> [Int64] {
    let numbers = try connection.prepare(
      "SELECT block FROM standings WHERE wake IS NOT NULL AND wake <= ? ORDER BY block"
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

  /// A profile of a block that is looked at at another time than the earliest next change in it; nil when
  /// there is none. Reads all.
  public static func sleeper(_ connection: Connection) throws -> Int64? {
    let rows = try connection.prepareFresh("SELECT block, data, wake FROM standings")
    while try rows.step() {
      let block = StandingBlock(rows.int(0), rows.blob(1))
      let wake = rows.optionalInt(2).map { Instant(milliseconds: $0) } ?? .never
      if try block.wake() != wake { return try block.entries().first?.profile }
    }
    return nil
  }

  /// Forgets what the standings say of the snapshot: no profile stands where an evaluation finds it.
  /// Only inside a write transaction.
  public static func forget(_ connection: Connection) throws {
    let members = try connection.prepare("SELECT DISTINCT profile FROM members ORDER BY profile")
    var standings = try Standings(connection)
    for profile in try profiles(connection) + members.all(read: { $0.int(0) }) {
      let next = try standings.standing(of: profile).next
      try standings.store(Standing(next: next, outcome: Standing.unknown), of: profile)
    }
    try standings.flush()
  }

  /// All profiles that have a standing, in their order.
  public static func profiles(_ connection: Connection) throws -> [Int64] {
    let rows = try connection.prepareFresh("SELECT block, data FROM standings ORDER BY block")
    var profiles: [Int64] = []
    while try rows.step() {
      profiles += try StandingBlock(rows.int(0), rows.blob(1)).entries().map(\.profile)
    }
    return profiles
  }

  /// The last profile that has a standing; 0 when none has.
  public static func lastProfile(_ connection: Connection) throws -> Int64 {
    let block = try connection.prepare(
      "SELECT block, data FROM standings ORDER BY block DESC LIMIT 1"
    ).first { StandingBlock($0.int(0), $0.blob(1)) }
    return try block?.entries().last?.profile ?? 0
  }

  /// Brings what version 5 kept as a row for each profile into blocks.
  ///
  /// What an outcome said of other definitions than those that a run had evaluated nobody relied on until
  /// then. Where it does not speak of those that the snapshot has values for, it is unknown.
  public static func migrateToVersion6(_ connection: Connection) throws {
    try takeOver(connection)
    // Not while a row of anything is being read.
    try connection.execute("DROP TABLE profile_standings")
  }

  private static func takeOver(_ connection: Connection) throws {
    let epochs = Dictionary(
      uniqueKeysWithValues: try connection.prepareFresh(
        "SELECT id, epoch FROM definitions WHERE is_enabled AND NOT is_removed"
      ).all { ($0.int(0), $0.int(1)) })
    var standings = try Standings(connection)
    let members = try SnapshotRows(connection)
    let rows = try connection.prepareFresh(
      """
      SELECT profile, next, outcome FROM profile_standings
      UNION ALL
      SELECT DISTINCT profile, NULL, x'' FROM members
        WHERE profile NOT IN (SELECT profile FROM profile_standings)
      ORDER BY profile
      """)
    while try rows.step() {
      let profile = rows.int(0)
      var outcome = rows.blob(2)
      if outcome != Standing.unknown {
        var (held, known): (Set<Int64>, Set<Int64>) = ([], [])
        try members.forEach(of: profile) { definition, _ in
          if let epoch = epochs[definition] { held.insert(epoch) }
        }
        try OutcomeCoder.forEachPart(of: outcome) { epoch, _ in known.insert(epoch) }
        if held != known.intersection(epochs.values) { outcome = Standing.unknown }
      }
      let next = rows.optionalInt(1).map { Instant(milliseconds: $0) } ?? .never
      try standings.store(Standing(next: next, outcome: outcome), of: profile)
    }
    try standings.flush()
  }
}
