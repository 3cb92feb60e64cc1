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
  private static var sequences: UInt64 { SequenceCount.all / 10 }

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
      if late > 0, (try? place.backfill(from..<middle)) != nil {
        inParts += 1
        try place.backfill(middle..<range.upperBound, threads: 2)
      }
      try place.ingest(OracleCall.ndjson(Array(world.calls[late...])))
      if random.chance(30) { try place.run(at: range.upperBound) }
      let members = try place.memberships()
      guard (try? place.backfill(range)) != nil else {
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
      let again = try place.backfill(range)
      #expect(again.method == .changed && again.profiles == 0 && again.changes.count == 0)
      let whole = try place.backfill(range, isFull: true)
      #expect(whole.method == .everybody && whole.changes.count == 0)
      #expect(whole.spells == again.spells)
      let isSame = try spells(place) == expected
      #expect(isSame)
    }
    #expect(inParts > Self.sequences / 10)
  }

  // MARK: A small shop

  @Test("instants before 1970 are shown as any others")
  func beforeTheEpoch() throws {
    let query = "event('Bought').within(1 hour).count() >= 1"
    let place = try Workplace([("recent.audience", "---\nname: Recent\n---\n\(query)\n")])
    try place.ingest(
      Shop.order("ann", 0, "1").replacing(
        Instant(milliseconds: Shop.start).description,
        with: Instant(milliseconds: -1750).description))
    try place.backfill(-Shop.day..<Shop.day)
    #expect(
      try place.rows("SELECT since, until FROM membership_spells")
        == [["1969-12-31T23:59:58.250Z", "1970-01-01T00:59:58.251Z"]])
  }

  @Test("spells are clipped to the range, and adjoining ranges are one")
  func ranges() throws {
    let place = try Shop.open()
    try place.backfill(Shop.days(4, 10))
    #expect(try place.spellsInDays() == [["ann", "4.000", "10.000"], ["bob", "5.000", "10.000"]])
    #expect(try place.rows("SELECT count(*) FROM membership_spells WHERE until IS NULL") == [["2"]])
    try place.backfill(Shop.days(10, 40))
    let whole = [
      ["ann", "4.000", "18.000"], ["bob", "5.000", "15.000"], ["cai", "30.000", "40.000"],
    ]
    #expect(try place.spellsInDays() == whole)
    #expect(try place.rows("SELECT since, until FROM spell_ranges").count == 1)
    #expect(
      try place.rows(
        "SELECT definition, user_id, value, since, until FROM membership_spells WHERE user_id = 'bob'"
      )
        == [["recent", "bob", "true", "2023-01-06T00:00:00.000Z", "2023-01-16T00:00:00.001Z"]])
    #expect(
      try place.rows("SELECT user_id FROM membership_spells WHERE until IS NULL") == [["cai"]])
    // Apart from the others, and later joined with them.
    try place.backfill(Shop.days(50, 60))
    #expect(try place.rows("SELECT since, until FROM spell_ranges").count == 2)
    try place.backfill(Shop.days(38, 52))
    #expect(try place.rows("SELECT since, until FROM spell_ranges").count == 1)
    #expect(try place.spellsInDays() == whole.dropLast() + [["cai", "30.000", "40.000"]])
  }

  @Test("late events change just the spells of those concerned, and it is said how many")
  func lateEvents() throws {
    let place = try Shop.open()
    let first = try place.backfill(Shop.days(0, 60))
    #expect(first.spells == 3 && first.changes.count == 0 && first.method == .everybody)
    try place.ingest(
      Shop.order("bob", 40, "5") + Shop.order("dot", 1, "6") + Shop.order("bob", 7, "7"))
    let second = try place.backfill(Shop.days(0, 60))
    #expect(second.method == .changed && second.profiles == 2 && second.spells == 5)
    #expect(second.changes == SpellChanges(added: 2, removed: 0, altered: 1))
    #expect(
      try place.spellsInDays() == [
        ["ann", "2.000", "18.000"], ["bob", "5.000", "17.000"], ["bob", "40.000", "50.000"],
        ["cai", "30.000", "40.000"], ["dot", "1.000", "11.000"],
      ])
  }

  @Test("an id that becomes part of another profile leaves its past to that")
  func merged() throws {
    let place = try Shop.open()
    try place.backfill(Shop.days(0, 60))
    try place.ingest(
      """
      {"type":"alias","messageId":"9","previousId":"bob","userId":"ann",\
      "timestamp":"2023-03-01T00:00:00Z"}

      """)
    let report = try place.backfill(Shop.days(0, 60))
    #expect(report.method == .changed && report.changes.removed == 1)
    #expect(
      try place.spellsInDays() == [["ann", "2.000", "18.000"], ["cai", "30.000", "40.000"]])
  }

  @Test("another query replaces what was there of the earlier one, in and out of the range")
  func edited() throws {
    let place = try Shop.open()
    try place.backfill(Shop.days(0, 60))
    try place.write(
      "recent.audience", "---\nname: Recent\n---\nevent('Bought').within(5 days).count() >= 1\n")
    let report = try place.backfill(Shop.days(0, 20))
    #expect(report.method == .everybody && report.changes.count == 0)
    #expect(
      try place.spellsInDays() == [
        ["ann", "2.000", "7.000"], ["ann", "8.000", "13.000"], ["bob", "5.000", "10.000"],
      ])
    #expect(try place.rows("SELECT count(*) FROM spell_ranges") == [["1"]])
  }

  @Test("an unfinished backfill is given up for another one, and leaves nothing")
  func givenUp() throws {
    let place = try Shop.open()
    try place.backfill(Shop.days(5, 10))
    let covered = try place.spellsInDays()
    // As if it had been killed behind its last batch, before its end.
    let connection = try Connection(path: place.session.storePath, mode: .readWrite)
    try place.backfill(Shop.days(10, 60))
    try connection.execute(
      """
      UPDATE backfills SET is_done = 0 WHERE id = (SELECT max(id) FROM backfills);
      UPDATE spell_ranges SET until = \(Shop.days(5, 10).upperBound);
      """)
    let report = try place.backfill(Shop.days(5, 8))
    #expect(!report.isResumed)
    #expect(try place.spellsInDays() == covered)
    #expect(try place.rows("SELECT count(*) FROM backfills WHERE NOT is_done") == [["0"]])
    // One that had joined two stretches.
    try place.backfill(Shop.days(12, 14))
    let apart = try place.spellsInDays()
    let stretches = try place.rows("SELECT * FROM spell_ranges")
    #expect(stretches.count == 2)
    try place.backfill(Shop.days(9, 13))
    #expect(try place.spellsInDays() != apart)
    try connection.execute(
      "UPDATE backfills SET is_done = 0 WHERE id = (SELECT max(id) FROM backfills); DELETE FROM spell_ranges"
    )
    for row in stretches {
      try connection.execute(
        "INSERT INTO spell_ranges VALUES (\(row[0]), \(row[1]), \(row[2]), '\(row[3])', \(row[4]))")
    }
    try place.backfill(Shop.days(5, 8))
    #expect(try place.spellsInDays() == apart)
  }

  @Test("what makes no sense is said, with the way out")
  func mistakes() throws {
    let place = try Shop.open()
    func failure(_ range: Range<Int64>, _ keys: [String] = [], at now: Int64? = nil) -> String {
      do {
        _ = try place.backfill(range, keys, at: now)
        return "none"
      } catch let error as OperationError {
        return "\(error.kind): \(error.message): \(error.help ?? "no help")"
      } catch {
        return "\(error)"
      }
    }
    #expect(
      failure(Shop.days(3, 3)).contains("usage: the range from 2023-01-04T00:00:00.000Z to 2023"))
    #expect(failure(Shop.days(3, 9), ["recnt"]).contains("did you mean 'recent'?"))
    #expect(
      failure(Shop.days(0, 2)).contains("before the first event at 2023-01-03T00:00:00.000Z"))
    #expect(
      failure(Shop.days(0, 9), at: Shop.start).contains("what is to come is no past"))
    try place.write("off.audience", "---\nname: Off\nenabled: false\n---\nevent('B').count() > 1\n")
    #expect(failure(Shop.days(0, 9), ["off"]).contains("'off' is not enabled"))
    #expect(try place.rows("SELECT count(*) FROM backfills") == [["0"]])
    let lock = open(place.session.storePath + ".backfill.lock", O_RDWR | O_CREAT, 0o644)
    defer { close(lock) }
    #expect(flock(lock, LOCK_EX) == 0)
    place.session.wait = .zero
    #expect(failure(Shop.days(0, 9)).contains("store: another backfill is going on"))
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
