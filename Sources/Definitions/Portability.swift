import Values

/// Finds what this engine reads and Segment would refuse, for people who move definitions both ways.
struct Portability {
  /// Segment takes this many primary expressions in a definition.
  static let expressionLimit = 50

  private let definition: Definition
  private(set) var diagnostics: [Diagnostic] = []

  init(_ definition: Definition) {
    self.definition = definition
    let range: SourceRange
    let expressions: Int
    switch definition.query {
    case .audience(let condition):
      (range, expressions) = (condition.range, Self.count(condition))
    case .trait(let scalar):
      (range, expressions) = (scalar.range, Self.count(scalar))
    }
    let tokens = Lexer(definition.source, range).tokens
    for place in tokens.indices { look(at: place, in: tokens) }
    if expressions > Self.expressionLimit {
      note(
        "\(expressions) primary expressions, and Segment takes \(Self.expressionLimit)",
        "split the definition: refer to another one with trait('key')", range)
    }
  }

  private mutating func look(at place: Int, in tokens: [Token]) {
    let token = tokens[place]
    let text = definition.source[token.range]
    switch (token.kind, text) {
    case (.relation(.equal), "=="): note("'==' is not Segment's", "write =", token.range)
    case (.and, "&&"): note("'&&' is not Segment's", "write AND", token.range)
    case (.or, "||"): note("'||' is not Segment's", "write OR", token.range)
    case (.not, "!"): note("'!' is not Segment's", "write NOT", token.range)
    case (.word, _):
      if ["true", "false"].contains(token.word), Self.word(before: place, in: tokens) != "literal" {
        let literal = text.lowercased()
        note("'\(literal)' without quotes is not Segment's", "write '\(literal)'", token.range)
      }
      if let unit = Duration.Unit(word: text), [.second, .minute, .week].contains(unit),
        place > 0, case .number = tokens[place - 1].kind,
        Self.word(before: place - 1, in: tokens) != "expires_after"
      {
        note(
          "Segment has no \(unit.rawValue)s in a window",
          unit == .week ? "write it in days" : "write it in hours or days", token.range)
      }
    default: break
    }
  }

  /// The function whose first argument stands at a place.
  private static func word(before place: Int, in tokens: [Token]) -> String? {
    guard place > 1, tokens[place - 1].isMark("(") else { return nil }
    return tokens[place - 2].word
  }

  private static func count(_ condition: Condition) -> Int {
    switch condition.kind {
    case .and(let parts), .or(let parts): parts.reduce(0) { $0 + count($1) }
    case .not(let inner), .anyUser(let inner), .everyUser(let inner): count(inner)
    case .test(let scalar, let comparator):
      1 + count(scalar) + (comparator.operand.map(count) ?? 0)
    }
  }

  /// The comparisons inside of a scalar's `where` filters.
  private static func count(_ scalar: Scalar) -> Int {
    guard case .reduction(let stream, _) = scalar.kind else { return 0 }
    return stream.filters.reduce(0) { sum, filter in
      if case .where(let condition) = filter { sum + count(condition) } else { sum }
    }
  }

  private mutating func note(_ message: String, _ help: String, _ range: SourceRange) {
    guard diagnostics.count < Diagnostic.limit else { return }
    diagnostics.append(
      Diagnostic(
        .notPortable, message, label: "not portable to Segment", help: help, at: range,
        in: definition.source, severity: .warning))
  }
}

extension Project {
  /// What Segment would refuse in definitions that this engine takes, by file and place.
  public var unportable: [Diagnostic] {
    definitions.flatMap { Portability($0).diagnostics }.inOrder
  }
}
