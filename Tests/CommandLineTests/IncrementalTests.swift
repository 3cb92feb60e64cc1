import SQLite
import Testing
import Values

@testable import Membership

@Suite("Runs after each of ten ingests")
struct IncrementalTests {
  /// A way to cut the purchases into ten.
  enum Order: Sendable, CaseIterable {
    /// As they came about.
    case byTime
    /// Customer after customer, as the file has them: a day long past arrives at any time.
    case byCustomer
    /// In a random order, the same each time: events come late, and ahead of their time.
    case shuffled
  }

  /// Every fifth customer is enough for the orders that are no easier than the real one.
  private static func parts(_ order: Order) -> [[Purchase]] {
    var purchases = Purchases.all
    switch order {
    case .byTime: purchases.sort { ($0.day, $0.number) < ($1.day, $1.number) }
    case .byCustomer: purchases.removeAll { ($0.customer.utf8.last ?? 0) % 5 != 0 }
    case .shuffled:
      purchases.removeAll { ($0.customer.utf8.last ?? 0) % 5 != 1 }
      var random = Xorshift(state: 0x9E37_79B9_7F4A_7C15)
      purchases.shuffle(using: &random)
    }
    let size = (purchases.count + 9) / 10
    return (0..<10).map { Array(purchases.dropFirst($0 * size).prefix(size)) }
  }

  /// The members with values and since when, and what the change log says of each run.
  private static let state = [
    "SELECT definition || ' ' || user_id || ' ' || value || ' ' || since FROM memberships ORDER BY 1",
    """
    SELECT c.run || ' ' || d.key || ' ' || i.external_id || ' ' || quote(previous) || quote(value)
    FROM changes AS c JOIN definitions AS d ON d.id = c.definition
      JOIN identities AS i ON i.id = c.profile ORDER BY 1
    """,
    "SELECT id || ' ' || at || ' ' || watermark || ' ' || entered || ' ' || left FROM runs ORDER BY 1",
    "SELECT key || ' ' || members FROM definitions ORDER BY 1",
  ]

  @Test("leave what full runs at the same instants leave", arguments: Order.allCases)
  func agreement(_ order: Order) throws {
    let incremental = try Rollcall()
    let full = try Rollcall()
    for rollcall in [incremental, full] {
      try rollcall.copyExamples()
      rollcall.environment = ["HEAP_URL": "http://127.0.0.1:9", "HEAP_APP_ID": "11"]
    }
    var fewer = 0
    for (number, part) in Self.parts(order).enumerated() {
      let instant = Purchases.instant(55 * (number + 1))
      let calls = Purchases.calls(part)
      for rollcall in [incremental, full] { try rollcall.ingest(calls, as: "\(number).ndjson") }
      let tick = try incremental.json("run", "--no-send", "--at", instant)
      let whole = try full.json("run", "--no-send", "--full", "--at", instant)
      #expect(tick["kind"] == .string(number == 0 ? "full" : "tick"))
      #expect(whole["kind"] == .string("full"))
      for count in ["entered", "left", "changed", "pending"] {
        #expect(tick[count] == whole[count], "\(count) at \(instant)")
      }
      if tick["evaluated"].count < whole["evaluated"].count { fewer += 1 }
    }
    for query in Self.state {
      let (left, right) = (try incremental.rows(query), try full.rows(query))
      #expect(!left.isEmpty)
      let isEqual = left == right
      #expect(isEqual, "\(query)")
    }
    let pending = (try incremental.pendingRows(), try full.pendingRows())
    #expect(!pending.0.isEmpty)
    let isPendingEqual = pending.0 == pending.1
    #expect(isPendingEqual)
    #expect(fewer > 0, "an incremental run takes fewer users")
    try Self.expectNoLaterChange(incremental, full)
    for rollcall in [incremental, full] {
      #expect(try rollcall.json("verify")["difference"] == .absent)
    }
  }

  /// A stored next change may be earlier than the newly computed one, never later.
  private static func expectNoLaterChange(_ incremental: Rollcall, _ full: Rollcall) throws {
    func nexts(_ rollcall: Rollcall) throws -> [String: Int64] {
      let connection = try rollcall.connection()
      var standings = try Standings(connection)
      var nexts: [String: Int64] = [:]
      for profile in try Standings.profiles(connection) {
        let next = try standings.standing(of: profile).next
        guard next != .never else { continue }
        let id = try connection.prepare("SELECT external_id FROM identities WHERE id = ?")
          .first(.init(profile)) { $0.text(0) }
        nexts[id ?? ""] = next.milliseconds
      }
      return nexts
    }
    let (stored, fresh) = (try nexts(incremental), try nexts(full))
    #expect(!fresh.isEmpty)
    let late = fresh.filter { user, next in (stored[user] ?? .max) > next }
    #expect(late.isEmpty, "\(late.count) of \(fresh.count) are later")
  }

  /// A generator whose numbers are the same in every process.
  private struct Xorshift: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
  }
}
