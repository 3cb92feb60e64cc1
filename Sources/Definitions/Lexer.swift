import Values

/// Cuts a query into tokens. A mistake is noted and the text goes on behind it.
struct Lexer {
  private let source: SourceText
  private let end: Int
  private let marks: String
  private var at: Int
  private(set) var tokens: [Token] = []
  private(set) var diagnostics: [Diagnostic] = []

  init(_ source: SourceText, _ range: SourceRange, marks: String = "(){}[],.:") {
    self.source = source
    self.marks = marks
    at = range.lowerBound
    end = range.upperBound
    while let token = next() { tokens.append(token) }
    tokens.append(Token(kind: .end, range: at..<at))
  }

  private func byte(_ offset: Int = 0) -> UInt8 {
    at + offset < end ? source.utf8[at + offset] : 0
  }

  private func isDigit(_ offset: Int = 0) -> Bool { byte(offset) &- UInt8(ascii: "0") < 10 }

  private func isLetter(_ offset: Int = 0) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte(offset) | 0x20)
      || byte(offset) == UInt8(ascii: "_")
  }

  private mutating func next() -> Token? {
    while true {
      skipSpaceAndComments()
      guard at < end else { return nil }
      let start = at
      if isLetter() {
        while isLetter() || isDigit() { at += 1 }
        return wordToken(start)
      }
      if startsNumber { return numberOrDate() }
      if let quote = Quote(source.utf8, at: at, end: end) { return string(quote) }
      if let token = mark(start) { return token }
      skipUnknown(start)
    }
  }

  private var startsNumber: Bool {
    let sign = byte() == UInt8(ascii: "-") ? 1 : 0
    return isDigit(sign) || byte(sign) == UInt8(ascii: ".") && isDigit(sign + 1)
  }

  private mutating func skipUnknown(_ start: Int) {
    repeat { at += 1 } while at < end && byte() & 0xC0 == 0x80
    guard diagnostics.count < Parser.diagnosticLimit else { return }
    diagnostics.append(
      Diagnostic(
        .unknownCharacter, "'\(source[start..<at])' has no meaning in a query",
        at: start..<at, in: source))
  }

  private func wordToken(_ start: Int) -> Token {
    let text = source[start..<at]
    let kind: Token.Kind =
      switch text.lowercased() {
      case "and": .and
      case "or": .or
      case "not": .not
      default: .word(text)
      }
    return Token(kind: kind, range: start..<at)
  }

  private mutating func skipSpaceAndComments() {
    while at < end {
      if byte() == 0x20 || (0x09...0x0D).contains(byte()) {
        at += 1
      } else if byte() == 0xC2, byte(1) == 0xA0 {
        at += 2  // a no-break space, as pasting from a web page leaves it
      } else if byte() == UInt8(ascii: "-"), byte(1) == UInt8(ascii: "-") {
        while at < end, byte() != UInt8(ascii: "\n") { at += 1 }
      } else {
        return
      }
    }
  }

  private mutating func mark(_ start: Int) -> Token? {
    let pairs: [(String, Token.Kind)] = [
      ("==", .relation(.equal)), ("!=", .relation(.unequal)), (">=", .relation(.greaterOrEqual)),
      ("<=", .relation(.lessOrEqual)), ("&&", .and), ("||", .or), ("=", .relation(.equal)),
      (">", .relation(.greater)), ("<", .relation(.less)), ("!", .not),
    ]
    for (text, kind) in pairs
    where text.utf8.enumerated().allSatisfy({ byte($0.offset) == $0.element }) {
      at += text.utf8.count
      return Token(kind: kind, range: start..<at)
    }
    if marks.utf8.contains(byte()) {
      at += 1
      return Token(kind: .mark(Unicode.Scalar(source.utf8[start])), range: start..<at)
    }
    return nil
  }

  private mutating func numberOrDate() -> Token {
    let start = at
    if let length = DateForm.length(source.utf8, at: at, end: end) {
      at += length
      let text = source[start..<at]
      if Instant(iso8601: text) == nil {
        diagnostics.append(
          Diagnostic(
            .badDate, "'\(text)' is not a date", label: "no such day or time",
            help: "write YYYY-MM-DD, or YYYY-MM-DDThh:mm:ssZ", at: start..<at, in: source))
      }
      return Token(kind: .date(text), range: start..<at)
    }
    if byte() == UInt8(ascii: "-") { at += 1 }
    let digitsStart = at
    while isDigit() { at += 1 }
    var isInteger = digitsStart == start
    if byte() == UInt8(ascii: "."), isDigit(1) {
      isInteger = false
      at += 1
      while isDigit() { at += 1 }
    }
    let signed = byte(1) == UInt8(ascii: "+") || byte(1) == UInt8(ascii: "-")
    if byte() | 0x20 == UInt8(ascii: "e"), isDigit(signed ? 2 : 1) {
      isInteger = false
      at += signed ? 2 : 1
      while isDigit() { at += 1 }
    }
    let text = source[start..<at]
    guard let number = text.numericForm else {
      diagnostics.append(
        Diagnostic(
          .badNumber, "'\(text.prefix(40))' is past the range of a number", at: start..<at,
          in: source))
      return Token(kind: .number(0, isInteger: isInteger), range: start..<at)
    }
    return Token(kind: .number(number, isInteger: isInteger), range: start..<at)
  }

  private mutating func string(_ quote: Quote) -> Token {
    let start = at
    at += quote.length
    var content: [UInt8] = []
    while at < end {
      if let length = quote.closes(source.utf8, at: at, end: end) {
        at += length
        return Token(kind: .string(String(decoding: content, as: UTF8.self)), range: start..<at)
      }
      if byte() == UInt8(ascii: "\\"), let escaped = Self.escapes[byte(1)], at + 1 < end {
        content.append(escaped)
        at += 2
      } else {
        content.append(byte())
        at += 1
      }
    }
    // Everything behind the quote went into the string: go on at the next line, so that the other
    // mistakes are found too.
    at = start
    while at < end, byte() != UInt8(ascii: "\n") { at += 1 }
    diagnostics.append(
      Diagnostic(
        .unclosedString, "a string is not closed", label: "it begins here",
        help: "end it with the same quote", at: start..<(start + quote.length), in: source))
    return Token(kind: .string(""), range: start..<at)
  }

  private static let escapes: [UInt8: UInt8] = [
    UInt8(ascii: "\\"): UInt8(ascii: "\\"), UInt8(ascii: "'"): UInt8(ascii: "'"),
    UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "n"): 0x0A, UInt8(ascii: "t"): 0x09,
  ]
}

