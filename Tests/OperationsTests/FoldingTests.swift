import EventStore
import Testing
import Values

@testable import Operations

@Suite("Parts of histories are folded when they have become many")
struct FoldingTests {
  private func place() throws -> Workplace {
    let place = try Workplace([
      (
        "buyers.audience",
        "---\nname: Buyers\n---\nevent('Bought').within(1 hour).count() >= 2\n"
      ),
      ("spent.trait", "---\nname: Spent\n---\nevent('Bought').sum(property('total'))\n"),
    ])
    place.partLimit = HistoryParts.Limit(count: 3, share: 0)
    return place
  }

  private func calls(_ users: Range<Int>, minute: Int) -> String {
    users.map {
      """
      {"type":"track","messageId":"\(minute) \($0)","userId":"u\($0)","event":"Bought",\
      "timestamp":"1970-01-01T00:\(minute):00Z","properties":{"total":\(minute)}}

      """
    }.joined()
  }

  private func parts(_ place: Workplace) throws -> Int? {
    Int(try place.rows("SELECT count(*) FROM history_parts")[0][0])
  }

  private static let rows = "SELECT identity, kind, hex(data) FROM histories ORDER BY identity"

  @Test("by the run that would have more, which does what it would have done")
  func threshold() throws {
    let place = try place()
    try place.ingest(calls(0..<5, minute: 10))
    try place.run(at: 600_000)
    #expect(try parts(place) == 0)
    try place.ingest(calls(0..<2, minute: 11))
    try place.run(at: 660_000)
    try place.ingest(calls(1..<2, minute: 12))
    try place.run(at: 720_000)
    // A new user has no row yet.
    try place.ingest(calls(7..<8, minute: 13))
    let before = try place.run(at: 780_000)
    #expect(try parts(place) == 3)
    #expect(before.run.evaluated == 1)
    try place.ingest(calls(1..<3, minute: 14))
    let report = try place.run(at: 840_000)
    #expect(try parts(place) == 0)
    #expect(report.method == .tick)
    #expect(report.run.evaluated == 2 && report.run.entered == 1 && report.run.changed == 2)
    #expect(try place.session.verify().difference == nil)

    let folded = try place.rows(Self.rows)
    _ = try place.session.rebuild()
    #expect(try place.rows(Self.rows) == folded)
    let full = try place.run(at: 840_000, isFull: true)
    #expect(full.run.entered + full.run.left + full.run.changed == 0)
  }

  @Test("not by a plan, which leaves them as they are")
  func plan() throws {
    let place = try place()
    try place.ingest(calls(0..<5, minute: 10))
    try place.run(at: 600_000)
    try place.ingest(calls(0..<3, minute: 11))
    try place.run(at: 660_000)
    let before = try place.rows("SELECT * FROM history_parts")
    try place.ingest(calls(0..<5, minute: 12))
    place.session.at = Instant(milliseconds: 720_000)
    #expect(try place.session.plan().evaluated == 5)
    #expect(try place.rows("SELECT * FROM history_parts") == before)
    #expect(try parts(place) == 3)
  }

  @Test("a full run over parts that nobody else has seen is a run over rows")
  func full() throws {
    let place = try place()
    place.partLimit = HistoryParts.Limit(count: .max)
    let folded = try self.place()
    folded.partLimit = HistoryParts.Limit(count: 0, share: 0)
    for store in [place, folded] {
      try store.ingest(calls(0..<9, minute: 10))
      try store.run(at: 600_000)
      try store.ingest(calls(0..<5, minute: 11))
      try store.run(at: 660_000)
      try store.ingest(calls(2..<8, minute: 12))
      try store.run(at: 720_000, isFull: true, threads: 2)
    }
    #expect(try parts(place) == 11)
    #expect(try parts(folded) == 0)
    #expect(try place.memberships() == folded.memberships())
    #expect(try place.session.verify().difference == nil)
  }
}
