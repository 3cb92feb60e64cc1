import Definitions
import Values

/// Conditions of events, and the tests that they and others make of a value.
extension ScanCompiler {
  /// The column of a top-level property.
  mutating func column(_ scalar: Index, _ scan: inout ScanProgram) -> Int? {
    guard case .property(let path) = scan.program.scalars[Int(scalar)],
      !scan.program.wholeArrays.contains(scalar), scan.program.paths[Int(path)].steps.count == 1,
      case .key(let key) = scan.program.paths[Int(path)].steps[0]
    else { return nil }
    if let column = columns[key] { return column }
    columns[key] = scan.keys.count
    scan.keys.append(key)
    return scan.keys.count - 1
  }

  mutating func eventNode(_ index: Index, _ scan: inout ScanProgram) -> Int? {
    switch scan.program.conditions[Int(index)] {
    case .and(let inner):
      return eventNodes(inner, &scan).map { intern(.and($0), &scan) }
    case .or(let inner):
      return eventNodes(inner, &scan).map { intern(.or($0), &scan) }
    case .not(let inner):
      return eventNode(inner, &scan).map { intern(.not($0), &scan) }
    default:
      guard let scalar = scan.program.plainSubject(index), let column = column(scalar, &scan) else {
        return nil
      }
      return intern(.test(column: column, test: test(index, &scan)), &scan)
    }
  }

  private mutating func eventNodes(
    _ inner: Program.Children, _ scan: inout ScanProgram
  ) -> [Int]? {
    var indices: [Int] = []
    for child in inner {
      guard let node = eventNode(scan.program.children[Int(child)], &scan) else { return nil }
      indices.append(node)
    }
    return indices
  }

  mutating func intern(_ key: EventKey, _ scan: inout ScanProgram) -> Int {
    if let known = eventNodes[key] { return known }
    let node: ScanProgram.EventNode
    switch key {
    case .and(let children), .or(let children):
      scan.eventChildren += children
      let range = (scan.eventChildren.count - children.count)..<scan.eventChildren.count
      node = if case .and = key { .and(range) } else { .or(range) }
    case .not(let inner): node = .not(inner)
    case .test(let column, let test): node = .test(column: column, test: test)
    }
    scan.eventNodes.append(node)
    eventNodes[key] = scan.eventNodes.count - 1
    return scan.eventNodes.count - 1
  }

  // MARK: Tests

  /// The test that a condition of a shape that `plainSubject` knows makes of its subject.
  mutating func test(_ index: Index, _ scan: inout ScanProgram) -> Int {
    let key = key(index, scan.program)
    if let known = tests[key] { return known }
    let kind: ScanProgram.Test.Kind =
      switch key {
      case .number(let relation, let number): .number(relation, number)
      case .texts(let texts, let isTrue): .texts(add(texts, &scan), isTrue: isTrue)
      case .contains(let texts, let isTrue): .contains(add(texts, &scan), isTrue: isTrue)
      case .other: .other
      }
    scan.tests.append(ScanProgram.Test(kind: kind, condition: index))
    tests[key] = scan.tests.count - 1
    return scan.tests.count - 1
  }

  private func key(_ index: Index, _ program: Program) -> TestKey {
    switch program.conditions[Int(index)] {
    case .compare(_, let relation, let right):
      guard case .literal(let literal) = program.scalars[Int(right)] else { break }
      switch program.literals[Int(literal)] {
      case .number(let number) where number.isFinite: return .number(relation, number)
      case .string(let text) where relation == .equal || relation == .unequal:
        return .texts([ExactString(text)], isTrue: relation == .equal)
      default: break
      }
    case .oneOf(_, let list), .noneOf(_, let list):
      let texts = program.literals(list).compactMap { value in
        if case .string(let text) = value { ExactString(text) } else { nil }
      }
      guard texts.count == list.count else { break }
      if case .oneOf = program.conditions[Int(index)] { return .texts(texts, isTrue: true) }
      return .texts(texts, isTrue: false)
    case .contains(_, let list), .omits(_, let list):
      let texts = program.literals(list).compactMap(\.textForm).map { ExactString($0) }
      if case .contains = program.conditions[Int(index)] { return .contains(texts, isTrue: true) }
      return .contains(texts, isTrue: false)
    default: break
    }
    return .other(index)
  }

  private func add(_ texts: [ExactString], _ scan: inout ScanProgram) -> Range<Int> {
    for text in texts {
      scan.parts.append(
        ScanProgram.Part(start: scan.texts.count, count: text.text.utf8.count))
      scan.texts += text.text.utf8
    }
    return (scan.parts.count - texts.count)..<scan.parts.count
  }
}
