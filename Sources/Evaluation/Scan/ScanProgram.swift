import Definitions
import Values

/// The definitions that can be evaluated in one pass over a profile's events, with what each event
/// name has to be looked at for.
///
/// These are audiences and traits of users that ask plain events (`where` about top-level properties
/// and literals, windows from now) and custom traits, and combine them with AND, OR and NOT. That is
/// most of what people write. All others are left to the general evaluator, and so is every doubt.
struct ScanProgram: Sendable {
  typealias Index = Int32

  /// A condition about a definition.
  enum Node: Sendable {
    case and(Range<Int>)
    case or(Range<Int>)
    case not(Int)
    /// A count against a number.
    case count(leaf: Int, Relation, Double)
    /// The value of a leaf against the comparator of a condition of the program.
    case leaf(Int, condition: Index)
    /// A custom trait against the comparator of a condition of the program.
    case trait(path: Index, condition: Index)
  }

  /// A condition about an event.
  enum EventNode: Sendable {
    case and(Range<Int>)
    case or(Range<Int>)
    case not(Int)
    /// A number against a number; other values are held against the program's condition.
    case number(column: Int, Relation, Double, condition: Index)
    /// A text that is, or is not, another one.
    case text(column: Int, Range<Int>, isEqual: Bool, condition: Index)
    /// A text that has one of some others in it.
    /// The texts are a run of `parts`.
    case contains(column: Int, Range<Int>, isTrue: Bool, condition: Index)
    case other(column: Int, condition: Index)
  }

  /// The events of one name that pass, and what of them is asked.
  struct Leaf: Sendable {
    /// Which column holds the reducer's field; -1 for none.
    var column: Int
    var low: Int64
    var high: Int64
    /// The condition of the events; -1 for none.
    var condition: Int
    /// What they are reduced to; nil where they are counted against a number.
    var reducer: Program.ReducerNode?
  }

  /// What is asked of the events of one name.
  struct Slot: Sendable {
    /// The keys of the properties that are read, by column, in `keys`.
    var keys = 0..<0
    /// A run of `leavesOfSlots`.
    var leaves = 0..<0
  }

  enum Root: Sendable {
    case audience(Int)
    case trait(leaf: Int)
    case customTrait(path: Index)
  }

  struct Definition: Sendable {
    /// Its place among all definitions.
    let place: Int
    let root: Root
    /// Whether it depends on custom traits.
    var asksTraits: Bool
  }

  var nodes: [Node] = []
  var children: [Int] = []
  var eventNodes: [EventNode] = []
  var eventChildren: [Int] = []
  var leaves: [Leaf] = []
  var slots: [Slot] = []
  var keys: [Int32] = []
  var leavesOfSlots: [Int] = []
  var definitions: [Definition] = []
  /// The definitions that the events of a leaf concern.
  var definitionsOfLeaf: [[Int]] = []
  /// What `contains` looks for, as places in `texts`.
  var parts: [Range<Int>] = []
  /// The UTF-8 of all literal texts.
  var texts: [UInt8] = []
  let program: Program

  /// While it is made: the keys and the leaves of each slot.
  private var keysOfSlot: [[Int32]]
  private var leavesOfSlot: [[Int]]

  init(_ program: Program) {
    self.program = program
    keysOfSlot = [[Int32]](repeating: [], count: program.slotCount)
    leavesOfSlot = [[Int]](repeating: [], count: program.slotCount)
    for place in program.roots.indices { add(place) }
    for slot in 0..<program.slotCount {
      keys += keysOfSlot[slot]
      leavesOfSlots += leavesOfSlot[slot]
      slots.append(
        Slot(
          keys: (keys.count - keysOfSlot[slot].count)..<keys.count,
          leaves: (leavesOfSlots.count - leavesOfSlot[slot].count)..<leavesOfSlots.count))
    }
  }

  /// Whether a definition was taken in.
  func contains(_ place: Int) -> Bool { definitions.contains { $0.place == place } }

  // MARK: Definitions

  private mutating func add(_ place: Int) {
    guard program.strata[place] == .users else { return }
    let before = self
    let leaf = leaves.count
    var asksTraits = false
    let root: Root? =
      switch program.roots[place] {
      case .audience(let index): node(index, &asksTraits).map(Root.audience)
      case .trait(let scalar): traitRoot(scalar, &asksTraits)
      case .list, .off: nil
      }
    guard let root else {
      self = before
      return
    }
    let number = definitions.count
    definitions.append(Definition(place: place, root: root, asksTraits: asksTraits))
    definitionsOfLeaf += [[Int]](repeating: [number], count: leaves.count - leaf)
  }

  private mutating func traitRoot(_ scalar: Index, _ asksTraits: inout Bool) -> Root? {
    guard !program.wholeArrays.contains(scalar) else { return nil }
    switch program.scalars[Int(scalar)] {
    case .reduction(let stream, let reducer): return leaf(stream, reducer).map(Root.trait)
    case .trait(let path) where !program.paths[Int(path)].fansOut:
      asksTraits = true
      return .customTrait(path: path)
    default: return nil
    }
  }

