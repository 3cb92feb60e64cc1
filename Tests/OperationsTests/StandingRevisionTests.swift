import SQLite
import Testing
import Values

@testable import Membership

@Suite("Standings that another connection revises")
struct StandingRevisionTests {
  private static let profiles: ClosedRange<Int64> = 1...300

  private func standings(_ connection: Connection) throws -> [Int64: Standing] {
    var standings = try Standings(connection)
    var found: [Int64: Standing] = [:]
    for profile in Self.profiles {
      let standing = try standings.standing(of: profile)
      if standing != Standing() { found[profile] = standing }
    }
    return found
  }

  @Test("are written whole, or beside what was written since, and without those who are left out")
  func random() throws {
    let connection = try StandingStore().connection
    var expected: [Int64: Standing] = [:]
    for round in 0..<40 {
      // What is revised, as it was before anything is written.
      var revisions = try StandingRevisions(connection)
      var revised: [Int64: Standing] = [:]
      let some = Self.profiles.filter { _ in Int.random(in: 0..<(round % 2 == 0 ? 3 : 40)) == 0 }
      for profile in some {
        let old = expected[profile] ?? Standing()
        #expect(try revisions.outcome(of: profile) == old.outcome)
        #expect(try revisions.compare(profile, old.next, old.outcome.span) == .same)
        revised[profile] = AnyStanding.random()
        try revisions.note(revised[profile] ?? Standing(), of: profile)
      }
      let taken = try revisions.take()
      #expect(taken.map(\.block.number) == Set(some.map { $0 / 32 }).sorted())
      #expect(try revisions.take().isEmpty)
      #expect(try standings(connection) == expected)

      var writer = try Standings(connection)
      // Now and then somebody else is written first, and some are left out.
      let (first, out) = (round % 4 == 1, round % 3 == 1 ? Set(some.prefix(9)) : [])
      for profile in Self.profiles
      where first && revised[profile] == nil && Int.random(in: 0..<9) == 0 {
        let standing = AnyStanding.random()
        try writer.store(standing, of: profile)
        expected[profile] = standing
      }
      for revision in taken { try writer.store(revision.leaving(out: [400]).leaving(out: out)) }
      for (profile, standing) in revised where !out.contains(profile) {
        expected[profile] = standing
      }
      expected = expected.filter { $0.value != Standing() }
      try writer.flush()
      #expect(try standings(connection) == expected)
      #expect(try Standings.profiles(connection) == expected.keys.sorted())
      #expect(try Standings.sleeper(connection) == nil)
    }
    #expect(!expected.isEmpty)
  }

  @Test("what stays as it is gives no revision")
  func untouched() throws {
    let connection = try StandingStore().connection
    var standings = try Standings(connection)
    try standings.store(Standing(outcome: [1, 0]), of: 40)
    try standings.flush()
    var revisions = try StandingRevisions(connection)
    #expect(try revisions.compare(40, .never, [2, 0].span) == .differs)
    #expect(try revisions.compare(41, .never, [UInt8]().span) == .same)
    #expect(try revisions.take().isEmpty)
    #expect(StandingRevisions.areNeighbours(32, 63))
    #expect(!StandingRevisions.areNeighbours(63, 64))
  }

  @Test("the index of due times is written only where the earliest of a block is another")
  func index() throws {
    let connection = try StandingStore().connection
    func steps(_ next: Int64, of profile: Int64) throws -> Int {
      let before = connection.steps
      var standings = try Standings(connection)
      try standings.store(
        Standing(next: Instant(milliseconds: next), outcome: [1, 0]), of: profile)
      try standings.flush()
      return connection.steps - before
    }
    _ = try steps(100, of: 3)
    let same = try steps(200, of: 4)
    let other = try steps(50, of: 5)
    #expect(same < other)
    #expect(try Standings.due(at: Instant(milliseconds: 60), connection) == [5])
  }

  @Test(
    "who is due is found in few blocks among many, and in nearly all", arguments: [1, 50, 1000])
  func due(share: Int64) throws {
    let connection = try StandingStore().connection
    var standings = try Standings(connection)
    var due: [Int64] = []
    for profile in Int64(1)...20_000 {
      let isDue = profile % share == 0 && profile % 7 != 0
      if isDue { due.append(profile) }
      let next: Instant = isDue ? Instant(milliseconds: 10) : Instant(milliseconds: 11)
      try standings.store(
        Standing(next: profile % 3 == 1 && !isDue ? .never : next, outcome: [1, 0]), of: profile)
    }
    try standings.flush()
    #expect(try Standings.due(at: Instant(milliseconds: 10), connection) == due)
    #expect(try Standings.due(at: Instant(milliseconds: 9), connection).isEmpty)
  }
}
