import Definitions
import EventStore
import Oracle
import Testing
import Values

@testable import Evaluation

/// Profiles that are evaluated together, by their digests.
struct ChunkTests {
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
    let definitions = try Self.project(queries).definitions
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
        "event('A').within(580 seconds).max(property('x')) > 500 AND event('B').count() < 3",
        "event('A').within(580 seconds).min(property('x')) < 100 OR event('A').count() > 4",
        "event('B').within(570 seconds).sum(property('x')) = 0",
        "event('B').sum(property('x')) > event('B').within(570 seconds).max(property('x'))",
      ], row, names, at: 600_000)
    #expect(numbers == 0)
    let tests = try differences(
      [
        "event('A').sum(property('x')).exists()", "event('B').max(property('x')).none_of(12.5)",
        "event('B').avg(property('x')).one_of(12.5, 80)",
      ], row, names, at: 600_000)
    #expect(tests == 0)
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

  @Test("what several audiences ask alike is one condition")
  func shared() throws {
    let count = "event('A').within(3 days).count() >= 2"
    let sum = "event('B').sum(property('x')) > 10"
    let both = "\(count) AND \(sum)"
    let scan = try Self.scan([count, both, "NOT (\(sum) OR \(count))", both])
    #expect(scan.definitions.count == 4)
    #expect(scan.leaves.count == 1)
    // Two comparisons, AND, OR, NOT.
    #expect(scan.nodes.count == 5)
  }

  @Test("what an audience asked that one pass cannot do is no condition")
  func refused() throws {
    let count = "event('A').count() >= 2"
    let beyond = "event('B').expires_after(1 hour).count() >= 1"
    let scan = try Self.scan(["\(count) AND \(beyond)", "NOT event('C').last(property('x')) = 'y'"])
    #expect(scan.definitions.map(\.place) == [1])
    #expect(scan.nodes.count == 2)
    #expect(scan.streams.count == 1)
  }
}

/// Audiences of queries.
extension ChunkTests {
  static func project(_ queries: [String]) throws -> Project {
    let files = zip("abcdef", queries).map { letter, query in
      let name = "\(letter).audience"
      let text = "---\nname: Audience \(letter)\n---\n\(query)\n"
      return Project.File(name: name, path: name, contents: Array(text.utf8))
    }
    let project = Project(files: files, folder: "case")
    try #require(project.isValid)
    return project
  }

  static func scan(_ queries: [String]) throws -> ScanProgram {
    ScanProgram(Program(try project(queries).definitions, NameTable()))
  }
}
