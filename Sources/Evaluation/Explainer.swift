import Definitions
import Values

/// Explains a definition, with the one evaluator: every part of the query is one more root of the
/// program, evaluated behind the definitions.
///
/// Conditions inside a `where` are about single events and are no parts: a stream shows which events
/// it kept. What ANY and ALL ask has a value for each user of the account, and a definition about
/// accounts one for each account of the user.
public struct Explainer {
  /// Definitions that refer to one another are explained this deep in one tree.
  public static let nestingLimit = 8
  /// How many users of an account, or accounts of a user, a part shows: those that decide first.
  public static let crowdLimit = 10

  private let definitions: [Definition]
  private let parts: [Part]
  private var evaluator: Evaluator

  /// - Parameter definitions: the definition to explain, behind all that it needs, in dependency
  ///   order.
  public init(_ definitions: [Definition], _ names: NameTable) {
    self.definitions = definitions
    parts = Dissection(definitions).parts
    let roots = parts.map { part in
      (
        definition: definitions[part.owner].asking(part.query),
        isOfMember: part.level == .member
      )
    }
    evaluator = Evaluator(Program(definitions, parts: roots, names))
  }

  /// The tree of the last definition at `now`; nil for whom it does not ask, who is not there yet,
  /// or takes no part.
  public mutating func explain(_ subject: SubjectHistory, at now: Instant) -> Explanation? {
    guard let first = parts.first else { return nil }
    switch subject {
    case .account(let account):
      guard first.level == .account, evaluator.evaluate(account, at: now).exists else { return nil }
      var sight = Sight(account, evaluator)
      return explanation(0, &sight)
    case .user(let user):
      var accounts: [(number: Int64, sight: Sight)] = []
      let evaluation = evaluator.evaluate(user, at: now) { affiliation, evaluator in
        accounts.append((affiliation.account, Sight(affiliation.history, evaluator)))
      }
      guard first.level == .user, evaluation.exists else { return nil }
      var sight = Sight(evaluator, isAnonymous: user.calls.isAnonymous, others: accounts)
      guard takesPart(first.owner, sight) else { return nil }
      return explanation(0, &sight)
    }
  }

  private func takesPart(_ owner: Int, _ sight: Sight) -> Bool {
    !sight.isAnonymous || definitions[owner].includesAnonymous
  }

  private func explanation(
    _ index: Int, _ sight: inout Sight, of whose: Explanation.Whose? = nil
  ) -> Explanation {
    let part = parts[index]
    let outcome = sight.outcome(definitions.count + index)
    var value = outcome.value
    let source: Explanation.Source
    var children: [Explanation] = []
    if let crowd = part.crowd {
      let asked = Asked(crowd, part, sight, partsBegin: definitions.count)
      source = asked.source
      children = asked.first.flatMap { self.children(of: part, $0, sight) }
      if part.isCompared, let values = asked.values { value = values }
    } else {
      source = self.source(of: part, index, &sight)
      for child in part.children where takesPart(parts[child].owner, sight) {
        children.append(explanation(child, &sight))
      }
    }
    return Explanation(
      whose: whose, definition: definitions[part.owner], query: part.query, value: value,
      until: Instant(milliseconds: outcome.until), source: source, children: children)
  }

  /// What a part asks of one in a crowd.
  private func children(of part: Part, _ place: Int, _ sight: Sight) -> [Explanation] {
    var (number, other) = sight.others[place]
    let whose: Explanation.Whose = part.level == .user ? .account(number) : .user(number)
    return part.children.map { explanation($0, &other, of: whose) }
  }

  private func source(
    of part: Part, _ index: Int, _ sight: inout Sight
  ) -> Explanation.Source {
    if let key = part.reference { return .definition(key: key) }
    let program = evaluator.program
    switch program.roots[definitions.count + index] {
    case .trait(let scalar), .list(let scalar):
      switch program.scalars[Int(scalar)] {
      case .reduction(let stream, _): return .events(sight.events(of: stream))
      case .trait(let path): return .customTrait(row: sight.decidingRow(path))
      default: return .parts
      }
    case .audience, .off: return .parts
    }
  }
}

/// A crowd's values of what a part asks.
private struct Asked {
  let source: Explanation.Source
  /// The places of those to show.
  let first: ArraySlice<Int>
  /// All values of a trait of accounts, which a comparison is about; nil where there is one truth.
  let values: Value?

  init(_ crowd: Part.Crowd, _ part: Part, _ sight: Sight, partsBegin: Int) {
    let root: Int
    let deciding: Bool
    switch crowd {
    case .users(let value): (root, deciding) = (partsBegin + (part.children.first ?? 0), value)
    case .accounts(let definition): (root, deciding) = (definition, true)
    }
    let isAudience = sight.isAudience(root)
    let values = sight.others.map { $0.sight.outcome(root).value }
    let holds = values.map { isAudience ? $0 == .boolean(true) : $0.isPresent }
    let count = Explanation.Crowd(count: values.count, holding: holds.count { $0 })
    let places = holds.indices.filter { holds[$0] == deciding }
    first = (places + holds.indices.filter { holds[$0] != deciding }).prefix(Explainer.crowdLimit)
    switch crowd {
    case .users:
      source = .users(count)
      self.values = nil
    case .accounts:
      source = .accountDefinition(key: part.reference ?? "", count)
      let present = values.filter(\.isPresent)
      self.values = isAudience ? nil : present.isEmpty ? .absent : .array(present)
    }
  }
}
