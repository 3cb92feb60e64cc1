import Values

extension Parser {
  static let filterNames = ["where", "sources", "within", "between", "expires_after"]
  static let reducerNames = [
    "count", "sum", "avg", "min", "max", "first", "last", "mode", "unique",
  ]
  private static let sourceNames = ["event", "entity", "trait", "property", "context", "literal"]

  mutating func scalar() throws(Failed) -> Scalar {
    let start = token
    if let value = try literalIfAny() {
      return Scalar(kind: .literal(value), range: range(from: start))
    }
    switch start.word {
    case "trait", "context", "property":
      let field = try self.field()
      return Scalar(kind: .field(field), range: range(from: start))
    case "event", "entity":
      return try nested { parser throws(Failed) in try parser.reduction() }
    default: break
    }
    throw notAScalar(start)
  }

  // Told apart from the reading itself, which is many times on the stack.
  private mutating func notAScalar(_ start: Token) -> Failed {
    switch start.kind {
    case .mark("("), .not:
      return conditionInsteadOfScalar(start)
    case .word where ["any", "all"].contains(start.word):
      return conditionInsteadOfScalar(start)
    case .word(let word) where following.isMark("("):
      return fail(
        .unknownFunction, "there is no function '\(word)'",
        label: "not event, trait, property, context or literal",
        help: Suggestion.help(for: word, in: Self.sourceNames))
    case .word(let word):
      return fail(
        .syntax, "'\(word)' means nothing here", label: "not a value",
        help: quoted(every: false).map { "put text in quotes: \($0)" })
    case .end:
      return fail(.syntax, "the query ends where a value is needed", label: "expected a value here")
    default:
      return fail(
        .syntax, "a value is needed here", label: "expected event(…), trait(…) or a literal")
    }
  }

  private mutating func conditionInsteadOfScalar(_ start: Token) -> Failed {
    if start.isMark("(") { skipBrackets() } else { advance() }
    return fail(
      .scalarExpected,
      "a scalar (a number, text, a list) is needed here, and this is a condition (boolean)",
      label: start.isMark("(") ? "parentheses hold a condition" : "a condition begins here",
      help: start.isMark("(") ? "a scalar is not put in parentheses" : nil, at: range(from: start))
  }

  /// `trait('…')`, `context('…')`, `property('…')` or `property(parent: '…')`.
  mutating func field() throws(Failed) -> Field {
    let start = token
    guard let name = start.word, ["trait", "context", "property"].contains(name) else {
      throw fail(
        .syntax, "a field is expected here", label: "not property('…'), trait('…') or context('…')",
        help: "write property('name')")
    }
    advance()
    try expect("(", "after '\(name)'")
    var source = Field.Source(rawValue: name) ?? .property
    if name == "property", takeParent() { source = .parentProperty }
    let path = try string("the name of the \(name)")
    try expect(")", "after the name")
    return Field(source: source, path: FieldPath(path), range: range(from: start))
  }

  private mutating func takeParent() -> Bool {
    guard token.word == "parent", following.isMark(":") else { return false }
    advance()
    advance()
    return true
  }

  private mutating func string(_ what: String) throws(Failed) -> String {
    guard case .string(let text) = token.kind else {
      throw fail(
        .syntax, "\(what) is expected here", label: "expected a string",
        help: quoted(every: true).map { "put it in quotes: \($0)" })
    }
    advance()
    return text
  }

  /// The words from here on in quotes, as they were probably meant; nil when there is no word.
  func quoted(every: Bool) -> String? {
    guard case .word = token.kind else { return nil }
    var last = index
    while every {
      switch tokens[last + 1].kind {
      case .word, .number: last += 1
      default: return "'\(source[token.range.lowerBound..<tokens[last].range.upperBound])'"
      }
    }
    return "'\(source[token.range])'"
  }

  /// `event('…')` with its filters and its reducer.
  private mutating func reduction() throws(Failed) -> Scalar {
    let start = token
    let source: EventStream.Source = start.word == "entity" ? .entity : .event
    advance()
    try expect("(", "after '\(source.rawValue)'")
    let name = try string("the name of the \(source.rawValue)")
    try expect(")", "after the name")
    var stream = EventStream(source: source, name: name, filters: [], range: range(from: start))
    // An unknown function that was meant as the reducer.
    var reducerIsUnknown = false
    while true {
      if isStrayBracket, following.isMark(".") { skipStrayBracket() }
      guard token.isMark(".") else { break }
      stream.range = range(from: start)
      advance()
      let functionToken = token
      guard let function = functionToken.word else {
        throw fail(.syntax, "the name of a filter or a reducer is expected behind '.'")
      }
      if Self.reducerNames.contains(function) {
        advance()
        let reducer = try self.reducer(function)
        return Scalar(kind: .reduction(stream, reducer), range: range(from: start))
      }
      advance()
      if Self.filterNames.contains(function) {
        stream.filters.append(try filter(function))
      } else {
        reducerIsUnknown = try !unknownFunction(functionToken)
      }
    }
    throw reducerIsUnknown ? Failed() : withoutReducer()
  }

