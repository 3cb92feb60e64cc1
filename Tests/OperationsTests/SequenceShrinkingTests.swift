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
    func check(_ sequence: OracleSequence) throws -> String? {
      if sequence.steps.count < 3 { throw Refusal(description: "too few steps") }
      return "differs"
    }
    let differing = shrunkFailure(Self.sequence(), check: check)
    #expect(differing?.hasPrefix("# differs\n") == true)
    #expect(differing?.contains("ticks ingest ../3.ndjson") == true)
    let refused = shrunkFailure(Self.sequence()) { sequence in
      if sequence.steps.count < 3 { return "differs" }
      throw Refusal(description: "too many steps")
    }
    #expect(refused?.hasPrefix("# refused: too many steps\n") == true)
    #expect(refused?.contains("ticks ingest ../3.ndjson") == true)
  }

  @Test("another difference is another failure")
  func differences() {
    let failure = shrunkFailure(Self.sequence()) { sequence in
      sequence.steps.count < 3 ? "members\n  one" : "values\n  two"
    }
    #expect(failure?.hasPrefix("# values\n#   two\n") == true)
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
