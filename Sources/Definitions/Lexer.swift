import Values

/// Cuts a query into tokens. A mistake is noted and the text goes on behind it.
struct Lexer {
  /// The single characters that are tokens of a query.
  static let queryMarks = "(){}[],.:"

  private let source: SourceText
  private let end: Int
  private let marks: [UInt8]
  private var at: Int
  private(set) var tokens: [Token] = []
  private(set) var diagnostics: [Diagnostic] = []
  /// Set once a string was found that does not end. A quote that was forgotten turns every string
  /// behind it inside out, so all are read anew, each to the end of its line at most.
  private var stringsEndWithLine = false
  private var isInsideOut = false

  init(_ source: SourceText, _ range: SourceRange, marks: String = Lexer.queryMarks) {
    self.source = source
    self.marks = Array(marks.utf8)
    at = range.lowerBound
    end = range.upperBound
    while !isInsideOut, let token = next() { tokens.append(token) }
    if isInsideOut {
      (at, tokens, diagnostics) = (range.lowerBound, [], [])
      (isInsideOut, stringsEndWithLine) = (false, true)
      while let token = next() { tokens.append(token) }
    }
    tokens.append(Token(kind: .end, range: at..<at))
  }

  private mutating func note(
    _ id: Diagnostic.ID, _ message: String, label: String = "", help: String? = nil,
    at range: SourceRange
  ) {
    guard diagnostics.count < Diagnostic.limit else { return }
    diagnostics.append(
      Diagnostic(id, message, label: label, help: help, at: range, in: source))
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

  /// Passes over what has no meaning: one character, or a word in other letters than a to z.
  private mutating func skipUnknown(_ start: Int) {
    repeat { at += 1 } while at < end && byte() & 0xC0 == 0x80
    guard diagnostics.count < Diagnostic.limit else { return }
    let text = source[start..<at]
    let first = UnknownCharacter(text)
    while at < end {
      let next = at
      repeat { at += 1 } while at < end && byte() & 0xC0 == 0x80
      let other = source[next..<at]
      guard other == text || first.isLetter && UnknownCharacter(other).isLetter else {
        at = next
        break
      }
    }
    let all = source[start..<at]
    note(
      .unknownCharacter, first.message(all), label: "not a part of the language",
      help: first.help(all), at: start..<at)
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
    let first = byte()
    if marks.contains(first) {
      at += 1
      return Token(kind: .mark(Unicode.Scalar(first)), range: start..<at)
    }
    for (text, kind) in Self.signs where text[0] == first && (text.count == 1 || text[1] == byte(1))
    {
      at += text.count
      return Token(kind: kind, range: start..<at)
    }
    return nil
  }

  /// The longer ones first.
  private static let signs: [([UInt8], Token.Kind)] = [
    (Array("==".utf8), .relation(.equal)), (Array("!=".utf8), .relation(.unequal)),
    (Array(">=".utf8), .relation(.greaterOrEqual)), (Array("<=".utf8), .relation(.lessOrEqual)),
    (Array("&&".utf8), .and), (Array("||".utf8), .or), (Array("=".utf8), .relation(.equal)),
    (Array(">".utf8), .relation(.greater)), (Array("<".utf8), .relation(.less)),
    (Array("!".utf8), .not),
  ]

  private mutating func numberOrDate() -> Token {
    let start = at
    if let form = DateForm(source.utf8, at: at, end: end) {
      at += form.length
      let text = source[start..<at]
      if Instant(iso8601: text) == nil {
        note(
          .badDate, "'\(text)' is not a date",
          label: form.isProper ? "no such day or time" : "not in this form",
          help: "write YYYY-MM-DD, or YYYY-MM-DDThh:mm:ssZ", at: start..<at)
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
      note(
        .badNumber, "'\(text)' is past the range of a number",
        label: "too large to be worked with", at: start..<at)
      return Token(kind: .number(0, isInteger: isInteger), range: start..<at)
    }
    return Token(kind: .number(number, isInteger: isInteger), range: start..<at)
  }

  private mutating func string(_ quote: Quote) -> Token {
    let start = at
    at += quote.length
    var content: [UInt8] = []
    while at < end, !stringsEndWithLine || byte() != UInt8(ascii: "\n") {
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
    if stringsEndWithLine {
      note(
        .unclosedString, "a string is not closed", label: "it begins here",
        help: "end it with the same quote", at: start..<(start + quote.length))
    }
    isInsideOut = !stringsEndWithLine
    return Token(kind: .string(""), range: start..<at)
  }

  private static let escapes: [UInt8: UInt8] = [
    UInt8(ascii: "\\"): UInt8(ascii: "\\"), UInt8(ascii: "'"): UInt8(ascii: "'"),
    UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "n"): 0x0A, UInt8(ascii: "t"): 0x09,
  ]
}
