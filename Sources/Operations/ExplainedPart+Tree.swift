import Definitions
import Evaluation
import EventStore
import SQLite
import Values

/// Puts the evaluator's explanation into the words of the file, with the calls and the ids that it
/// names by their numbers.
struct ExplanationReader {
  /// The call of an event row; nil when there is none.
  private let call: (Int64) throws -> ExplainedCall?
  /// The id of a user or an account.
  private let id: (Int64) throws -> String
  private let now: Instant
  private let personal: [String: Bool]

  /// - Parameter definitions: all that the explanation may name.
  init(
    _ definitions: [Definition], at now: Instant,
    call: @escaping (Int64) throws -> ExplainedCall?, id: @escaping (Int64) throws -> String
  ) {
    self.call = call
    self.id = id
    self.now = now
    personal = Dictionary(
      definitions.map { ($0.key, $0.isPersonal) }, uniquingKeysWith: { first, _ in first })
  }

  /// With the calls and the ids of a store.
  init(_ connection: Connection, _ definitions: [Definition], at now: Instant) throws {
    let calls = try StoredCalls(connection)
    let ids = try connection.prepare("SELECT external_id FROM identities WHERE id = ?")
    self.init(
      definitions, at: now, call: { try calls.call($0).map(ExplainedCall.init) },
      id: { try ids.first(.init($0)) { $0.text(0) } ?? "" })
  }

  func part(_ explanation: Explanation) throws -> ExplainedPart {
    var source = ExplainedPart.Source.parts
    var children = explanation.children
    var comparison: ExplainedPart.Comparison?
    var isPersonal = false
    switch explanation.query {
    case .audience(let condition):
      if case .users = explanation.source { source = try self.source(explanation) }
      if case .test(_, let comparator) = condition.kind, let left = children.first {
        // What stands to the left is told with the comparison, not as a part of its own.
        comparison = self.comparison(left, comparator, children.dropFirst().first)
        source = try self.source(left)
        children = left.children + children.dropFirst()
      }
    case .trait(let scalar):
      source = try self.source(explanation)
      isPersonal = self.isPersonal(scalar)
    }
    return ExplainedPart(
      whose: try explanation.whose.map(whose), definition: explanation.definition,
      range: explanation.query.range,
      isCondition: explanation.isCondition, value: explanation.value, isPersonal: isPersonal,
      until: explanation.until == .never ? nil : explanation.until, comparison: comparison,
      source: source, children: try children.map(part))
  }

  private func whose(_ whose: Explanation.Whose) throws -> ExplainedPart.Whose {
    switch whose {
    case .user(let number): .user(try id(number))
    case .account(let number): .account(try id(number))
    }
  }

  // MARK: Comparisons

  private func comparison(
    _ left: Explanation, _ comparator: Comparator, _ right: Explanation?
  ) -> ExplainedPart.Comparison {
    ExplainedPart.Comparison(
      found: left.value, isPersonal: isPersonal(left), comparator: comparator.name,
      asked: asked(comparator, right))
  }

  private func asked(_ comparator: Comparator, _ right: Explanation?) -> ExplainedPart.Asked {
    if let operand = comparator.operand {
      if case .literal(let value) = operand.kind { return .value(value, isPersonal: false) }
      return .value(right?.value ?? .absent, isPersonal: right.map(isPersonal) ?? true)
    }
    return switch comparator {
    case .contains(let list), .omits(let list), .oneOf(let list), .noneOf(let list): .list(list)
    case .startsWith(let value), .endsWith(let value): .value(value, isPersonal: false)
    case .withinLast(let duration): .date(from: now - duration, to: now)
    case .withinNext(let duration): .date(from: now, to: now + duration)
    case .beforeLast(let duration): .date(from: nil, to: now - duration)
    case .afterNext(let duration): .date(from: now + duration, to: nil)
    default: .nothing
    }
  }

  private func isPersonal(_ explanation: Explanation) -> Bool {
    guard case .trait(let scalar) = explanation.query else { return false }
    return isPersonal(scalar)
  }

  /// Whether a value is made of properties or traits, and not of the query or of how many there are.
  private func isPersonal(_ scalar: Scalar) -> Bool {
    switch scalar.kind {
    case .literal, .reduction(_, .count), .reduction(_, .uniqueCount): false
    case .reduction: true
    case .field(let field): field.source == .trait ? personal[field.path.name] ?? true : true
    }
  }

  // MARK: Where a value comes from

  private func source(_ explanation: Explanation) throws -> ExplainedPart.Source {
    switch explanation.source {
    case .parts: return .parts
    case .definition(let key):
      return .definition(key: key, isExplained: !explanation.children.isEmpty)
    case .accountDefinition(let key, let crowd):
      let isExplained = !explanation.children.isEmpty
      return .accountDefinition(
        key: key, isExplained: isExplained, self.crowd(crowd, explanation))
    case .users(let crowd): return .users(self.crowd(crowd, explanation))
    case .customTrait(let row): return .customTrait(try row.flatMap(call))
    case .events(let events):
      var rows = events.rows[...]
      if explanation.asksFirst {
        rows = rows.prefix(ExplainedPart.Events.limit)
      } else {
        rows = rows.suffix(ExplainedPart.Events.limit)
        rows.reverse()
      }
      return .events(
        ExplainedPart.Events(
          from: events.from, to: events.to, kept: events.rows.count, named: events.named,
          calls: try rows.compactMap(call)))
    }
  }

  private func crowd(
    _ crowd: Explanation.Crowd, _ explanation: Explanation
  ) -> ExplainedPart.Crowd {
    ExplainedPart.Crowd(
      count: crowd.count, holding: crowd.holding, more: crowd.count - explanation.children.count)
  }
}

extension Explanation {
  fileprivate var isCondition: Bool {
    if case .audience = query { return true }
    return false
  }

  fileprivate var asksFirst: Bool {
    if case .trait(let scalar) = query, case .reduction(_, .first) = scalar.kind { return true }
    return false
  }
}
