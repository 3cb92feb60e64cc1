import Definitions
import EventStore
import Oracle
import Testing
import Values

@testable import Evaluation

/// Profiles that are evaluated together, by their digests.
struct ChunkTests {
  // MARK: Margins

  private static let now: Int64 = 1000
  private static let outcomes: [(Bool, Int64)] = [1001, 1500, 2000, .max].flatMap {
    [(true, $0), (false, $0)]
  }

  private func margin(_ outcome: (Bool, Int64)) -> Double {
    Margin.of(Evaluator.Outcome(outcome.0, until: outcome.1), at: Self.now)
  }

  /// What AND (`deciding` false) and OR are by the rule: of those that decide the last to turn, else the
  /// first.
  private func combined(_ parts: [(Bool, Int64)], deciding: Bool) -> (Bool, Int64) {
    let decisive = parts.filter { $0.0 == deciding }.map(\.1)
    if let last = decisive.max() { return (deciding, last) }
    return (!deciding, parts.map(\.1).min() ?? .max)
  }

  private static let pairs = outcomes.flatMap { a in outcomes.map { (a, $0) } }

  /// What a row of a place for each pair says, held against what each should be.
  private func expect(
    _ table: borrowing MarginTable, row: Int,
    _ outcome: ((Bool, Int64), (Bool, Int64)) -> (Bool, Int64)
  ) {
    var verdicts = Verdicts(words: 2, width: Self.pairs.count)
    verdicts.fill(1, 1 << 6, count: Self.pairs.count)
    verdicts.gather(69, table, row: row, count: Self.pairs.count)
    for (place, (a, b)) in Self.pairs.enumerated() {
      let expected = outcome(a, b)
      #expect(verdicts.word(1, at: place) == 1 << 6 | (expected.0 ? 1 << 5 : 0), "\(a) \(b)")
      #expect(Margin.until(verdicts.length(at: place), at: Self.now) == expected.1, "\(a) \(b)")
    }
  }

  @Test("rows of margins combine as outcomes do, one place like any other")
  func rows() {
    let count = Self.pairs.count
    var table = MarginTable(rows: 3, width: count)
    for (place, (a, b)) in Self.pairs.enumerated() {
      table.set(0, place, margin(a))
      table.set(1, place, margin(b))
    }
    expect(table, row: 0) { a, _ in a }
    table.fill(2, .infinity, count: count)
    table.lower(2, to: 0, count: count)
    table.lower(2, to: 1, count: count)
    expect(table, row: 2) { combined([$0, $1], deciding: false) }
    table.fill(2, -.infinity, count: count)
    table.raise(2, to: 0, count: count)
    table.raise(2, to: 1, count: count)
    expect(table, row: 2) { combined([$0, $1], deciding: true) }
    table.negate(2, 1, count: count)
    expect(table, row: 2) { _, b in (!b.0, b.1) }
  }

  @Test("a row of groups is for all others what it is by default", arguments: [true, false])
  func rowsOfGroups(holdsByDefault: Bool) {
    let count = Self.pairs.count
    var table = MarginTable(rows: 3, width: count)
    var groups = ScratchList<DigestChunk.Group>()
    // Every third one has a group, behind one of another run.
    groups.append(DigestChunk.Group(profile: 0, start: 0))
    var run = DigestChunk.Run(start: 1, count: 0)
    for (place, (a, b)) in Self.pairs.enumerated() {
      table.set(0, place, margin(a))
      if !place.isMultiple(of: 3) { continue }
      table.set(1, run.count, margin(b))
      groups.append(DigestChunk.Group(profile: Int32(place), start: 0))
      run.count += 1
    }
    let all = Self.pairs.map { "\($0)" }
    func part(_ a: (Bool, Int64), _ b: (Bool, Int64)) -> (Bool, Int64) {
      let place = all.firstIndex(of: "\((a, b))") ?? 0
      return place.isMultiple(of: 3) ? b : (holdsByDefault, .max)
    }
    table.fill(2, .infinity, count: count)
    table.lower(2, to: 0, count: count)
    table.lower(2, to: 1, holdsByDefault, count: count, of: groups, run)
    expect(table, row: 2) { combined([$0, part($0, $1)], deciding: false) }
    table.fill(2, -.infinity, count: count)
    table.raise(2, to: 0, count: count)
    table.raise(2, to: 1, holdsByDefault, count: count, of: groups, run)
    expect(table, row: 2) { combined([$0, part($0, $1)], deciding: true) }
    var verdicts = Verdicts(words: 1, width: count)
    verdicts.fill(0, holdsByDefault ? 1 << 63 : 0, count: count)
    verdicts.gather(63, table, row: 1, of: groups, run)
    for (place, (a, b)) in Self.pairs.enumerated() {
      let expected = part(a, b)
      #expect(verdicts.word(0, at: place) == (expected.0 ? 1 << 63 : 0))
      #expect(Margin.until(verdicts.length(at: place), at: Self.now) == expected.1)
    }
  }

