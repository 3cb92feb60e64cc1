import SQLite
import Testing
import Values

@testable import Membership
@testable import Operations

@Suite("Standings that changed lately, beside the blocks")
struct RecentStandingTests {
  @Test(
    "are read as they were written, however much is settled and when",
    arguments: [0, 1, 5, 40, 10_000])
  func random(most: Int64) throws {
    let store = try StandingStore()
    let connection = store.connection
    var contents: [Int64: Standing] = [:]
    var (hadRecent, wasSettled) = (false, false)
    for round in 0..<40 {
      var changed = contents
      let before = try store.count("recent_standings")
      var revisions = try StandingRevisions(connection)
      let some = (1...Int64(round < 10 ? 100 : 900)).shuffled().prefix(Int.random(in: 1...30))
      var revised: [Int64: Standing] = [:]
      for profile in some.sorted() {
        revised[profile] = AnyStanding.random()
        try revisions.note(revised[profile] ?? Standing(), of: profile)
      }
      let taken = try revisions.take()
      let write = {
        var standings = try Standings(connection, recent: StandingStore.limit(most))
        // Neighbours of those are written first, and behind them.
        for part in 0..<2 {
          for profile in some.compactMap({ [$0 - 1, $0 + 1].randomElement() })
          where profile > 0 && revised[profile] == nil {
            let standing = AnyStanding.random()
            try standings.store(standing, of: profile)
            changed[profile] = standing
            #expect(try standings.standing(of: profile) == standing)
          }
          if part == 0 { for revision in taken { try standings.store(revision) } }
        }
        try standings.flush()
      }
      // Now and then all of it is taken back.
      if round % 5 == 4 {
        try connection.rehearsal(write)
      } else {
        try connection.transaction("run", write)
        contents = changed.merging(revised) { $1 }.filter { $0.value != Standing() }
      }
      try store.expect(contents)
      let recent = try store.count("recent_standings")
      #expect(recent <= most)
      let noted = try RecentRows(connection, .standings, StandingStore.limit(most), beside: 0).count
      #expect(noted >= recent && noted <= most)
      if recent > 0 { hadRecent = true }
      if recent < before { wasSettled = true }
    }
    #expect(!contents.isEmpty)
    #expect(most < 40 || hadRecent)
    #expect(most != 40 || wasSettled)
  }

  @Test("blocks stay as they are, and only those who were set lie beside them")
  func beside() throws {
    let store = try StandingStore()
    let connection = store.connection
    var contents: [Int64: Standing] = [:]
    for profile in Int64(1)...100 { contents[profile] = Standing(outcome: [1, 0]) }
    try store.put(contents, limit: 20)
    // Where nobody stands yet everybody is written into the blocks.
    #expect(try store.count("recent_standings") == 0)
    let blocks = try store.blocks()
    let changes: [Int64: Standing] = [
      3: Standing(next: Instant(milliseconds: 5), outcome: [2, 0]), 64: Standing(),
      500: Standing(next: Instant(milliseconds: 7)),
    ]
    try store.put(changes, limit: 20)
    #expect(try store.blocks() == blocks)
    #expect(
      try connection.prepareFresh("SELECT profile FROM recent_standings").all { $0.int(0) }
        == [3, 64, 500])
    contents.merge(changes) { $1 }
    contents[64] = nil
    try store.expect(contents)
    #expect(
      try connection.prepareFresh("SELECT wake, block FROM standing_wakes")
        .all { [$0.int(0), $0.int(1)] } == [[5, 0], [7, 15]])
  }

  @Test("what threads find beside what the run itself writes of the same blocks is all kept")
  func threads() throws {
    let place = try Workplace([], isPrepared: true)
    let path = place.session.storePath
    let connection = try Connection(path: path, mode: .readWrite)
    let store = StandingStore(connection)
    var contents: [Int64: Standing] = [:]
    for most in [Int64(1000), 3, 30, 0, 50, 1000] {
      let others = try (0..<2).map { _ in try Connection(path: path, mode: .readOnly) }
      var taken: [StandingRevision] = []
      var changed = contents
      for (place, other) in others.enumerated() {
        try other.execute("BEGIN")
        var revisions = try StandingRevisions(other)
        for profile in Int64(1)...400
        where StandingBlock.number(of: profile) % 2 == place && profile % 3 == 0 {
          let standing = AnyStanding.random()
          try revisions.note(standing, of: profile)
          changed[profile] = standing
        }
        taken += try revisions.take()
      }
      let out = Set((Int64(1)...400).filter { $0 % 3 == 0 && $0 % 5 == 0 })
      for profile in out { changed[profile] = contents[profile] }
      try connection.transaction("run") {
        var standings = try Standings(connection, recent: StandingStore.limit(most))
        for (place, revision) in taken.shuffled().enumerated() {
          try standings.store(revision.leaving(out: out))
          // One of the block itself, and one of another block.
          for profile in [revision.block.number * 32 + 1, Int64(place) * 32 + 2]
          where profile % 3 != 0 {
            let standing = AnyStanding.random()
            try standings.store(standing, of: profile)
            changed[profile] = standing
          }
        }
        try standings.flush()
      }
      contents = changed.filter { $0.value != Standing() }
      try store.expect(contents)
      for other in others { try other.execute("COMMIT") }
    }
  }

  @Test("blocks that follow each other are read by a step along the table, and not looked up")
  func lookups() throws {
    let store = try StandingStore()
    let connection = store.connection
    var contents: [Int64: Standing] = [:]
    for profile in Int64(1)...3200 { contents[profile] = Standing(outcome: [1, 0]) }
    try store.put(contents, limit: 5)
    var walk = try StandingBlockWalk(connection)
    defer { walk.end() }
    func steps(_ body: () throws -> Void) rethrows -> Int {
      let before = connection.steps
      try body()
      return connection.steps - before
    }
    let first = try steps { _ = try walk.block(0) }
    let along = try steps { for number in Int64(1)...10 { _ = try walk.block(number) } }
    #expect(along < 10 * first / 2)
    #expect(try steps { _ = try walk.block(10) } == 0)
    // What is far is looked up.
    #expect(try steps { _ = try walk.block(95) } < 2 * first)
  }
}
