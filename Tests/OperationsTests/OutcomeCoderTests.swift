import Definitions
import Evaluation
import Membership
import Testing
import Values

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
  }
}