  @Test("of some rows the bits are of each, and the length is of the first that turns")
  func gathered() {
    var table = MarginTable(rows: 2, width: 1)
    var verdicts = Verdicts(words: 1, width: 1)
    #expect(Margin.until(verdicts.length(at: 0), at: Self.now) == .max)
    table.set(0, 0, margin((false, 2000)))
    table.set(1, 0, margin((true, 1500)))
    verdicts.gather(63, table, row: 0, count: 1)
    verdicts.gather(0, table, row: 1, count: 1)
    #expect(verdicts.word(0, at: 0) == 1)
    #expect(Margin.until(verdicts.length(at: 0), at: Self.now) == 1500)
    verdicts.clearLengths(count: 1)
    #expect(Margin.until(verdicts.length(at: 0), at: Self.now) == .max)
  }

  // MARK: What is read

  @Test("numbers side by side are read as they were written, whatever their width")
  func numbers() {
    let spans: [Int64] = [0, 1, 255, 256, 65_535, 1 << 24, 1 << 34, 1 << 56, .max]
    for least: Int64 in [0, -70_000, 1_750_000_000_000, .min] {
      for span in spans where least <= 0 || span < .max {
        let numbers = [least, least &+ span, least &+ span / 2]
        var writer = PackedWriter()
        writer.numbers(numbers.count) { numbers[$0] }
        let end = writer.count
        for _ in 0..<PackedNumbers.padding { writer.append(0xFF) }
        let bytes = writer.bytes
        var reader = ScanReader(at: 0)
        let read = PackedNumbers(&reader, count: numbers.count, bytes.span)
        #expect(reader.at == end)
        #expect(read.greatest == least &+ span)
        #expect((0..<3).map { read.number($0, bytes.span) } == numbers, "\(least) \(span)")
      }
    }
  }

  @Test("few different values have numbers, and many have none")
  func dictionary() {
    var dictionary = DigestDictionary()
    func take(_ texts: [String]) -> [String]? {
      var writer = PackedWriter()
      let ranges = texts.map { text in
        let start = writer.count
        if !text.isEmpty { writer.string(text.utf8.span) }
        return start..<writer.count
      }
      guard dictionary.take(ranges, writer) else { return nil }
      let bytes = writer.bytes
      return (0..<dictionary.codes.count).map { index in
        let range = dictionary.value(Int(dictionary.codes[index]))
        return range.isEmpty
          ? "" : String(decoding: bytes[range.dropFirst(2)], as: UTF8.self)
      }
    }
    let few = (0..<900).map { "value \($0 * $0 % 200)" } + [""]
    #expect(take(few) == few)
    #expect(dictionary.count <= 201)
    #expect(take(["a", "b", "a", "", "a"]) == ["a", "b", "a", "", "a"])
    #expect(dictionary.count == 3)
    #expect(take((0..<900).map { "value \($0 % 300)" }) == nil)
    #expect(take(["a", "b", "c", "d"]) == nil)
  }

  @Test("windows, and events without a value of which one is asked elsewhere, share a series")
  func series() throws {
    let scan = try scan([
      "event('A').within(3 days).count() >= 2 AND event('A').between(1 day, 9 days).count() = 0",
      "event('A').sum(property('x')) > 10 AND event('A').last(property('y')) = 'z'",
      "event('A').where(property('x') > 1).count() >= 1",
      "event('B').count() >= 1 AND event('B').within(2 days).max(property('x')) > 3",
      "trait('c') = 'd' AND NOT trait('c') = 'd'",
    ])
    let series = DigestSeries(scan)
    // Of A: with x, with y, under a condition. Of B: all, and with x, which does not go back as far.
    #expect(series.ofStream == [0, 0, 0, 1, 2, 3, 4])
    #expect(series.tests.count == 1)
    #expect(series.count == 6)
  }

