import Foundation
import Membership
import Operations
import Oracle
import SQLite
import Testing
import Values

/// Backfills of stores, against the oracle and against one another.
///
/// `ROLLCALL_SEQUENCES` sets how many, as for the sequences.
struct BackfillTests {
  private static var sequences: UInt64 {
    (ProcessInfo.processInfo.environment["ROLLCALL_SEQUENCES"].flatMap(UInt64.init) ?? 2000) / 10
  }

  private static let day: Int64 = 86_400_000
  private static let options = OracleOptions(
    .everything, definitions: 2...5, calls: 15...50, users: 3)

  // MARK: The oracle

  /// Every spell of everybody by brute force: definition, whose, since, until, value.
  private func expected(_ world: OracleCase, _ range: Range<Int64>) -> Set<[String]> {
    let oracle = world.world
    var rows: Set<[String]> = []
    for definition in world.definitions {
      for subject in oracle.subjects(of: definition.key, at: range.upperBound - 1) {
        let whose =
          switch subject {
          case .user(let id): "user \(id)"
          case .anonymous(let id): "anonymous \(id)"
          case .account(let id): "account \(id)"
          }
        let later = oracle.boundaries(of: definition.key, for: subject, after: range.lowerBound)
        let instants = [range.lowerBound] + later.filter(range.contains)
        var open: (since: Int64, value: String)?
        for instant in instants + [range.upperBound] {
          var value: String?
          if instant < range.upperBound,
            oracle.subjects(of: definition.key, at: instant).contains(subject)
          {
            let found = oracle.value(of: definition.key, for: subject, at: instant)
            if found != .absent && found != .boolean(false) { value = found.readable.json }
          }
          if open?.value == value { continue }
          if let open {
            rows.insert([definition.key, whose, "\(open.since)", "\(instant)", open.value])
          }
          open = value.map { (instant, $0) }
        }
      }
    }
    return rows
  }

  private func spells(_ place: Workplace) throws -> Set<[String]> {
    let rows = try place.rows(
      """
      SELECT d.key, CASE i.kind WHEN 0 THEN 'user ' WHEN 1 THEN 'anonymous ' ELSE 'account ' END
        || i.external_id, s.since, s.until, s.value
      FROM spells AS s JOIN spell_definitions AS d ON d.id = s.definition
        JOIN identities AS i ON i.id = s.profile
      """)
    #expect(Set(rows).count == rows.count)
    return Set(rows)
  }

  @discardableResult
  private func backfill(
    _ place: Workplace, _ range: Range<Int64>, _ keys: [String] = [], isFull: Bool = false,
    threads: Int? = nil
  ) throws -> BackfillReport {
    var session = place.session
    session.at = Instant(milliseconds: range.upperBound)
    var options = BackfillOptions(
      from: Instant(milliseconds: range.lowerBound), to: Instant(milliseconds: range.upperBound))
    options.keys = keys
    options.isFull = isFull
    options.threads = threads
    return try session.backfill(options)
  }

  @Test("random stores have the spells of the oracle, at once and in parts, also after late events")
  func randomStores() throws {
    var inParts = 0
    for seed in 0..<Self.sequences {
      var generator = OracleGenerator(seed: seed &+ 11_000_000, options: Self.options)
      let world = generator.makeCase()
      var random = OracleRandom(seed: seed)
      let from = world.now - Int64(random.int(in: 10...60)) * Self.day
      let middle = from + Int64(random.int(in: 1...1_000_000_000))
      let range = from..<(middle + Int64(random.int(in: 1...2_000_000_000)))
      let expected = expected(world, range)
      let late = random.int(in: 0...world.calls.count)
      let place = try Workplace(world.files())
      try place.ingest(OracleCall.ndjson(Array(world.calls[..<late])))
      // A run has links of its own; without one the backfill makes them.
      if random.chance(50) { try place.run(at: range.upperBound) }
      if late > 0, (try? backfill(place, from..<middle)) != nil {
        inParts += 1
        try backfill(place, middle..<range.upperBound, threads: 2)
      }
      try place.ingest(OracleCall.ndjson(Array(world.calls[late...])))
      if random.chance(30) { try place.run(at: range.upperBound) }
      let members = try place.memberships()
      guard (try? backfill(place, range)) != nil else {
        #expect(expected.isEmpty, "seed \(seed)")
        continue
      }
      let found = try spells(place)
      guard found == expected, try place.memberships() == members else {
        Issue.record(
          """
          seed \(seed), \(range), the first \(late) calls before: found \
          \(found.subtracting(expected)), expected \(expected.subtracting(found))
          \(world)
          """)
        return
      }
      let again = try backfill(place, range)
      #expect(again.method == .changed && again.profiles == 0 && again.changes.count == 0)
      let whole = try backfill(place, range, isFull: true)
      #expect(whole.method == .everybody && whole.changes.count == 0)
      #expect(whole.spells == again.spells)
      let isSame = try spells(place) == expected
      #expect(isSame)
    }
    #expect(inParts > Self.sequences / 10)
  }

