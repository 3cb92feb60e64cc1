import SQLite
import Testing
import Values

@testable import Membership
@testable import Operations

@Suite("Standings that changed lately, when they have become many")
struct SettledStandingTests {
  @Test("where there is no room all are settled, and from there on blocks are written")
  func settling() throws {
    let store = try StandingStore()
    let connection = store.connection
    var contents: [Int64: Standing] = [:]
    for profile in Int64(1)...200 { contents[profile] = Standing(outcome: [1, 0]) }
    try store.put(contents, limit: 5)
    try connection.transaction("run") {
      var standings = try Standings(connection, recent: StandingStore.limit(5))
      var profile: Int64 = 1
      func next() throws {
        contents[profile] = Standing(next: Instant(milliseconds: profile), outcome: [2, 0])
        try standings.store(contents[profile] ?? Standing(), of: profile)
        profile += 32
      }
      for _ in 0..<5 { try next() }
      _ = try standings.standing(of: 1)
      #expect(try store.count("recent_standings") == 5)
      try next()
      _ = try standings.standing(of: 1)
      #expect(try store.count("recent_standings") == 0)
      try next()
      try standings.flush()
      #expect(try store.count("recent_standings") == 0)
    }
    try store.expect(contents)
    let blocks = try store.blocks()
    // The next one has room.
    contents[9] = Standing(outcome: [3, 0])
    try store.put([9: Standing(outcome: [3, 0])], limit: 5)
    #expect(try store.count("recent_standings") == 1)
    #expect(try store.blocks() == blocks)
    try store.expect(contents)
    // One more beside four, then two, which are one too many.
    for more in [Int64(10)...13, 20...21] {
      let changes = Dictionary(uniqueKeysWithValues: more.map { ($0, Standing(outcome: [3, 0])) })
      try store.put(changes, limit: 5)
      contents.merge(changes) { $1 }
      try store.expect(contents)
      #expect(try store.count("recent_standings") == (more.count == 4 ? 5 : 0))
    }
  }

  @Test(
    "a block whose standings all went lately counts for nobody, and is gone when that is settled")
  func gone() throws {
    let store = try StandingStore()
    let standing = Standing(next: Instant(milliseconds: 5), outcome: [1, 0])
    try store.put([3: standing, 40: standing, 41: standing], limit: 5)
    try store.put([40: Standing(), 41: Standing(), 70: Standing()], limit: 5)
    #expect(try store.count("standings") == 2)
    try store.expect([3: standing])
    try store.put([3: Standing()], limit: 5)
    try store.expect([:])
    try store.put([3: standing], limit: 0)
    #expect(try store.count("standings") == 1)
    #expect(try store.count("recent_standings") == 0)
    try store.expect([3: standing])
  }
}