  // MARK: Many chunks

  private static let plain = OracleOptions(
    [.windows, .traits, .future, .late, .unicode, .duplicates, .dates, .conversions],
    definitions: 1...8, calls: 6...30, users: 4, depth: 3)

  /// Nobody has an event of most streams in some of the chunks, and many have in others.
  @Test(
    "profiles of many chunks are what each is by its history", arguments: 0..<4 as Range<UInt64>)
  func manyChunks(lane: UInt64) throws {
    for seed in stride(from: lane, to: 60, by: 4) {
      var generator = OracleGenerator(seed: seed &+ 9_000_000, options: Self.plain)
      let world = generator.makeCase()
      let engine = try Engine(world)
      let users = engine.users
      guard !users.isEmpty else { continue }
      var random = OracleRandom(seed: seed)
      var row: [String] = []
      for length in [1500, 3, 700, 1100] {
        let few = users[random.int(in: 0...(users.count - 1))]
        for _ in 0..<length {
          row.append(length < 800 ? users[random.int(in: 0...(users.count - 1))] : few)
        }
      }
      let expected = Dictionary(
        uniqueKeysWithValues: users.map { ($0, engine.scanned($0, at: world.now)) })
      let found = engine.digested(row, at: world.now, made: world.now - 3_600_000)
      #expect(found.count == row.count)
      for (user, evaluation) in zip(row, found) {
        guard let evaluation else { continue }
        let expected = try #require(expected[user])
        guard evaluation.values == expected.values, evaluation.next == expected.next else {
          Issue.record("seed \(seed): \(user)\n\(world)")
          return
        }
      }
    }
  }

  /// Holds what profiles come to by their digests against what they come to by their histories. Returns how
  /// many differ.
  private func differences(
    _ queries: [String], _ row: [[UInt8]], _ names: NameTable, at now: Int64
  ) throws -> Int {
    let definitions = try project(queries).definitions
    let now = Instant(milliseconds: now)
    var writer = DigestWriter()
    var direct = ScanEvaluator(definitions, names, at: now)
    for (number, bytes) in row.enumerated() {
      direct.evaluate(bytes.span, digesting: Int64(number), into: &writer)
    }
    let closed = writer.close()
    let block = try #require(closed)
    var scan = ScanEvaluator(definitions, names, at: now)
    var cursor = scan.open(block.bytes.span)
    var (seen, wrong) = (0, 0)
    while true {
      let count = scan.evaluateChunk(&cursor, block.bytes.span)
      if count == 0 { break }
      for place in 0..<count {
        let isThere = scan.select(place)
        let bytes = row[seen]
        direct.evaluate(bytes.span)
        if !isThere || scan.values != direct.values || scan.next != direct.next { wrong += 1 }
        seen += 1
      }
    }
    #expect(seen == row.count)
    return wrong
  }

  private func history(_ events: [(String, Value)], _ names: NameTable) -> [UInt8] {
    History(
      events.enumerated().map { number, event in
        ProfileEvent(
          kind: .event(name: event.0), time: Instant(milliseconds: Int64(number * 10_000)),
          row: Int64(number), properties: event.1)
      }, names
    ).bytes
  }

  /// A condition that some had something for in the chunk before, and nobody in this one.
  @Test("what a chunk came to does not show in the next one")
  func nothingIsLeft() throws {
    let names = NameTable()
    let row = [["A", "B"], ["B"], ["A"], ["B", "B"], ["C"], ["A", "B", "B"]].flatMap { events in
      let events = events.map { ($0, Value.object([Value.Member("x", .number(20))])) }
      return [[UInt8]](repeating: history(events, names), count: DigestChunk.profileLimit)
    }
    let wrong = try differences(
      [
        "event('A').within(9 days).count() >= 1 AND event('B').count() >= 1",
        "event('A').sum(property('x')) > 10 OR event('B').within(9 days).count() >= 2",
        "NOT event('A').count() >= 1 AND NOT event('B').count() >= 2",
      ], row, names, at: 600_000)
    #expect(wrong == 0)
  }