  // MARK: A small shop

  private static let start: Int64 = 1_672_531_200_000  // 2023-01-01

  private func order(_ user: String, _ day: Int64, _ id: String) -> String {
    let time = Instant(milliseconds: Self.start + day * Self.day)
    return """
      {"type":"track","event":"Bought","messageId":"\(id)","userId":"\(user)","timestamp":"\(time)"}

      """
  }

  private func shop(_ query: String = "event('Bought').within(10 days).count() >= 1") throws
    -> Workplace
  {
    let place = try Workplace([("recent.audience", "---\nname: Recent\n---\n\(query)\n")])
    try place.ingest(
      order("ann", 2, "1") + order("bob", 5, "2") + order("ann", 8, "3") + order("cai", 30, "4"))
    return place
  }

  private func days(_ from: Int64, _ to: Int64) -> Range<Int64> {
    (Self.start + from * Self.day)..<(Self.start + to * Self.day)
  }

  /// Whose, since and until in days; a millisecond more is an exit from a window.
  private func rows(_ place: Workplace) throws -> [[String]] {
    try place.rows(
      """
      SELECT i.external_id, (s.since - \(Self.start)) / 86400000.0,
        (s.until - \(Self.start)) / 86400000.0
      FROM spells AS s JOIN identities AS i ON i.id = s.profile ORDER BY 1, 2
      """
    ).map { [$0[0]] + $0[1...].map { String(format: "%.3f", Double($0) ?? -1) } }
  }

