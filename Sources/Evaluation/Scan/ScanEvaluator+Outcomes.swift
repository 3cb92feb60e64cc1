import Definitions
import Values

extension ScanEvaluator {
  mutating func outcome(
    of definition: ScanProgram.Definition, _ bytes: Span<UInt8>
  ) -> Outcome<Value> {
    switch definition.root {
    case .audience(let node):
      let truth = truth(node, bytes)
      return Outcome(.boolean(truth.value), until: truth.until)
    case .trait(let leaf): return reduce(leaf, bytes)
    case .customTrait(let path): return trait(path, bytes)
    }
  }

  private func truth(_ index: Int, _ bytes: Span<UInt8>) -> Outcome<Bool> {
    switch scan.nodes[index] {
    case .and(let range): return combine(range, bytes, deciding: false)
    case .or(let range): return combine(range, bytes, deciding: true)
    case .not(let inner):
      let outcome = truth(inner, bytes)
      return Outcome(!outcome.value, until: outcome.until)
    case .count(let leaf, let relation, let number): return count(leaf, relation, number)
    case .leaf(let leaf, let condition):
      let outcome = reduce(leaf, bytes)
      return Outcome(
        scan.program.holds(condition, for: outcome.value), until: outcome.until)
    case .trait(let path, let condition):
      let outcome = trait(path, bytes)
      return Outcome(
        scan.program.holds(condition, for: outcome.value), until: outcome.until)
    }
  }

  /// AND and OR, as `Evaluator.combine`.
  private func combine(
    _ range: Range<Int>, _ bytes: Span<UInt8>, deciding: Bool
  ) -> Outcome<Bool> {
    var decidedUntil: Int64?
    var until = Int64.max
    for place in range {
      let part = truth(scan.children[place], bytes)
      if part.value == deciding {
        decidedUntil = max(decidedUntil ?? .min, part.until)
        if part.until == .max { break }
      } else {
        until = min(until, part.until)
      }
    }
    if let decidedUntil { return Outcome(deciding, until: decidedUntil) }
    return Outcome(!deciding, until: until)
  }

  // MARK: Counts

  /// A count held against a number, followed from one entry or exit to the next until the comparison
  /// comes out differently, as `Evaluator.count`. Here it is known of all events whether they pass.
  private func count(_ leaf: Int, _ relation: Relation, _ number: Double) -> Outcome<Bool> {
    let own = ofLeaf[leaf]
    let truth = stands(own.kept, relation, number)
    let low = scan.leaves[leaf].low
    let high = scan.leaves[leaf].high
    var count = own.kept
    var leaving = own.first
    var coming = own.first
    for _ in 0..<own.kept { coming = hits[coming].next }
    while true {
      let entry = coming < 0 ? Int64.max : hits[coming].time + low
      // An event leaves behind those before it, and after it came.
      let exit = leaving < 0 || high == .max ? .max : hits[leaving].time + high + 1
      let moment = min(entry, exit)
      if moment == .max { return Outcome(truth, until: .max) }
      while leaving >= 0, high != .max, hits[leaving].time + high + 1 == moment {
        count -= 1
        leaving = hits[leaving].next
      }
      while coming >= 0, hits[coming].time + low == moment {
        count += 1
        coming = hits[coming].next
      }
      if stands(count, relation, number) != truth { return Outcome(truth, until: moment) }
    }
  }

  private func stands(_ count: Int, _ relation: Relation, _ number: Double) -> Bool {
    let count = Double(count)
    guard number.isFinite else { return Value.number(count).stands(relation, to: .number(number)) }
    return switch relation {
    case .equal: count == number
    case .unequal: count != number
    case .greater: count > number
    case .less: count < number
    case .greaterOrEqual: count >= number
    case .lessOrEqual: count <= number
    }
  }

  // MARK: Reducers

