import Values

/// Finds what a query says that its author probably did not mean. It warns and never refuses.
struct Traps {
  private let definition: Definition
  /// The keys of the project's definitions; every other trait is a custom one.
  private let keys: Set<String>
  private(set) var diagnostics: [Diagnostic] = []

  init(_ definition: Definition, keys: Set<String>) {
    self.definition = definition
    self.keys = keys
    switch definition.query {
    case .audience(let condition): look(at: condition)
    case .trait(let scalar): look(at: scalar)
    }
  }

  private mutating func look(at condition: Condition) {
    switch condition.kind {
    case .and(let parts), .or(let parts): for part in parts { look(at: part) }
    case .anyUser(let inner), .everyUser(let inner): look(at: inner)
    case .not(let inner):
      notExactly(condition, inner)
      look(at: inner)
    case .test(let scalar, let comparator):
      look(at: scalar)
      switch comparator {
      case .compare(let relation, let other):
        look(at: other)
        comparison(condition, scalar, relation, other)
      case .beforeDate(let other), .afterDate(let other): look(at: other)
      default: break
      }
    }
  }

  private mutating func look(at scalar: Scalar) {
    guard case .reduction(let stream, _) = scalar.kind else { return }
    var low = Duration.zero
    var high = Duration.longest
    for filter in stream.filters {
      switch filter {
      case .where(let condition): look(at: condition)
      case .within(let length): high = min(high, length)
      case .between(let from, let to):
        low = max(low, from)
        high = min(high, to)
      default: break
      }
    }
    if low > high {
      warn(
        .neverTrue, "the windows exclude each other: no event is in both",
        label: "keeps no event, ever", help: "remove one of them", at: stream.range)
    }
  }

  /// `NOT … count() = 1`: who did it twice is in.
  private mutating func notExactly(_ condition: Condition, _ inner: Condition) {
    guard case .test(let scalar, .compare(.equal, let other)) = inner.kind,
      case .reduction(_, .count) = scalar.kind,
      case .literal(.number(let number)) = other.kind, number >= 1
    else { return }
    let count = number.textForm
    warn(
      .notExactly, "NOT … count() = \(count) also holds for who did it more often",
      label: "“did not do it exactly \(count) time\(number == 1 ? "" : "s")”",
      help: "for “never did it” write count() = 0, for “less often” count() < \(count)",
      at: condition.range)
  }

  private mutating func comparison(
    _ condition: Condition, _ scalar: Scalar, _ relation: Relation, _ other: Scalar
  ) {
    guard case .literal(let literal) = other.kind else { return }
    switch scalar.kind {
    case .literal:
      constant(condition)
    case .field(let field):
      absence(condition, field, relation, literal)
    case .reduction(_, let reducer):
      if case .string = literal, reducer.isNumeric {
        warn(
          .textAgainstNumber, "a number is compared with a text",
          label: "text in quotes", help: "write the number without quotes", at: other.range)
      }
      if reducer.isCount, case .number(let number) = literal {
        bounds(condition, relation, number)
      }
    }
  }

  private mutating func absence(
    _ condition: Condition, _ field: Field, _ relation: Relation, _ literal: Value
  ) {
    let isDefinition = field.source == .trait && keys.contains(field.path.name)
    let what = definition.source[field.range]
    if relation == .unequal, !isDefinition {
      warn(
        .unequalMissesAbsent, "!= leaves out those that have no value at all",
        label: "false where the value is absent",
        help: "to take them in write NOT \(what) = \(literal.spelling)", at: condition.range)
    }
    let isFalse = literal == .boolean(false) || literal == .string("false")
    if relation == .equal, isFalse, field.source == .trait, !isDefinition {
      warn(
        .falseMissesAbsent, "= false misses those who never had the trait",
        label: "false where the trait is absent",
        help: "to take them in write NOT \(what) = true", at: condition.range)
    }
  }

  private mutating func constant(_ condition: Condition) {
    warn(
      .constantCondition, "two literals are compared: the answer is the same for everybody",
      label: "reads no data", help: "compare a trait or events with a literal",
      at: condition.range)
  }

  /// A count is a whole number from 0.
  private mutating func bounds(_ condition: Condition, _ relation: Relation, _ number: Double) {
    let isWhole = number == number.rounded() && number >= 0
    let answer: Bool? =
      switch relation {
      case .greaterOrEqual: number <= 0 ? true : nil
      case .greater: number < 0 ? true : nil
      case .less: number <= 0 ? false : nil
      case .lessOrEqual: number < 0 ? false : nil
      case .equal: isWhole ? nil : false
      case .unequal: isWhole ? nil : true
      }
    guard let answer else { return }
    warn(
      answer ? .alwaysTrue : .neverTrue,
      "a count is a whole number from 0, so this \(answer ? "always" : "never") holds",
      label: answer ? "true for everybody" : "true for nobody",
      help: "for “at least once” write count() >= 1, for “never” count() = 0",
      at: condition.range)
  }

  private mutating func warn(
    _ id: Diagnostic.ID, _ message: String, label: String, help: String, at range: SourceRange
  ) {
    diagnostics.append(
      Diagnostic(
        id, message, label: label, help: help, at: range, in: definition.source,
        severity: .warning))
  }
}

extension Reducer {
  /// Whether the result is a number or absent.
  var isNumeric: Bool {
    switch self {
    case .count, .uniqueCount, .sum, .average: true
    case .minimum(_, let form), .maximum(_, let form): form == .number
    case .first, .last, .mode, .unique: false
    }
  }

  var isCount: Bool {
    switch self {
    case .count, .uniqueCount: true
    default: false
    }
  }
}

extension Value {
  /// The value as a query writes it.
  fileprivate var spelling: String {
    if case .string(let text) = self {
      let escaped = text.replacing("\\", with: "\\\\").replacing("'", with: "\\'")
      return "'\(escaped)'"
    }
    return json
  }
}
