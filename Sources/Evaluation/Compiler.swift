import Definitions
import Values

/// Turns syntax trees into a program's nodes.
struct Compiler {
  typealias Index = Program.Index

  private let names: NameTable
  private var definitions: [ExactString: Index] = [:]
  private var slots: [ExactString: Index] = [:]

  init(_ definitions: [Definition], _ names: NameTable) {
    self.names = names
    for (index, definition) in definitions.enumerated() {
      self.definitions[ExactString(definition.key)] = Index(index)
    }
  }

  mutating func root(_ definition: Definition, _ program: inout Program) -> Program.Root {
    switch definition.query {
    case .audience(let condition):
      return .audience(add(condition, depth: 0, &program))
    case .trait(let scalar):
      let index = add(scalar, depth: 0, &program)
      if case .field(let field) = scalar.kind, field.path.fansOut { return .list(index) }
      return .trait(index)
    }
  }

  // MARK: Conditions

  private mutating func add(
    _ condition: Condition, depth: Int, _ program: inout Program
  ) -> Index {
    let node: Program.ConditionNode
    switch condition.kind {
    case .and(let parts): node = .and(addAll(parts, depth: depth, &program))
    case .or(let parts): node = .or(addAll(parts, depth: depth, &program))
    case .not(let inner): node = .not(add(inner, depth: depth, &program))
    case .anyUser(let inner): node = .anyUser(add(inner, depth: depth, &program))
    case .everyUser(let inner): node = .everyUser(add(inner, depth: depth, &program))
    case .test(let scalar, let comparator):
      node = test(scalar, comparator, depth: depth, &program)
    }
    program.conditions.append(node)
    return Index(program.conditions.count - 1)
  }

  private mutating func addAll(
    _ parts: [Condition], depth: Int, _ program: inout Program
  ) -> Program.Children {
    let indices = parts.map { add($0, depth: depth, &program) }
    let start = Index(program.children.count)
    program.children += indices
    return start..<Index(program.children.count)
  }

  private mutating func test(
    _ scalar: Scalar, _ comparator: Comparator, depth: Int, _ program: inout Program
  ) -> Program.ConditionNode {
    if case .compare(let relation, let other) = comparator,
      let node = countAgainst(scalar, relation, other, depth: depth, &program)
    {
      return node
    }
    let left = add(scalar, depth: depth, &program)
    switch comparator {
    case .compare(let relation, let other):
      return .compare(left, relation, add(other, depth: depth, &program))
    case .exists: return .exists(left)
    case .absent: return .absent(left)
    case .contains(let values): return .contains(left, add(values, &program))
    case .omits(let values): return .omits(left, add(values, &program))
    case .oneOf(let values): return .oneOf(left, add(values, &program))
    case .noneOf(let values): return .noneOf(left, add(values, &program))
    case .startsWith(let value): return .startsWith(left, add([value], &program).lowerBound)
    case .endsWith(let value): return .endsWith(left, add([value], &program).lowerBound)
    case .beforeDate(let other): return .before(left, add(other, depth: depth, &program))
    case .afterDate(let other): return .after(left, add(other, depth: depth, &program))
    case .withinLast(let duration):
      return .dateWithin(left, from: -duration.milliseconds, to: 0)
    case .withinNext(let duration): return .dateWithin(left, from: 0, to: duration.milliseconds)
    case .beforeLast(let duration):
      return .dateWithin(left, from: .min, to: -duration.milliseconds)
    case .afterNext(let duration):
      return .dateWithin(left, from: duration.milliseconds, to: .max)
    }
  }

  private mutating func countAgainst(
    _ scalar: Scalar, _ relation: Relation, _ other: Scalar, depth: Int,
    _ program: inout Program
  ) -> Program.ConditionNode? {
    guard case .reduction(let stream, .count) = scalar.kind,
      case .literal(.number(let number)) = other.kind
    else { return nil }
    let index = add(stream, depth: depth, &program)
    guard !program.streams[Int(index)].hasSession else { return nil }
    return .countAgainst(index, relation, number)
  }

  private func add(_ values: [Value], _ program: inout Program) -> Program.Children {
    let start = Index(program.literals.count)
    program.literals += values
    return start..<Index(program.literals.count)
  }

  // MARK: Scalars

  private mutating func add(_ scalar: Scalar, depth: Int, _ program: inout Program) -> Index {
    let node: Program.ScalarNode
    switch scalar.kind {
    case .literal(let value): node = .literal(add([value], &program).lowerBound)
    case .field(let field): node = self.node(field, &program)
    case .reduction(let stream, let reducer):
      let stream = add(stream, depth: depth, &program)
      node = .reduction(stream: stream, self.node(reducer, &program))
    }
    program.scalars.append(node)
    return Index(program.scalars.count - 1)
  }

