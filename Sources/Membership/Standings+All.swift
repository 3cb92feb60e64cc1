import SQLite
import Values

/// What concerns all standings of a store, past those that a run has open.
extension Standings {
  /// The profiles whose next change has come, in order.
  public static func due(at: Instant, _ connection: Connection) throws -> [Int64] {
    let blocks = try connection.prepare(
      "SELECT block FROM standings WHERE wake IS NOT NULL AND wake <= ? ORDER BY block"
    ).all(.init(at.milliseconds)) { $0.int(0) }
    let read = try connection.prepare("SELECT data FROM standings WHERE block = ?")
    var profiles: [Int64] = []
    for number in blocks {
      let bytes = try read.first(.init(number)) { $0.blob(0) } ?? []
      try StandingBlock(number, bytes).forEach { entry in
        if entry.next <= at { profiles.append(entry.profile) }
      }
    }
    return profiles
  }

  /// A profile of a block that is looked at at another time than the earliest next change in it; nil when
  /// there is none. Reads all.
  public static func sleeper(_ connection: Connection) throws -> Int64? {
    var sleeper: Int64?
    try connection.prepare("SELECT block, data, wake FROM standings").forEach { row in
      let block = StandingBlock(row.int(0), row.blob(1))
      let wake = row.optionalInt(2).map { Instant(milliseconds: $0) } ?? .never
      if sleeper == nil, try block.wake() != wake { sleeper = try block.entry(at: 0)?.profile }
    }
    return sleeper
  }

  /// Forgets what the standings say of the snapshot: no profile stands where an evaluation finds it.
  /// Only inside a write transaction.
  public static func forget(_ connection: Connection) throws {
    var standings = try Standings(connection)
    func forget(_ profiles: [Int64]) throws {
      for profile in profiles {
        let next = try standings.standing(of: profile).next
        try standings.store(Standing(next: next, outcome: Standing.unknown), of: profile)
      }
    }
    try forget(profiles(connection))
    try forget(
      connection.prepare("SELECT DISTINCT profile FROM members ORDER BY profile")
        .all { $0.int(0) })
    try standings.flush()
  }

  /// All profiles that have a standing, in their order.
  public static func profiles(_ connection: Connection) throws -> [Int64] {
    var profiles: [Int64] = []
    try connection.prepare("SELECT block, data FROM standings ORDER BY block").forEach { row in
      try StandingBlock(row.int(0), row.blob(1)).forEach { profiles.append($0.profile) }
    }
    return profiles
  }

  /// The last profile that has a standing; 0 when none has.
  public static func lastProfile(_ connection: Connection) throws -> Int64 {
    var last: Int64 = 0
    try connection.prepare("SELECT block, data FROM standings ORDER BY block DESC LIMIT 1")
      .forEach { row in
        try StandingBlock(row.int(0), row.blob(1)).forEach { last = $0.profile }
      }
    return last
  }

  /// Brings what version 5 kept as a row for each profile into blocks.
  public static func migrateToVersion6(_ connection: Connection) throws {
    var standings = try Standings(connection)
    try connection.prepareFresh(
      "SELECT profile, next, outcome FROM profile_standings ORDER BY profile"
    ).forEach { row in
      let next = row.optionalInt(1).map { Instant(milliseconds: $0) } ?? .never
      try standings.store(Standing(next: next, outcome: row.blob(2)), of: row.int(0))
    }
    try standings.flush()
    try connection.execute("DROP TABLE profile_standings")
  }
}
