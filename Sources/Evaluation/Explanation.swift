import Definitions
import Values

/// Why a definition has its value: the parts of its query as a tree, each with what it came to.
public struct Explanation: Sendable {
  /// The definition whose query the part belongs to.
  public let definition: Definition
  /// The part: a condition, or a value.
  public let query: Definition.Query
  public let value: Value
  /// The instant up to which the value holds if nothing happens. It may be early, never late.
  public let until: Instant
  public let source: Source
  /// The conditions in a condition; of a comparison the value to its left, and the one to its right
  /// unless that is a literal; the query of a definition that is referred to.
  public let children: [Explanation]

  /// What a part's value was made of.
  public enum Source: Sendable {
    /// Of the children, or of nothing but itself.
    case parts
    case events(Events)
    /// The event row of the identify call that decides a custom trait, also by removing it; nil when
    /// there was none.
    case customTrait(row: Int64?)
    /// Another definition, by its key. It is the child, unless it is explained elsewhere in the tree,
    /// stands too deep, or does not take in the profile.
    case definition(key: String)
  }

  /// The events of a stream.
  public struct Events: Sendable {
    /// The first instant of the window from now; nil when it has no beginning.
    public let from: Instant?
    /// The last instant of the window: now, unless a `between` ends earlier.
    public let to: Instant
    /// The rows of the events that were kept, in the order of (time, arrival).
    public let rows: [Int64]
    /// How many events of the name there are up to now.
    public let named: Int
  }
}

/// Explains a definition, with the one evaluator: every part of the query is one more root of the
/// program, evaluated behind the definitions.
///
/// Conditions inside a `where` are about single events and are no parts: a stream shows which events
/// it kept.
public struct Explainer {
  /// Definitions that refer to one another are explained this deep in one tree.
  public static let nestingLimit = 8

  private let definitions: [Definition]
  private let parts: [Part]
  private var evaluator: Evaluator

  /// - Parameter definitions: the definition to explain, behind all that it needs, in dependency
  ///   order. All of them are about users.
  public init(_ definitions: [Definition], _ names: NameTable) {
    self.definitions = definitions
    var dissection = Dissection(definitions)
    if !definitions.isEmpty { dissection.add(definitions.count - 1) }
    parts = dissection.parts
    let roots = parts.map { definitions[$0.owner].asking($0.query) }
    evaluator = Evaluator(Program(definitions, parts: roots, names))
  }

  /// The tree of the last definition for one profile at `now`; nil when the profile is not there yet
  /// or takes no part.
  public mutating func explain(_ history: History, at now: Instant) -> Explanation? {
    guard let first = parts.first, evaluator.evaluate(history, at: now).exists else { return nil }
    let records = RecordRows(history)
    guard takesPart(first.owner, records) else { return nil }
    return explanation(0, records)
  }

  private func takesPart(_ owner: Int, _ records: RecordRows) -> Bool {
    !records.isAnonymous || definitions[owner].includesAnonymous
  }

  private mutating func explanation(_ index: Int, _ records: RecordRows) -> Explanation {
    let part = parts[index]
    let outcome = evaluator.definitionValues[definitions.count + index]
    let source = source(of: part, index, records)
    var children: [Explanation] = []
    for child in part.children where takesPart(parts[child].owner, records) {
      children.append(explanation(child, records))
    }
    return Explanation(
      definition: definitions[part.owner], query: part.query, value: outcome.value,
      until: Instant(milliseconds: outcome.until), source: source, children: children)
  }

  private mutating func source(
    of part: Part, _ index: Int, _ records: RecordRows
  ) -> Explanation.Source {
    if let key = part.reference { return .definition(key: key) }
    let program = evaluator.program
    switch program.roots[definitions.count + index] {
    case .trait(let scalar), .list(let scalar):
      switch program.scalars[Int(scalar)] {
      case .reduction(let stream, _): return .events(events(of: stream, records))
      case .trait(let path): return .customTrait(row: decidingRow(path, records))
      default: return .parts
      }
    case .audience, .off: return .parts
    }
  }

