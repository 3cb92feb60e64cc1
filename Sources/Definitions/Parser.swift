import Values

/// Reads a query into its syntax tree, by recursive descent, in the grammar's own words.
///
/// A mistake is noted with its place; reading goes on behind it at the next `AND`, `OR` or closing
/// bracket, so that three mistakes give three diagnostics. A tree that came with an error is not
/// used.
struct Parser {
  /// Conditions and streams may stand in one another this deep.
  static let depthLimit = 100
  /// What a file of garbage is told at most.
  static let diagnosticLimit = 100

  let source: SourceText
  let tokens: [Token]
  var index = 0
  var depth = 0
  var diagnostics: [Diagnostic] = []

  /// A mistake that was noted already; it unwinds to the next sensible place.
  struct Failed: Error {}

  init(_ source: SourceText, _ range: SourceRange) {
    self.source = source
    let lexer = Lexer(source, range)
    tokens = lexer.tokens
    diagnostics = lexer.diagnostics
  }

  var token: Token { tokens[index] }

  var following: Token { tokens[min(index + 1, tokens.count - 1)] }

  mutating func advance() { if index < tokens.count - 1 { index += 1 } }

  /// From the start of one token to the end of the last one read.
  func range(from start: Token) -> SourceRange {
    let end = index > 0 ? tokens[index - 1].range.upperBound : start.range.upperBound
    return start.range.lowerBound..<max(end, start.range.upperBound)
  }

  mutating func note(
    _ id: Diagnostic.ID, _ message: String, label: String = "", help: String? = nil,
    at range: SourceRange
  ) {
    guard diagnostics.count < Self.diagnosticLimit else { return }
    // At the end of the query the place is behind the last word, not on the next line.
    var range = range
    if range.isEmpty, index > 0, token.kind == .end {
      let end = tokens[index - 1].range.upperBound
      range = end..<end
    }
    diagnostics.append(
      Diagnostic(id, message, label: label, help: help, at: range, in: source))
  }

  mutating func fail(
    _ id: Diagnostic.ID, _ message: String, label: String = "", help: String? = nil,
    at range: SourceRange? = nil
  ) -> Failed {
    note(id, message, label: label, help: help, at: range ?? token.range)
    return Failed()
  }

  /// Skips to the next `AND`, `OR` or closing bracket of this level.
  mutating func recover() {
    var open = 0
    while token.kind != .end {
      switch token.kind {
      case .and, .or: if open == 0 { return }
      case .mark("("), .mark("["), .mark("{"): open += 1
      case .mark(")"), .mark("]"), .mark("}"):
        if open == 0 { return }
        open -= 1
      default: break
      }
      advance()
    }
  }

  mutating func expect(_ mark: Unicode.Scalar, _ purpose: String) throws(Failed) {
    if token.isMark(mark) {
      advance()
    } else if mark == ")" {
      throw fail(
        .missingParenthesis, "a ')' is missing \(purpose)", label: "expected ')' here",
        help: "close the parenthesis")
    } else if mark == "(" {
      throw fail(
        .missingParenthesis, "a '(' is missing \(purpose)", label: "expected '(' here")
    } else {
      throw fail(.syntax, "'\(mark)' is expected \(purpose)", label: "expected '\(mark)' here")
    }
  }

  /// Counts nesting, so that no input can run out of stack.
  mutating func nested<Result>(
    _ body: (inout Parser) throws(Failed) -> Result
  ) throws(Failed) -> Result {
    guard depth < Self.depthLimit else {
      let failed = fail(
        .tooDeep, "nested more than \(Self.depthLimit) deep", label: "this is one too many",
        help: "split the definition: refer to another one with trait('key')")
      // Nothing behind this place can be read sensibly.
      index = tokens.count - 1
      throw failed
    }
    depth += 1
    defer { depth -= 1 }
    return try body(&self)
  }

  // MARK: Whole queries