  private func node(
    _ field: Field, upToEach: Bool = false, _ program: inout Program
  ) -> Program.ScalarNode {
    if field.source == .trait, let definition = definitions[ExactString(field.path.name)] {
      return .definition(definition)
    }
    if field.source == .context, field.path.steps == [.key("timestamp")] { return .timestamp }
    let whole = CompiledPath(field.path, names)
    let path = add(upToEach ? whole.beforeEach : whole, &program)
    return switch field.source {
    case .trait: .trait(path)
    case .context: .context(path)
    case .property: .property(path)
    case .parentProperty: .parentProperty(path)
    }
  }

  private func add(_ path: CompiledPath, _ program: inout Program) -> Index {
    if let index = program.paths.firstIndex(of: path) { return Index(index) }
    program.paths.append(path)
    return Index(program.paths.count - 1)
  }

  private func add(
    _ field: Field, upToEach: Bool = false, _ program: inout Program
  ) -> Index {
    program.scalars.append(node(field, upToEach: upToEach, &program))
    return Index(program.scalars.count - 1)
  }

  private func node(_ reducer: Reducer, _ program: inout Program) -> Program.ReducerNode {
    switch reducer {
    case .count: return .count
    case .sum(let field): return .sum(add(field, &program))
    case .average(let field): return .average(add(field, &program))
    case .minimum(let field, let form):
      return .extreme(add(field, &program), isMaximum: false, asText: form == .string)
    case .maximum(let field, let form):
      return .extreme(add(field, &program), isMaximum: true, asText: form == .string)
    case .first(let field): return .first(add(field, &program))
    case .last(let field): return .last(add(field, &program))
    case .mode(let field, let form, let least):
      if form == .array, field.path.fansOut {
        // What stands before the first `$` is one value, when it is an array.
        let index = add(field, upToEach: true, &program)
        program.wholeArrays.insert(index)
        return .mode(index, atLeast: least)
      }
      return .mode(add(field, &program), atLeast: least)
    case .unique(let field): return .unique(add(field, &program))
    case .uniqueCount(let field): return .uniqueCount(add(field, &program))
    }
  }

  // MARK: Streams

  private mutating func add(
    _ stream: EventStream, depth: Int, _ program: inout Program
  ) -> Index {
    let hasSession = stream.filters.contains { if case .expiresAfter = $0 { true } else { false } }
    var node = Program.StreamNode(
      slot: slot(of: stream.name, &program), depth: depth, hasSession: hasSession)
    for filter in stream.filters {
      let compiled = add(filter, depth: depth, &program)
      switch compiled {
      case .within(let from, let to) where !hasSession:
        node.low = max(node.low, from)
        node.high = min(node.high, to)
      case .parentWindow(let from, let to) where !hasSession:
        node.parentLow = max(node.parentLow, from)
        node.parentHigh = min(node.parentHigh, to)
      default: node.filters.append(compiled)
      }
    }
    node.asksParent = stream.filters.contains { filter in
      if case .where(let condition) = filter { condition.asksParent } else { false }
    }
    program.streams.append(node)
    return Index(program.streams.count - 1)
  }

  private mutating func add(
    _ filter: EventStream.Filter, depth: Int, _ program: inout Program
  ) -> Program.FilterNode {
    switch filter {
    case .where(let condition): .condition(add(condition, depth: depth + 1, &program))
    case .excludeSources(let values): .excludeSources(add(values, &program))
    case .within(let duration): .within(from: 0, to: duration.milliseconds)
    case .between(let low, let high): .within(from: low.milliseconds, to: high.milliseconds)
    case .withinParent(let duration): .parentWindow(from: 1, to: duration.milliseconds)
    case .betweenParent(let low, let high):
      .parentWindow(from: max(1, low.milliseconds), to: high.milliseconds)
    case .expiresAfter(let duration): .session(duration.milliseconds)
    }
  }

  private mutating func slot(of name: String, _ program: inout Program) -> Index {
    let name = ExactString(name)
    if let slot = slots[name] { return slot }
    let slot = Index(program.slotCount)
    slots[name] = slot
    program.slotCount += 1
    let number = Int(names.number(of: name))
    if number >= program.slots.count {
      program.slots += [Index](repeating: -1, count: number + 1 - program.slots.count)
    }
    program.slots[number] = slot
    return slot
  }
}

extension Condition {
  /// Whether a condition about an event reads a property of the event around that one.
  fileprivate var asksParent: Bool {
    switch kind {
    case .and(let parts), .or(let parts): parts.contains(where: \.asksParent)
    case .not(let inner), .anyUser(let inner), .everyUser(let inner): inner.asksParent
    case .test(let scalar, let comparator):
      scalar.asksParent || comparator.operand?.asksParent ?? false
    }
  }
}

extension Scalar {
  /// A reducer's field reads its own event and the one around that, which is not the one further out.
  fileprivate var asksParent: Bool {
    if case .field(let field) = kind { field.source == .parentProperty } else { false }
  }
}
