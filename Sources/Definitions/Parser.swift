import Values

/// Reads a query into its syntax tree, by recursive descent, in the grammar's own words.
///
/// A mistake is noted with its place; reading goes on behind it at the next `AND`, `OR` or closing
/// bracket, so that three mistakes give three diagnostics. A tree that came with an error is not
/// used.
struct Parser {
  /// Conditions and streams may stand in one another this deep: a thread with a stack of
  /// 512 KiB reads it with room to spare, in a debug build too.
  static let depthLimit = 50
  let source: SourceText
  let tokens: [Token]
  var index = 0
  var depth = 0
  var diagnostics: [Diagnostic] = []
  /// How many brackets are open before each token, as the text has them.
  let levels: [Int]
  /// Closing brackets that were read though they are missing, less the opening ones.
  var inserted = 0
  /// Where the lexer left something out: what does not fit there is its fault.
  let gaps: [Int]
  /// Where the operand begins that is being read.
  var operandStart: Int
  /// Set when nothing behind a mistake can be read sensibly.
  var gaveUp = false

  /// A mistake that was noted already; it unwinds to the next sensible place.
  struct Failed: Error {}

  /// - Parameter marks: the single characters that are tokens.
  init(_ source: SourceText, _ range: SourceRange, marks: String = Lexer.queryMarks) {
    self.source = source
    let lexer = Lexer(source, range, marks: marks)
    tokens = lexer.tokens
    diagnostics = lexer.diagnostics
    gaps = lexer.diagnostics.filter { [.unknownCharacter, .unclosedString].contains($0.id) }
      .map(\.range.lowerBound)
    operandStart = range.lowerBound
    var level = 0
    levels = tokens.map { token in
      defer { level += token.isOpening ? 1 : token.isClosing ? -1 : 0 }
      return level
    }
  }

  var token: Token { tokens[index] }

  var following: Token { tokens[min(index + 1, tokens.count - 1)] }

  mutating func advance() { if index < tokens.count - 1 { index += 1 } }

  // MARK: Whole queries

  /// The query of an audience: one condition, to the end.
  mutating func audience() -> Condition? {
    let start = token
    guard start.kind != .end else {
      note(
        .missingQuery, "the query is missing", help: "write it below the front matter",
        at: operandStart..<operandStart)
      return nil
    }
    let condition = disjunction()
    while token.kind != .end {
      if token.kind == .and || token.kind == .or {
        advance()
        _ = disjunction()
      } else if token.isClosing {
        skipStrayBracket()
        // What follows belongs to what stands before the bracket, and was not read.
        recover(to: 0)
      } else {
        if !hasGap(since: tokens[index - 1].range.upperBound) {
          note(
            .syntax, "the query goes on after its end", label: "expected AND, OR or the end",
            at: token.range)
        }
        advance()
        recover(to: 0)
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
        at: operandStart..<operandStart)
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
    let (level, outerStart) = (self.level, operandStart)
    operandStart = start.range.lowerBound
    defer { operandStart = outerStart }
    do {
      return try unary()
    } catch {
      recover(to: level)
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
    let known = diagnostics.count
    var inner = try nested { parser throws(Failed) in parser.disjunction() }
    guard token.isMark(")") else {
      throw unclosed("a ')' is missing", help: "the '(' at \(place(start)) is not closed")
    }
    advance()
    inner.range = range(from: start)
    switch token.kind {
    case .relation, .mark("."): throw comparedParentheses(inner, known)
    default: return inner
    }
  }

  /// - Parameter known: how many diagnostics there were before the parentheses.
  private mutating func comparedParentheses(_ inner: Condition, _ known: Int) -> Failed {
    let isScalar = diagnostics.dropFirst(known).map(\.id) == [.conditionExpected]
    if isScalar { diagnostics.removeLast() }
    return fail(
      .scalarExpected,
      isScalar
        ? "a scalar (a number, text, a list) is not put in parentheses"
        : "a scalar (a number, text, a list) is needed before '\(source[token.range])', and this "
          + "is a condition (boolean)",
      label: isScalar
        ? "parentheses hold a condition" : "what stands in the parentheses is a condition",
      help: isScalar ? "remove the parentheses" : "join two conditions with AND or OR",
      at: inner.range)
  }

  /// `line:column` of a token, for a help text.
  func place(_ token: Token) -> String {
    let position = source.position(of: token.range.lowerBound)
    return "\(position.line):\(position.column)"
  }
}
