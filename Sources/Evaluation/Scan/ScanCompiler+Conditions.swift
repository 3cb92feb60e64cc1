import Definitions
import Values

/// Conditions of a profile, and what they ask of streams and of custom traits.
extension ScanCompiler {
  mutating func node(_ index: Index, _ scan: inout ScanProgram) -> Int? {
    let key: NodeKey
    switch scan.program.conditions[Int(index)] {
    case .and(let inner):
      guard let parts = nodes(inner, &scan) else { return nil }
      key = .and(parts)
    case .or(let inner):
      guard let parts = nodes(inner, &scan) else { return nil }
      key = .or(parts)
    case .not(let inner):
      guard let inner = self.node(inner, &scan) else { return nil }
      key = .not(inner)
    case .countAgainst(let stream, let relation, let number):
      guard let stream = self.stream(stream, column: -1, &scan) else { return nil }
      streamsInHand.insert(stream)
      key = .count(stream: stream, relation, number)
    default:
      guard let found = comparison(index, &scan) else { return nil }
      key = found
    }
    return intern(key, &scan)
  }

  private mutating func comparison(_ index: Index, _ scan: inout ScanProgram) -> NodeKey? {
    guard let scalar = scan.program.plainSubject(index) else {
      guard case .compare(let left, let relation, let right) = scan.program.conditions[Int(index)],
        let a = leaf(left, &scan), let b = leaf(right, &scan)
      else { return nil }
      return .compare(a, relation, b)
    }
    if let leaf = leaf(scalar, &scan) {
      let test = test(index, &scan)
      if case .number(let relation, let number) = scan.tests[test].kind,
        scan.leaves[leaf].reducer.isNumeric
      {
        return .number(leaf: leaf, relation, number)
      }
      return .leaf(leaf, test: test)
    }
    guard let path = trait(scalar, scan) else { return nil }
    asksTraits = true
    return .trait(path: path, test: test(index, &scan))
  }

  private mutating func nodes(_ inner: Program.Children, _ scan: inout ScanProgram) -> [Int]? {
    var indices: [Int] = []
    for child in inner {
      guard let node = node(scan.program.children[Int(child)], &scan) else { return nil }
      indices.append(node)
    }
    return indices
  }

  private mutating func intern(_ key: NodeKey, _ scan: inout ScanProgram) -> Int {
    if let known = nodes[key] { return known }
    let node: ScanProgram.Node
    switch key {
    case .and(let parts), .or(let parts):
      scan.children += parts
      let range = (scan.children.count - parts.count)..<scan.children.count
      node = if case .and = key { .and(range) } else { .or(range) }
    case .not(let inner): node = .not(inner)
    case .count(let stream, let relation, let number):
      node = .count(stream: stream, relation, number)
    case .number(let leaf, let relation, let number): node = .number(leaf: leaf, relation, number)
    case .leaf(let leaf, let test): node = .leaf(leaf, test: test)
    case .compare(let left, let relation, let right): node = .compare(left, relation, right)
    case .trait(let path, let test): node = .trait(path: path, test: test)
    }
    scan.nodes.append(node)
    nodes[key] = scan.nodes.count - 1
    return scan.nodes.count - 1
  }

  /// The path of a custom trait that has one value.
  func trait(_ scalar: Index, _ scan: ScanProgram) -> Int? {
    guard !scan.program.wholeArrays.contains(scalar),
      case .trait(let path) = scan.program.scalars[Int(scalar)],
      !scan.program.paths[Int(path)].fansOut
    else { return nil }
    return Int(path)
  }

  /// What events come to by a reducer.
  mutating func leaf(_ scalar: Index, _ scan: inout ScanProgram) -> Int? {
    guard !scan.program.wholeArrays.contains(scalar),
      case .reduction(let stream, let reducer) = scan.program.scalars[Int(scalar)]
    else { return nil }
    var column = -1
    if let field = reducer.field {
      guard let found = self.column(field, &scan) else { return nil }
      column = found
    }
    guard let number = self.stream(stream, column: column, &scan) else { return nil }
    streamsInHand.insert(number)
    let key = LeafKey(stream: number, column: column, reducer: reducer.with(field: 0))
    if let known = leaves[key] { return known }
    scan.leaves.append(ScanProgram.Leaf(stream: number, reducer: reducer))
    leaves[key] = scan.leaves.count - 1
    return scan.leaves.count - 1
  }
}
