import SQLite
import Testing
import Values

@testable import Membership
@testable import Operations

@Suite("When blocks of standings are looked at")
struct StandingWakeTests {
  @Test(
    "a block that is looked at too late, never, twice, or for nobody is found, and mended",
    arguments: [
      ("UPDATE standing_wakes SET wake = wake + 1 WHERE block = 1", 40),
      ("UPDATE standing_wakes SET wake = wake - 1 WHERE block = 1", 40),
      ("DELETE FROM standing_wakes WHERE block = 1", 40),
      ("INSERT INTO standing_wakes VALUES (9, 1)", 40),
      ("INSERT INTO standing_wakes VALUES (9, 2)", 70),
      ("INSERT INTO standing_wakes VALUES (\(Int64.max), 2)", 70),
      ("INSERT INTO standing_wakes VALUES (9, 10)", 320),
      ("UPDATE recent_standings SET next = NULL WHERE profile = 40", 40),
      ("UPDATE recent_standings SET next = 5 WHERE profile = 70", 70),
      ("DELETE FROM recent_standings WHERE profile = 150", 128),
      ("INSERT INTO latest_standings VALUES (40, 4, x'')", 40),
    ] as [(String, Int64)])
  func sleeper(damage: String, of profile: Int64) throws {
    let store = try StandingStore()
    let connection = store.connection
    let waiting = Standing(next: Instant(milliseconds: 5), outcome: [1, 0])
    try store.put([3: waiting, 40: Standing(outcome: [1, 0])], limit: 5)
    try store.put([40: waiting, 70: Standing(outcome: [2, 0]), 150: waiting], limit: 5)
    #expect(try Standings.sleeper(connection) == nil)
    try connection.execute(damage)
    #expect(connection.changes == 1)
    #expect(try Standings.sleeper(connection) == profile)
    try connection.transaction("rebuild") { try Standings.forget(connection) }
    #expect(try Standings.sleeper(connection) == nil)
    var standings = try Standings(connection)
    let profiles = try Standings.profiles(connection)
    #expect(try profiles.allSatisfy { try standings.standing(of: $0).outcome == Standing.unknown })
    #expect(try store.count("recent_standings") == 0)
    #expect(try store.count("latest_standings") == 0)
  }

  @Test("who has values and no standing is forgotten too")
  func forgets() throws {
    let store = try StandingStore()
    let connection = store.connection
    try connection.execute(
      """
      INSERT INTO definitions(id, key, kind, name, query, is_enabled)
        VALUES (1, 'a', 'trait', 'A', '', 1)
      """)
    for profile in [2, 300] {
      try connection.execute("INSERT INTO settled_members VALUES (\(profile), 1, '1', 0)")
    }
    try store.put([7: Standing(next: Instant(milliseconds: 5), outcome: [1, 0])], limit: 5)
    try store.put([8: Standing(next: Instant(milliseconds: 4), outcome: [1, 0])], limit: 5)
    try connection.transaction("rebuild") { try Standings.forget(connection) }
    let unknown = Standing(outcome: Standing.unknown)
    try store.expect(
      [
        2: unknown, 300: unknown,
        7: Standing(next: Instant(milliseconds: 5), outcome: Standing.unknown),
        8: Standing(next: Instant(milliseconds: 4), outcome: Standing.unknown),
      ])
  }
}
