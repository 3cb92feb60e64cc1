import Membership
import SQLite
import Testing
import Values

@testable import Operations

@Suite("Who is due is evaluated while events are packed")
struct DueScanTests {
  private static let start: Int64 = 1_735_700_000_000
  private static let later = start + 35 * 86_400_000

  /// Six hundred buyers, all of whom wait for their purchase to leave the window; then some buy again
  /// in time, and one turns out to be another one.
  private func workplace(isEdited: Bool = false) throws -> Workplace {
    let place = try Workplace([
      ("buyers.audience", definition("Buyers", 1)),
      ("friends.audience", definition("Friends", 2)),
    ])
    place.smallestForThreads = .max
    try place.ingest((0..<600).map { line("a\($0)", "u\($0)") }.joined())
    try place.run(at: Self.start)
    let alias = """
      {"type":"alias","messageId":"c","userId":"u1","previousId":"u3",\
      "timestamp":"2025-02-01T00:02:00.000Z"}

      """
    let lines = (0..<200).map { line("b\($0)", "u\($0 * 2)", day: "2025-02-0\(1 + $0 % 4)") }
    try place.ingest(lines.joined() + alias)
    if isEdited { try place.write("buyers.audience", definition("Buyers", 3)) }
    return place
  }

  private func definition(_ name: String, _ count: Int) -> String {
    "---\nname: \(name)\n---\nevent('Bought').within(30 days).count() >= \(count)\n"
  }

  private func line(_ id: String, _ user: String, day: String = "2025-01-01") -> String {
    """
    {"type":"track","messageId":"\(id)","userId":"\(user)","event":"Bought",\
    "timestamp":"\(day)T00:00:00.000Z"}

    """
  }

  private func options(
    _ place: Workplace, at instant: Int64
  ) throws -> RollCall.Options {
    place.session.at = Instant(milliseconds: instant)
    var options = RollCall.Options(
      at: Instant(milliseconds: instant),
      guardPost: place.session.guardPost(try place.session.projectWithIdentities()),
      path: place.session.storePath)
    options.smallestForThreads = 1
    options.threads = 2
    return options
  }

  /// Calls the roll with a scan of those who are due that went to its own end.
  ///
  /// - Returns: who it evaluated, and what the roll call did.
  private func call(_ place: Workplace) throws -> (DueScan.Found, RollCall) {
    let project = try place.session.projectWithIdentities()
    var options = try options(place, at: Self.later)
    let store = try place.session.open()
    let scan = try #require(try DueScan(store.connection, project.definitions, options))
    options.dueScan = scan
    let found = try scan.finish(isWhole: true)
    options.packed = try RollCall.prepare(store.connection, options, isForReal: true)
    let roll = try store.connection.transaction("run") {
      try RollCall.call(store.connection, project, options)
    }
    return (found, roll)
  }

  private static let tables = [
    "SELECT destination, kind, profile, definition FROM pending ORDER BY 1, 2, 3, 4",
    "SELECT run, profile, definition, previous, value FROM changes ORDER BY 1, 2, 3",
    "SELECT definition, profile, value, since FROM members ORDER BY 1, 2",
    "SELECT id, at, kind, watermark, evaluated, entered, left FROM runs",
  ]

  @Test("what it finds counts but for those of whom something is new")
  func findsTheSame() throws {
    let (alone, ahead) = (try workplace(), try workplace())
    let expected = try alone.run(at: Self.later, threads: 1)
    let (found, roll) = try call(ahead)
    #expect(roll.method == .tick)
    // Everybody waits for the first purchase to leave the window, also those who have bought since.
    #expect(found.users.count == 600)
    #expect(found.letters.reduce(0) { $0 + $1.changes.count } == 600)
    #expect(roll.run.evaluated == expected.run.evaluated)
    #expect(roll.run.left == 400 && expected.run.left == 400)
    for table in Self.tables { #expect(try ahead.rows(table) == alone.rows(table), "\(table)") }
    #expect(try ahead.standings() == alone.standings())
    #expect(try ahead.session.verify().difference == nil)
  }

  @Test("nothing of it counts where it comes to a scan")
  func edited() throws {
    let (alone, ahead) = (try workplace(isEdited: true), try workplace(isEdited: true))
    try alone.run(at: Self.later, threads: 1)
    let (found, roll) = try call(ahead)
    #expect(found.users.count == 600)
    #expect(roll.method != .tick)
    // How many a scan evaluates depends on what was packed before it.
    for table in Self.tables.dropLast() {
      #expect(try ahead.rows(table) == alone.rows(table), "\(table)")
    }
    #expect(try ahead.standings() == alone.standings())
  }

  @Test("it is begun only where a tick packs much")
  func begins() throws {
    let place = try workplace()
    let project = try place.session.projectWithIdentities()
    func begins(_ change: (inout RollCall.Options) -> Void = { _ in }) throws -> Bool {
      let store = try place.session.open()
      var options = try options(place, at: Self.later)
      change(&options)
      let scan = try DueScan(store.connection, project.definitions, options)
      scan?.stop()
      return scan != nil
    }
    #expect(try begins())
    #expect(try !begins { $0.isFull = true })
    #expect(try !begins { $0.threads = 1 })
    #expect(try !begins { $0.smallestForThreads = 202 })
    #expect(try !begins { $0.at = Instant(milliseconds: Self.start - 1) })
    try place.run(at: Self.later)
    #expect(try !begins())
  }

  @Test("what fails on its thread fails the run")
  func fails() throws {
    let place = try workplace()
    let project = try place.session.projectWithIdentities()
    let store = try place.session.open()
    for (table, finds) in [("histories", true), ("standings", false)] {
      try store.connection.execute("ALTER TABLE \(table) RENAME COLUMN data TO lost")
      let scan = try #require(
        try DueScan(store.connection, project.definitions, try options(place, at: Self.later)))
      #expect(throws: SQLiteError.self) { try scan.finish(isWhole: true) }
      if !finds { #expect(throws: SQLiteError.self) { try scan.due() } }
      place.smallestForThreads = 1
      #expect(throws: OperationError.self) { try place.run(at: Self.later, threads: 2) }
      try store.connection.execute("ALTER TABLE \(table) RENAME COLUMN lost TO data")
    }
    try place.run(at: Self.later, threads: 2)
    #expect(try place.session.verify().difference == nil)
  }
}
