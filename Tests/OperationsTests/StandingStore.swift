import SQLite
import Testing
import Values

@testable import Membership
@testable import Operations

/// A store in memory in which there are standings alone, or another one of which only these are looked at.
struct StandingStore {
  let connection: Connection

  init(_ connection: Connection) { self.connection = connection }

  /// - Parameter version: of the schema; today's when left out.
  init(version: Int? = nil) throws {
    connection = try Connection(path: ":memory:", mode: .create)
    let scripts = Store.migration.scripts.prefix(version ?? Store.migration.scripts.count)
    try Migration(applicationID: Store.migration.applicationID, scripts: Array(scripts))
      .apply(to: connection, readOnly: false)
  }

  /// So many standings may be recent, whatever the number of profiles, and so many of these the latest.
  static func limit(_ count: Int64, latest: Int64 = 0) -> RecentLimit {
    RecentLimit(count: count, share: 0, latest: latest)
  }

  func put(_ contents: [Int64: Standing], limit: Int64, latest: Int64 = 0) throws {
    var standings = try Standings(connection, recent: Self.limit(limit, latest: latest))
    for (profile, standing) in contents.sorted(by: { $0.key < $1.key }) {
      try standings.store(standing, of: profile)
    }
    try standings.flush()
  }

  func count(_ table: String) throws -> Int64 {
    try connection.prepareFresh("SELECT count(*) FROM \(table)").first { $0.int(0) } ?? -1
  }

  /// What lies in the blocks, whatever is recent.
  func blocks() throws -> [[UInt8]] {
    try connection.prepareFresh("SELECT data FROM standings ORDER BY block").all { $0.blob(0) }
  }

  /// All standings as they are looked up.
  func contents() throws -> [Int64: Standing] {
    var standings = try Standings(connection)
    return try Dictionary(
      uniqueKeysWithValues: Standings.profiles(connection).map {
        ($0, try standings.standing(of: $0))
      })
  }

  /// Whatever reads standings finds these, and nothing else.
  func expect(_ contents: [Int64: Standing]) throws {
    #expect(try self.contents() == contents)
    let last = contents.keys.max() ?? 0
    #expect(try Standings.profiles(connection) == contents.keys.sorted())
    #expect(try Standings.lastProfile(connection) == last)
    #expect(try Standings.sleeper(connection) == nil)
    for now in AnyStanding.nexts where now != .never {
      let due = contents.filter { $0.value.next <= now }.keys.sorted()
      #expect(try Standings.due(at: now, connection) == due)
    }
    try expectLookups(contents, last)
    for _ in 0..<3 {
      let start = Int64.random(in: 0...last + 40)
      let range = start...start + Int64.random(in: 0...last)
      var cursor = try Standings.Cursor(connection, range)
      var found: [Int64: Standing] = [:]
      while let profile = cursor.profile {
        found[profile] = cursor.standing(of: profile)
        try cursor.advance()
      }
      try cursor.advance()
      #expect(cursor.profile == nil)
      #expect(found == contents.filter { range.contains($0.key) })
    }
  }

  /// Here and there, and then most blocks in their order.
  private func expectLookups(_ contents: [Int64: Standing], _ last: Int64) throws {
    var standings = try Standings(connection)
    var walk = try StandingBlockWalk(connection)
    defer { walk.end() }
    for profile in (1...last + 70).shuffled().prefix(200) {
      let expected = contents[profile] ?? Standing()
      #expect(try standings.standing(of: profile) == expected)
      let block = try walk.block(StandingBlock.number(of: profile))
      #expect(try block.standing(of: profile) == expected)
      #expect(block.revised == 0)
    }
    for number in 0...StandingBlock.number(of: last + 70) where Bool.random() {
      let profiles = StandingBlock.profiles(of: number).filter { contents[$0] != nil }
      #expect(try walk.block(number).entries().map(\.profile) == profiles)
    }
  }
}

/// What a test that takes any may set.
enum AnyStanding {
  static let nexts: [Instant] = [
    .never, Instant(milliseconds: -3), Instant(milliseconds: 5), Instant(milliseconds: 7),
    Instant(milliseconds: 1 << 41),
  ]

  /// None, now and then.
  static func random() -> Standing {
    Standing(
      next: nexts.randomElement() ?? .never,
      outcome: [[], [1, 0], [2, 0, 3, 0], [UInt8](repeating: 9, count: 200)].randomElement() ?? [])
  }
}
