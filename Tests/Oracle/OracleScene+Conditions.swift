extension OracleScene {
  /// Whether a condition holds. `events` are the enclosing events, the innermost last.
  func holds(_ condition: OracleCondition, inside events: [OracleEvent]) -> Bool {
    switch condition {
    case .and(let parts): parts.allSatisfy { holds($0, inside: events) }
    case .or(let parts): parts.contains { holds($0, inside: events) }
    case .not(let inner): !holds(inner, inside: events)
    case .any(let inner): members.contains { $0.holds(inner, inside: events) }
    case .all(let inner):
      !members.isEmpty && members.allSatisfy { $0.holds(inner, inside: events) }
    case .compare(let scalar, let test):
      passes(values(of: scalar, inside: events), test, inside: events)
    }
  }

  /// Whether some of the values of a scalar passes a test, or, for two of them, none does.
  private func passes(
    _ values: [OracleValue], _ test: OracleTest, inside events: [OracleEvent]
  ) -> Bool {
    switch test {
    case .relation(let relation, let other):
      somePair(values, self.values(of: other, inside: events)) { relation.holds($0, $1) }
    case .exists: !values.isEmpty
    case .absent: values.isEmpty
    case .contains(let list): values.contains { containsAny($0, list) }
    case .omits(let list): !values.contains { containsAny($0, list) }
    case .oneOf(let list): values.contains { value in list.contains { value.equals($0.value) } }
    case .noneOf(let list): values.contains { value in !list.contains { value.equals($0.value) } }
    case .startsWith(let literal):
      values.contains { ($0.text ?? "").startsExactly(with: literal.value.text ?? "") }
    case .endsWith(let literal):
      values.contains { ($0.text ?? "").endsExactly(with: literal.value.text ?? "") }
    case .beforeDate(let other):
      somePair(values, self.values(of: other, inside: events)) { areDates($0, $1, by: <) }
    case .afterDate(let other):
      somePair(values, self.values(of: other, inside: events)) { areDates($0, $1, by: >) }
    case .withinLast(let length):
      someDate(values) { now - length.milliseconds <= $0 && $0 <= now }
    case .withinNext(let length):
      someDate(values) { now <= $0 && $0 <= now + length.milliseconds }
    case .beforeLast(let length): someDate(values) { $0 <= now - length.milliseconds }
    case .afterNext(let length): someDate(values) { $0 >= now + length.milliseconds }
    }
  }

  private func somePair(
    _ left: [OracleValue], _ right: [OracleValue], _ test: (OracleValue, OracleValue) -> Bool
  ) -> Bool {
    left.contains { left in right.contains { test(left, $0) } }
  }

  private func containsAny(_ value: OracleValue, _ list: [OracleLiteral]) -> Bool {
    guard let text = value.text else { return false }
    return list.contains { text.hasExactly($0.value.text ?? "") }
  }

  private func areDates(
    _ left: OracleValue, _ right: OracleValue, by test: (Int64, Int64) -> Bool
  ) -> Bool {
    guard let left = left.instant, let right = right.instant else { return false }
    return test(left, right)
  }

  private func someDate(_ values: [OracleValue], _ test: (Int64) -> Bool) -> Bool {
    values.compactMap(\.instant).contains(where: test)
  }

  /// The present values of a scalar: several only for a path with `$`.
  func values(of scalar: OracleScalar, inside events: [OracleEvent]) -> [OracleValue] {
    switch scalar {
    case .literal(let literal): return [literal.value]
    case .field(let field): return values(of: field, inside: events)
    case .reduced(let stream, let reducer):
      let kept = self.events(of: stream, inside: events)
      return [reduce(kept, reducer, inside: events)].filter(\.isPresent)
    }
  }

  /// The present values of a field.
  func values(of field: OracleField, inside events: [OracleEvent]) -> [OracleValue] {
    let path = field.path[...]
    switch field.source {
    case .trait:
      if let name = field.referableName, let values = references[ExactText(name)] { return values }
      return traits.values(at: path)
    case .property:
      guard let event = events.last else { preconditionFailure("a property outside an event") }
      return event.properties.values(at: path)
    case .parentProperty:
      guard let parent = events.dropLast().last else {
        preconditionFailure("a parent's property outside a nested event")
      }
      return parent.properties.values(at: path)
    case .context:
      guard let event = events.last else { preconditionFailure("a context outside an event") }
      let own = OracleValue.string(OracleDate.text(of: event.timestamp))
      return event.context.setting("timestamp", to: own).values(at: path)
    }
  }
}

extension OracleTest.Relation {
  /// Whether two present values stand in this relation.
  func holds(_ left: OracleValue, _ right: OracleValue) -> Bool {
    switch self {
    case .equal: left.equals(right)
    case .notEqual: left.differs(from: right)
    case .greater: left.isOrdered(right, numbers: >, instants: >)
    case .atLeast: left.isOrdered(right, numbers: >=, instants: >=)
    case .less: left.isOrdered(right, numbers: <, instants: <)
    case .atMost: left.isOrdered(right, numbers: <=, instants: <=)
    }
  }
}
