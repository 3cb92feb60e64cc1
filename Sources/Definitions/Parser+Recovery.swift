/// How reading goes on behind a mistake.
///
/// The brackets are counted beforehand. What is skipped ends where as many are open as before the
/// operand that failed, so that a mistake inside a call is told once, and the next operand is read
/// as if nothing had been wrong.
extension Parser {
  /// How many brackets are open before the token.
  var level: Int { levels[index] - inserted }

  /// How many brackets nothing closes; negative when something closes what nothing opened.
  private var surplus: Int { (levels.last ?? 0) - inserted }

  /// From the start of one token to the end of the last one read.
  func range(from start: Token) -> SourceRange {
    let end = index > 0 ? tokens[index - 1].range.upperBound : start.range.upperBound
    return start.range.lowerBound..<max(end, start.range.upperBound)
  }

  mutating func note(
    _ id: Diagnostic.ID, _ message: String, label: String = "", help: String? = nil,
    at range: SourceRange
  ) {
    guard !gaveUp, diagnostics.count < Diagnostic.limit else { return }
    // At the end of the query the place is behind the last word, not on the next line.
    var range = range
    if range.isEmpty, index > 0, token.kind == .end {
      let end = tokens[index - 1].range.upperBound
      range = end..<end
    }
    diagnostics.append(
      Diagnostic(id, message, label: label, help: help, at: range, in: source))
  }

  /// Notes a mistake that ends the operand, unless the lexer left out a part of it: that has been
  /// said, and this only follows from it.
  mutating func fail(
    _ id: Diagnostic.ID, _ message: String, label: String = "", help: String? = nil,
    at range: SourceRange? = nil
  ) -> Failed {
    if !hasGap(since: operandStart) {
      note(id, message, label: label, help: help, at: range ?? token.range)
    }
    return Failed()
  }

  func hasGap(since start: Int) -> Bool {
    gaps.contains { start <= $0 && $0 < max(token.range.upperBound, start + 1) }
  }

  /// Skips to the next `AND`, `OR` or closing bracket where `level` brackets are open.
  mutating func recover(to level: Int) {
    while token.kind != .end, self.level >= level {
      if self.level == level, token.kind == .and || token.kind == .or || token.isClosing { return }
      advance()
    }
  }

  /// Passes over a bracket with all that stands in it.
  mutating func skipBrackets() {
    let outside = level
    repeat { advance() } while token.kind != .end && level > outside
  }

  mutating func expect(_ mark: Unicode.Scalar, _ purpose: String) throws(Failed) {
    if token.isMark(mark) {
      advance()
    } else if mark == "(" {
      if surplus < 0 { inserted -= 1 }
      throw fail(
        .missingParenthesis, "a '(' is missing \(purpose)", label: "expected '(' here")
    } else if mark == ")" {
      throw unclosed("a ')' is missing \(purpose)", help: "close the parenthesis")
    } else {
      if mark != ",", surplus > 0 { inserted += 1 }
      throw fail(.syntax, "'\(mark)' is expected \(purpose)", label: "expected '\(mark)' here")
    }
  }

  /// Notes a missing `)`. When one is missing in the whole query, it is taken to be here.
  mutating func unclosed(_ message: String, help: String) -> Failed {
    if surplus > 0 { inserted += 1 }
    return fail(.missingParenthesis, message, label: "expected ')' here", help: help)
  }

  /// Notes a closing bracket that nothing opened, and passes over it.
  mutating func skipStrayBracket() {
    let bracket = source[token.range]
    let opening = bracket == ")" ? "(" : bracket == "]" ? "[" : "{"
    note(
      .missingParenthesis, "a '\(bracket)' without its '\(opening)'",
      label: "nothing is open here", help: "remove it, or open a parenthesis before",
      at: token.range)
    inserted -= 1
    advance()
  }

  /// Whether the token closes a bracket that nothing opened.
  var isStrayBracket: Bool { token.isClosing && level <= 0 }

  /// Counts nesting, so that no input can run out of stack.
  mutating func nested<Result>(
    _ body: (inout Parser) throws(Failed) -> Result
  ) throws(Failed) -> Result {
    guard depth < Self.depthLimit else {
      let failed = fail(
        .tooDeep, "nested more than \(Self.depthLimit) deep", label: "this is one too many",
        help: "split the definition: refer to another one with trait('key')")
      gaveUp = true
      index = tokens.count - 1
      throw failed
    }
    depth += 1
    defer { depth -= 1 }
    return try body(&self)
  }
}
