/// Everything that a definition mentions, collected by walking its tree.
struct OracleMentions {
  var fields: [OracleField] = []
  var literals: [OracleLiteral] = []
  var durations: [OracleDuration] = []
  /// The fields inside `ANY` and `ALL`, which are about users; `fields` has only the others.
  var memberFields: [OracleField] = []

  /// The mentions of a definition.
  init(in body: OracleDefinition.Body) {
    switch body {
    case .audience(let condition): add(condition)
    case .trait(let scalar): add(scalar)
    }
  }

  /// The mentions of a condition.
  init(in condition: OracleCondition) { add(condition) }

  private mutating func add(_ condition: OracleCondition) {
    switch condition {
    case .and(let parts), .or(let parts):
      for part in parts { add(part) }
    case .not(let inner): add(inner)
    case .any(let inner), .all(let inner):
      let mentions = OracleMentions(in: inner)
      memberFields += mentions.fields + mentions.memberFields
      literals += mentions.literals
      durations += mentions.durations
    case .compare(let scalar, let test):
      add(scalar)
      add(test)
    }
  }

  private mutating func add(_ test: OracleTest) {
    switch test {
    case .relation(_, let scalar), .beforeDate(let scalar), .afterDate(let scalar): add(scalar)
    case .exists, .absent: break
    case .contains(let list), .omits(let list), .oneOf(let list), .noneOf(let list):
      literals += list
    case .startsWith(let literal), .endsWith(let literal): literals.append(literal)
    case .withinLast(let duration), .withinNext(let duration), .beforeLast(let duration),
      .afterNext(let duration):
      durations.append(duration)
    }
  }

  private mutating func add(_ scalar: OracleScalar) {
    switch scalar {
    case .literal(let literal): literals.append(literal)
    case .field(let field): fields.append(field)
    case .reduced(let stream, let reducer):
      for filter in stream.filters { add(filter) }
      if let field = reducer.field { fields.append(field) }
    }
  }

  private mutating func add(_ filter: OracleFilter) {
    switch filter {
    case .where(let condition): add(condition)
    case .sources(let list): literals += list
    case .within(let duration), .withinParent(let duration), .expiresAfter(let duration):
      durations.append(duration)
    case .between(let one, let other), .betweenParent(let one, let other):
      durations += [one, other]
    }
  }
}

extension OracleReducer {
  /// The field that is reduced; nothing for `count()`.
  var field: OracleField? {
    switch self {
    case .count: nil
    case .sum(let field), .avg(let field), .first(let field), .last(let field),
      .min(let field, _), .max(let field, _), .mode(let field, _, _), .unique(let field),
      .uniqueCount(let field):
      field
    }
  }
}

extension OracleField {
  /// The name by which a trait could be another definition: a path of one plain key.
  var referableName: String? {
    guard case .trait = source, path.count == 1, case .key(let name) = path[0] else { return nil }
    return name
  }
}

extension OracleLiteral {
  /// The value that is written.
  public var value: OracleValue {
    switch self {
    case .number(let number): .number(number)
    case .string(let text), .date(let text): .string(text)
    case .boolean(let flag): .boolean(flag)
    }
  }
}
