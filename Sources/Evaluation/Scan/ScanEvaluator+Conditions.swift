import Definitions

/// The conditions of a chunk: each is evaluated once, for all profiles, whatever the number of audiences
/// that ask for it. They stand in such an order that the parts of a condition come before it.
extension ScanEvaluator {
  /// Makes room for the conditions of chunks, when the first block is opened.
  mutating func makeRoomForConditions() {
    guard conditions.verdicts.width == 0 else { return }
    clear()
    (traitStart, traitEnd) = (0, 0)
    let nothing: [UInt8] = []
    var defaults: [Bool] = []
    for node in 0..<nodes.count {
      let outcome = truth(node, nothing.span)
      precondition(outcome.until == .max, "what no event decides stays as it is")
      defaults.append(outcome.value)
    }
    var parts: [[Int]] = []
    var isWhole: [Bool] = []
    for node in 0..<nodes.count {
      parts.append(self.parts(of: node))
      switch nodes[node] {
      case .and, .or: isWhole.append(true)
      case .not(let inner): isWhole.append(isWhole[inner])
      case .count, .number, .leaf, .compare, .trait: isWhole.append(false)
      }
    }
    var ranks = [[Int]](repeating: [], count: nodes.count)
    for number in 0..<definitions.count {
      guard case .audience(let node) = definitions[number].root else { continue }
      ranks[node].append(results.rank(of: definitions[number].place))
    }
    conditions = ChunkConditions(
      defaults: defaults, isWhole: isWhole, parts: parts, ranks: ranks, words: results.wordCount,
      width: DigestChunk.profileLimit)
  }

  private func parts(of node: Int) -> [Int] {
    var parts: [Int] = []
    switch nodes[node] {
    case .and(let range), .or(let range): for place in range { parts.append(children[place]) }
    case .not(let inner): parts = [inner]
    case .count, .number, .leaf, .compare, .trait: break
    }
    return parts
  }

  /// Evaluates all audiences for the profiles of the chunk.
  mutating func decideAudiences(_ block: Span<UInt8>) {
    let count = chunk.count
    for word in 0..<results.wordCount {
      conditions.verdicts.fill(word, results.wordByDefault(word), count: count)
    }
    conditions.verdicts.clearLengths(count: count)
    for node in 0..<nodes.count {
      evaluate(node, block)
      conditions.gather(node, count: count, chunk.groups)
    }
    for place in 0..<count {
      chunk.until[place] = Margin.until(conditions.verdicts.length(at: place), at: now)
    }
  }

  private mutating func evaluate(_ node: Int, _ block: Span<UInt8>) {
    switch nodes[node] {
    case .and(let range): combine(range, into: node, isAll: true)
    case .or(let range): combine(range, into: node, isAll: false)
    case .not(let inner): conditions.negate(node, inner, count: chunk.count)
    case .count(let stream, let relation, let number):
      if conditions.begin(node, chunk.runs[streams[stream].run]) {
        evaluateCounts(node, stream, relation, number, block)
      }
    case .number(let leaf, let relation, let number):
      if conditions.begin(node, chunk.runs[streams[leaves[leaf].stream].run]) {
        evaluateNumbers(node, leaf, relation, number, block)
      }
    case .leaf(let leaf, let test):
      if conditions.begin(node, chunk.runs[streams[leaves[leaf].stream].run]) {
        evaluateValues(node, leaf, test, block)
      }
    case .compare(let left, let relation, let right):
      let (one, other) = (leaves[left], leaves[right])
      if conditions.begin(node, union(one.stream, other.stream)) {
        evaluatePairs(
          node, one.stream, other.stream, relation,
          isOfCounts: one.reducer.isCount && other.reducer.isCount, block)
      }
    case .trait: evaluateTest(node)
    }
  }

  private mutating func combine(_ range: Range<Int>, into node: Int, isAll: Bool) {
    guard conditions.begin(node, range, of: children, isAll: isAll) else { return }
    conditions.combine(
      node, range, of: children, isAll: isAll, count: chunk.count, chunk.groups)
  }

  // MARK: Conditions about two streams

  /// The profiles who have hits of one of two streams.
  private mutating func union(_ left: Int, _ right: Int) -> DigestChunk.Run {
    let (a, b) = (streams[left].run, streams[right].run)
    let (one, other) = (chunk.runs[a], chunk.runs[b])
    if a == b || other.isEmpty { return one }
    if one.isEmpty { return other }
    let first = chunk.groups.count
    var (place, otherPlace) = (one.start, other.start)
    while true {
      let profile = min(chunk.groups[place].profile, chunk.groups[otherPlace].profile)
      if profile == .max { break }
      chunk.append(Int(profile), from: 0)
      if chunk.groups[place].profile == profile { place += 1 }
      if chunk.groups[otherPlace].profile == profile { otherPlace += 1 }
    }
    return chunk.endGroups(from: first, hits: 0, latest: max(one.latest, other.latest))
  }

  private mutating func evaluatePairs(
    _ node: Int, _ left: Int, _ right: Int, _ relation: Relation, isOfCounts: Bool,
    _ block: Span<UInt8>
  ) {
    let run = conditions.runs[node]
    var next = (chunk.runs[streams[left].run].start, chunk.runs[streams[right].run].start)
    let isThere = (
      !chunk.runs[streams[left].run].isEmpty, !chunk.runs[streams[right].run].isEmpty
    )
    for index in 0..<run.count {
      let profile = chunk.groups[run.start + index].profile
      if isThere.0 { next.0 = placeGroup(next.0, of: profile, left) }
      if isThere.1 { next.1 = placeGroup(next.1, of: profile, right) }
      let outcome = isOfCounts ? compareCounts(left, relation, right) : truth(node, block)
      conditions.set(node, index, Margin.of(outcome, at: now))
    }
    (places[left], places[right]) = (Place(), Place())
  }

  @inline(__always)
  private func compareCounts(_ left: Int, _ relation: Relation, _ right: Int) -> Outcome<Bool> {
    let (a, b) = (places[left], places[right])
    return Outcome(
      relation.holds(Double(a.kept), Double(b.kept)),
      until: min(until(a, in: streams[left]), until(b, in: streams[right])))
  }

  /// Says where a profile's hits of a stream are. Profiles come in order, and each that has some comes. Returns
  /// the next group.
  @inline(__always)
  private mutating func placeGroup(_ group: Int, of profile: Int32, _ stream: Int) -> Int {
    guard chunk.groups[group].profile == profile else {
      places[stream] = Place()
      return group
    }
    places[stream] = place(group, in: streams[stream])
    return group + 1
  }
}
