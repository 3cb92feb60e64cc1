import Definitions

/// The conditions of a chunk: each is evaluated once, for all profiles, whatever the number of audiences
/// that ask for it. They stand in such an order that the parts of a condition come before it.
extension ScanEvaluator {
  /// Makes room for the conditions of chunks, when the first block is opened.
  mutating func makeRoomForConditions() {
    guard conditions.margins.width == 0 else { return }
    var width = DigestChunk.profileLimit
    while width > Self.leastWidth, width * nodes.count > Self.mostMargins { width /= 2 }
    clear()
    (traitStart, traitEnd) = (0, 0)
    let nothing: [UInt8] = []
    var defaults: [Double] = []
    for node in 0..<nodes.count { defaults.append(Margin.of(truth(node, nothing.span), at: now)) }
    var roots = [[ChunkConditions.Root]](repeating: [], count: results.wordCount)
    for number in 0..<definitions.count {
      guard case .audience(let node) = definitions[number].root else { continue }
      let rank = results.rank(of: definitions[number].place)
      roots[rank >> 6].append(ChunkConditions.Root(node: node, bit: UInt64(rank & 63)))
    }
    conditions = ChunkConditions(defaults: defaults, roots: roots, width: width)
    chunk.profileLimit = width
  }

  /// Rows that all lie in the processor's own memory are evaluated several times as fast.
  private static var mostMargins: Int { 262_144 }
  private static var leastWidth: Int { 128 }

  /// Evaluates all audiences for the profiles of the chunk.
  mutating func decideAudiences(_ block: Span<UInt8>) {
    for node in 0..<nodes.count { evaluate(node, block) }
    let count = chunk.count
    let wordCount = results.wordCount
    conditions.margins.clearLengths(count: count)
    chunk.words.resize(to: count * wordCount, 0)
    for word in 0..<wordCount {
      var decided: UInt64 = 0
      conditions.margins.clearBits(count: count)
      for index in conditions.rootStarts[word]..<conditions.rootStarts[word + 1] {
        let root = conditions.roots[index]
        guard conditions.isActive[root.node] else { continue }
        decided |= 1 << root.bit
        conditions.margins.gather(root.node, bit: root.bit, count: count)
      }
      let rest = results.wordByDefault(word) & ~decided
      for place in 0..<count {
        let failing = conditions.margins.failing(at: place)
        chunk.words[place * wordCount + word] = rest | (decided & ~failing)
      }
    }
    for place in 0..<count {
      chunk.until[place] = Margin.until(conditions.margins.length(at: place), at: now)
    }
  }

  private mutating func evaluate(_ node: Int, _ block: Span<UInt8>) {
    switch nodes[node] {
    case .and(let range): combine(range, into: node, isAll: true)
    case .or(let range): combine(range, into: node, isAll: false)
    case .not(let inner):
      let isActive = conditions.isActive[inner]
      conditions.begin(node, isActive: isActive, isSparse: false, count: chunk.count)
      if isActive { conditions.margins.negate(node, inner, count: chunk.count) }
    case .count(let stream, let relation, let number):
      if begin(node, stream) { evaluateCounts(node, stream, relation, number, block) }
    case .number(let leaf, _, _), .leaf(let leaf, _):
      let stream = leaves[leaf].stream
      if begin(node, stream) { evaluateGroups(node, stream, block) }
    case .compare(let left, _, let right):
      chunk.streams.removeAll()
      addStream(leaves[left].stream)
      addStream(leaves[right].stream)
      conditions.begin(
        node, isActive: !chunk.streams.isEmpty, isSparse: true, count: chunk.count)
      if !chunk.streams.isEmpty { evaluateProfiles(node, block) }
    case .trait:
      conditions.begin(
        node, isActive: !chunk.withTraits.isEmpty, isSparse: true, count: chunk.count)
      if !chunk.withTraits.isEmpty { evaluateTraits(node, block) }
    }
  }

  private mutating func combine(_ range: Range<Int>, into node: Int, isAll: Bool) {
    var isActive = false
    for place in range where conditions.isActive[children[place]] { isActive = true }
    conditions.begin(node, isActive: isActive, isSparse: false, count: chunk.count)
    guard isActive else { return }
    let count = chunk.count
    conditions.margins.copy(node, from: children[range.lowerBound], count: count)
    for place in range.dropFirst() {
      if isAll {
        conditions.margins.lower(node, to: children[place], count: count)
      } else {
        conditions.margins.raise(node, to: children[place], count: count)
      }
    }
  }

  // MARK: Conditions without parts

  /// Begins a condition about one stream. False when nobody in the chunk has an event of it.
  private mutating func begin(_ node: Int, _ stream: Int) -> Bool {
    let isActive = chunk.ends[stream] > chunk.starts[stream]
    conditions.begin(node, isActive: isActive, isSparse: true, count: chunk.count)
    return isActive
  }

  @inline(__always)
  private mutating func decide(_ node: Int, _ place: Int, _ block: Span<UInt8>) {
    conditions.margins.set(node, place, Margin.of(truth(node, block), at: now))
  }

  private mutating func evaluateCounts(
    _ node: Int, _ stream: Int, _ relation: Relation, _ number: Double, _ block: Span<UInt8>
  ) {
    guard let threshold = relation.threshold(number) else {
      return evaluateGroups(node, stream, block)
    }
    let high = streams[stream].high
    for index in Int(chunk.starts[stream])..<Int(chunk.ends[stream]) {
      let group = chunk.groups[index]
      if group.place.coming == 0 {
        let outcome = hold(group.place, threshold, high)
        conditions.margins.set(node, Int(group.profile), Margin.of(outcome, at: now))
      } else {
        places[stream] = group.place
        decide(node, Int(group.profile), block)
      }
    }
    places[stream] = Place()
  }

  private mutating func evaluateGroups(_ node: Int, _ stream: Int, _ block: Span<UInt8>) {
    for index in Int(chunk.starts[stream])..<Int(chunk.ends[stream]) {
      let group = chunk.groups[index]
      places[stream] = group.place
      decide(node, Int(group.profile), block)
    }
    places[stream] = Place()
  }

  private mutating func evaluateProfiles(_ node: Int, _ block: Span<UInt8>) {
    beginGroups()
    while let profile = nextProfile() {
      for index in 0..<chunk.streams.count { placeGroup(index, of: profile) }
      decide(node, profile, block)
    }
    endGroups()
  }

  private mutating func evaluateTraits(_ node: Int, _ block: Span<UInt8>) {
    for index in 0..<chunk.withTraits.count {
      let place = Int(chunk.withTraits[index])
      setTraits(of: place)
      decide(node, place, block)
    }
  }

  /// Adds a stream of which somebody in the chunk has an event to those that are gone through.
  private mutating func addStream(_ stream: Int) {
    guard chunk.ends[stream] > chunk.starts[stream] else { return }
    for index in 0..<chunk.streams.count where Int(chunk.streams[index]) == stream { return }
    chunk.streams.append(Int32(truncatingIfNeeded: stream))
  }
}
