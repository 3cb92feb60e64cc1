import Definitions
import Values

/// Takes definitions into a `ScanProgram`, each whole or not at all. What two definitions ask alike is
/// there once: tests, conditions, streams and leaves.
struct ScanCompiler {
  typealias Index = Program.Index

  enum TestKey: Hashable {
    case number(Relation, Double)
    case texts([ExactString], isTrue: Bool)
    case contains([ExactString], isTrue: Bool)
    case other(Index)
  }

  enum EventKey: Hashable {
    case and([Int])
    case or([Int])
    case not(Int)
    case test(column: Int, test: Int)
  }

  enum NodeKey: Hashable {
    case and([Int])
    case or([Int])
    case not(Int)
    case count(stream: Int, Relation, Double)
    case number(leaf: Int, Relation, Double)
    case leaf(Int, test: Int)
    case compare(Int, Relation, Int)
    case trait(path: Int, test: Int)
  }

  /// A leaf, whose field is its stream's column.
  struct LeafKey: Hashable {
    let stream: Int
    let column: Int
    let reducer: Program.ReducerNode
  }

  private struct StreamKey: Hashable {
    let slot: Int
    let low: Int64
    let high: Int64
    let condition: Int
    /// The condition about what comes behind is not compared: each is another one.
    let related: Int
  }

  /// How much there was before a definition.
  private struct Counts {
    let streams: Int
    let leaves: Int
    let eventNodes: Int
    let tests: Int
    let nodes: Int
  }

  /// What the `where` of a stream asks: of each event, and of those behind it.
  private struct Wanted {
    var conditions: [Int] = []
    var related: [Int] = []
  }

  var tests: [TestKey: Int] = [:]
  var eventNodes: [EventKey: Int] = [:]
  var nodes: [NodeKey: Int] = [:]
  var leaves: [LeafKey: Int] = [:]
  private var streams: [StreamKey: [Int]] = [:]
  var columns: [Int32: Int] = [:]
  /// What the definition in hand asks for.
  var streamsInHand: Set<Int> = []
  var asksTraits = false

  // MARK: Definitions

  /// Takes in the definition at a place, if one pass can do it.
  mutating func add(_ place: Int, _ scan: inout ScanProgram) {
    guard scan.program.strata[place] == .users else { return }
    streamsInHand = []
    asksTraits = false
    let before = Counts(
      streams: scan.streams.count, leaves: scan.leaves.count, eventNodes: scan.eventNodes.count,
      tests: scan.tests.count, nodes: scan.nodes.count)
    let root: ScanProgram.Root? =
      switch scan.program.roots[place] {
      case .audience(let index): node(index, &scan).map(ScanProgram.Root.audience)
      case .trait(let scalar): traitRoot(scalar, &scan)
      case .list, .off: nil
      }
    guard let root else { return forget(behind: before, &scan) }
    for stream in streamsInHand {
      scan.definitionsOfStream[stream].append(scan.definitions.count)
    }
    scan.definitions.append(
      ScanProgram.Definition(place: place, root: root, asksTraits: asksTraits))
  }

  /// Takes back what was added for a definition that one pass cannot do. What nobody refers to any
  /// more may stay, but for streams: these are looked for in every history.
  private mutating func forget(behind counts: Counts, _ scan: inout ScanProgram) {
    scan.streams.removeSubrange(counts.streams...)
    scan.definitionsOfStream.removeSubrange(counts.streams...)
    streams = streams.compactMapValues { numbers in
      let rest = numbers.filter { $0 < counts.streams }
      return rest.isEmpty ? nil : rest
    }
    scan.eventNodes.removeSubrange(counts.eventNodes...)
    eventNodes = eventNodes.filter { $0.value < counts.eventNodes }
    scan.tests.removeSubrange(counts.tests...)
    tests = tests.filter { $0.value < counts.tests }
    scan.leaves.removeSubrange(counts.leaves...)
    leaves = leaves.filter { $0.value < counts.leaves }
    scan.nodes.removeSubrange(counts.nodes...)
    nodes = nodes.filter { $0.value < counts.nodes }
  }

  private mutating func traitRoot(
    _ scalar: Index, _ scan: inout ScanProgram
  ) -> ScanProgram.Root? {
    if let leaf = leaf(scalar, &scan) { return .trait(leaf: leaf) }
    return trait(scalar, scan).map { path in
      asksTraits = true
      return .customTrait(path: path)
    }
  }

  // MARK: Streams