  @Test("spells are clipped to the range, and adjoining ranges are one")
  func ranges() throws {
    let place = try shop()
    try backfill(place, days(4, 10))
    #expect(try rows(place) == [["ann", "4.000", "10.000"], ["bob", "5.000", "10.000"]])
    #expect(try place.rows("SELECT count(*) FROM membership_spells WHERE until IS NULL") == [["2"]])
    try backfill(place, days(10, 40))
    let whole = [
      ["ann", "4.000", "18.000"], ["bob", "5.000", "15.000"], ["cai", "30.000", "40.000"],
    ]
    #expect(try rows(place) == whole)
    #expect(try place.rows("SELECT since, until FROM spell_ranges").count == 1)
    #expect(
      try place.rows(
        "SELECT definition, user_id, value, since, until FROM membership_spells WHERE user_id = 'bob'"
      )
        == [["recent", "bob", "true", "2023-01-06T00:00:00.000Z", "2023-01-16T00:00:00.001Z"]])
    #expect(
      try place.rows("SELECT user_id FROM membership_spells WHERE until IS NULL") == [["cai"]])
    // Apart from the others, and later joined with them.
    try backfill(place, days(50, 60))
    #expect(try place.rows("SELECT since, until FROM spell_ranges").count == 2)
    try backfill(place, days(38, 52))
    #expect(try place.rows("SELECT since, until FROM spell_ranges").count == 1)
    #expect(try rows(place) == whole.dropLast() + [["cai", "30.000", "40.000"]])
  }

  @Test("late events change just the spells of those concerned, and it is said how many")
  func lateEvents() throws {
    let place = try shop()
    let first = try backfill(place, days(0, 60))
    #expect(first.spells == 3 && first.changes.count == 0 && first.method == .everybody)
    try place.ingest(order("bob", 40, "5") + order("dot", 1, "6") + order("bob", 7, "7"))
    let second = try backfill(place, days(0, 60))
    #expect(second.method == .changed && second.profiles == 2 && second.spells == 5)
    #expect(second.changes == SpellChanges(added: 2, removed: 0, altered: 1))
    #expect(
      try rows(place) == [
        ["ann", "2.000", "18.000"], ["bob", "5.000", "17.000"], ["bob", "40.000", "50.000"],
        ["cai", "30.000", "40.000"], ["dot", "1.000", "11.000"],
      ])
  }

  @Test("an id that becomes part of another profile leaves its past to that")
  func merged() throws {
    let place = try shop()
    try backfill(place, days(0, 60))
    try place.ingest(
      """
      {"type":"alias","messageId":"9","previousId":"bob","userId":"ann",\
      "timestamp":"2023-03-01T00:00:00Z"}

      """)
    let report = try backfill(place, days(0, 60))
    #expect(report.method == .changed && report.changes.removed == 1)
    #expect(
      try rows(place) == [["ann", "2.000", "18.000"], ["cai", "30.000", "40.000"]])
  }

  @Test("another query replaces what was there of the earlier one, in and out of the range")
  func edited() throws {
    let place = try shop()
    try backfill(place, days(0, 60))
    try place.write(
      "recent.audience", "---\nname: Recent\n---\nevent('Bought').within(5 days).count() >= 1\n")
    let report = try backfill(place, days(0, 20))
    #expect(report.method == .everybody && report.changes.count == 0)
    #expect(
      try rows(place) == [
        ["ann", "2.000", "7.000"], ["ann", "8.000", "13.000"], ["bob", "5.000", "10.000"],
      ])
    #expect(try place.rows("SELECT count(*) FROM spell_ranges") == [["1"]])
  }

  @Test("an unfinished backfill is given up for another one, and leaves nothing")
  func givenUp() throws {
    let place = try shop()
    try backfill(place, days(5, 10))
    let covered = try rows(place)
    // As if it had been killed behind its last batch, before its end.
    let connection = try Connection(path: place.session.storePath, mode: .readWrite)
    try backfill(place, days(10, 60))
    try connection.execute(
      """
      UPDATE backfills SET is_done = 0 WHERE id = (SELECT max(id) FROM backfills);
      UPDATE spell_ranges SET until = \(days(5, 10).upperBound);
      """)
    let report = try backfill(place, days(5, 8))
    #expect(!report.isResumed)
    #expect(try rows(place) == covered)
    #expect(try place.rows("SELECT count(*) FROM backfills WHERE NOT is_done") == [["0"]])
    // One that had joined two stretches.
    try backfill(place, days(12, 14))
    let apart = try rows(place)
    let stretches = try place.rows("SELECT * FROM spell_ranges")
    #expect(stretches.count == 2)
    try backfill(place, days(9, 13))
    #expect(try rows(place) != apart)
    try connection.execute(
      "UPDATE backfills SET is_done = 0 WHERE id = (SELECT max(id) FROM backfills); DELETE FROM spell_ranges"
    )
    for row in stretches {
      try connection.execute(
        "INSERT INTO spell_ranges VALUES (\(row[0]), \(row[1]), \(row[2]), '\(row[3])', \(row[4]))")
    }
    try backfill(place, days(5, 8))
    #expect(try rows(place) == apart)
  }

  @Test("what makes no sense is said, with the way out")
  func mistakes() throws {
    let place = try shop()
    func failure(_ range: Range<Int64>, _ keys: [String] = [], at now: Int64? = nil) -> String {
      var session = place.session
      session.at = Instant(milliseconds: now ?? range.upperBound)
      var options = BackfillOptions(
        from: Instant(milliseconds: range.lowerBound), to: Instant(milliseconds: range.upperBound))
      options.keys = keys
      do {
        _ = try session.backfill(options)
        return "none"
      } catch let error as OperationError {
        return "\(error.kind): \(error.message): \(error.help ?? "no help")"
      } catch {
        return "\(error)"
      }
    }
    #expect(failure(days(3, 3)).contains("usage: the range from 2023-01-04T00:00:00.000Z to 2023"))
    #expect(failure(days(3, 9), ["recnt"]).contains("did you mean 'recent'?"))
    #expect(
      failure(days(0, 2)).contains("before the first event at 2023-01-03T00:00:00.000Z"))
    #expect(
      failure(days(0, 9), at: Self.start).contains("what is to come is no past"))
    try place.write("off.audience", "---\nname: Off\nenabled: false\n---\nevent('B').count() > 1\n")
    #expect(failure(days(0, 9), ["off"]).contains("'off' is not enabled"))
    #expect(try place.rows("SELECT count(*) FROM backfills") == [["0"]])
    let lock = open(place.session.storePath + ".backfill.lock", O_RDWR | O_CREAT, 0o644)
    defer { close(lock) }
    #expect(flock(lock, LOCK_EX) == 0)
    place.session.wait = .zero
    #expect(failure(days(0, 9)).contains("store: another backfill is going on"))
  }

  // MARK: The past as numbers

  @Test("the history counts the spells where they cover a period, else the runs")
  func history() throws {
    let place = try shop()
    try backfill(place, days(0, 20))
    for day in [21, 22, 35] { try place.run(at: Self.start + Int64(day) * Self.day) }
    let history = try place.session.history("recent", by: .week)
    #expect(history.points.count == 6)
    #expect(history.points.map { $0.source } == [.spells, .spells, .spells, .runs, .runs, .runs])
    let counts = history.points.map { [$0.size, $0.entered, $0.left, $0.changed] }
    // 2023-01-01 was a Sunday: one day, two weeks, five days and the rest of that week.
    #expect(
      counts == [
        [0, 0, 0, 0], [2, 2, 0, 0], [2, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [1, 1, 0, 0],
      ])
    let days = try place.session.history(
      "recent", by: .day, from: Instant(milliseconds: Self.start + 14 * Self.day),
      to: Instant(milliseconds: Self.start + 20 * Self.day))
    #expect(days.points.map(\.size) == [2, 1, 1, 1, 0, 0])
    #expect(days.points.map(\.left) == [0, 1, 0, 0, 1, 0])
    #expect(throws: OperationError.self) { try place.session.history("recnt", by: .day) }
    try place.write("never.audience", "---\nname: Never\n---\nevent('No').count() >= 1\n")
    #expect(throws: OperationError.self) { try place.session.history("never", by: .day) }
  }

  @Test("values of a trait that follow one another are changes, and nobody comes or goes")
  func traitHistory() throws {
    let place = try Workplace([
      (
        "orders.trait",
        "---\nname: Orders\n---\nevent('Bought').within(10 days).sum(property('n'))\n"
      )
    ])
    try place.ingest(
      """
      {"type":"track","event":"Bought","messageId":"1","userId":"u","properties":{"n":2},\
      "timestamp":"2023-01-03T00:00:00Z"}
      {"type":"track","event":"Bought","messageId":"2","userId":"u","properties":{"n":3},\
      "timestamp":"2023-01-05T00:00:00Z"}

      """)
    try backfill(place, days(0, 20))
    let points = try place.session.history("orders", by: .month).points
    #expect(points.map { [$0.size, $0.entered, $0.left, $0.changed] } == [[0, 1, 1, 2]])
  }

  @Test("an export at an instant is the export behind a run at it, with what is known today")
  func exportAtInstant() throws {
    for seed in 0..<max(10, Self.sequences / 10) {
      var generator = OracleGenerator(seed: seed &+ 12_000_000, options: Self.options)
      let world = generator.makeCase()
      let place = try Workplace(world.files())
      try place.ingest(OracleCall.ndjson(world.calls))
      var session = place.session
      session.at = Instant(milliseconds: world.now)
      for format in Session.ExportFormat.allCases {
        var before: [String] = []
        for definition in world.definitions {
          try session.exportAtInstant(definition.key, format) { before.append($0) }
        }
        try place.run(at: world.now)
        var after: [String] = []
        for definition in world.definitions {
          try session.export(definition.key, format) { after.append($0) }
        }
        #expect(before.joined() == after.joined(), "seed \(seed)\n\(world)")
      }
    }
  }
}

extension OracleValue {
  /// A number past the range has no JSON form: what is stored is its text.
  fileprivate var readable: OracleValue {
    switch self {
    case .number(let number) where !number.isFinite: .string(text ?? "")
    case .array(let elements): .array(elements.map(\.readable))
    case .object(let members): .object(members.map { OracleMember($0.key, $0.value.readable) })
    default: self
    }
  }
}