  private mutating func node(_ index: Index, _ asksTraits: inout Bool) -> Int? {
    let node: Node
    switch program.conditions[Int(index)] {
    case .and(let inner):
      guard let range = nodes(inner, &asksTraits) else { return nil }
      node = .and(range)
    case .or(let inner):
      guard let range = nodes(inner, &asksTraits) else { return nil }
      node = .or(range)
    case .not(let inner):
      guard let inner = self.node(inner, &asksTraits) else { return nil }
      node = .not(inner)
    case .countAgainst(let stream, let relation, let number):
      guard let leaf = leaf(stream, nil) else { return nil }
      node = .count(leaf: leaf, relation, number)
    default:
      guard let scalar = program.plainSubject(index) else { return nil }
      switch program.scalars[Int(scalar)] {
      case .reduction(let stream, let reducer):
        guard let leaf = leaf(stream, reducer) else { return nil }
        node = .leaf(leaf, condition: index)
      case .trait(let path) where !program.paths[Int(path)].fansOut:
        asksTraits = true
        node = .trait(path: path, condition: index)
      default: return nil
      }
    }
    nodes.append(node)
    return nodes.count - 1
  }

  private mutating func nodes(
    _ inner: Program.Children, _ asksTraits: inout Bool
  ) -> Range<Int>? {
    var indices: [Int] = []
    for child in inner {
      guard let node = node(program.children[Int(child)], &asksTraits) else { return nil }
      indices.append(node)
    }
    children += indices
    return (children.count - indices.count)..<children.count
  }

  // MARK: Events

  private mutating func leaf(_ index: Index, _ reducer: Program.ReducerNode?) -> Int? {
    let stream = program.streams[Int(index)]
    guard !stream.hasSession, !stream.isNested, stream.low <= stream.high else { return nil }
    let slot = Int(stream.slot)
    var column = -1
    if let field = reducer?.field {
      guard let found = self.column(field, slot) else { return nil }
      column = found
    }
    var conditions: [Int] = []
    for filter in stream.filters {
      guard case .condition(let condition) = filter, let node = eventNode(condition, slot) else {
        return nil
      }
      conditions.append(node)
    }
    var condition = conditions.first ?? -1
    if conditions.count > 1 {
      eventChildren += conditions
      eventNodes.append(.and((eventChildren.count - conditions.count)..<eventChildren.count))
      condition = eventNodes.count - 1
    }
    leaves.append(
      Leaf(
        column: column, low: stream.low, high: stream.high, condition: condition,
        reducer: reducer))
    leavesOfSlot[slot].append(leaves.count - 1)
    return leaves.count - 1
  }

  /// The column of a top-level property in a slot.
  private mutating func column(_ scalar: Index, _ slot: Int) -> Int? {
    guard case .property(let path) = program.scalars[Int(scalar)],
      !program.wholeArrays.contains(scalar), program.paths[Int(path)].steps.count == 1,
      case .key(let key) = program.paths[Int(path)].steps[0]
    else { return nil }
    if let column = keysOfSlot[slot].firstIndex(of: key) { return column }
    keysOfSlot[slot].append(key)
    return keysOfSlot[slot].count - 1
  }

  private mutating func eventNode(_ index: Index, _ slot: Int) -> Int? {
    let node: EventNode
    switch program.conditions[Int(index)] {
    case .and(let inner):
      guard let range = eventNodes(inner, slot) else { return nil }
      node = .and(range)
    case .or(let inner):
      guard let range = eventNodes(inner, slot) else { return nil }
      node = .or(range)
    case .not(let inner):
      guard let inner = eventNode(inner, slot) else { return nil }
      node = .not(inner)
    default:
      guard let scalar = program.plainSubject(index), let column = column(scalar, slot) else {
        return nil
      }
      node = test(index, column)
    }
    eventNodes.append(node)
    return eventNodes.count - 1
  }

  private mutating func eventNodes(_ inner: Program.Children, _ slot: Int) -> Range<Int>? {
    var indices: [Int] = []
    for child in inner {
      guard let node = eventNode(program.children[Int(child)], slot) else { return nil }
      indices.append(node)
    }
    eventChildren += indices
    return (eventChildren.count - indices.count)..<eventChildren.count
  }

  private mutating func test(_ index: Index, _ column: Int) -> EventNode {
    switch program.conditions[Int(index)] {
    case .compare(_, let relation, let right):
      guard case .literal(let literal) = program.scalars[Int(right)] else { break }
      switch program.literals[Int(literal)] {
      case .number(let number) where number.isFinite:
        return .number(column: column, relation, number, condition: index)
      case .string(let text) where relation == .equal || relation == .unequal:
        return .text(
          column: column, add(text), isEqual: relation == .equal, condition: index)
      default: break
      }
    case .contains(_, let list), .omits(_, let list):
      let texts = program.literals[Int(list.lowerBound)..<Int(list.upperBound)]
        .compactMap(\.textForm)
      var isTrue = true
      if case .omits = program.conditions[Int(index)] { isTrue = false }
      parts += texts.map { add($0) }
      return .contains(
        column: column, (self.parts.count - texts.count)..<self.parts.count, isTrue: isTrue,
        condition: index)
    default: break
    }
    return .other(column: column, condition: index)
  }

  private mutating func add(_ text: String) -> Range<Int> {
    texts += text.utf8
    return (texts.count - text.utf8.count)..<texts.count
  }
}

extension Program {
  /// The scalar that a condition holds against literals; nil for conditions of another shape, and for
  /// those that the instant decides.
  fileprivate func plainSubject(_ index: Index) -> Index? {
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

  private func literals(_ range: Children) -> ArraySlice<Value> {
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
}
