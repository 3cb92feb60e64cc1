import Definitions
import Evaluation
import Values

extension Explanation {
  /// What is wrong between a part and its parts; nil when nothing is.
  func problem(at now: Instant, _ parts: inout Int) -> String? {
    parts += 1
    if until <= now { return "the value has ended already" }
    if case .audience(let condition) = query {
      let truths = children.map { $0.value == .boolean(true) }
      let truth = value == .boolean(true)
      if let problem = crowdProblem(condition, truth) { return problem }
      switch condition.kind {
      case .and where truth != truths.allSatisfy { $0 }: return "AND of \(truths) is \(truth)"
      case .or where truth != truths.contains(true): return "OR of \(truths) is \(truth)"
      case .not where truths != [!truth]: return "NOT \(truths) is \(truth)"
      case .test(_, .exists) where children[0].value.isPresent != truth: return "exists"
      case .test(_, .compare(.equal, let other)):
        guard case .literal(let literal) = other.kind else { break }
        if case .array = children[0].value { break }
        if children[0].value.equals(literal) != truth { return "= \(literal.json) is \(truth)" }
      default: break
      }
    }
    if case .trait(let scalar) = query, case .reduction(_, .count) = scalar.kind,
      case .events(let events) = source, value != .number(Double(events.rows.count))
    {
      return "a count of \(value.json) with \(events.rows.count) events"
    }
    if case .definition = source, let child = children.first, child.value != value {
      return "a reference of \(value.json) to \(child.value.json)"
    }
    if case .accountDefinition(_, let crowd) = source, definitionIsAudience,
      value != .boolean(crowd.holding > 0)
    {
      return "a reference of \(value.json) to \(crowd)"
    }
    for child in children {
      if let problem = child.problem(at: now, &parts) { return problem }
    }
    return nil
  }

  private var definitionIsAudience: Bool { if case .boolean = value { true } else { false } }

  /// What is wrong between ANY or ALL and its users.
  private func crowdProblem(_ condition: Condition, _ truth: Bool) -> String? {
    let deciding: Bool
    switch condition.kind {
    case .anyUser: deciding = true
    case .everyUser: deciding = false
    default: return nil
    }
    guard case .users(let crowd) = source else { return "no users" }
    let expected = deciding ? crowd.holding > 0 : crowd.count > 0 && crowd.holding == crowd.count
    if truth != expected { return "\(crowd) make \(truth)" }
    let truths = children.map { $0.value == .boolean(true) }
    if truths.count != min(crowd.count, Explainer.crowdLimit) { return "\(truths.count) shown" }
    if truths.count == crowd.count, truths.count(where: { $0 }) != crowd.holding {
      return "\(truths) are \(crowd)"
    }
    let others = truths.drop { $0 == deciding }
    return others.contains(deciding) ? "those that decide are not first: \(truths)" : nil
  }

  /// The earliest instant at which some part may be another.
  var earliestEnd: Instant { children.map(\.earliestEnd).reduce(until, min) }

  /// The values of all parts, whose they are, and their events.
  var outline: [String] {
    var line = "\(String(describing: whose)) \(value.json)"
    if case .events(let events) = source { line += " \(events.rows)" }
    return [line] + children.flatMap(\.outline)
  }
}
