/// Makes nearly valid files out of valid ones.
enum Mutation {
  static let queries =
    AcceptedQueriesTests.audiences + AcceptedQueriesTests.pasted
    + AcceptedQueriesTests.refused.map(\.query) + CanonicalTests.different
    + CanonicalTests.same.flatMap(\.self) + DiagnosticTests.sentences.map { Marked($0.query).text }

  static let words = [
    "AND", "OR", "NOT", "ANY", "ALL", "(", ")", "{", "}", "[", "]", ",", ".", ":", "=", "==", "!=",
    ">", ">=", "<", "<=",
    "&&", "||", "!", "'", "\"", "“", "”", "‘", "’", "\\", "--", "---\n", "\n", "\r\n", "\t",
    "\u{A0}", "\u{FEFF}", "\u{0}", "é",
    "e\u{301}", "👩‍👧", "$", "%", ";", "0", "-1", ".5", "1e9", "1e999", "30 days", "101 years",
    "2026-01-01", "2026-02-30",
    "2026-01-01T10:00:00.5+02:00", "1.1.2026", "event('A')", "entity('o')", "trait('a')",
    "property('x')", "property(parent: 'x')",
    "context('timestamp')", "literal(1)", "true", "false", ".count()", ".sum(", ".where(",
    ".within(", "parent:", "exclude:",
    ".sources({exclude: 'x'})", ".expires_after(1 hour)", ".between(1 day, 2 days)", ".unique(",
    ".mode(", "as", "number", "string",
    "array", ".exists()", ".one_of(", ".contains([", ".starts_with(", ".within_last(", "days",
    "name:", "key: id\n", "type: accounts\n",
    "enabled: maybe\n", "guard: 5%\n", "type: heap\n", "app_id: 1\n",
  ]

  static func anyFile(_ generator: inout SeededGenerator) -> (name: String, bytes: [UInt8]) {
    let pick = Int.random(in: 0..<20, using: &generator)
    if pick == 0 {
      let text =
        "---\ntype: heap\napp_id: 12\nregion: eu\nidentity: user_id\nbooleans: json\nevery: 2h\n---\n"
      return ("q.destination", mutated(Array(text.utf8), &generator))
    }
    if pick == 1 {
      let text =
        "---\nname: Q\nkey: q\ndescription: d\ntype: users\nguard: 5%\n---\ntrait('a') = 1\n---\ntrue: nothing\n"
      return ("q.audience", mutated(Array(text.utf8), &generator))
    }
    let isTrait = pick == 2
    let queries = isTrait ? AcceptedQueriesTests.traits : queries
    let query = Array((queries.randomElement(using: &generator) ?? "").utf8)
    return (
      isTrait ? "q.trait" : "q.audience",
      Array("---\nname: Q\n---\n".utf8) + mutated(query, &generator)
    )
  }

  private static func mutated(
    _ bytes: [UInt8], _ generator: inout SeededGenerator
  ) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 0...4, using: &generator) {
      let from = Int.random(in: 0...bytes.count, using: &generator)
      let length = Int.random(in: 0...min(12, bytes.count - from), using: &generator)
      let part = from..<(from + length)
      let word = Array((words.randomElement(using: &generator) ?? "").utf8)
      switch Int.random(in: 0..<9, using: &generator) {
      case 0: bytes.removeSubrange(part)
      case 1: bytes.insert(contentsOf: bytes[part], at: from)
      case 2: bytes.replaceSubrange(part, with: word)
      case 3, 4: bytes.insert(contentsOf: word, at: from)
      case 5: bytes.insert(contentsOf: [0x20] + word + [0x20], at: from)
      case 6:
        guard from < bytes.count else { continue }
        bytes[from] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 7: bytes.removeSubrange(from...)
      default:
        let other = Array((queries.randomElement(using: &generator) ?? "").utf8)
        bytes.insert(
          contentsOf: [0x20] + other.suffix(Int.random(in: 0...other.count, using: &generator)),
          at: from)
      }
    }
    return bytes
  }
}

/// SplitMix64: the same numbers from the same seed on every machine.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return word ^ word >> 31
  }
}
