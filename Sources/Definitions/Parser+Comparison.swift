import Values

extension Parser {
  mutating func comparison() throws(Failed) -> Condition {
    let start = token
    let left = try scalar()
    if case .relation(let relation) = token.kind {
      advance()
      if case .relation = token.kind { throw twoSigns() }
      let right = try scalar()
      if case .relation = token.kind { throw comparedTwice(isComparator: false) }
      return Condition(
        kind: .test(left, .compare(relation, right)), range: range(from: start))
    }
    if token.isMark(".") {
      advance()
      let comparator = try self.comparator()
      if case .relation = token.kind { throw comparedTwice(isComparator: true) }
      return Condition(kind: .test(left, comparator), range: range(from: start))
    }
    throw notACondition(left, start)
  }

  private mutating func comparedTwice(isComparator: Bool) -> Failed {
    isComparator
      ? fail(
        .conditionExpected, "a condition (boolean) cannot be compared",
        label: "the condition ends before this",
        help: "the comparator is a condition by itself: remove the comparison")
      : fail(
        .conditionExpected, "a comparison cannot be compared again",
        label: "the comparison ends before this", help: "join two comparisons with AND")
  }

  /// `=>`, `<>` and signs with a space in them.
  private mutating func twoSigns() -> Failed {
    let (first, second) = (tokens[index - 1], token)
    let meant: [String: Relation] = [
      "=>": .greaterOrEqual, ">=": .greaterOrEqual, "=<": .lessOrEqual, "<=": .lessOrEqual,
      "<>": .unequal, "==": .equal,
    ]
    let help = meant[source[first.range] + source[second.range]].map { "write \($0.rawValue)" }
    return fail(
      .syntax, "two signs of comparison stand one behind the other",
      label: "only one can be meant", help: help ?? "write one of = != > >= < <=",
      at: first.range.lowerBound..<second.range.upperBound)
  }

  private mutating func notACondition(_ left: Scalar, _ start: Token) -> Failed {
    let help: String
    switch left.kind {
    case .field(let field) where field.source == .trait:
      help = "write trait('\(field.path.name)') = true, or .exists()"
    case .field: help = "compare it with a value, or write .exists()"
    case .literal(.boolean): help = "compare something with it: trait('key') = true"
    case .literal: help = "compare something with it"
    case .reduction(_, .count), .reduction(_, .uniqueCount): help = "compare it: … >= 1"
    case .reduction: help = "compare it with a value, or write .exists()"
    }
    return fail(
      .conditionExpected,
      "a condition (boolean) is needed here, and this is a scalar (\(left.typeName))",
      label: "this has a value, but says nothing about it", help: help, at: left.range)
  }

  /// What may stand behind the dot of a scalar, with the older spellings.
  static let comparatorNames = [
    "equals", "differs", "greater_than", "at_least", "less_than", "at_most", "exists", "absent",
    "contains", "omits", "one_of", "none_of", "starts_with", "ends_with", "before_date",
    "after_date", "within_last", "within_next", "before_last", "after_next", "eq", "neq", "gt",
    "gte", "lt", "lte", "is_null", "is_set", "contains_one",
  ]

  private static let relations: [String: Relation] = [
    "equals": .equal, "eq": .equal, "differs": .unequal, "neq": .unequal,
    "greater_than": .greater, "gt": .greater, "at_least": .greaterOrEqual,
    "gte": .greaterOrEqual, "less_than": .less, "lt": .less, "at_most": .lessOrEqual,
    "lte": .lessOrEqual,
  ]

  private mutating func comparator() throws(Failed) -> Comparator {
    let nameToken = token
    guard let name = nameToken.word else {
      throw fail(.syntax, "the name of a comparator is expected behind '.'")
    }
    guard Self.comparatorNames.contains(name) else {
      let isFilter = Self.filterNames.contains(name) || Self.reducerNames.contains(name)
      throw fail(
        .unknownFunction,
        isFilter
          ? "'\(name)' works on events, and this is a value"
          : "there is no function '\(source[nameToken.range])'",
        label: "not a comparator of a value",
        help: Suggestion.help(for: name, in: Self.comparatorNames))
    }
    advance()
    try expect("(", "after '\(name)'")
    let comparator = try arguments(of: name)
    try expect(")", "after the arguments of '\(name)'")
    return comparator
  }

  private mutating func arguments(of name: String) throws(Failed) -> Comparator {
    if let relation = Self.relations[name] { return .compare(relation, try scalar()) }
    switch name {
    case "exists", "is_set": return .exists
    case "absent", "is_null": return .absent
    case "contains", "contains_one": return .contains(try list())
    case "omits": return .omits(try list())
    case "one_of": return .oneOf(try list())
    case "none_of": return .noneOf(try list())
    case "starts_with": return .startsWith(try literal())
    case "ends_with": return .endsWith(try literal())
    case "before_date": return .beforeDate(try scalar())
    case "after_date": return .afterDate(try scalar())
    case "within_last": return .withinLast(try duration())
    case "within_next": return .withinNext(try duration())
    case "before_last": return .beforeLast(try duration())
    default: return .afterNext(try duration())
    }
  }

  /// `[ a, b ]` or `a, b`.
  mutating func list() throws(Failed) -> [Value] {
    let bracketed = token.isMark("[")
    if bracketed { advance() }
    var values = [try literal()]
    while token.isMark(",") {
      advance()
      values.append(try literal())
    }
    if bracketed { try expect("]", "at the end of the list") }
    return values
  }

  mutating func literal() throws(Failed) -> Value {
    if let value = try literalIfAny() { return value }
    throw fail(
      .syntax, "a literal is expected here", label: "not a number, a string, a date, true or false",
      help: quoted(every: true).map { "put text in quotes: \($0)" })
  }

  mutating func literalIfAny() throws(Failed) -> Value? {
    let value: Value
    switch token.kind {
    case .string(let text), .date(let text): value = .string(text)
    case .number(let number, _): value = .number(number)
    case .word where token.word == "true": value = .boolean(true)
    case .word where token.word == "false": value = .boolean(false)
    case .word where token.word == "literal":
      advance()
      try expect("(", "after 'literal'")
      let inner = try nested { parser throws(Failed) in try parser.literal() }
      try expect(")", "after the literal")
      return inner
    default: return nil
    }
    advance()
    return value
  }
}

extension Scalar {
  /// The kind of value, as far as it is known without data.
  var typeName: String {
    switch kind {
    case .literal(.number): "number"
    case .literal(.boolean): "true or false"
    case .literal: "text"
    case .field: "any value"
    case .reduction(_, let reducer):
      switch reducer {
      case .count, .uniqueCount, .sum, .average: "number"
      case .minimum(_, let form), .maximum(_, let form): form == .string ? "text" : "number"
      case .mode: "text"
      case .unique: "list"
      case .first, .last: "any value"
      }
    }
  }
}
