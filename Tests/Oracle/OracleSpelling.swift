/// How the small parts of a query are written: one canonical way, or one of the equivalent ways by
/// chance.
struct OracleSpelling {
  /// The source of chance; the canonical spelling has none.
  var random: OracleRandom?

  /// True in `percent` of a hundred cases, and never in the canonical spelling.
  mutating func chance(_ percent: Int) -> Bool { random?.chance(percent) ?? false }

  /// One of equivalent spellings; the first is the canonical one, and taken more often.
  mutating func pick(_ spellings: [String]) -> String {
    guard chance(50) else { return spellings[0] }
    return random?.pick(spellings) ?? spellings[0]
  }

  /// A keyword in any case.
  mutating func keyword(_ word: String) -> String {
    guard chance(15) else { return word }
    if chance(40) { return word.uppercased() }
    if chance(40) { return word.lowercased() }
    return word.prefix(1).uppercased() + word.dropFirst().lowercased()
  }

  /// Nothing, or white space where it may stand.
  mutating func gap() -> String { chance(6) ? space() : "" }

  /// White space, perhaps with a comment in it.
  mutating func space() -> String {
    guard chance(12) else { return " " }
    return random?.pick(["  ", "\n", "\n  ", "\t", " -- it's a note\n", " --\n", "\r\n"]) ?? " "
  }

  /// Something in parentheses after a word.
  mutating func call(_ word: String, _ argument: String) -> String {
    keyword(word) + gap() + "(" + gap() + argument + gap() + ")"
  }

  /// Several things with commas between.
  mutating func separated(_ items: [String]) -> String {
    var text = items[0]
    for item in items.dropFirst() { text += gap() + "," + (random == nil ? " " : gap()) + item }
    return text
  }

  /// A string in one of the kinds of quotes, with its escapes.
  mutating func quoted(_ text: String) -> String {
    let hasQuote = text.unicodeScalars.contains {
      "'\"\u{2018}\u{2019}\u{201C}\u{201D}".unicodeScalars.contains($0)
    }
    if !hasQuote, chance(5) {
      let (open, closers) =
        chance(50) ? ("\u{2018}", ["\u{2019}", "'"]) : ("\u{201C}", ["\u{201D}", "\""])
      return open + escaped(text, closing: "'") + pick(closers)
    }
    let quote: Unicode.Scalar = chance(30) ? "\"" : "'"
    return "\(quote)" + escaped(text, closing: quote) + "\(quote)"
  }

  private mutating func escaped(_ text: String, closing quote: Unicode.Scalar) -> String {
    let scalars = Array(text.unicodeScalars)
    var result = ""
    for (index, scalar) in scalars.enumerated() {
      switch scalar {
      case "\\":
        // A backslash stays as it is unless it would begin an escape or end the string.
        let next = index + 1 < scalars.count ? scalars[index + 1] : "\\"
        let isSafe = !"\\'\"nt\n\t".unicodeScalars.contains(next)
        result += isSafe && chance(50) ? "\\" : "\\\\"
      case "\n": result += "\\n"
      case "\t": result += chance(50) ? "\t" : "\\t"
      case quote: result += "\\\(quote)"
      case "'", "\"":
        if chance(20) { result += "\\" }
        result.unicodeScalars.append(scalar)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// A path: steps with dots between, a backslash before a dot that is part of a key.
  mutating func path(_ steps: [OracleStep]) -> String {
    let parts = steps.map { step -> String in
      switch step {
      case .each: return "$"
      case .key(let key):
        var part = ""
        for scalar in key.unicodeScalars {
          if scalar == "." { part += "\\" }
          part.unicodeScalars.append(scalar)
        }
        return part
      }
    }
    return quoted(parts.joined(separator: "."))
  }

  /// A number in one of the forms that read as the same double.
  mutating func number(_ number: Double) -> String {
    if number == 0, number.sign == .minus { return "-0" }
    let text = OracleValue.text(of: number)
    guard chance(15) else { return text }
    if text.utf8.contains(0x65) { return text }
    if text.hasPrefix("0.") { return String(text.dropFirst()) }
    if text.hasPrefix("-0.") { return "-" + text.dropFirst(2) }
    if text.contains(".") { return text + (chance(50) ? "0" : "e0") }
    return text + (chance(50) ? ".0" : "E+0")
  }

  /// A literal where nothing that could be taken for a part of it follows.
  mutating func literal(_ literal: OracleLiteral) -> String {
    let text =
      switch literal {
      case .number(let number): self.number(number)
      case .string(let text): quoted(text)
      case .boolean(let flag): keyword(flag ? "true" : "false")
      case .date(let text): text
      }
    return chance(5) ? call("literal", text) : text
  }

  /// A literal in front of a method or an operator: numbers and dates are wrapped, so that no dot
  /// follows them.
  mutating func leadingLiteral(_ literal: OracleLiteral) -> String {
    if case .string = literal { return self.literal(literal) }
    let text = self.literal(literal)
    return text.lowercased().hasPrefix("literal") ? text : call("literal", text)
  }

  /// A list, with or without brackets.
  mutating func list(_ literals: [OracleLiteral]) -> String {
    var items: [String] = []
    for literal in literals { items.append(self.literal(literal)) }
    let text = separated(items)
    return chance(20) ? "[" + gap() + text + gap() + "]" : text
  }

  /// A duration, with its unit in singular or plural.
  mutating func duration(_ duration: OracleDuration) -> String {
    let plural = chance(20) ? duration.amount == 1 : duration.amount != 1
    return String(duration.amount) + space() + keyword("\(duration.unit)" + (plural ? "s" : ""))
  }
}