  private mutating func withoutReducer() -> Failed {
    fail(
      .missingReducer, "the events are not reduced to a value",
      label: "expected .count() or another reducer",
      help: "for “did it at least once” write .count() >= 1")
  }

  /// Notes a function that no stream has, and passes over its arguments, so that the rest of the
  /// chain is still read. False when it does not look like a filter.
  private mutating func unknownFunction(_ name: Token) throws(Failed) -> Bool {
    let word = source[name.range]
    let isComparator = Self.comparatorNames.contains(word.lowercased())
    // Past the limit nothing is told any more, and looking for names would be all that is done.
    let nearest =
      diagnostics.count < Diagnostic.limit
      ? Suggestion.nearest(to: word, in: Self.filterNames + Self.reducerNames) : nil
    note(
      .unknownFunction,
      isComparator
        ? "'\(word)' works on a value, and these are events"
        : "there is no function '\(word)'",
      label: "not a filter or a reducer of an event stream",
      help: isComparator
        ? "reduce the events first: .count()" : nearest.map { "did you mean '\($0)'?" },
      at: name.range)
    guard token.isMark("(") else { throw Failed() }
    skipBrackets()
    return Self.filterNames.contains { $0 == nearest }
  }

  private mutating func filter(_ name: String) throws(Failed) -> EventStream.Filter {
    try expect("(", "after '\(name)'")
    let filter: EventStream.Filter
    switch name {
    case "where":
      let braced = token.isMark("{")
      if braced { advance() }
      let condition = try nested { parser throws(Failed) in parser.disjunction() }
      if braced { try expect("}", "at the end of the condition") }
      filter = .where(condition)
    case "sources": filter = .excludeSources(try excludedSources())
    default: filter = try window(name)
    }
    try expect(")", "after the arguments of '\(name)'")
    return filter
  }

  private mutating func excludedSources() throws(Failed) -> [Value] {
    let braced = token.isMark("{")
    if braced { advance() }
    guard token.word == "exclude", following.isMark(":") else {
      throw fail(
        .syntax, "'exclude:' is expected here", label: "expected exclude: and a list",
        help: "write sources({exclude: 'id'})")
    }
    advance()
    advance()
    let sources = try list()
    if braced { try expect("}", "at the end of the list") }
    return sources
  }

  private mutating func window(_ name: String) throws(Failed) -> EventStream.Filter {
    if name == "expires_after" { return .expiresAfter(try duration()) }
    let parent = takeParent()
    let first = try duration()
    if name == "within" { return parent ? .withinParent(first) : .within(first) }
    try expect(",", "between the two durations")
    let second = try duration()
    let (low, high) = (min(first, second), max(first, second))
    return parent ? .betweenParent(low: low, high: high) : .between(low: low, high: high)
  }

  private mutating func reducer(_ name: String) throws(Failed) -> Reducer {
    try expect("(", "after '\(name)'")
    if name == "count" {
      try expect(")", "after 'count('")
      return .count
    }
    let field = try self.field()
    var form: Reducer.Form?
    if ["min", "max", "mode"].contains(name), token.word == "as" {
      advance()
      form = token.word.flatMap(Reducer.Form.init(rawValue:))
      guard form != nil, name == "mode" || form != .array else {
        throw fail(
          .syntax, "'\(name)' has no such form", label: "not a form",
          help: name == "mode"
            ? "write 'as number', 'as string' or 'as array'"
            : "write 'as number' or 'as string'")
      }
      advance()
    }
    var least = 2
    if name == "mode", token.isMark(",") {
      advance()
      guard case .number(let count, true) = token.kind, count < 1e9 else {
        throw fail(.syntax, "a whole number is expected here", label: "not a whole number")
      }
      least = Int(count)
      advance()
    }
    try expect(")", "after the arguments of '\(name)'")
    switch name {
    case "sum": return .sum(field)
    case "avg": return .average(field)
    case "min": return .minimum(field, form ?? .number)
    case "max": return .maximum(field, form ?? .number)
    case "first": return .first(field)
    case "last": return .last(field)
    case "mode": return .mode(field, form ?? .string, atLeast: least)
    default:
      // `.unique(…).count()` is one reducer.
      if token.isMark("."), following.word == "count" {
        advance()
        advance()
        try expect("(", "after 'count'")
        try expect(")", "after 'count('")
        return .uniqueCount(field)
      }
      return .unique(field)
    }
  }
}
