import Definitions
import Values

/// The definitions that can be evaluated in one pass over a profile's events, with what each event
/// name has to be looked at for.
///
/// These are audiences and traits of users that ask plain events (`where` about top-level properties
/// and literals, windows from now), events with counts of plain events behind them, and custom traits,
/// and combine them with AND, OR and NOT. That is most of what people write. All others are left to
/// the general evaluator, and so is every doubt.
struct ScanProgram: Sendable {
  typealias Index = Int32

  /// A condition about a profile.
  enum Node: Sendable {
    case and(Range<Int>)
    case or(Range<Int>)
    case not(Int)
    /// A count against a number.
    case count(stream: Int, Relation, Double)
    /// A number that a leaf comes to, against a number.
    case number(leaf: Int, Relation, Double)
    /// The value of a leaf against a test.
    case leaf(Int, test: Int)
    /// The values of two leaves against one another.
    case compare(Int, Relation, Int)
    /// A custom trait against a test.
    case trait(path: Int, test: Int)
  }

  /// A condition about an event.
  enum EventNode: Sendable {
    case and(Range<Int>)
    case or(Range<Int>)
    case not(Int)
    case test(column: Int, test: Int)
  }

  /// A condition about what comes behind an event.
  enum RelatedNode: Sendable {
    case and(Range<Int>)
    case or(Range<Int>)
    case not(Int)
    /// How many events of a stream lie behind it, this long.
    case count(stream: Int, low: Int64, high: Int64, Relation, Double)
  }

  /// A test of one value, read in place.
  struct Test: Sendable {
    enum Kind: Sendable {
      /// A number against a number.
      case number(Relation, Double)
      /// Whether a text is one of some others, a run of `parts`.
      case texts(Range<Int>, isTrue: Bool)
      /// Whether a text has one of some others in it, a run of `parts`.
      case contains(Range<Int>, isTrue: Bool)
      case other
    }

    let kind: Kind
    /// The condition of the program, for values of another type.
    let condition: Index
  }

  /// The events of one name that pass some conditions, inside a window measured from now.
  struct Stream: Sendable {
    let slot: Int
    let low: Int64
    let high: Int64
    /// The condition about each event; -1 for none.
    let condition: Int
    /// The condition about what comes behind each event; -1 for none.
    let related: Int
    /// Which column holds the field that is reduced; -1 for none.
    var column: Int
    /// Whether other events ask for these by their place in time, which is asked only of events that
    /// are there.
    var isRelated = false
  }

  /// What the events of a stream are reduced to.
  struct Leaf: Sendable {
    let stream: Int
    let reducer: Program.ReducerNode
  }

  enum Root: Sendable {
    case audience(Int)
    case trait(leaf: Int)
    case customTrait(path: Int)
  }

  struct Definition: Sendable {
    /// Its place among all definitions.
    let place: Int
    let root: Root
    /// Whether it depends on custom traits.
    let asksTraits: Bool

    var isAudience: Bool { if case .audience = root { true } else { false } }
  }

  /// Where a text stands in `texts`.
  struct Part: Sendable {
    let start: Int
    let count: Int
  }

  var nodes: [Node] = []
  var children: [Int] = []
  var eventNodes: [EventNode] = []
  var eventChildren: [Int] = []
  var relatedNodes: [RelatedNode] = []
  var relatedChildren: [Int] = []
  var tests: [Test] = []
  var streams: [Stream] = []
  var leaves: [Leaf] = []
  var definitions: [Definition] = []
  /// The definitions that the events of a stream concern.
  var definitionsOfStream: [[Int]] = []
  /// The numbers of the properties that are read, by column.
  var keys: [Int32] = []
  /// What tests look for.
  var parts: [Part] = []
  /// The UTF-8 of all literal texts.
  var texts: [UInt8] = []
  let program: Program

  init(_ program: Program) {
    self.program = program
    var compiler = ScanCompiler()
    for place in program.roots.indices { compiler.add(place, &self) }
  }
}

extension Program {
  /// The scalar that a condition holds against literals; nil for conditions of another shape, and for
  /// those that the instant decides.
  func plainSubject(_ index: Index) -> Index? {
    switch conditions[Int(index)] {
    case .compare(let scalar, _, let right):
      if case .literal = scalars[Int(right)] { return scalar }
      return nil
    case .exists(let scalar), .absent(let scalar), .contains(let scalar, _),
      .omits(let scalar, _), .oneOf(let scalar, _), .noneOf(let scalar, _),
      .startsWith(let scalar, _), .endsWith(let scalar, _):
      return scalar
    default: return nil
    }
  }

  /// Whether a value, or an absent one, satisfies a condition of a shape that `plainSubject` knows.
  func holds(_ index: Index, for value: Value) -> Bool {
    switch conditions[Int(index)] {
    case .compare(_, let relation, let right):
      guard case .literal(let literal) = scalars[Int(right)] else { return false }
      let other = literals[Int(literal)]
      return value.isPresent && other.isPresent && value.stands(relation, to: other)
    case .exists: return value.isPresent
    case .absent: return !value.isPresent
    case .contains(_, let parts): return contains(value, parts)
    case .omits(_, let parts): return !contains(value, parts)
    case .oneOf(_, let list):
      return value.isPresent && literals(list).contains { value.equals($0) }
    case .noneOf(_, let list):
      return value.isPresent && !literals(list).contains { value.equals($0) }
    case .startsWith(_, let literal):
      guard let part = literals[Int(literal)].textForm, let text = value.textForm else {
        return false
      }
      return text.startsExactly(with: part)
    case .endsWith(_, let literal):
      guard let part = literals[Int(literal)].textForm, let text = value.textForm else {
        return false
      }
      return text.endsExactly(with: part)
    default: return false
    }
  }

  private func contains(_ value: Value, _ parts: Children) -> Bool {
    guard let text = value.textForm else { return false }
    return literals(parts).contains { part in part.textForm.map(text.containsExactly) ?? false }
  }

  func literals(_ range: Children) -> ArraySlice<Value> {
    literals[Int(range.lowerBound)..<Int(range.upperBound)]
  }
}

extension Program.ReducerNode {
  /// The field that is reduced; nil for a count.
  var field: Program.Index? {
    switch self {
    case .count: nil
    case .sum(let field), .average(let field), .first(let field), .last(let field),
      .unique(let field), .uniqueCount(let field):
      field
    case .extreme(let field, _, _): field
    case .mode(let field, _): field
    }
  }

  /// The same of another field.
  func with(field: Program.Index) -> Self {
    switch self {
    case .count: .count
    case .sum: .sum(field)
    case .average: .average(field)
    case .extreme(_, let isMaximum, let asText):
      .extreme(field, isMaximum: isMaximum, asText: asText)
    case .first: .first(field)
    case .last: .last(field)
    case .mode(_, let least): .mode(field, atLeast: least)
    case .unique: .unique(field)
    case .uniqueCount: .uniqueCount(field)
    }
  }

  var isCount: Bool { if case .count = self { true } else { false } }

  /// Whether what it comes to is a number, or nothing.
  var isNumeric: Bool {
    switch self {
    case .count, .sum, .average, .uniqueCount: true
    case .extreme(_, _, let asText): !asText
    case .first, .last, .mode, .unique: false
    }
  }
}