  mutating func stream(
    _ index: Index, column: Int, _ scan: inout ScanProgram
  ) -> Int? {
    let node = scan.program.streams[Int(index)]
    guard !node.hasSession, !node.isNested, node.low <= node.high else { return nil }
    var wanted = Wanted()
    for filter in node.filters {
      guard case .condition(let condition) = filter, add(condition, &wanted, &scan) else {
        return nil
      }
    }
    return stream(
      slot: Int(node.slot), low: node.low, high: node.high, wanted, column: column, &scan)
  }

  private mutating func stream(
    slot: Int, low: Int64, high: Int64, _ wanted: Wanted, column: Int, _ scan: inout ScanProgram
  ) -> Int {
    let key = StreamKey(
      slot: slot, low: low, high: high, condition: whole(wanted.conditions, &scan),
      related: wholeRelated(wanted.related, &scan))
    for number in streams[key] ?? [] {
      let known = scan.streams[number].column
      if known < 0 || column < 0 || known == column {
        scan.streams[number].column = max(known, column)
        return number
      }
    }
    scan.streams.append(
      ScanProgram.Stream(
        slot: key.slot, low: low, high: high, condition: key.condition, related: key.related,
        column: column))
    scan.definitionsOfStream.append([])
    streams[key, default: []].append(scan.streams.count - 1)
    return scan.streams.count - 1
  }

  /// All of some conditions of an event; -1 for none.
  private mutating func whole(_ conditions: [Int], _ scan: inout ScanProgram) -> Int {
    if conditions.count < 2 { return conditions.first ?? -1 }
    return intern(EventKey.and(conditions), &scan)
  }

  private func wholeRelated(_ conditions: [Int], _ scan: inout ScanProgram) -> Int {
    if conditions.count < 2 { return conditions.first ?? -1 }
    scan.relatedChildren += conditions
    let end = scan.relatedChildren.count
    scan.relatedNodes.append(.and((end - conditions.count)..<end))
    return scan.relatedNodes.count - 1
  }

  /// Adds a `where`, part by part: what the event decides by itself, and what those behind it do.
  private mutating func add(
    _ condition: Index, _ wanted: inout Wanted, _ scan: inout ScanProgram
  ) -> Bool {
    if case .and(let inner) = scan.program.conditions[Int(condition)] {
      for child in inner {
        guard add(scan.program.children[Int(child)], &wanted, &scan) else { return false }
      }
      return true
    }
    if let node = eventNode(condition, &scan) {
      wanted.conditions.append(node)
      return true
    }
    guard let node = relatedNode(condition, &scan) else { return false }
    wanted.related.append(node)
    return true
  }

  private mutating func relatedNode(_ index: Index, _ scan: inout ScanProgram) -> Int? {
    let node: ScanProgram.RelatedNode
    switch scan.program.conditions[Int(index)] {
    case .and(let inner):
      guard let range = relatedNodes(inner, &scan) else { return nil }
      node = .and(range)
    case .or(let inner):
      guard let range = relatedNodes(inner, &scan) else { return nil }
      node = .or(range)
    case .not(let inner):
      guard let inner = relatedNode(inner, &scan) else { return nil }
      node = .not(inner)
    case .countAgainst(let stream, let relation, let number):
      let nested = scan.program.streams[Int(stream)]
      guard !nested.hasSession, !nested.asksParent, nested.depth == 1, nested.low == 0,
        nested.high == .max, nested.parentLow >= 1, number.isFinite
      else { return nil }
      var wanted = Wanted()
      for filter in nested.filters {
        guard case .condition(let condition) = filter, let node = eventNode(condition, &scan) else {
          return nil
        }
        wanted.conditions.append(node)
      }
      let stream = self.stream(
        slot: Int(nested.slot), low: 0, high: .max, wanted, column: -1, &scan)
      scan.streams[stream].isRelated = true
      node = .count(
        stream: stream, low: nested.parentLow, high: nested.parentHigh, relation, number)
    default: return nil
    }
    scan.relatedNodes.append(node)
    return scan.relatedNodes.count - 1
  }

  private mutating func relatedNodes(
    _ inner: Program.Children, _ scan: inout ScanProgram
  ) -> Range<Int>? {
    var indices: [Int] = []
    for child in inner {
      guard let node = relatedNode(scan.program.children[Int(child)], &scan) else { return nil }
      indices.append(node)
    }
    scan.relatedChildren += indices
    return (scan.relatedChildren.count - indices.count)..<scan.relatedChildren.count
  }
}
