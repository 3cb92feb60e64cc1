import Values

extension Project {
  private var keys: Set<ExactString> { Set(definitions.map { ExactString($0.key) }) }

  /// What there is to look up for the traps of some definitions.
  public func wantedOfStore(by definitions: [Definition]) -> EventsOnFile.Wanted {
    let keys = keys
    var wanted = EventsOnFile.Wanted()
    for mention in definitions.flatMap({ $0.mentions(keys: keys) }) {
      switch mention.subject {
      case .event(let name): wanted.events.insert(name)
      case .field(_, let calls): wanted.calls.insert(calls)
      case .window: wanted.span = true
      }
    }
    return wanted
  }

  /// What definitions say that the events on file do not bear out, by file and place.
  public func traps(of definitions: [Definition], in events: EventsOnFile) -> [Diagnostic] {
    let keys = keys
    return definitions.flatMap { StoreTraps($0, keys: keys, events).diagnostics }.inOrder
  }
}

extension [Diagnostic] {
  /// By file and place.
  public var inOrder: [Diagnostic] {
    sorted { ($0.path, $0.range.lowerBound) < ($1.path, $1.range.lowerBound) }
  }
}

/// Finds names that no event on file has, and windows in which there can be no events for lack of
/// time. It warns and never refuses.
struct StoreTraps {
  private let definition: Definition
  private let keys: Set<ExactString>
  private let events: EventsOnFile
  private(set) var diagnostics: [Diagnostic] = []

  init(_ definition: Definition, keys: Set<ExactString>, _ events: EventsOnFile) {
    self.definition = definition
    self.keys = keys
    self.events = events
    for mention in definition.mentions(keys: keys) {
      switch mention.subject {
      case .event(let name): look(at: name, mention.range)
      case .field(let field, let calls): look(at: field, of: calls, mention.range)
      case .window(let length): look(at: length, mention.range)
      }
    }
  }

  private mutating func look(at event: ExactString, _ range: SourceRange) {
    guard !events.eventNames.contains(event) else { return }
    warn(
      .unseenEvent, "no event '\(event)' is on file", label: "never seen in the store",
      help: Suggestion.help(for: event.text, in: events.eventNames.sorted().map(\.text)), at: range)
  }

  private mutating func look(
    at field: Field, of calls: EventsOnFile.Calls, _ range: SourceRange
  ) {
    // Of an event that was never seen, no field was either; and to have looked at none is to know
    // nothing, unless there are none.
    if case .events(let name) = calls, !events.eventNames.contains(name) { return }
    guard let sample = events.samples[calls], sample.count > 0 || sample.isWhole else { return }
    let names = field.source == .context ? sample.context : sample.fields
    guard !names.holds(field.path) else { return }
    let others = names.all + (field.source == .trait ? keys.sorted().map(\.text) : [])
    warn(
      field.source.unseen, sample.lack(field.source.noun(calls), field.path.name, calls),
      label: sample.isWhole ? "never seen in the store" : "not seen there",
      help: Suggestion.help(for: field.path.name, in: others), at: range)
  }

  private mutating func look(at length: Duration, _ range: SourceRange) {
    guard let span = events.span, length > span.length else { return }
    let looked = span.isWhole ? "" : " that was found"
    warn(
      .longWindow,
      "the window \(span.isWhole ? "is" : "seems") longer than the events on file",
      label: "reaches back to before the first event",
      help: "the first event\(looked) is from \(span.first), the last from \(span.last)",
      at: range)
  }

  private mutating func warn(
    _ id: Diagnostic.ID, _ message: String, label: String, help: String?, at range: SourceRange
  ) {
    guard diagnostics.count < Diagnostic.limit else { return }
    diagnostics.append(
      Diagnostic(
        id, message, label: label, help: help, at: range, in: definition.source,
        severity: .warning))
  }
}

extension Field.Source {
  fileprivate var unseen: Diagnostic.ID {
    switch self {
    case .property, .parentProperty: .unseenProperty
    case .context: .unseenContext
    case .trait: .unseenTrait
    }
  }

  fileprivate func noun(_ calls: EventsOnFile.Calls) -> String {
    switch self {
    case .property, .parentProperty: "property"
    case .context: "context field"
    case .trait: calls == .group ? "account trait" : "trait"
    }
  }
}

extension CallSample {
  /// Says that none of the calls has a field: `none of the latest 1000 'A' events has a property 'x'`.
  fileprivate func lack(_ noun: String, _ name: String, _ calls: EventsOnFile.Calls) -> String {
    let kind =
      switch calls {
      case .events(let name): "'\(name)' event"
      case .identify: "identify call"
      case .group: "group call"
      }
    let article = noun.hasPrefix("a") ? "an" : "a"
    return switch (count, isWhole) {
    case (0, _): "there is no \(kind) on file, and so no \(noun) '\(name)'"
    case (1, true): "the only \(kind) on file has no \(noun) '\(name)'"
    case (1, false): "the latest \(kind) has no \(noun) '\(name)'"
    case (_, true): "none of the \(count) \(kind)s on file has \(article) \(noun) '\(name)'"
    case (_, false): "none of the latest \(count) \(kind)s has \(article) \(noun) '\(name)'"
    }
  }
}