/// An opening quote: straight or curly, single or double.
private struct Quote {
  let isDouble: Bool
  let isCurly: Bool

  /// Bytes of the opening quote.
  var length: Int { isCurly ? 3 : 1 }

  init?(_ bytes: [UInt8], at: Int, end: Int) {
    switch bytes[at] {
    case UInt8(ascii: "'"): (isDouble, isCurly) = (false, false)
    case UInt8(ascii: "\""): (isDouble, isCurly) = (true, false)
    case 0xE2 where at + 2 < end && bytes[at + 1] == 0x80 && bytes[at + 2] == 0x98:
      (isDouble, isCurly) = (false, true)  // ‘
    case 0xE2 where at + 2 < end && bytes[at + 1] == 0x80 && bytes[at + 2] == 0x9C:
      (isDouble, isCurly) = (true, true)  // “
    default: return nil
    }
  }

  /// The length of the quote at `at` when it closes this one: a curly one is closed by the next
  /// curly or straight one of its kind, a straight one by itself alone.
  func closes(_ bytes: [UInt8], at: Int, end: Int) -> Int? {
    if bytes[at] == (isDouble ? UInt8(ascii: "\"") : UInt8(ascii: "'")) { return 1 }
    guard isCurly, at + 2 < end, bytes[at] == 0xE2, bytes[at + 1] == 0x80 else { return nil }
    let ours: ClosedRange<UInt8> = isDouble ? 0x9C...0x9D : 0x98...0x99
    return ours.contains(bytes[at + 2]) ? 3 : nil
  }
}

/// The form `YYYY-MM-DD[Thh:mm[:ss[.f…]][zone]]`, ranges unchecked.
private enum DateForm {
  static func length(_ bytes: [UInt8], at start: Int, end: Int) -> Int? {
    var at = start
    func take(_ pattern: String) -> Bool {
      var next = at
      for expected in pattern.utf8 {
        guard next < end else { return false }
        let isDigit = bytes[next] &- UInt8(ascii: "0") < 10
        guard expected == UInt8(ascii: "0") ? isDigit : bytes[next] == expected else {
          return false
        }
        next += 1
      }
      at = next
      return true
    }
    guard take("0000-00-00") else { return nil }
    guard take("T00:00") else { return at - start }
    if take(":00"), take(".0") {
      while take("0") {}
    }
    if take("Z") { return at - start }
    if take("+00") || take("-00") { _ = take(":00") || take("00") }
    return at - start
  }
}
