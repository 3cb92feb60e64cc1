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

  @Test("rows of margins combine as outcomes do, one place like any other")
  func rows() {
    let pairs = Self.outcomes.flatMap { a in Self.outcomes.map { (a, $0) } }
    var table = MarginTable(rows: 3, width: pairs.count)
    for (place, (a, b)) in pairs.enumerated() {
      table.set(0, place, margin(a))
      table.set(1, place, margin(b))
    }
    func expect(_ row: Int, _ outcome: ((Bool, Int64), (Bool, Int64)) -> (Bool, Int64)) {
      table.clearBits(count: pairs.count)
      table.clearLengths(count: pairs.count)
      table.gather(row, bit: 5, count: pairs.count)
      for (place, (a, b)) in pairs.enumerated() {
        let expected = outcome(a, b)
        #expect(table.failing(at: place) == (expected.0 ? 0 : 1 << 5), "\(a) \(b)")
        #expect(Margin.until(table.length(at: place), at: Self.now) == expected.1, "\(a) \(b)")
      }
    }
    expect(0) { a, _ in a }
    table.copy(2, from: 0, count: pairs.count)
    table.lower(2, to: 1, count: pairs.count)
    expect(2) { combined([$0, $1], deciding: false) }
    table.copy(2, from: 0, count: pairs.count)
    table.raise(2, to: 1, count: pairs.count)
    expect(2) { combined([$0, $1], deciding: true) }
    table.negate(2, 1, count: pairs.count)
    expect(2) { _, b in (!b.0, b.1) }
  }

  @Test("of some rows the bits are of each, and the length is of the first that turns")
  func gathered() {
    var table = MarginTable(rows: 2, width: 1)
    table.clearBits(count: 1)
    table.clearLengths(count: 1)
    #expect(Margin.until(table.length(at: 0), at: Self.now) == .max)
    table.set(0, 0, margin((false, 2000)))
    table.set(1, 0, margin((true, 1500)))
    table.gather(0, bit: 63, count: 1)
    table.gather(1, bit: 0, count: 1)
    #expect(table.failing(at: 0) == 1 << 63)
    #expect(Margin.until(table.length(at: 0), at: Self.now) == 1500)
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

  /// A condition that some had something for in the chunk before, and nobody in this one.
  @Test("what a chunk came to does not show in the next one")
  func nothingIsLeft() throws {
    let names = NameTable()
    let definitions = try project([
      "event('A').within(9 days).count() >= 1 AND event('B').count() >= 1",
      "event('A').sum(property('x')) > 10 OR event('B').within(9 days).count() >= 2",
      "NOT event('A').count() >= 1 AND NOT event('B').count() >= 2",
    ]).definitions
    let now = Instant(milliseconds: 1000)
    func history(_ events: [String]) -> [UInt8] {
      let properties = Value.object([Value.Member("x", .number(20))])
      return History(
        events.enumerated().map { number, name in
          ProfileEvent(
            kind: .event(name: name), time: Instant(milliseconds: Int64(number)),
            row: Int64(number), properties: properties)
        }, names
      ).bytes
    }
    let row = [["A", "B"], ["B"], ["A"], ["B", "B"], ["C"], ["A", "B", "B"]].flatMap {
      [[UInt8]](repeating: history($0), count: DigestChunk.profileLimit)
    }
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
    #expect(wrong == 0)
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
