import Definitions
import Values

/// What is remembered of events inside the `where` of others, so that the cost of a profile grows
/// with the pairs of an event and those behind it, not with the depth of the query.
///
/// The value of a nested stream depends on its parent event alone: nothing in it refers to an event
/// further out. So it is found once for each parent event, however many events ask for that one.
/// And where the stream's own `where` says nothing about its parent, the events that pass are counted
/// once for all parents: a count behind a parent is then the difference of two sums.
struct NestedMemo {
  struct Key: Hashable {
    let stream: Int32
    let parent: Int32
  }

  var truths: [Key: Evaluator.Outcome<Bool>] = [:]
  var values: [Key: Evaluator.Outcome<Value>] = [:]
  var passed: [Int32: Passed] = [:]

  /// Which events of a stream pass, of those that are not still to come.
  struct Passed {
    /// The number of events before each place of the stream's slot that pass.
    var counts: [Int32] = [0]
    /// Up to when the events from each place on stay as they are.
    var until: [Int64] = []
  }

  mutating func clear() {
    if !truths.isEmpty { truths.removeAll(keepingCapacity: true) }
    if !values.isEmpty { values.removeAll(keepingCapacity: true) }
    if !passed.isEmpty { passed.removeAll(keepingCapacity: true) }
  }
}

extension Evaluator {
  /// `find`, once for each parent event.
  mutating func remembering(
    _ stream: Index, _ scope: Scope, _ find: (inout Self) -> Outcome<Bool>
  ) -> Outcome<Bool> {
    guard program.streams[Int(stream)].depth > 1 else { return find(&self) }
    let key = NestedMemo.Key(stream: stream, parent: scope.event)
    if let known = nested.truths[key] { return known }
    let outcome = find(&self)
    nested.truths[key] = outcome
    return outcome
  }

  /// `find`, once for each parent event.
  mutating func remembering(
    _ stream: Index, _ scope: Scope, _ find: (inout Self) -> Outcome<Value>
  ) -> Outcome<Value> {
    guard program.streams[Int(stream)].depth > 1 else { return find(&self) }
    let key = NestedMemo.Key(stream: stream, parent: scope.event)
    if let known = nested.values[key] { return known }
    let outcome = find(&self)
    nested.values[key] = outcome
    return outcome
  }

  /// How many events in a range of the slot's places pass the stream now, where none of them ever
  /// leaves; nil where that has to be found event by event.
  ///
  /// - Parameter places: places of events that are not still to come.
  mutating func countPassed(_ index: Index, _ places: Range<Int>, _ scope: Scope) -> Outcome<Int>? {
    let stream = program.streams[Int(index)]
    guard stream.isNested, !stream.asksParent, stream.high == .max else { return nil }
    // Behind a parent event that is still to come itself, all are.
    guard !places.isEmpty else { return Outcome(0) }
    let passed = passed(index, stream, scope)
    let isSettled = passed.until[places.lowerBound] == .max
    guard isSettled || places.upperBound == passed.counts.count - 1 else { return nil }
    let count = passed.counts[places.upperBound] - passed.counts[places.lowerBound]
    return Outcome(Int(count), until: passed.until[places.lowerBound])
  }

  private mutating func passed(
    _ index: Index, _ stream: Program.StreamNode, _ scope: Scope
  ) -> NestedMemo.Passed {
    if let known = nested.passed[index] { return known }
    var passed = NestedMemo.Passed()
    var count: Int32 = 0
    for event in eventsOfSlot[Int(stream.slot)] {
      guard events[Int(event)].time <= now - stream.low else { break }
      let passes = passes(stream, event, scope)
      if passes.value { count += 1 }
      passed.counts.append(count)
      passed.until.append(passes.until)
    }
    passed.until.append(.max)
    for place in passed.until.indices.dropLast().reversed() {
      passed.until[place] = min(passed.until[place], passed.until[place + 1])
    }
    nested.passed[index] = passed
    return passed
  }
}
