import Definitions
import Evaluation
import SQLite
import Testing
import Values

@testable import Membership

/// Outcomes as bytes, which a scan puts together from its bits.
struct OutcomeCoderTests {
  private func definitions(_ queries: [(name: String, query: String)]) throws -> [Definition] {
    let files = queries.enumerated().map { number, file in
      Project.File(
        name: file.name, path: file.name,
        contents: Array("---\nname: Name \(number)\nkey: k\(number)a\n---\n\(file.query)\n".utf8))
    }
    let project = Project(files: files, folder: "case")
    try #require(project.isValid, "\(project.diagnostics.map(\.rendered))")
    return project.definitions
  }

  /// Truths, numbers and texts; more than two words of them, with epochs of few bytes and of many.
  private static let queries: [(name: String, query: String)] = (0..<150).map { number in
    switch number % 5 {
    case 0: ("\(number).audience", "event('A').count() >= 1")
    case 1: ("\(number).trait", "event('A').count()")
    case 2: ("\(number).trait", "event('A').last(property('text'))")
    default: ("\(number).audience", "event('A').count() = 0")
    }
  }

  @Test("a scan's outcome is the one of its values", arguments: [false, true])
  func agrees(isBuyer: Bool) throws {
    let definitions = try definitions(Self.queries)
    let epochs = definitions.indices.map { place -> Int64? in
      switch place % 7 {
      case 0: nil
      case 1: 1 << 60 + Int64(place)
      case 2: 1 << 42 - Int64(place)
      default: Int64(1000 - place)
      }
    }
    let coder = OutcomeCoder(epochs: epochs)
    let names = NameTable()
    var scan = ScanEvaluator(
      definitions, names, at: Instant(milliseconds: 1000), ranks: coder.ranks)
    let properties = Value.object([Value.Member("text", .string("blue"))])
    let event = ProfileEvent(
      kind: isBuyer ? .event(name: "A") : .alias, time: Instant(milliseconds: 5), row: 1,
      properties: properties)
    let bytes = History([event], names).bytes
    scan.evaluate(bytes.span)
    var buffer = OutcomeBuffer()
    for _ in 0..<2 {
      coder.encode(&scan, into: &buffer)
      #expect(buffer.bytes == coder.encode(scan.values))
      #expect(!buffer.bytes.isEmpty)
    }
    var found = [Value](repeating: .absent, count: definitions.count)
    try coder.decode(buffer.bytes) { found[$0] = $1 }
    for (place, value) in scan.values.enumerated() {
      let isHeld = epochs[place] != nil && value != .boolean(false)
      #expect(found[place] == (isHeld ? value : .absent))
    }
  }

  @Test("what changes from one outcome to another is what their values say")
  func changes() throws {
    let values: [Value] = [
      .absent, .boolean(false), .boolean(true), .number(0), .number(-0.0), .number(2.5),
      .string(""), .string("blue"), .string("two\u{301}"), .array([.number(1), .boolean(true)]),
      .object([Value.Member("a", .string("b"))]),
    ]
    // The middle one was edited since, the last one is off.
    let before = OutcomeCoder(epochs: [9, 3, 4, 1 << 40, 7])
    let coder = OutcomeCoder(epochs: [9, 3, 11, 1 << 40, nil])
    var kinds: Set<Int> = []
    for _ in 0..<3000 {
      let old = try (0..<5).map { _ in try #require(values.randomElement()) }
      let other = try (0..<5).map { _ in try #require(values.randomElement()) }
      let new = Bool.random() ? other : old
      let found = try coder.changes(of: 77, from: before.encode(old), to: coder.encode(new))
      var expected: [String] = []
      for place in 0..<4 {
        let previous = place == 2 ? nil : MembershipSnapshot.stored(old[place])
        let value = MembershipSnapshot.stored(new[place])
        if MembershipSnapshot.isSame(previous, value) { continue }
        expected.append("\(place) \(previous ?? "nothing") \(value ?? "nothing")")
      }
      #expect(
        found?.map { "\($0.entry) \($0.previous ?? "nothing") \($0.value ?? "nothing")" }
          == expected)
      #expect(found?.allSatisfy { $0.profile == 77 } == true)
      kinds.insert(expected.count)
    }
    #expect(kinds == [0, 1, 2, 3, 4])
    #expect(try coder.changes(of: 77, from: Standing.unknown, to: []) == nil)
    let outcome = coder.encode([.string("blue"), .number(2), .absent, .absent, .absent])
    for end in outcome.indices.dropFirst() where end != 10 {
      #expect(throws: SQLiteError.self, "\(end)") {
        try coder.changes(of: 77, from: Array(outcome[..<end]), to: [])
      }
    }
  }

  @Test("bytes that are no outcome are damage, and what is unknown stays unknown")
  func damage() throws {
    let coder = OutcomeCoder(epochs: [1, 2])
    let outcome = coder.encode([.string("blue"), .array([.number(1)])])
    var values: [Value] = []
    try coder.decode(outcome) { values.append($1) }
    #expect(values == [.string("blue"), .array([.number(1)])])
    let cuts = outcome.indices.dropFirst().filter { $0 != 7 }
    for bytes in cuts.map({ Array(outcome[..<$0]) }) + [[0x81], [1, 1, 0], [1, 2, 0xFF, 0xFF]] {
      #expect(throws: SQLiteError.self, "\(bytes)") { try coder.decode(bytes) { _, _ in } }
      #expect(throws: SQLiteError.self) { try coder.encode(bytes) { _ in nil } }
    }
    #expect(try coder.encode(Standing.unknown) { _ in .boolean(true) } == Standing.unknown)
    #expect(try coder.encode(outcome) { $0 == 0 ? .absent : nil } == Array(outcome[7...]))
  }
}