  private mutating func events(
    of index: Program.Index, _ records: RecordRows
  ) -> Explanation.Events {
    let stream = evaluator.program.streams[Int(index)]
    let now = evaluator.now
    var (low, high) = (stream.low, stream.high)
    for case .within(let from, let to) in stream.filters {
      low = max(low, from)
      high = min(high, to)
    }
    let kept = evaluator.select(index, .profile).value
    let named = evaluator.eventsOfSlot[Int(stream.slot)]
    return Explanation.Events(
      from: high == .max ? nil : Instant(milliseconds: now - high),
      to: Instant(milliseconds: now - low),
      rows: kept.compactMap { records[evaluator.events[Int($0)]] },
      named: named.count { evaluator.events[Int($0)].time <= now })
  }

  /// The latest identify call up to now that has the trait's top-level key, as the evaluator finds it.
  private func decidingRow(_ path: Program.Index, _ records: RecordRows) -> Int64? {
    guard case .key(let key) = evaluator.program.paths[Int(path)].steps.first else { return nil }
    let record = evaluator.identifies.last { record in
      var reader = evaluator.reader(at: record.payload)
      return record.time <= evaluator.now && reader.enter(key)
    }
    return record.flatMap { records[$0] }
  }
}

/// One root of an explaining program.
private struct Part {
  /// The place of the definition that it belongs to.
  let owner: Int
  let query: Definition.Query
  var children: [Int] = []
  /// The key of the definition that the part refers to.
  var reference: String?
}

/// Takes queries apart, in pre-order.
private struct Dissection {
  private(set) var parts: [Part] = []
  private let definitions: [Definition]
  private let places: [String: Int]
  private var seen: Set<Int> = []
  private var depth = 0

  init(_ definitions: [Definition]) {
    self.definitions = definitions
    places = Dictionary(
      definitions.enumerated().map { ($1.key, $0) }, uniquingKeysWith: { first, _ in first })
  }

  @discardableResult
  mutating func add(_ place: Int) -> Int {
    seen.insert(place)
    depth += 1
    defer { depth -= 1 }
    switch definitions[place].query {
    case .audience(let condition): return add(condition, place)
    case .trait(let scalar): return add(scalar, place)
    }
  }

  private mutating func add(_ condition: Condition, _ owner: Int) -> Int {
    let index = append(Part(owner: owner, query: .audience(condition)))
    switch condition.kind {
    case .and(let inner), .or(let inner):
      for inner in inner { parts[index].children.append(add(inner, owner)) }
    case .not(let inner): parts[index].children.append(add(inner, owner))
    // About accounts: their parts have a value for each user, and will be one child a user.
    case .anyUser, .everyUser: break
    case .test(let scalar, let comparator):
      parts[index].children.append(add(scalar, owner))
      if let operand = comparator.operand {
        if case .literal = operand.kind { break }
        parts[index].children.append(add(operand, owner))
      }
    }
    return index
  }

  private mutating func add(_ scalar: Scalar, _ owner: Int) -> Int {
    let index = append(Part(owner: owner, query: .trait(scalar)))
    if case .field(let field) = scalar.kind, field.source == .trait,
      let place = places[field.path.name]
    {
      parts[index].reference = field.path.name
      if depth < Explainer.nestingLimit, !seen.contains(place) {
        parts[index].children.append(add(place))
      }
    }
    return index
  }

  private mutating func append(_ part: Part) -> Int {
    parts.append(part)
    return parts.count - 1
  }
}

/// The event rows of a history's records.
private struct RecordRows {
  private var rows: [Int: Int64] = [:]
  /// Whether no call has a user id.
  private(set) var isAnonymous = true

  init(_ history: History) {
    var reader = PackedReader(bytes: history.bytes, at: 0)
    var row: Int64 = 0
    while reader.at < history.bytes.count {
      let end = Int(reader.varint()) + reader.at
      if reader.byte() & History.anonymousBit == 0 { isAnonymous = false }
      _ = reader.varint()
      _ = reader.zigzag()
      row += reader.zigzag()
      rows[reader.at] = row
      reader.at = end
    }
  }

  subscript(record: Evaluator.Record) -> Int64? { rows[record.payload] }
}
