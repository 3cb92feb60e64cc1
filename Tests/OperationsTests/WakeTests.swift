import Testing
import Values

@testable import Operations

@Suite("Due times stay in the index until they come")
struct WakeTests {
  private static let day: Int64 = 86_400_000

  private func place() throws -> Workplace {
    try Workplace([
      (
        "buyers.audience",
        "---\nname: Buyers\n---\nevent('Bought').within(30 days).count() >= 1\n"
      ),
      ("late.audience", "---\nname: Late\n---\nevent('Asked').within(2 days).count() >= 1\n"),
    ])
  }

  private func call(_ event: String, day: Int64, user: String = "ann") -> String {
    let time = Instant(milliseconds: day * Self.day)
    return """
      {"type":"track","messageId":"\(event) \(day) \(user)","userId":"\(user)","event":"\(event)",\
      "timestamp":"\(time)"}

      """
  }

  /// The next change and the wake of the one profile, in days.
  private func waits(_ place: Workplace) throws -> [Int64?] {
    let row = try place.rows("SELECT next / \(Self.day), wake / \(Self.day) FROM standings")
    return row.first?.map { Int64($0) } ?? []
  }

  @Test("a next change that moves on leaves its place, and when that comes it moves, unevaluated")
  func early() throws {
    let place = try place()
    try place.ingest(call("Bought", day: 0))
    try place.run(at: Self.day)
    #expect(try waits(place) == [30, 30])
    try place.ingest(call("Bought", day: 10))
    #expect(try place.run(at: 10 * Self.day).run.evaluated == 1)
    #expect(try waits(place) == [40, 30])
    #expect(try place.run(at: 30 * Self.day).run.evaluated == 0)
    #expect(try waits(place) == [40, 30])
    let moved = try place.run(at: 30 * Self.day + 1)
    #expect(moved.run.evaluated == 0 && moved.run.left == 0)
    #expect(try waits(place) == [40, 40])
    #expect(try place.session.verify().difference == nil)
    let left = try place.run(at: 40 * Self.day + 1)
    #expect(left.run.evaluated == 1 && left.run.left == 1)
    #expect(try waits(place) == [])
  }

  @Test("an earlier next change takes it along, and one behind it that was due moves in one step")
  func earlier() throws {
    let place = try place()
    try place.ingest(call("Bought", day: 0))
    try place.run(at: Self.day)
    try place.ingest(call("Asked", day: 1))
    try place.run(at: Self.day)
    #expect(try waits(place) == [3, 3])
    let left = try place.run(at: 3 * Self.day + 1)
    #expect(left.run.evaluated == 1 && left.run.left == 1)
    #expect(try waits(place) == [30, 30])
    // The wake has come, and there are new events besides.
    try place.ingest(call("Bought", day: 20))
    try place.run(at: 20 * Self.day)
    #expect(try waits(place) == [50, 30])
    try place.ingest(call("Bought", day: 31))
    #expect(try place.run(at: 31 * Self.day).run.evaluated == 1)
    #expect(try waits(place) == [61, 61])
    #expect(try place.session.verify().difference == nil)
  }

  @Test("a plan moves nothing, and a full run all that have come")
  func planAndFull() throws {
    let place = try place()
    try place.ingest(call("Bought", day: 0))
    try place.run(at: Self.day)
    try place.ingest(call("Bought", day: 10))
    try place.run(at: 10 * Self.day)
    place.session.at = Instant(milliseconds: 31 * Self.day)
    #expect(try place.session.plan().evaluated == 0)
    #expect(try waits(place) == [40, 30])
    try place.run(at: 31 * Self.day, isFull: true)
    #expect(try waits(place) == [40, 40])
  }

  @Test(
    "verify finds a wake behind the next change, or none; a rebuild mends it",
    arguments: ["wake = next + 1", "wake = NULL"])
  func damage(_ damage: String) throws {
    let place = try place()
    try place.ingest(call("Bought", day: 0))
    try place.run(at: Self.day)
    #expect(try place.session.verify().difference == nil)
    _ = try place.rows("UPDATE standings SET \(damage)")
    let report = try place.session.verify()
    #expect(report.difference?.contains("'rollcall rebuild'") == true)
    #expect(report.differentID == "ann")
    _ = try place.session.rebuild()
    #expect(try place.session.verify().difference == nil)
  }

  @Test("a store of version 4 with standings and histories goes on")
  func migration() throws {
    let place = try place()
    try place.ingest(
      call("Bought", day: 0) + call("Asked", day: 1) + call("Bought", day: 0, user: "bob"))
    try place.run(at: Self.day, sends: true)
    try place.makeVersion4()
    #expect(try place.rows("PRAGMA user_version") == [["4"]])
    #expect(try place.rows("SELECT count(next) FROM standings") == [["2"]])
    try place.ingest(call("Bought", day: 10))
    #expect(try place.rows("PRAGMA user_version") == [["\(Store.migration.version)"]])
    #expect(try place.rows("SELECT count(*) FROM standings WHERE wake = next") == [["2"]])
    #expect(try place.session.verify().difference == nil)
    #expect(try place.run(at: 10 * Self.day).run.evaluated == 1)
    #expect(try place.rows("SELECT count(*) FROM history_parts") == [["1"]])
    let left = try place.run(at: 31 * Self.day, sends: true)
    #expect(left.run.evaluated == 1 && left.run.left == 1)
    #expect(try place.session.verify().difference == nil)
  }
}
