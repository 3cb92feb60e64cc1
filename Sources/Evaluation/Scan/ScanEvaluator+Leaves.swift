import Definitions

/// The conditions of a chunk that have no parts, each for the groups of a run, one after the other. What is the same
/// for all groups is looked at once.
extension ScanEvaluator {
  mutating func evaluateTest(_ node: Int) {
    for number in 0..<digest.tests.count where digest.tests[number].node == node {
      let run = chunk.runs[digest.tests[number].series]
      guard conditions.begin(node, run) else { return }
      let margin: Double = conditions.defaults[node] ? -.infinity : .infinity
      for index in 0..<run.count { conditions.set(node, index, margin) }
    }
  }

  /// Evaluates a condition for each group as for a profile.
  private mutating func evaluateGroups(_ node: Int, _ stream: Int, _ block: Span<UInt8>) {
    let entry = streams[stream]
    let run = conditions.runs[node]
    for index in 0..<run.count {
      places[stream] = place(run.start + index, in: entry)
      conditions.set(node, index, Margin.of(truth(node, block), at: now))
    }
    places[stream] = Place()
  }

  /// The same where only what holds now has to be asked for, and stays so as long as the same events are there.
  @inline(__always)
  private mutating func evaluate(
    _ node: Int, _ stream: Int, _ truth: (inout Self, Place) -> Bool
  ) {
    let entry = streams[stream]
    let run = conditions.runs[node]
    for index in 0..<run.count {
      let place = place(run.start + index, in: entry)
      let outcome = Outcome(truth(&self, place), until: until(place, in: entry))
      conditions.set(node, index, Margin.of(outcome, at: now))
    }
  }

  /// Whether a condition holds for somebody whose hits of a stream are at a place.
  private mutating func truth(
    _ node: Int, _ block: Span<UInt8>, _ stream: Int, at place: Place
  ) -> Bool {
    places[stream] = place
    let truth = truth(node, block).value
    places[stream] = Place()
    return truth
  }

  // MARK: Counts

  mutating func evaluateCounts(
    _ node: Int, _ stream: Int, _ relation: Relation, _ number: Double, _ block: Span<UInt8>
  ) {
    guard let threshold = relation.threshold(number) else {
      return evaluateGroups(node, stream, block)
    }
    let entry = streams[stream]
    let run = conditions.runs[node]
    if threshold.least > 0, run.latest <= entry.there {
      return evaluateCounts(node, entry, threshold)
    }
    for index in 0..<run.count {
      let place = place(run.start + index, in: entry)
      var outcome: Outcome<Bool>
      if place.coming == 0 {
        outcome = hold(place, threshold, entry.high)
      } else {
        let truth = (place.kept >= threshold.least) == threshold.holdsFromThere
        outcome = follow(place, stream, relation, number, truth)
      }
      conditions.set(node, index, Margin.of(outcome, at: now))
    }
  }

  /// Where none is still to come, a count turns when the first of as many events as are asked for leaves the window:
  /// only its time is looked at.
  private mutating func evaluateCounts(
    _ node: Int, _ entry: borrowing StreamEntry, _ threshold: CountThreshold
  ) {
    let run = conditions.runs[node]
    let sign: Double = threshold.holdsFromThere ? 1 : -1
    let isEndless = entry.high == .max
    for index in 0..<run.count {
      let first = Int(chunk.groups[run.start + index].start)
      let place = Int(chunk.groups[run.start + index + 1].start) - threshold.least
      var margin = -Double.infinity
      if place >= first {
        let time = hits[place].time
        if isEndless {
          margin = .infinity
        } else if time >= entry.from {
          margin = Double(time - entry.from + 1)
        }
      }
      conditions.set(node, index, sign * margin)
    }
  }

  // MARK: Numbers

  mutating func evaluateNumbers(
    _ node: Int, _ leaf: Int, _ relation: Relation, _ other: Double, _ block: Span<UInt8>
  ) {
    let stream = leaves[leaf].stream
    let reducer = leaves[leaf].reducer
    if conditions.runs[node].hasHundredths, !reducer.isCount {
      return evaluate(node, stream) { scan, place in
        scan.numberOfHundredths(place, reducer).map { relation.holds($0, other) } ?? false
      }
    }
    switch reducer {
    case .sum:
      evaluate(node, stream) { scan, place in
        let sum = scan.hundredths(place, block)?.sum ?? scan.total(place, block).sum
        return sum.map { relation.holds($0, other) } ?? false
      }
    case .average:
      evaluate(node, stream) { scan, place in
        let mean = scan.hundredths(place, block)?.average ?? scan.total(place, block).average
        return mean.map { relation.holds($0, other) } ?? false
      }
    case .extreme(_, let isMaximum, _):
      evaluate(node, stream) { scan, place in
        scan.extreme(place, isMaximum, block).map { relation.holds($0, other) } ?? false
      }
    case .uniqueCount where conditions.runs[node].kinds > 0 && conditions.runs[node].hasTexts:
      let absent = conditions.runs[node].absentKind
      evaluate(node, stream) { scan, place in
        if place.kept > Self.few { return scan.truth(node, block, stream, at: place) }
        return relation.holds(Double(scan.distinctKinds(place, absent)), other)
      }
    default: evaluateGroups(node, stream, block)
    }
  }

