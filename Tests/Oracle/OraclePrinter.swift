/// Writes definitions in the syntax of the language.
public struct OraclePrinter {
  var spelling: OracleSpelling

  /// A printer of the one canonical spelling.
  public init() { spelling = OracleSpelling(random: nil) }

  /// A printer that chooses among equivalent spellings, the same for the same seed.
  public init(seed: UInt64) { spelling = OracleSpelling(random: OracleRandom(seed: seed)) }

  /// The query of a definition.
  public mutating func query(_ body: OracleDefinition.Body) -> String {
    switch body {
    case .audience(let condition): text(of: condition)
    case .trait(let scalar): text(of: scalar)
    }
  }

  /// The whole definition file.
  public mutating func file(_ definition: OracleDefinition) -> String {
    var lines = ["---", "name: \(definition.key)", "key: \(definition.key)"]
    if definition.subjects == .accounts { lines.append("type: accounts") }
    if definition.includeAnonymous { lines.append("include_anonymous: true") }
    lines += ["---", query(definition.body), ""]
    return lines.joined(separator: "\n")
  }

  /// How tightly a condition binds: an operand that binds less needs parentheses.
  private func strength(_ condition: OracleCondition) -> Int {
    switch condition {
    case .or(let parts): parts.count == 1 ? strength(parts[0]) : 0
    case .and(let parts): parts.count == 1 ? strength(parts[0]) : 1
    case .not, .any, .all: 2
    case .compare: 3
    }
  }

  private mutating func text(of condition: OracleCondition) -> String {
    let text = bareText(of: condition)
    return spelling.chance(5) ? parenthesized(text) : text
  }

  private mutating func parenthesized(_ text: String) -> String {
    "(" + spelling.gap() + text + spelling.gap() + ")"
  }

  private mutating func operand(_ condition: OracleCondition, atLeast least: Int) -> String {
    let text = self.text(of: condition)
    return strength(condition) < least ? parenthesized(text) : text
  }

  private mutating func bareText(of condition: OracleCondition) -> String {
    switch condition {
    case .and(let parts): return joined(parts, "AND", "&&", operandsAtLeast: 1)
    case .or(let parts): return joined(parts, "OR", "||", operandsAtLeast: 0)
    case .not(let inner):
      let sign = spelling.chance(20) ? "!" + spelling.gap() : nil
      return (sign ?? spelling.keyword("NOT") + spelling.space()) + operand(inner, atLeast: 2)
    case .any(let inner):
      return spelling.keyword("ANY") + spelling.space() + operand(inner, atLeast: 2)
    case .all(let inner):
      return spelling.keyword("ALL") + spelling.space() + operand(inner, atLeast: 2)
    case .compare(let scalar, let test): return comparison(scalar, test)
    }
  }

  private mutating func joined(
    _ parts: [OracleCondition], _ word: String, _ sign: String, operandsAtLeast least: Int
  ) -> String {
    precondition(!parts.isEmpty, "logic over nothing")
    var text = operand(parts[0], atLeast: least)
    for part in parts.dropFirst() {
      let connective =
        spelling.chance(20)
        ? spelling.gap() + sign + spelling.gap()
        : spelling.space() + spelling.keyword(word) + spelling.space()
      text += connective + operand(part, atLeast: least)
    }
    return text
  }

  private mutating func comparison(_ scalar: OracleScalar, _ test: OracleTest) -> String {
    if case .relation(let relation, let other) = test, !spelling.chance(25) {
      let text = relationText(relation, other)
      if case .literal(let literal) = scalar {
        return spelling.literal(literal) + text
      }
      return self.text(of: scalar) + text
    }
    let subject =
      if case .literal(let literal) = scalar {
        spelling.leadingLiteral(literal)
      } else {
        text(of: scalar)
      }
    return subject + spelling.gap() + "." + spelling.gap() + method(test)
  }

  private mutating func relationText(
    _ relation: OracleTest.Relation, _ other: OracleScalar
  ) -> String {
    let sign = spelling.pick(relation.operators)
    let tight = spelling.chance(10)
    let before = tight ? "" : spelling.space()
    let after = tight ? "" : spelling.space()
    return before + sign + after + text(of: other)
  }

  private mutating func method(_ test: OracleTest) -> String {
    func call(_ names: [String], _ argument: String) -> String {
      spelling.call(spelling.pick(names), argument)
    }
    return switch test {
    case .relation(let relation, let other): call(relation.methods, text(of: other))
    case .exists: call(["exists", "is_set"], "")
    case .absent: call(["absent", "is_null"], "")
    case .contains(let list): call(["contains", "contains_one"], spelling.list(list))
    case .omits(let list): call(["omits"], spelling.list(list))
    case .oneOf(let list): call(["one_of"], spelling.list(list))
    case .noneOf(let list): call(["none_of"], spelling.list(list))
    case .startsWith(let literal): call(["starts_with"], spelling.literal(literal))
    case .endsWith(let literal): call(["ends_with"], spelling.literal(literal))
    case .beforeDate(let other): call(["before_date"], text(of: other))
    case .afterDate(let other): call(["after_date"], text(of: other))
    case .withinLast(let duration): call(["within_last"], spelling.duration(duration))
    case .withinNext(let duration): call(["within_next"], spelling.duration(duration))
    case .beforeLast(let duration): call(["before_last"], spelling.duration(duration))
    case .afterNext(let duration): call(["after_next"], spelling.duration(duration))
    }
  }
}

extension OracleTest.Relation {
  /// The operators, the usual one first.
  var operators: [String] {
    switch self {
    case .equal: ["=", "=="]
    case .notEqual: ["!="]
    case .greater: [">"]
    case .atLeast: [">="]
    case .less: ["<"]
    case .atMost: ["<="]
    }
  }

  /// The methods, the usual one first and the older spelling after it.
  var methods: [String] {
    switch self {
    case .equal: ["equals", "eq"]
    case .notEqual: ["differs", "neq"]
    case .greater: ["greater_than", "gt"]
    case .atLeast: ["at_least", "gte"]
    case .less: ["less_than", "lt"]
    case .atMost: ["at_most", "lte"]
    }
  }
}
