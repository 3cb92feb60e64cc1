extension OracleDefinition {
  /// The definition with one thing taken away.
  var simpler: [OracleDefinition] {
    let bodies: [Body] =
      switch body {
      case .audience(let condition): condition.simpler.map { .audience($0) }
      case .trait(let scalar): scalar.simpler.map { .trait($0) }
      }
    var result = bodies.map { body in
      var copy = self
      copy.body = body
      return copy
    }
    if includeAnonymous {
      var copy = self
      copy.includeAnonymous = false
      result.append(copy)
    }
    return result
  }
}

extension OracleCondition {
  /// The condition with one thing taken away; it may stand wherever the condition stood.
  var simpler: [OracleCondition] {
    switch self {
    case .and(let parts): return Self.simpler(parts) { .and($0) }
    case .or(let parts): return Self.simpler(parts) { .or($0) }
    case .not(let inner): return [inner] + inner.simpler.map { .not($0) }
    case .any(let inner): return inner.simpler.map { .any($0) }
    case .all(let inner): return inner.simpler.map { .all($0) }
    case .compare(let scalar, let test):
      return scalar.simpler.map { .compare($0, test) } + test.simpler.map { .compare(scalar, $0) }
    }
  }

  private static func simpler(
    _ parts: [OracleCondition], _ make: ([OracleCondition]) -> OracleCondition
  ) -> [OracleCondition] {
    parts + (parts.count > 2 ? parts.withOneLess.map(make) : [])
      + parts.withOneSimpler(\.simpler).map(make)
  }
}

extension OracleTest {
  /// The test with one thing taken away.
  var simpler: [OracleTest] {
    switch self {
    case .relation(let relation, let other):
      return other.simplerOperands.map { .relation(relation, $0) }
    case .beforeDate(let other): return other.simplerOperands.map { .beforeDate($0) }
    case .afterDate(let other): return other.simplerOperands.map { .afterDate($0) }
    case .contains(let list): return Self.shorter(list).map { .contains($0) }
    case .omits(let list): return Self.shorter(list).map { .omits($0) }
    case .oneOf(let list): return Self.shorter(list).map { .oneOf($0) }
    case .noneOf(let list): return Self.shorter(list).map { .noneOf($0) }
    case .exists, .absent, .startsWith, .endsWith, .withinLast, .withinNext, .beforeLast,
      .afterNext:
      return []
    }
  }

  private static func shorter(_ list: [OracleLiteral]) -> [[OracleLiteral]] {
    list.count > 1 ? list.withOneLess : []
  }
}

extension OracleScalar {
  /// The scalar with one thing taken away.
  var simpler: [OracleScalar] {
    switch self {
    case .literal, .field: return []
    case .reduced(let stream, let reducer):
      let streams =
        stream.filters.withOneLess
        + stream.filters.withOneSimpler(\.simpler)
      var result = streams.map { filters in
        OracleScalar.reduced(OracleStream(stream.event, filters), reducer)
      }
      if reducer.field != nil { result.append(.reduced(stream, .count)) }
      return result
    }
  }

  /// What may stand in place of the other side of a comparison.
  fileprivate var simplerOperands: [OracleScalar] {
    if case .literal = self {
      []
    } else {
      [.literal(.number(1)), .literal(.string("red"))] + simpler
    }
  }
}

extension OracleFilter {
  /// The filter with one thing taken away.
  var simpler: [OracleFilter] {
    switch self {
    case .where(let condition): return condition.simpler.map { .where($0) }
    case .sources(let list):
      return list.count > 1 ? list.withOneLess.map { .sources(excluding: $0) } : []
    case .within, .withinParent, .between, .betweenParent, .expiresAfter: return []
    }
  }
}
