import Oracle
import Testing

/// What is printed of a sequence that fails.
struct SequenceShrinkingTests {
  private struct Refusal: Error, CustomStringConvertible { let description: String }

  private static func sequence() -> OracleSequence {
    var generator = OracleGenerator(seed: 1)
    return OracleSequence(generator.makeCase(), parts: 4, seed: 1)
  }

  @Test("of one that does not fail nothing is printed, after one look")
  func good() {
    var looks = 0
    let failure = shrunkFailure(Self.sequence()) { _ in
      looks += 1
      return nil
    }
    #expect(failure == nil)
    #expect(looks == 1)
  }

  @Test("the reason of the smallest one stands in comments before its script")
  func reason() {
    let failure = shrunkFailure(Self.sequence()) { sequence in
      guard sequence.steps.count > 1 else { return nil }
      return "steps\n  \(sequence.steps.count) of \(sequence.definitions.count) definitions"
    }
    let lines = failure?.split(separator: "\n").map(String.init) ?? []
    #expect(
      lines.prefix(3) == ["# steps", "#   2 of 0 definitions", "mkdir audiences ticks full"])
    #expect(lines.count { $0.hasPrefix("ticks ingest") } == 2)
  }

  @Test("what is refused is no difference, and the other way round")
  func kinds() {
    func check(_ sequence: OracleSequence, few: String, many: String) throws -> String? {
      let words = sequence.steps.count < 4 ? few : many
      if words.hasPrefix("refused") { throw Refusal(description: words) }
      return words
    }
    for (few, many) in [("refused", "differs"), ("differs", "refused"), ("a\n b", "c\n b")] {
      let failure =
        shrunkFailure(Self.sequence()) { try check($0, few: few, many: many) } ?? ""
      #expect(failure.hasPrefix(many == "refused" ? "# refused: refused\n" : "# \(many.prefix(1))"))
      #expect(failure.contains("ticks ingest ../4.ndjson"), "\(few), \(many)")
      #expect(!failure.contains("audiences/d0"), "\(few), \(many)")
    }
  }

  @Test("rows that are only in one set are told with a sign")
  func rows() {
    let (a, b, c) = (["k", "user a", "1"], ["k", "user b", "1"], ["k", "user c", "1"])
    #expect(difference([a, b], [b, a], "found (+)") == nil)
    #expect(
      difference([c, b, a], [b], "found (+)") == "found (+)\n  + k user a 1\n  + k user c 1")
    #expect(difference([a], [b], "x") == "x\n  + k user a 1\n  - k user b 1")
  }
}
