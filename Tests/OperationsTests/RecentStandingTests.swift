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
    var (hadRecent, wasSettled, wasMerged) = (false, false, false)
    for round in 0..<40 {
      var changed = contents
      let limit = StandingStore.limit(most, latest: [0, 2, 12, 100].randomElement() ?? 0)
      let before = try (store.count("recent_standings"), store.count("latest_standings"))
      var revisions = try StandingRevisions(connection)
      let some = (1...Int64(round < 10 ? 100 : 900)).shuffled().prefix(Int.random(in: 1...30))
      var revised: [Int64: Standing] = [:]
      for profile in some.sorted() {
        revised[profile] = AnyStanding.random()
        try revisions.note(revised[profile] ?? Standing(), of: profile)
      }
      let taken = try revisions.take()
      let write = {
        var standings = try Standings(connection, recent: limit)
        if Bool.random() { standings.expect(2 * some.count) }
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
      let (recent, latest) =
        try (store.count("recent_standings"), store.count("latest_standings"))
      #expect(recent + latest <= most)
      let noted = try RecentRows(connection, .standings, limit, beside: 0)
      #expect(
        noted.recent >= recent && noted.latest >= latest && noted.recent + noted.latest <= most)
      if recent > 0 { hadRecent = true }
      if recent < before.0 { wasSettled = true }
      if recent > before.0, latest < before.1 { wasMerged = true }
    }
    #expect(!contents.isEmpty)
    #expect(most < 40 || hadRecent)
    #expect(most != 40 || wasSettled)
    #expect(most < 10_000 || wasMerged)
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

  @Test("those of few profiles lie in a table of their own, over what lay beside the blocks before")
  func latest() throws {
    let store = try StandingStore()
    func standing(_ mark: UInt8) -> Standing { Standing(outcome: [mark, 0]) }
    func counts() throws -> [Int64] {
      try ["recent_standings", "latest_standings"].map { try store.count($0) }
    }
    var contents: [Int64: Standing] = [:]
    for profile in Int64(1)...100 { contents[profile] = standing(1) }
    try store.put(contents, limit: 20, latest: 3)
    #expect(try counts() == [0, 0])
    for (changes, lie) in [
      ([3: standing(2), 40: Standing()], [0, 2]), ([3: standing(3)], [0, 2]),
      // Room for three, and as many were counted.
      ([40: standing(4), 600: standing(4)], [2, 2]), ([3: Standing()], [2, 3]),
    ] as [([Int64: Standing], [Int64])] {
      try store.put(changes, limit: 20, latest: 3)
      contents.merge(changes) { $1 }
      #expect(try counts() == lie)
      try store.expect(contents.filter { $0.value != Standing() })
    }
    // Who says that there will be many does not fill it first.
    var standings = try Standings(
      store.connection, recent: StandingStore.limit(20, latest: 3))
    standings.expect(4)
    try standings.store(standing(5), of: 7)
    contents[7] = standing(5)
    try standings.flush()
    #expect(try counts() == [4, 0])
    try store.expect(contents.filter { $0.value != Standing() })
    // All of it is settled.
    try store.put([8: standing(6)], limit: 20, latest: 3)
    try store.put([9: standing(6)], limit: 8, latest: 3)
    (contents[8], contents[9]) = (standing(6), standing(6))
    #expect(try counts() == [0, 0])
    try store.expect(contents.filter { $0.value != Standing() })
  }

  @Test("a tick knows how many it evaluates, and a full run that it may be all")
  func expected() throws {
    let place = try Workplace([
      ("buyers.audience", "---\nname: Buyers\n---\nevent('Bought').count() >= 1\n")
    ])
    place.recentLimit = RecentLimit(count: 100, share: 0, latest: 3)
    // Each hundredth of them, who buys later, is in a block of his own.
    try place.ingest((1...1000).map { calls($0 % 100 == 0 ? "Seen" : "Bought", [$0]) }.joined())
    try place.run(at: 1)
    let store = StandingStore(try Connection(path: place.session.storePath, mode: .readOnly))
    func counts() throws -> [Int64] {
      try ["recent_standings", "latest_standings"].map { try store.count($0) }
    }
    try place.ingest(calls("Bought", [100, 200, 300, 400]))
    try place.run(at: 2)
    #expect(try counts() == [4, 0])
    try place.ingest(calls("Bought", [500, 600, 700]))
    try place.run(at: 3)
    #expect(try counts() == [4, 3])
    try place.ingest(calls("Bought", [800]))
    try place.run(at: 4, isFull: true)
    #expect(try counts() == [8, 0])
  }

  private func calls(_ event: String, _ users: some Sequence<Int>) -> String {
    users.map {
      #"{"type":"track","messageId":"\#(event) \#($0)","userId":"\#($0)","event":"\#(event)","#
        + #""timestamp":"1970-01-01T00:00:00.000Z"}"# + "\n"
    }.joined()
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
        var standings = try Standings(
          connection, recent: StandingStore.limit(most, latest: Int64.random(in: 0...40)))
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
