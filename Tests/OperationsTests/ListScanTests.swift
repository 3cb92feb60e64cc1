import Membership
import Testing
import Values

@testable import Operations

@Suite("A tick on several threads")
struct ListScanTests {
  private static let start: Int64 = 1_735_700_000_000

  /// Six hundred buyers; then two thirds of them buy again or look, some for the first time, and one
  /// turns out to be another one.
  private func workplace(_ smallestForThreads: Int) throws -> Workplace {
    let place = try Workplace([
      (
        "buyers.audience",
        "---\nname: Buyers\n---\nevent('Bought').within(30 days).count() >= 2\n"
      ),
      (
        "spent.trait",
        "---\nname: Spent\n---\nevent('Bought').sum(property('total'))\n"
      ),
    ])
    place.smallestForThreads = smallestForThreads
    try place.ingest((0..<600).map { line("a\($0)", "u\($0)", "Bought", minute: 0) }.joined())
    try place.run(at: Self.start)
    let lines = (0..<400).map { number in
      line(
        "b\(number)", "u\(number * 2)", number % 3 == 0 ? "Bought" : "Looked", minute: 1)
    }
    let alias = """
      {"type":"alias","messageId":"c","userId":"u1","previousId":"u2",\
      "timestamp":"2025-01-01T00:02:00.000Z"}

      """
    try place.ingest(lines.joined() + alias)
    return place
  }

  private func line(_ id: String, _ user: String, _ event: String, minute: Int) -> String {
    """
    {"type":"track","messageId":"\(id)","userId":"\(user)","event":"\(event)",\
    "properties":{"total":\(id.count)},"timestamp":"2025-01-01T00:0\(minute):00.000Z"}

    """
  }

  @Test("finds what one thread finds, and leaves the run's own connection less to do")
  func findsTheSame() throws {
    let one = try workplace(.max)
    let several = try workplace(1)
    // Users have parts beside their histories in the first tick, and wait for nothing but time in the
    // second one.
    for (number, instant) in [Self.start + 200_000, Self.start + 35 * 86_400_000].enumerated() {
      let expected = try one.run(at: instant, threads: 2)
      let found = try several.run(at: instant, threads: 2)
      #expect(found.method == .tick)
      #expect(found.run.evaluated == expected.run.evaluated)
      #expect(found.run.entered == expected.run.entered && found.run.left == expected.run.left)
      #expect(found.run.entered + found.run.left > 0)
      #expect(try several.memberships() == one.memberships())
      #expect(try several.standings() == one.standings())
      let pending = "SELECT destination, kind, profile, definition FROM pending"
      #expect(try several.rows(pending) == one.rows(pending))
      let changes = "SELECT run, profile, definition, previous, value FROM changes ORDER BY 1, 2, 3"
      #expect(try several.rows(changes) == one.rows(changes))
      if number == 0 { #expect(found.steps < expected.steps) }
    }
    #expect(try several.session.verify().difference == nil)
  }

  @Test("is not made where the run alone sees what is new")
  func unpacked() throws {
    let (one, several) = (try workplace(.max), try workplace(1))
    let places = [one, several]
    for place in places { try place.run(at: Self.start + 200_000, threads: 2) }
    // Many wait for their time to come, and too few calls are new to be packed beforehand.
    several.smallestForThreads = 100
    for place in places {
      try place.ingest((0..<50).map { line("d\($0)", "u\($0)", "Bought", minute: 3) }.joined())
    }
    let reports = try places.map { try $0.run(at: Self.start + 35 * 86_400_000, threads: 2) }
    #expect(reports[0].run.evaluated > 100)
    #expect(try several.memberships() == one.memberships())
    #expect(try several.session.verify().difference == nil)
  }

  @Test("a run that fails behind its packing is made up for by the next one")
  func failsBehindPacking() throws {
    let place = try workplace(1)
    let before = try place.memberships()
    let packed = try place.rows("SELECT watermark FROM packed")
    _ = try place.rows("ALTER TABLE standings RENAME COLUMN data TO lost")
    #expect(throws: OperationError.self) {
      try place.run(at: Self.start + 200_000, threads: 2)
    }
    _ = try place.rows("ALTER TABLE standings RENAME COLUMN lost TO data")
    #expect(try place.memberships() == before)
    #expect(try place.rows("SELECT watermark FROM packed") != packed)
    try place.run(at: Self.start + 200_000, threads: 2)
    #expect(try place.memberships() != before)
    #expect(try place.session.verify().difference == nil)
  }
}