  /// The query of an audience: one condition, to the end.
  mutating func audience() -> Condition? {
    let start = token
    guard start.kind != .end else {
      note(
        .missingQuery, "the query is missing", help: "write it below the front matter",
        at: start.range)
      return nil
    }
    let condition = disjunction()
    while token.kind != .end {
      if token.isMark(")") {
        note(
          .missingParenthesis, "a ')' without its '('", label: "nothing is open here",
          help: "remove it, or open a parenthesis before", at: token.range)
      } else if diagnostics.isEmpty {
        note(
          .syntax, "the query goes on after its end", label: "expected AND, OR or the end",
          at: token.range)
      }
      advance()
      if token.kind == .and || token.kind == .or {
        advance()
        _ = disjunction()
      } else {
        recover()
      }
    }
    return condition
  }

  /// The query of a computed trait: one scalar, to the end.
  mutating func trait() -> Scalar? {
    let start = token
    guard start.kind != .end else {
      note(
        .missingQuery, "the query is missing", help: "write it below the front matter",
        at: start.range)
      return nil
    }
    do {
      let scalar = try scalar()
      if token.kind != .end {
        let begin = token
        switch token.kind {
        case .relation, .and, .or, .mark("."):
          throw fail(
            .scalarExpected,
            "a computed trait must be a scalar (a number, text, a list), and this is a condition "
              + "(boolean)",
            label: "the condition begins here",
            help: "remove the comparison, or name the file .audience", at: begin.range)
        default:
          throw fail(
            .syntax, "the query goes on after its end", label: "expected the end",
            at: begin.range)
        }
      }
      return scalar
    } catch {
      return nil
    }
  }

  // MARK: Conditions

  mutating func disjunction() -> Condition {
    let start = token
    var parts = [conjunction()]
    while token.kind == .or {
      advance()
      parts.append(conjunction())
    }
    return parts.count == 1 ? parts[0] : Condition(kind: .or(parts), range: range(from: start))
  }

  private mutating func conjunction() -> Condition {
    let start = token
    var parts = [operand()]
    while token.kind == .and {
      advance()
      parts.append(operand())
    }
    return parts.count == 1 ? parts[0] : Condition(kind: .and(parts), range: range(from: start))
  }

  /// One operand of AND and OR. A mistake inside is noted, and an empty condition stands for it.
  private mutating func operand() -> Condition {
    let start = token
    do {
      return try unary()
    } catch {
      recover()
      return Condition(kind: .and([]), range: range(from: start))
    }
  }

  private mutating func unary() throws(Failed) -> Condition {
    let start = token
    let prefix: ((Condition) -> Condition.Kind)? =
      switch (start.kind, start.word) {
      case (.not, _): { .not($0) }
      case (_, "any"): { .anyUser($0) }
      case (_, "all"): { .everyUser($0) }
      default: nil
      }
    guard let prefix else { return try primary() }
    advance()
    let inner = try nested { parser throws(Failed) in try parser.unary() }
    return Condition(kind: prefix(inner), range: range(from: start))
  }

  private mutating func primary() throws(Failed) -> Condition {
    let start = token
    guard start.isMark("(") else { return try comparison() }
    advance()
    var inner = try nested { parser throws(Failed) in parser.disjunction() }
    guard token.isMark(")") else {
      throw fail(
        .missingParenthesis, "a ')' is missing", label: "expected ')' here",
        help: "the '(' at \(place(start)) is not closed")
    }
    advance()
    inner.range = range(from: start)
    switch token.kind {
    case .relation, .mark("."):
      throw fail(
        .scalarExpected,
        "a scalar (a number, text, a list) is needed before '\(source[token.range])', and this is "
          + "a condition (boolean)",
        label: "what stands in the parentheses is a condition",
        help: "a scalar is not put in parentheses", at: inner.range)
    default: return inner
    }
  }

  /// `line:column` of a token, for a help text.
  func place(_ token: Token) -> String {
    let position = source.position(of: token.range.lowerBound)
    return "\(position.line):\(position.column)"
  }
}
