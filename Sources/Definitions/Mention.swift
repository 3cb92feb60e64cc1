import Values

/// A place in a query whose meaning hangs on what is on file.
struct Mention {
  enum Subject {
    /// The name of an event.
    case event(ExactString)
    case field(Field, of: EventsOnFile.Calls)
    /// A window before now that reaches so far back.
    case window(Duration)
  }

  let subject: Subject
  /// The name, or the whole filter that is a window.
  let range: SourceRange
}

extension Definition {
  /// What the query mentions, in the order of the text.
  ///
  /// - Parameter keys: the keys of the project's definitions; every other trait is a custom one.
  func mentions(keys: Set<ExactString>) -> [Mention] {
    var walk = MentionWalk(source: source)
    switch query {
    case .audience(let condition): walk.visit(condition)
    case .trait(let scalar): walk.visit(scalar)
    }
    for reference in traitFields where !keys.contains(ExactString(reference.field.path.name)) {
      walk.note(reference.field, of: reference.asked == .users ? .identify : .group)
    }
    return walk.mentions.sorted { $0.range.lowerBound < $1.range.lowerBound }
  }
}

/// Walks through a query with the events that stand around each place.
private struct MentionWalk {
  let source: SourceText
  private(set) var mentions: [Mention] = []
  /// The names of the events around, from the outside in.
  private var events: [ExactString] = []

  init(source: SourceText) { self.source = source }

  mutating func visit(_ condition: Condition) {
    switch condition.kind {
    case .and(let parts), .or(let parts): for part in parts { visit(part) }
    case .not(let inner), .anyUser(let inner), .everyUser(let inner): visit(inner)
    case .test(let scalar, let comparator):
      visit(scalar)
      if let other = comparator.operand { visit(other) }
    }
  }

  mutating func visit(_ scalar: Scalar) {
    switch scalar.kind {
    case .literal: break
    case .field(let field): visit(field)
    case .reduction(let stream, let reducer):
      let name = ExactString(stream.name)
      let tokens = Lexer(source, stream.range).tokens
      mentions.append(
        Mention(subject: .event(name), range: tokens.firstString?.range ?? stream.range))
      windows(of: stream, tokens)
      events.append(name)
      for case .where(let condition) in stream.filters { visit(condition) }
      if let field = reducer.field { visit(field) }
      events.removeLast()
    }
  }

  private mutating func visit(_ field: Field) {
    let event: ExactString? =
      switch field.source {
      case .trait: nil
      case .property: events.last
      case .parentProperty: events.dropLast().last
      // An event always has its own timestamp.
      case .context: field.path.name == "timestamp" ? nil : events.last
      }
    if let event { note(field, of: .events(of: event)) }
  }

  mutating func note(_ field: Field, of calls: EventsOnFile.Calls) {
    let name = Lexer(source, field.range).tokens.firstString
    mentions.append(
      Mention(subject: .field(field, of: calls), range: name?.range ?? field.range))
  }

  private mutating func windows(of stream: EventStream, _ tokens: [Token]) {
    let calls = tokens.outerCalls.dropFirst()
    for (filter, range) in zip(stream.filters, calls) {
      switch filter {
      case .within(let length): mentions.append(Mention(subject: .window(length), range: range))
      case .between(_, let high): mentions.append(Mention(subject: .window(high), range: range))
      default: break
      }
    }
  }
}

extension [Token] {
  fileprivate var firstString: Token? {
    first { if case .string = $0.kind { true } else { false } }
  }

  /// The calls that stand in no other call's parentheses, each from its word to its `)`.
  fileprivate var outerCalls: [SourceRange] {
    var calls: [SourceRange] = []
    var depth = 0
    var start = 0
    for (place, token) in enumerated() {
      if token.isOpening {
        if depth == 0, place > 0 { start = self[place - 1].range.lowerBound }
        depth += 1
      } else if token.isClosing {
        depth -= 1
        if depth == 0 { calls.append(start..<token.range.upperBound) }
      }
    }
    return calls
  }
}

extension Reducer {
  /// The field that is reduced; nothing for `count()`.
  fileprivate var field: Field? {
    switch self {
    case .count: nil
    case .sum(let field), .average(let field), .minimum(let field, _), .maximum(let field, _),
      .first(let field), .last(let field), .mode(let field, _, _), .unique(let field),
      .uniqueCount(let field):
      field
    }
  }
}
