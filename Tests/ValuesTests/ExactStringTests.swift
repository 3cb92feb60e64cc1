import Testing
import Values

/// Strings are their Unicode scalars: canonical equivalence, which Swift goes by, does not count.
@Suite struct ExactStringTests {
  private static let composed = "caf\u{E9}"
  private static let decomposed = "cafe\u{301}"

  @Test("two spellings of one letter are two strings")
  func equivalence() {
    #expect(Self.composed == Self.decomposed, "Swift holds them to be equal")
    #expect(ExactString(Self.composed) != ExactString(Self.decomposed))
    #expect(!Self.composed.isExactly(Self.decomposed))
    #expect(ExactString(Self.composed) == ExactString("caf" + "\u{E9}"))
    #expect(Value.string(Self.composed) != .string(Self.decomposed))
    #expect(!Value.string(Self.composed).equals(.string(Self.decomposed)))
    // The Kelvin sign is canonically the letter K.
    #expect(ExactString("\u{212A}") != "K")
  }

  @Test("they are two members of a set, and two keys of an object")
  func hashing() {
    let strings: Set<ExactString> = [ExactString(Self.composed), ExactString(Self.decomposed)]
    #expect(strings.count == 2)
    let values: Set<Value> = [
      .string(Self.composed), .string(Self.decomposed), .array([.string(Self.composed)]),
      .array([.string(Self.decomposed)]), .object([Value.Member(Self.composed, .number(0))]),
      .object([Value.Member(Self.decomposed, .number(-0.0))]),
      .object([Value.Member(Self.composed, .number(-0.0))]), .number(0), .number(-0.0),
    ]
    #expect(values.count == 7)
  }

  @Test("the order is that of the scalars, also past the surrogates")
  func order() {
    let sorted: [ExactString] = [
      "", "A", "Z", "a", "ab", "b", "cafe\u{301}", "caf\u{E9}", "\u{FFFD}", "\u{10000}",
      "\u{10FFFF}",
    ]
    var generator = SeededGenerator(seed: 9)
    #expect(sorted.shuffled(using: &generator).sorted() == sorted)
    for _ in 0..<3000 {
      func word() -> [UInt32] {
        (0..<Int.random(in: 0...3, using: &generator)).map { _ in
          [0x41, 0xE9, 0x301, 0xD7FF, 0xE000, 0xFFFF, 0x10000].randomElement(using: &generator)
            ?? 0x41
        }
      }
      func string(_ word: [UInt32]) -> String {
        String(String.UnicodeScalarView(word.compactMap { Unicode.Scalar($0) }))
      }
      let (a, b) = (word(), word())
      #expect(string(a).precedesByScalars(string(b)) == a.lexicographicallyPrecedes(b))
    }
  }
}
