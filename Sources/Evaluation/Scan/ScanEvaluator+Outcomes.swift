import Definitions
import Values

extension ScanEvaluator {
  mutating func truth(_ index: Int, _ bytes: Span<UInt8>) -> Outcome<Bool> {
    switch nodes[index] {
    case .and(let range): return combine(range, bytes, deciding: false)
    case .or(let range): return combine(range, bytes, deciding: true)
    case .not(let inner):
      let outcome = truth(inner, bytes)
      return Outcome(!outcome.value, until: outcome.until)
    case .count(let stream, let relation, let number): return count(stream, relation, number)
    case .number(let leaf, let relation, let other):
      guard let number = number(leaf, bytes) else { return Outcome(false, until: until(leaf)) }
      return Outcome(relation.holds(number, other), until: until(leaf))
    case .leaf(let leaf, let test): return hold(leaf, against: test, bytes)
    case .compare(let left, let relation, let right):
      let a = reduce(left, bytes)
      let b = reduce(right, bytes)
      let truth = a.value.isPresent && b.value.isPresent && a.value.stands(relation, to: b.value)
      return Outcome(truth, until: min(a.until, b.until))
    case .trait(let path, let test):
      let (cell, until) = traitCell(path, bytes)
      return Outcome(matcher.passes(test, cell, bytes), until: until)
    }
  }

  /// AND and OR, as `Evaluator.combine`.
  private mutating func combine(
    _ range: Range<Int>, _ bytes: Span<UInt8>, deciding: Bool
  ) -> Outcome<Bool> {
    var isDecided = false
    var decidedUntil = Int64.min
    var until = Int64.max
    for place in range {
      let part = truth(children[place], bytes)
      if part.value == deciding {
        isDecided = true
        decidedUntil = max(decidedUntil, part.until)
        if part.until == .max { break }
      } else {
        until = min(until, part.until)
      }
    }
    if isDecided { return Outcome(deciding, until: decidedUntil) }
    return Outcome(!deciding, until: until)
  }

  // MARK: Counts

  /// A count held against a number, and when the comparison comes out differently.
  private mutating func count(_ stream: Int, _ relation: Relation, _ number: Double) -> Outcome<
    Bool
  > {
    let place = places[stream]
    if place.coming == 0, let threshold = relation.threshold(number) {
      return hold(place, threshold, streams[stream].high)
    }
    let truth = stands(place.kept, relation, number)
    if place.kept + place.coming == 0 { return Outcome(truth) }
    return follow(place, stream, relation, number, truth)
  }

  /// The same for events that only leave, at the end of a window: the comparison turns when fewer than the
  /// threshold are left.
  @inline(__always)
  mutating func hold(_ place: Place, _ threshold: CountThreshold, _ high: Int64) -> Outcome<Bool> {
    let isReached = place.kept >= threshold.least
    let truth = isReached == threshold.holdsFromThere
    guard isReached, high != .max, threshold.least > 0 else { return Outcome(truth) }
    return Outcome(truth, until: hits[place.start + place.kept - threshold.least].time + high + 1)
  }

  /// Follows a count from one entry or exit to the next until the comparison comes out differently, as
  /// `Evaluator.count`. Here it is known of all events whether they pass.
  mutating func follow(
    _ place: Place, _ stream: Int, _ relation: Relation, _ number: Double, _ truth: Bool
  ) -> Outcome<Bool> {
    let low = streams[stream].low
    let high = streams[stream].high
    var count = place.kept
    var leaving = place.start
    var coming = place.start + place.kept
    let end = place.end
    while true {
      let entry = coming < end ? hits[coming].time + low : .max
      // An event leaves behind those before it, and after it came.
      let exit = leaving < end && high != .max ? hits[leaving].time + high + 1 : .max
      let moment = min(entry, exit)
      if moment == .max { return Outcome(truth, until: .max) }
      while leaving < end, high != .max, hits[leaving].time + high + 1 == moment {
        count -= 1
        leaving += 1
      }
      while coming < end, hits[coming].time + low == moment {
        count += 1
        coming += 1
      }
      if stands(count, relation, number) != truth { return Outcome(truth, until: moment) }
    }
  }

  private mutating func stands(_ count: Int, _ relation: Relation, _ number: Double) -> Bool {
    let count = Double(count)
    guard number.isFinite else { return Value.number(count).stands(relation, to: .number(number)) }
    return relation.holds(count, number)
  }

  /// Up to when a leaf keeps the same events.
  mutating func until(_ leaf: Int) -> Int64 {
    let stream = leaves[leaf].stream
    return until(places[stream], in: streams[stream])
  }

  /// Up to when a stream keeps the same events, which are at a place.
  @inline(__always)
  func until(_ place: Place, in entry: borrowing StreamEntry) -> Int64 {
    var until = Int64.max
    if place.kept > 0, entry.high != .max { until = hits[place.start].time + entry.high + 1 }
    if place.coming > 0 { until = min(until, hits[place.start + place.kept].time + entry.low) }
    return until
  }

  // MARK: Custom traits

  /// Where the value of a path in the custom traits stands, as `Evaluator.trait`, -1 for nowhere; and up
  /// to when it is that.
  mutating func traitCell(_ path: Int, _ bytes: Span<UInt8>) -> (cell: Int, until: Int64) {
    if traits[path].profile != profile {
      let (cell, until) = findTrait(path, bytes)
      traits[path] = TraitFound(profile: profile, cell: cell, until: until)
    }
    return (traits[path].cell, traits[path].until)
  }

  private mutating func findTrait(
    _ path: Int, _ bytes: Span<UInt8>
  ) -> (cell: Int, until: Int64) {
    var until = Int64.max
    let steps = paths[path].steps
    guard case .key(let key) = steps[0] else { return (-1, until) }
    var number = traitEnd - 1
    while number >= traitStart {
      let call = traitCalls[number]
      number -= 1
      var reader = ScanReader(at: call.payload)
      guard reader.enter(key, bytes) else { continue }
      if call.time > now {
        until = call.time
        continue
      }
      for step in steps.dropFirst() {
        guard case .key(let key) = step, reader.enter(key, bytes) else { return (-1, until) }
      }
      return (reader.at, until)
    }
    return (-1, until)
  }
}

/// The count at which a comparison of counts turns.
struct CountThreshold {
  let least: Int
  /// Whether the comparison holds from there on, or up to there.
  let holdsFromThere: Bool
}

extension Relation {
  /// Where counts turn that are held against a number: `count < n` turns to `count >= n` and so on. Nil
  /// where there is more than one turn, or the number is none that can be counted to.
  func threshold(_ number: Double) -> CountThreshold? {
    guard number.isFinite, number.magnitude < 1e9 else { return nil }
    switch self {
    case .greaterOrEqual, .less:
      return CountThreshold(
        least: Int(number.rounded(.up)), holdsFromThere: self == .greaterOrEqual)
    case .greater, .lessOrEqual:
      return CountThreshold(
        least: Int(number.rounded(.down)) + 1, holdsFromThere: self == .greater)
    case .equal, .unequal:
      // Nothing is less than one.
      return number == 0 ? CountThreshold(least: 1, holdsFromThere: self == .unequal) : nil
    }
  }
}
