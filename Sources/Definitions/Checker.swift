import Values

/// A trait that a query names, and whose it is.
struct TraitReference: Sendable {
  let field: Field
  /// Inside ANY and ALL the user's; elsewhere that of the definition's subject.
  let asked: Definition.Subject
}

/// Holds a query's tree against the rules that the grammar alone does not say.
struct Checker {
  let source: SourceText
  let subject: Definition.Subject
  private(set) var diagnostics: [Diagnostic] = []
  private(set) var traits: [TraitReference] = []
  /// Whether the place is inside ANY or ALL, where fields are the user's own.
  private var asksUser = false

  init(_ source: SourceText, _ subject: Definition.Subject) {
    self.source = source
    self.subject = subject
  }

  mutating func check(_ query: Definition.Query) {
    switch query {
    case .audience(let condition): check(condition, depth: 0)
    case .trait(let scalar): check(scalar, depth: 0)
    }
  }

  /// - Parameter depth: how many events the condition stands in.
  private mutating func check(_ condition: Condition, depth: Int) {
    switch condition.kind {
    case .and(let parts), .or(let parts): for part in parts { check(part, depth: depth) }
    case .not(let inner): check(inner, depth: depth)
    case .anyUser(let inner), .everyUser(let inner):
      checkQuantifier(condition, depth: depth)
      let outer = asksUser
      asksUser = true
      check(inner, depth: depth)
      asksUser = outer
    case .test(let scalar, let comparator):
      check(scalar, depth: depth)
      switch comparator {
      case .compare(_, let other), .beforeDate(let other), .afterDate(let other):
        check(other, depth: depth)
      default: break
      }
    }
  }

  private mutating func checkQuantifier(_ condition: Condition, depth: Int) {
    let word = if case .anyUser = condition.kind { "ANY" } else { "ALL" }
    if subject == .users {
      note(
        .accountsOnly, "\(word) asks the users of an account, and this is about users",
        label: "only in a definition with 'type: accounts'",
        help: "remove \(word), or add 'type: accounts' to the front matter", at: condition.range)
    } else if asksUser || depth > 0 {
      note(
        .accountsOnly, "\(word) asks the users of an account, and here is one user already",
        label: "there are no users of a user",
        help: "put \(word) around the whole condition", at: condition.range)
    }
  }

  private mutating func check(_ scalar: Scalar, depth: Int) {
    switch scalar.kind {
    case .literal: break
    case .field(let field): check(field, depth: depth)
    case .reduction(let stream, let reducer):
      check(stream, depth: depth)
      switch reducer {
      case .count: break
      case .sum(let field), .average(let field), .minimum(let field, _), .maximum(let field, _),
        .first(let field), .last(let field), .mode(let field, _, _), .unique(let field),
        .uniqueCount(let field):
        check(field, depth: depth + 1)
      }
    }
  }

  private mutating func check(_ stream: EventStream, depth: Int) {
    if stream.source == .entity {
      note(
        .notSupported, "entity('\(stream.name)'): this version has no entities",
        label: "only event('…') can be evaluated", at: stream.range)
    }
    for filter in stream.filters {
      switch filter {
      case .where(let condition): check(condition, depth: depth + 1)
      case .withinParent, .betweenParent:
        if depth == 0 {
          note(
            .parentOutsideNested, "'parent:' needs an event around this one",
            label: "there is no parent event",
            help: "remove 'parent:' to measure from now", at: stream.range)
        }
      default: break
      }
    }
  }

  private mutating func check(_ field: Field, depth: Int) {
    switch field.source {
    case .trait:
      let asked: Definition.Subject = asksUser ? .users : subject
      traits.append(TraitReference(field: field, asked: asked))
    case .property, .context:
      if depth == 0 {
        let name = field.source.rawValue
        note(
          .fieldOutsideEvent, "\(name)('…') belongs to an event, and there is none around it",
          label: "only inside where(…) or a reducer",
          help: name == "property" ? "for a user's own value write trait('…')" : nil,
          at: field.range)
      }
    case .parentProperty:
      if depth < 2 {
        note(
          .parentOutsideNested, "'parent:' needs an event around this one",
          label: "there is no parent event",
          help: "remove 'parent:' to read the event's own property", at: field.range)
      }
    }
  }

  private mutating func note(
    _ id: Diagnostic.ID, _ message: String, label: String, help: String? = nil,
    at range: SourceRange
  ) {
    guard diagnostics.count < Diagnostic.limit else { return }
    diagnostics.append(
      Diagnostic(id, message, label: label, help: help, at: range, in: source))
  }
}