  /// In each chunk the values are others: whole hundredths, those and something else, few texts, many, none.
  @Test("values come out as by the histories, however a chunk keeps them")
  func values() throws {
    let names = NameTable()
    var random = OracleRandom(seed: 7)
    let kinds: [(inout OracleRandom) -> Value] = [
      { .number(Double($0.int(in: -900...90_000)) / 100) },
      { $0.int(in: 0...40) == 0 ? .string("12.5") : .number(Double($0.int(in: 0...9000)) / 100) },
      { .number(Double($0.int(in: 0...9000)) / 1000 * 1e9) },
      { .string(["red", "green", "blue", "", "Rot"][$0.int(in: 0...4)]) },
      { .string("text \($0.int(in: 0...5000))") },
      { $0.int(in: 0...3) == 0 ? .absent : .string(["red", "green"][$0.int(in: 0...1)]) },
      { _ in .absent },
    ]
    var row: [[UInt8]] = []
    for kind in kinds {
      for _ in 0..<DigestChunk.profileLimit {
        let count = random.int(in: 0...5) + (random.int(in: 0...60) == 0 ? 40 : 0)
        let events = (0..<count).map { _ -> (String, Value) in
          let value = kind(&random)
          let members = value.isPresent ? [Value.Member("x", value)] : []
          return (["A", "B"][random.int(in: 0...1)], .object(members))
        }
        row.append(history([("C", .object([]))] + events, names))
      }
    }
    let numbers = try differences(
      [
        "event('A').sum(property('x')) > 300", "event('A').avg(property('x')) >= 250.5",
        "event('A').within(9 minutes).max(property('x')) > 500 AND event('B').count() = 0",
        "event('A').within(9 minutes).min(property('x')) < 100 OR event('A').count() != 0",
        "event('B').within(8 minutes).sum(property('x')) = 0",
        "event('B').sum(property('x')) > event('B').within(8 minutes).max(property('x'))",
      ], row, names, at: 600_000)
    #expect(numbers == 0)
    let texts = try differences(
      [
        "event('A').first(property('x')) = 'red'", "event('A').last(property('x')) != 'green'",
        "event('B').mode(property('x')) = 'green' OR event('B').mode(property('x')) = 'Rot'",
        "event('B').unique(property('x')).count() >= 3",
        "event('A').last(property('x')).exists() AND NOT event('B').last(property('x')).exists()",
        "event('A').sum(property('x')) > 300 AND event('A').unique(property('x')).count() < 3",
      ], row, names, at: 600_000)
    #expect(texts == 0)
  }

  // MARK: Conditions asked for more than once

  private func project(_ queries: [String]) throws -> Project {
    let files = zip("abcdef", queries).map { letter, query in
      let name = "\(letter).audience"
      let text = "---\nname: Audience \(letter)\n---\n\(query)\n"
      return Project.File(name: name, path: name, contents: Array(text.utf8))
    }
    let project = Project(files: files, folder: "case")
    try #require(project.isValid)
    return project
  }

  private func scan(_ queries: [String]) throws -> ScanProgram {
    ScanProgram(Program(try project(queries).definitions, NameTable()))
  }

  @Test("what several audiences ask alike is one condition")
  func shared() throws {
    let count = "event('A').within(3 days).count() >= 2"
    let sum = "event('B').sum(property('x')) > 10"
    let both = "\(count) AND \(sum)"
    let scan = try scan([count, both, "NOT (\(sum) OR \(count))", both])
    #expect(scan.definitions.count == 4)
    #expect(scan.leaves.count == 1)
    // Two comparisons, AND, OR, NOT.
    #expect(scan.nodes.count == 5)
  }

  @Test("what an audience asked that one pass cannot do is no condition")
  func refused() throws {
    let count = "event('A').count() >= 2"
    let beyond = "event('B').expires_after(1 hour).count() >= 1"
    let scan = try scan(["\(count) AND \(beyond)", "NOT event('C').last(property('x')) = 'y'"])
    #expect(scan.definitions.map(\.place) == [1])
    #expect(scan.nodes.count == 2)
    #expect(scan.streams.count == 1)
  }
}
