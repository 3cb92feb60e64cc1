import Definitions
import Values

extension Evaluator {
  mutating func condition(_ index: Index, _ scope: Scope) -> Outcome<Bool> {
    switch program.conditions[Int(index)] {
    case .and(let children): return combine(children, scope, deciding: false)
    case .or(let children): return combine(children, scope, deciding: true)
    case .not(let inner):
      let outcome = condition(inner, scope)
      return Outcome(!outcome.value, until: outcome.until)
    case .anyUser(let inner): return quantify(inner, deciding: true)
    case .everyUser(let inner): return quantify(inner, deciding: false)
    case .compare(let left, let relation, let right):
      return compare(left, right, scope) { $0.stands(relation, to: $1) }
    case .countAgainst(let stream, let relation, let number):
      return remembering(stream, scope) { $0.count(stream, relation, number, scope) }
    case .before(let left, let right):
      return compare(left, right, scope) { a, b in
        if let a = a.date, let b = b.date { a < b } else { false }
      }
    case .after(let left, let right):
      return compare(left, right, scope) { a, b in
        if let a = a.date, let b = b.date { a > b } else { false }
      }
    case .dateWithin(let scalar, let from, let to): return date(scalar, from, to, scope)
    case .exists(let scalar): return some(scalar, scope) { _ in true }
    case .absent(let scalar):
      let found = some(scalar, scope) { _ in true }
      return Outcome(!found.value, until: found.until)
    case .contains(let scalar, let parts): return contains(scalar, parts, scope)
    case .omits(let scalar, let parts):
      let found = contains(scalar, parts, scope)
      return Outcome(!found.value, until: found.until)
    case .oneOf(let scalar, let list):
      let literals = literals(list)
      return some(scalar, scope) { value in literals.contains { value.equals($0) } }
    case .noneOf(let scalar, let list):
      let literals = literals(list)
      return some(scalar, scope) { value in !literals.contains { value.equals($0) } }
    case .startsWith(let scalar, let literal):
      guard let part = program.literals[Int(literal)].textForm else { return Outcome(false) }
      return some(scalar, scope) { $0.textForm?.startsExactly(with: part) ?? false }
    case .endsWith(let scalar, let literal):
      guard let part = program.literals[Int(literal)].textForm else { return Outcome(false) }
      return some(scalar, scope) { $0.textForm?.endsExactly(with: part) ?? false }
    }
  }

  /// AND (`deciding` false) and OR (`deciding` true).
  ///
  /// A part with the deciding value keeps the whole at it for as long as the part itself holds, so
  /// the whole holds for as long as the last of those. Without one, it holds until the first part
  /// moves.
  private mutating func combine(
    _ children: Program.Children, _ scope: Scope, deciding: Bool
  ) -> Outcome<Bool> {
    var decidedUntil: Int64?
    var until = Int64.max
    for child in children {
      let part = condition(program.children[Int(child)], scope)
      if part.value == deciding {
        decidedUntil = max(decidedUntil ?? .min, part.until)
        if part.until == .max { break }
      } else {
        until = min(until, part.until)
      }
    }
    if let decidedUntil { return Outcome(deciding, until: decidedUntil) }
    return Outcome(!deciding, until: until)
  }

  /// Whether some pair of the two sides' values passes the test. An absent side has none.
  private mutating func compare(
    _ left: Index, _ right: Index, _ scope: Scope, _ test: (Value, Value) -> Bool
  ) -> Outcome<Bool> {
    if !fansOut(left), !fansOut(right) {
      let a = value(left, scope)
      let b = value(right, scope)
      let truth = a.value.isPresent && b.value.isPresent && test(a.value, b.value)
      return Outcome(truth, until: min(a.until, b.until))
    }
    let a = values(left, scope)
    let b = values(right, scope)
    let truth = a.value.contains { a in b.value.contains { test(a, $0) } }
    return Outcome(truth, until: min(a.until, b.until))
  }

  /// Whether some present value of a scalar passes the test.
  private mutating func some(
    _ scalar: Index, _ scope: Scope, _ test: (Value) -> Bool
  ) -> Outcome<Bool> {
    if !fansOut(scalar) {
      let value = value(scalar, scope)
      return Outcome(value.value.isPresent && test(value.value), until: value.until)
    }
    let values = values(scalar, scope)
    return Outcome(values.value.contains(where: test), until: values.until)
  }

  private mutating func contains(
    _ scalar: Index, _ parts: Program.Children, _ scope: Scope
  ) -> Outcome<Bool> {
    let parts = literals(parts).compactMap(\.textForm)
    return some(scalar, scope) { value in
      guard let text = value.textForm else { return false }
      return parts.contains { text.containsExactly($0) }
    }
  }

  /// `now + from <= v <= now + to`: true from `v - to` to `v - from`, both included.
  private mutating func date(
    _ scalar: Index, _ from: Int64, _ to: Int64, _ scope: Scope
  ) -> Outcome<Bool> {
    let values = values(scalar, scope)
    var truth = false
    var until = values.until
    for value in values.value {
      guard let date = value.date?.milliseconds else { continue }
      if to != .max, now < date - to {
        until = min(until, date - to)
      } else if from == .min || now <= date - from {
        truth = true
        if from != .min { until = min(until, date - from + 1) }
      }
    }
    return Outcome(truth, until: until)
  }

  private func literals(_ range: Program.Children) -> ArraySlice<Value> {
    program.literals[Int(range.lowerBound)..<Int(range.upperBound)]
  }
}

extension Value {
  /// Whether two present values stand in a relation.
  func stands(_ relation: Relation, to other: Value) -> Bool {
    switch relation {
    case .equal: return equals(other)
    case .unequal: return !equals(other)
    case .greater: return order(other) == .greater
    case .less: return order(other) == .less
    case .greaterOrEqual:
      let order = order(other)
      return order == .greater || order == .equal
    case .lessOrEqual:
      let order = order(other)
      return order == .less || order == .equal
    }
  }
}