  private func reduce(_ leaf: Int, _ bytes: Span<UInt8>) -> Outcome<Value> {
    let own = ofLeaf[leaf]
    guard let reducer = scan.leaves[leaf].reducer else { return Outcome(.absent) }
    let until = until(leaf)
    switch reducer {
    case .count: return Outcome(.number(Double(own.kept)), until: until)
    case .sum: return Outcome(total(own, bytes).sum.map(Value.number) ?? .absent, until: until)
    case .average:
      return Outcome(total(own, bytes).average.map(Value.number) ?? .absent, until: until)
    case .first: return Outcome(edge(own, bytes, isLast: false), until: until)
    case .last: return Outcome(edge(own, bytes, isLast: true), until: until)
    case .extreme(_, let isMaximum, let asText):
      let values = values(own, bytes)
      let result =
        asText
        ? Reduction.extremeText(values, isMaximum) : Reduction.extremeNumber(values, isMaximum)
      return Outcome(result, until: until)
    case .mode(_, let least):
      return Outcome(Reduction.mostFrequent(values(own, bytes), least), until: until)
    case .unique: return Outcome(Reduction.distinct(values(own, bytes)), until: until)
    case .uniqueCount:
      let texts = Set(Reduction.texts(values(own, bytes)))
      return Outcome(.number(Double(texts.count)), until: until)
    }
  }

  /// Up to when a leaf keeps the same events.
  private func until(_ leaf: Int) -> Int64 {
    let own = ofLeaf[leaf]
    guard own.first >= 0 else { return .max }
    var until = Int64.max
    if own.kept > 0, scan.leaves[leaf].high != .max {
      until = hits[own.first].time + scan.leaves[leaf].high + 1
    }
    if own.coming > 0 {
      var coming = own.first
      for _ in 0..<own.kept { coming = hits[coming].next }
      until = min(until, hits[coming].time + scan.leaves[leaf].low)
    }
    return until
  }

  private func total(_ own: Hits, _ bytes: Span<UInt8>) -> ExactSum {
    var sum = ExactSum()
    var hit = own.first
    for _ in 0..<own.kept {
      if hits[hit].cell >= 0 {
        var reader = ScanReader(at: hits[hit].cell)
        if let number = reader.number(bytes) {
          if number.isFinite { sum.add(number) }
        } else if let number = value(hits[hit].cell, bytes).numeric {
          sum.add(number)
        }
      }
      hit = hits[hit].next
    }
    return sum
  }

  private func edge(_ own: Hits, _ bytes: Span<UInt8>, isLast: Bool) -> Value {
    var found = Value.absent
    var hit = own.first
    var cell = -1
    for _ in 0..<own.kept {
      let here = hits[hit].cell
      hit = hits[hit].next
      guard here >= 0, bytes[here] != PackedTag.null.rawValue else { continue }
      cell = here
      if !isLast { break }
    }
    if cell >= 0 { found = value(cell, bytes) }
    return found
  }

  /// The present values of the kept events, in order.
  private func values(_ own: Hits, _ bytes: Span<UInt8>) -> [Value] {
    var values: [Value] = []
    var hit = own.first
    for _ in 0..<own.kept {
      let value = value(hits[hit].cell, bytes)
      if value.isPresent { values.append(value) }
      hit = hits[hit].next
    }
    return values
  }

  // MARK: Custom traits

  /// The value of a path in the custom traits, as `Evaluator.trait`.
  private func trait(_ path: Index, _ bytes: Span<UInt8>) -> Outcome<Value> {
    var outcome = Outcome<Value>(.absent)
    guard case .key(let key) = scan.program.paths[Int(path)].steps[0] else { return outcome }
    for call in traitCalls.reversed() {
      var reader = ScanReader(at: call.payload)
      guard reader.enter(key, bytes) else { continue }
      if call.time > now {
        outcome.until = call.time
        continue
      }
      for step in scan.program.paths[Int(path)].steps.dropFirst() {
        guard case .key(let key) = step, reader.enter(key, bytes) else { return outcome }
      }
      outcome.value = value(reader.at, bytes)
      break
    }
    return outcome
  }
}
