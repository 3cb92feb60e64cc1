import Membership
import SQLite
import Testing
import Values

@testable import Operations

@Suite("When profiles are looked at though nothing happens")
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

  /// The next change of each profile that waits, and the wakes of the blocks, in days.
  private func waits(_ place: Workplace) throws -> (nexts: [Int64], wakes: [Int64]) {
    let connection = try Connection(path: place.session.storePath, mode: .readOnly)
    var standings = try Standings(connection)
    let nexts = try Standings.profiles(connection).map { try standings.standing(of: $0).next }
    let wakes = try place.rows("SELECT wake FROM standing_wakes").compactMap { Int64($0[0]) }
    return (nexts.map { $0.milliseconds / Self.day }, wakes.map { $0 / Self.day })
  }

  private func expect(
    _ place: Workplace, nexts: [Int64], wake: Int64?,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let found = try waits(place)
    #expect(found.nexts == nexts, sourceLocation: sourceLocation)
    #expect(found.wakes == (wake.map { [$0] } ?? []), sourceLocation: sourceLocation)
    #expect(try place.session.verify().difference == nil, sourceLocation: sourceLocation)
  }

  @Test("a block is looked at when its earliest next change comes, and nobody else is evaluated")
  func earliest() throws {
    let place = try place()
    try place.ingest(call("Bought", day: 0) + call("Bought", day: 2, user: "bob"))
    try place.run(at: 3 * Self.day)
    try expect(place, nexts: [30, 32], wake: 30)
    try place.ingest(call("Bought", day: 10))
    #expect(try place.run(at: 10 * Self.day).run.evaluated == 1)
    try expect(place, nexts: [40, 32], wake: 32)
    #expect(try place.run(at: 32 * Self.day).run.evaluated == 0)
    let left = try place.run(at: 32 * Self.day + 1)
    #expect(left.run.evaluated == 1 && left.run.left == 1)
    try expect(place, nexts: [40], wake: 40)
    let last = try place.run(at: 40 * Self.day + 1)
    #expect(last.run.evaluated == 1 && last.run.left == 1)
    try expect(place, nexts: [], wake: nil)
  }

  @Test("an earlier next change wakes earlier")
  func earlier() throws {
    let place = try place()
    try place.ingest(call("Bought", day: 0))
    try place.run(at: Self.day)
    try place.ingest(call("Asked", day: 1))
    try place.run(at: Self.day)
    try expect(place, nexts: [3], wake: 3)
    let left = try place.run(at: 3 * Self.day + 1)
    #expect(left.run.evaluated == 1 && left.run.left == 1)
    try expect(place, nexts: [30], wake: 30)
  }

  @Test("a plan moves nothing, and a full run all that have come")
  func planAndFull() throws {
    let place = try place()
    try place.ingest(call("Bought", day: 0))
    try place.run(at: Self.day)
    place.session.at = Instant(milliseconds: 31 * Self.day)
    #expect(try place.session.plan().evaluated == 1)
    try expect(place, nexts: [30], wake: 30)
    try place.run(at: 31 * Self.day, isFull: true)
    try expect(place, nexts: [], wake: nil)
  }

  @Test(
    "verify finds a wake that is not the earliest next change, or none; a rebuild mends it",
    arguments: [
      "UPDATE standing_wakes SET wake = wake + 1", "UPDATE standing_wakes SET wake = wake - 1",
      "DELETE FROM standing_wakes",
      "INSERT INTO standing_wakes SELECT wake + 1, block FROM standing_wakes",
    ])
  func damage(_ damage: String) throws {
    let place = try place()
    try place.ingest(call("Bought", day: 0))
    try place.run(at: Self.day)
    #expect(try place.session.verify().difference == nil)
    _ = try place.rows(damage)
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
    try place.makeVersion(4)
    #expect(try place.rows("PRAGMA user_version") == [["4"]])
    #expect(try place.rows("SELECT count(next) FROM standings") == [["2"]])
    try place.ingest(call("Bought", day: 10))
    #expect(try place.rows("PRAGMA user_version") == [["\(Store.migration.version)"]])
    try expect(place, nexts: [3, 30], wake: 3)
    #expect(try place.session.verify().difference == nil)
    #expect(try place.run(at: 10 * Self.day).run.evaluated == 1)
    #expect(try place.rows("SELECT sum(parts) FROM part_runs") == [["1"]])
    let left = try place.run(at: 31 * Self.day, sends: true)
    #expect(left.run.evaluated == 1 && left.run.left == 1)
    #expect(try place.session.verify().difference == nil)
  }
}
