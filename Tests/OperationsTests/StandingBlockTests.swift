import SQLite
import Testing
import Values

@testable import Membership

@Suite("Standings in blocks")
struct StandingBlockTests {
  /// Everything that the store holds: as a cursor finds it, and as it is looked up.
  private func contents(_ connection: Connection) throws -> [Int64: Standing] {
    var contents: [Int64: Standing] = [:]
    var cursor = try Standings.Cursor(connection, 0...Int64.max)
    while let profile = cursor.profile {
      contents[profile] = cursor.standing(of: profile)
      #expect(cursor.standing(of: profile + 1) == Standing())
      try cursor.advance()
    }
    var standings = try Standings(connection)
    for profile in try Standings.profiles(connection).shuffled() {
      #expect(try standings.standing(of: profile) == contents[profile])
    }
    #expect(try Standings.profiles(connection) == contents.keys.sorted())
    #expect(try Standings.lastProfile(connection) == contents.keys.max() ?? 0)
    return contents
  }

  @Test("hold what was put into them, whatever the order")
  func random() throws {
    let connection = try StandingStore().connection
    var expected: [Int64: Standing] = [:]
    let instants = [0, 1, -1, 150, -70_000_000_000, 1_750_000_000_000, Int64.max - 1]
    for round in 0..<40 {
      var standings = try Standings(connection)
      for _ in 0..<30 {
        let profile = Int64.random(in: 1...(round < 20 ? 100 : 1000))
        var standing = Standing()
        if Int.random(in: 0..<4) > 0 {
          standing.outcome = (0..<Int.random(in: 0..<300)).map { _ in UInt8.random(in: 0...255) }
          if Bool.random() {
            standing.next = Instant(milliseconds: try #require(instants.randomElement()))
          }
        }
        try standings.store(standing, of: profile)
        expected[profile] = standing == Standing() ? nil : standing
        #expect(try standings.standing(of: profile) == standing)
        let outcome = standing.outcome
        #expect(try standings.compare(profile, standing.next, outcome.span) == .same)
        let other = outcome + [1]
        #expect(try standings.compare(profile, standing.next, other.span) == .differs)
        let later = Instant(milliseconds: 77)
        #expect(try standings.compare(profile, later, outcome.span) == .waits)
      }
      try standings.flush()
      #expect(try contents(connection) == expected)
      #expect(try Standings.sleeper(connection) == nil)
      let now = Instant(milliseconds: try #require(instants.randomElement()))
      let due = expected.filter { $0.value.next <= now }.keys.sorted()
      #expect(try Standings.due(at: now, connection) == due)
    }
    #expect(!expected.isEmpty)
  }

  @Test("have the form that is described")
  func form() throws {
    var block = StandingBlock(2)
    try block.set(Standing(outcome: [5, 0]), of: 66)
    try block.set(Standing(next: Instant(milliseconds: 150), outcome: [5, 0]), of: 64)
    #expect(block.bytes == [0x80, 0xAC, 0x02, 0x02, 0x05, 0x00, 0x02, 0x02, 0x05, 0x00])
    #expect(try block.wake() == Instant(milliseconds: 150))
    try block.set(Standing(), of: 64)
    #expect(try block.wake() == .never)
  }

  @Test("a range has those that lie in it, and an empty block no row")
  func range() throws {
    let connection = try StandingStore().connection
    var standings = try Standings(connection)
    for profile in Int64(1)...200 {
      try standings.store(Standing(outcome: [1, 0]), of: profile)
    }
    for profile in Int64(64)..<96 { try standings.store(Standing(), of: profile) }
    try standings.flush()
    var cursor = try Standings.Cursor(connection, 50...110)
    var found: [Int64] = []
    while let profile = cursor.profile {
      found.append(profile)
      try cursor.advance()
    }
    #expect(found == Array(50..<64) + Array(96...110))
    let rows = try connection.prepare("SELECT count(*) FROM standings WHERE block = 2")
    #expect(try rows.first { $0.int(0) } == 0)
  }

  @Test(
    "bytes that are none are damage, and nothing else",
    arguments: [
      [0x80], [0x80, 0xAC], [0x80, 0x01], [0x00, 0x03, 0x01, 0x00], [0x20, 0x00], [0x00, 0xFF],
      [0x00] + [UInt8](repeating: 0xFF, count: 12),
      [0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
    ] as [[UInt8]])
  func damage(bytes: [UInt8]) throws {
    let connection = try StandingStore().connection
    try connection.run("INSERT INTO standings(block, data) VALUES (0, ?)", .blob(bytes))
    try connection.run("INSERT INTO standing_wakes(wake, block) VALUES (1, 0)")
    #expect(throws: SQLiteError.self) { try Standings.profiles(connection) }
    #expect(throws: SQLiteError.self) { try Standings.lastProfile(connection) }
    #expect(throws: SQLiteError.self) { try Standings.sleeper(connection) }
    #expect(throws: SQLiteError.self) { try Standings.Cursor(connection, 1...9) }
    #expect(throws: SQLiteError.self) {
      try Standings.due(at: Instant(milliseconds: 5), connection)
    }
    #expect(throws: SQLiteError.self) {
      var standings = try Standings(connection)
      try standings.store(Standing(outcome: [1, 0]), of: 31)
    }
  }
}
