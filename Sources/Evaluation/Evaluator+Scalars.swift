import Definitions
import Values

extension Evaluator {
  /// Whether a scalar has as many values as `$` finds.
  func fansOut(_ index: Index) -> Bool {
    switch program.scalars[Int(index)] {
    case .trait(let path), .property(let path), .parentProperty(let path), .context(let path):
      program.paths[Int(path)].fansOut
    case .definition(let definition):
      asksAccounts(definition) && !program.isAudience[Int(definition)]
    default: false
    }
  }

  /// Whether a user's definition refers here to an account's.
  private func asksAccounts(_ definition: Index) -> Bool {
    program.strata[Int(definition)] == .accounts && !isAccount
  }

  /// The present values of a scalar: none, one, or as many as `$` finds.
  mutating func values(_ index: Index, _ scope: Scope) -> Outcome<[Value]> {
    guard fansOut(index) else {
      let value = value(index, scope)
      return Outcome(value.value.isPresent ? [value.value] : [], until: value.until)
    }
    var values: [Value] = []
    switch program.scalars[Int(index)] {
    case .trait(let path): return trait(path)
    case .definition(let definition): return ofAccounts(definition)
    case .property(let path): collect(path, scope.event, into: &values)
    case .parentProperty(let path): collect(path, scope.parent, into: &values)
    case .context(let path):
      var reader = contextReader(scope.event)
      reader.collect(program.paths[Int(path)].steps[...], program.names, into: &values)
    default: break
    }
    return Outcome(values)
  }

  /// The value of a scalar that has one at most.
  mutating func value(_ index: Index, _ scope: Scope) -> Outcome<Value> {
    var outcome = plainValue(index, scope)
    if program.wholeArrays.contains(index) {
      if case .array = outcome.value { return outcome }
      outcome.value = .absent
    }
    return outcome
  }

  private mutating func plainValue(_ index: Index, _ scope: Scope) -> Outcome<Value> {
    switch program.scalars[Int(index)] {
    case .literal(let literal): return Outcome(program.literals[Int(literal)])
    case .definition(let definition):
      guard asksAccounts(definition) else { return definitionValues[Int(definition)] }
      let values = ofAccounts(definition)
      return Outcome(values.value.first ?? .absent, until: values.until)
    case .trait(let path):
      let values = trait(path)
      return Outcome(values.value.first ?? .absent, until: values.until)
    case .property(let path): return Outcome(property(path, scope.event))
    case .parentProperty(let path): return Outcome(property(path, scope.parent))
    case .context(let path):
      var reader = contextReader(scope.event)
      return Outcome(read(path, &reader))
    case .timestamp:
      let time = Instant(milliseconds: events[Int(scope.event)].time)
      return Outcome(.string(time.description))
    case .reduction(let stream, let reducer):
      return remembering(stream, scope) { $0.reduce(stream, reducer, scope) }
    }
  }

  // MARK: Fields of an event

  private func property(_ path: Index, _ event: Index) -> Value {
    var reader = reader(at: events[Int(event)].payload)
    return read(path, &reader)
  }

  private func read(_ path: Index, _ reader: inout PackedReader) -> Value {
    reader.single(program.paths[Int(path)].steps, program.names)
  }

  private func collect(_ path: Index, _ event: Index, into values: inout [Value]) {
    var reader = reader(at: events[Int(event)].payload)
    reader.collect(program.paths[Int(path)].steps[...], program.names, into: &values)
  }

  /// The context stands behind the properties.
  private func contextReader(_ event: Index) -> PackedReader {
    var reader = reader(at: events[Int(event)].payload)
    reader.skip()
    return reader
  }

  /// The text that `sources` compares: `context.source_id`, else the call's `writeKey`.
  func sourceID(_ event: Index) -> Value {
    var reader = contextReader(event)
    var behind = reader
    behind.skip()
    if reader.enter(program.sourceKey) {
      let value = reader.value(program.names)
      if value.isPresent { return value }
    }
    return behind.value(program.names)
  }

  // MARK: Custom traits

  /// The values of a path in the custom traits at `now`: the latest identify call that has the
  /// top-level key decides, and a `null` removes it.
  private mutating func trait(_ path: Index) -> Outcome<[Value]> {
    if let known = traitMemo[Int(path)] { return known }
    var outcome = Outcome<[Value]>([])
    let steps = program.paths[Int(path)].steps
    if case .key(let key) = steps[0] {
      // From the latest back: those dated in the future say when this value ends.
      for record in identifies.reversed() {
        var reader = reader(at: record.payload)
        guard reader.enter(key) else { continue }
        if record.time > now {
          outcome.until = record.time
        } else {
          reader.collect(steps.dropFirst(), program.names, into: &outcome.value)
          break
        }
      }
    }
    traitMemo[Int(path)] = outcome
    return outcome
  }
}