  /// What a reducer makes of numbers that are kept in hundredths; nil for nothing.
  @inline(__always)
  mutating func numberOfHundredths(_ place: Place, _ reducer: Program.ReducerNode) -> Double? {
    guard place.kept > 0 else { return nil }
    let first = Int64(hits[place.start].stream)
    var (total, least, greatest) = (first, first, first)
    for index in (place.start + 1)..<(place.start + place.kept) {
      let number = Int64(hits[index].stream)
      total += number
      least = min(least, number)
      greatest = max(greatest, number)
    }
    switch reducer {
    case .sum: return Hundredths(total: total, count: place.kept).sum
    case .average: return Hundredths(total: total, count: place.kept).average
    case .extreme(_, let isMaximum, _): return Double(isMaximum ? greatest : least) / 100
    default: preconditionFailure("nothing but numbers is asked of these values")
    }
  }

  /// How many different values events have.
  @inline(__always)
  private mutating func distinctKinds(_ place: Place, _ absent: Int32) -> Int {
    var count = 0
    for index in place.start..<(place.start + place.kept) {
      let kind = hits[index].stream
      var isNew = kind != absent
      for earlier in place.start..<index where hits[earlier].stream == kind { isNew = false }
      count += isNew ? 1 : 0
    }
    return count
  }

  // MARK: Values

  /// Holds a value against a test. Where the different texts of the run are known, each of them is tested once.
  mutating func evaluateValues(_ node: Int, _ leaf: Int, _ test: Int, _ block: Span<UInt8>) {
    let stream = leaves[leaf].stream
    let run = conditions.runs[node]
    guard run.kinds > 0, run.hasTexts else { return evaluateGroups(node, stream, block) }
    chunk.passes.removeAll()
    for kind in 0..<run.kinds {
      let cell = kind == Int(run.absentKind) ? -1 : Int(chunk.cells[run.firstKind + kind])
      chunk.passes.append(matcher.passes(test, cell, block))
    }
    let otherwise = matcher.passes(test, -1, block)
    switch leaves[leaf].reducer {
    case .first:
      evaluate(node, stream) { scan, place in
        let kind = scan.edge(place, run.absentKind, isLast: false)
        return kind < 0 ? otherwise : scan.chunk.passes[kind]
      }
    case .last:
      evaluate(node, stream) { scan, place in
        let kind = scan.edge(place, run.absentKind, isLast: true)
        return kind < 0 ? otherwise : scan.chunk.passes[kind]
      }
    case .mode(_, let least):
      evaluate(node, stream) { scan, place in
        if place.kept > Self.few { return scan.truth(node, block, stream, at: place) }
        let kind = scan.mostFrequentKind(place, run, least, block)
        return kind < 0 ? otherwise : scan.chunk.passes[kind]
      }
    default: evaluateGroups(node, stream, block)
    }
  }

  /// Which value the first or the last event has that has one; -1 for none.
  @inline(__always)
  private mutating func edge(_ place: Place, _ absent: Int32, isLast: Bool) -> Int {
    for offset in 0..<place.kept {
      let index = isLast ? place.start + place.kept - 1 - offset : place.start + offset
      if hits[index].stream != absent { return Int(hits[index].stream) }
    }
    return -1
  }

  /// Which text is the most frequent one, of several the first one by Unicode scalars; -1 for none.
  @inline(__always)
  private mutating func mostFrequentKind(
    _ place: Place, _ run: DigestChunk.Run, _ least: Int, _ block: Span<UInt8>
  ) -> Int {
    let end = place.start + place.kept
    var best = (kind: -1, count: 0)
    for index in place.start..<end {
      let kind = hits[index].stream
      if kind == run.absentKind { continue }
      var count = 1
      for later in (index + 1)..<max(end, index + 1) where hits[later].stream == kind { count += 1 }
      if count < best.count { continue }
      if count > best.count
        || precedes(Int(hits[index].cell), Int(chunk.cells[run.firstKind + best.kind]), block)
      {
        best = (Int(kind), count)
      }
    }
    return best.count >= least ? best.kind : -1
  }
}
