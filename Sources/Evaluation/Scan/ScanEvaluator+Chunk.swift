import Values

extension ScanEvaluator {
  /// Evaluates the next profiles of a block, some at a time, as `evaluate` does one by its history. What it
  /// comes to is asked for by `select`, before the next chunk.
  ///
  /// - Returns: how many; 0 at the end.
  public mutating func evaluateChunk(_ cursor: inout DigestCursor, _ block: Span<UInt8>) -> Int {
    clear()
    chunk.removeAll()
    while !chunk.isFull, cursor.advance(block) { read(cursor, block) }
    numberProfiles(chunk.count)
    arrangeChunk()
    results.fill(&chunk.words, &chunk.values, profiles: chunk.count)
    for number in 0..<definitions.count { decideForChunk(number, block) }
    if others.until != .max {
      for place in 0..<chunk.count { chunk.until[place] = min(chunk.until[place], others.until) }
    }
    return chunk.count
  }

  /// The profile at a place of the chunk.
  @inline(__always)
  public mutating func identity(at place: Int) -> Int64 { chunk.identities[place] }

  /// Makes the values and the next change those of the profile at a place of the chunk. False when its
  /// history has to be read.
  @inline(__always)
  public mutating func select(_ place: Int) -> Bool {
    if chunk.needsHistory[place] { return false }
    results.load(chunk.words, chunk.values, at: place)
    setOutcome(until: chunk.until[place])
    return true
  }

  // MARK: Profiles

  /// Makes the calls with traits in hand those of the profile at a place.
  @inline(__always)
  mutating func setTraits(start: Int, end: Int, place: Int) {
    (traitStart, traitEnd) = (start, end)
    profile = firstOfChunk + place
  }

  /// Gives the profiles of a chunk numbers that no other one has.
  mutating func numberProfiles(_ count: Int) {
    firstOfChunk = lastProfile + 1
    lastProfile += count
  }

  /// Makes room to remember the traits of all profiles of a chunk, unless there are very many paths.
  mutating func rememberTraits() {
    guard traitSlots == 1, !paths.isEmpty else { return }
    var slots = DigestChunk.profileLimit
    while slots > 1, slots * paths.count > 16_384 { slots /= 2 }
    traits = FixedTable([TraitFound](repeating: TraitFound(), count: paths.count * slots))
    traitSlots = slots
  }

  /// Where it is remembered what a path comes to for the profile in hand.
  @inline(__always)
  func traitPlace(_ path: Int) -> Int { path * traitSlots + profile & (traitSlots - 1) }

  @inline(__always)
  mutating func setOutcome(until: Int64) {
    exists = true
    next = Instant(milliseconds: until)
  }

  // MARK: Hits

  private mutating func read(_ cursor: DigestCursor, _ block: Span<UInt8>) {
    chunk.append(cursor.identity, needsHistory: cursor.needsHistory)
    if !cursor.needsHistory {
      var reader = ScanReader(at: cursor.content.lowerBound)
      readTraits(&reader, block)
      readEvents(&reader, upTo: cursor.content.upperBound, block)
    }
    chunk.traitEnds.append(Int32(truncatingIfNeeded: traitCalls.count))
  }

  @inline(__always)
  private mutating func readTraits(_ reader: inout ScanReader, _ block: Span<UInt8>) {
    let count = reader.varint(block)
    if count == 0 { return }
    chunk.withTraits.append(Int32(truncatingIfNeeded: chunk.count - 1))
    var time: Int64 = 0
    for _ in 0..<count {
      time += reader.zigzag(block)
      let length = Int(truncatingIfNeeded: reader.varint(block))
      traitCalls.append(TraitCall(time: time, payload: reader.at))
      reader.at += length
    }
  }

  @inline(__always)
  private mutating func readEvents(
    _ reader: inout ScanReader, upTo end: Int, _ block: Span<UInt8>
  ) {
    var time: Int64 = 0
    while reader.at < end {
      let set = digest.sets[Int(truncatingIfNeeded: reader.varint(block))]
      time += reader.zigzag(block)
      digest.seen.removeAll()
      for _ in 0..<set.values {
        digest.seen.append(Int32(truncatingIfNeeded: reader.at))
        reader.skip(block)
      }
      for number in Int(set.start)..<Int(set.end) {
        let member = digest.members[number]
        if time < member.from { continue }
        let cell = member.value < 0 ? -1 : digest.seen[Int(member.value)]
        chunk.append(time, cell, stream: member.stream)
      }
    }
  }

  /// Puts the hits of each stream side by side, and finds each profile's among them.
  private mutating func arrangeChunk() {
    var start: Int32 = 0
    for number in 0..<chunk.touched.count {
      let stream = Int(chunk.touched[number])
      chunk.starts[stream] = start
      start += chunk.counts[stream]
      chunk.counts[stream] = chunk.starts[stream]
    }
    hits.resize(to: Int(start), Hit(time: 0, cell: -1, stream: 0))
    for number in 0..<chunk.found.count {
      let found = chunk.found[number]
      let stream = Int(found.stream)
      // Side by side, a hit says whose it is.
      hits[Int(chunk.counts[stream])] = Hit(
        time: found.time, cell: found.cell, stream: found.profile)
      chunk.counts[stream] += 1
    }
    for number in 0..<chunk.touched.count { group(Int(chunk.touched[number])) }
    for number in 0..<chunk.touched.count {
      let stream = Int(chunk.touched[number])
      if streams[stream].related >= 0 { keepRelatedInChunk(stream) }
    }
  }

  private mutating func group(_ stream: Int) {
    let there = digest.gateOfStream[stream].there
    let forbidsComing = streams[stream].forbidsComing
    var hit = Int(chunk.starts[stream])
    let end = Int(chunk.counts[stream])
    chunk.starts[stream] = Int32(truncatingIfNeeded: chunk.groups.count)
    while hit < end {
      let profile = hits[hit].stream
      var place = Place(start: hit)
      while hit < end, hits[hit].stream == profile {
        if hits[hit].time > there { place.coming += 1 } else { place.kept += 1 }
        hit += 1
      }
      if forbidsComing, place.coming > 0 {
        // What the pass comes to is not used.
        chunk.needsHistory[Int(profile)] = true
        place.coming = 0
      }
      chunk.groups.append(DigestChunk.Group(profile: Int(profile), place: place))
    }
    chunk.ends[stream] = Int32(truncatingIfNeeded: chunk.groups.count)
  }

  /// Takes away the hits whose followers do not pass.
  private mutating func keepRelatedInChunk(_ stream: Int) {
    chunk.streams.removeAll()
    addRelated(streams[stream].related)
    beginGroups()
    for number in Int(chunk.starts[stream])..<Int(chunk.ends[stream]) {
      let group = chunk.groups[number]
      placeGroups(of: group.profile)
      places[stream] = group.place
      keepRelated(stream)
      chunk.groups[number].place = places[stream]
    }
    places[stream] = Place()
    endGroups()
  }

  private mutating func addRelated(_ index: Int) {
    switch relatedNodes[index] {
    case .and(let range), .or(let range):
      for child in range { addRelated(relatedChildren[child]) }
    case .not(let inner): addRelated(inner)
    case .count(let stream, _, _, _, _): chunk.streams.append(Int32(truncatingIfNeeded: stream))
    }
  }

  // MARK: Places of one profile after the other

  /// Begins to go through the groups of `chunk.streams`.
  @inline(__always)
  private mutating func beginGroups() {
    chunk.nextGroups.removeAll()
    chunk.nextProfiles.removeAll()
    for index in 0..<chunk.streams.count {
      let stream = Int(chunk.streams[index])
      chunk.nextGroups.append(chunk.starts[stream])
      chunk.nextProfiles.append(chunk.profile(ofGroup: chunk.starts[stream], stream))
    }
  }

  /// Says where a profile's hits of one of these streams are. Profiles come in order, and each that has
  /// some comes.
  @inline(__always)
  private mutating func placeGroup(_ index: Int, of profile: Int) {
    let stream = Int(chunk.streams[index])
    guard chunk.nextProfiles[index] == profile else {
      places[stream] = Place()
      return
    }
    let next = chunk.nextGroups[index]
    places[stream] = chunk.groups[Int(next)].place
    chunk.nextGroups[index] = next + 1
    chunk.nextProfiles[index] = chunk.profile(ofGroup: next + 1, stream)
  }

  /// The same for profiles of whom some are passed over.
  @inline(__always)
  private mutating func placeGroups(of profile: Int) {
    for index in 0..<chunk.streams.count {
      let stream = Int(chunk.streams[index])
      while chunk.nextProfiles[index] < profile {
        chunk.nextGroups[index] += 1
        chunk.nextProfiles[index] = chunk.profile(ofGroup: chunk.nextGroups[index], stream)
      }
      placeGroup(index, of: profile)
    }
  }

  @inline(__always)
  private mutating func endGroups() {
    for number in 0..<chunk.streams.count { places[Int(chunk.streams[number])] = Place() }
  }

  // MARK: Definitions

  /// Evaluates a definition for all profiles that have something that it looks at.
  private mutating func decideForChunk(_ number: Int, _ block: Span<UInt8>) {
    chunk.streams.removeAll()
    for place in chunk.streamStarts[number]..<chunk.streamStarts[number + 1] {
      let stream = chunk.streamsOfDefinition[Int(place)]
      if chunk.ends[Int(stream)] > chunk.starts[Int(stream)] { chunk.streams.append(stream) }
    }
    let asksTraits = definitions[number].asksTraits
    if !asksTraits, chunk.streams.count == 1 {
      decideByGroups(number, Int(chunk.streams[0]), block)
    } else if asksTraits || chunk.streams.count > 1 {
      decideByProfiles(number, asksTraits, block)
    }
    let limit = defaultUntil[number]
    guard limit != .max else { return }
    for place in 0..<chunk.count where chunk.decided[place] != number {
      chunk.until[place] = min(chunk.until[place], limit)
    }
  }

  private mutating func decideByGroups(_ number: Int, _ stream: Int, _ block: Span<UInt8>) {
    for index in Int(chunk.starts[stream])..<Int(chunk.ends[stream]) {
      let group = chunk.groups[index]
      places[stream] = group.place
      decide(number, forPlace: group.profile, block)
    }
    places[stream] = Place()
  }

  private mutating func decideByProfiles(
    _ number: Int, _ asksTraits: Bool, _ block: Span<UInt8>
  ) {
    beginGroups()
    var withTraits = 0
    var nextWithTraits = asksTraits ? profileWithTraits(withTraits) : .max
    while true {
      var profile = nextWithTraits
      for index in 0..<chunk.streams.count { profile = min(profile, chunk.nextProfiles[index]) }
      if profile == .max { break }
      for index in 0..<chunk.streams.count { placeGroup(index, of: profile) }
      if asksTraits {
        setTraits(
          start: profile == 0 ? 0 : Int(chunk.traitEnds[profile - 1]),
          end: Int(chunk.traitEnds[profile]), place: profile)
        if nextWithTraits == profile {
          withTraits += 1
          nextWithTraits = profileWithTraits(withTraits)
        }
      }
      decide(number, forPlace: profile, block)
    }
    endGroups()
  }

  /// The profile of a number among those with traits; `.max` behind the last.
  @inline(__always)
  private mutating func profileWithTraits(_ number: Int) -> Int {
    number < chunk.withTraits.count ? Int(chunk.withTraits[number]) : .max
  }

  /// Evaluates a definition for the profile at a place of the chunk, whose hits are where `places` says.
  @inline(__always)
  private mutating func decide(_ number: Int, forPlace place: Int, _ block: Span<UInt8>) {
    let definition = definitions[number]
    let until: Int64
    if case .audience(let node) = definition.root {
      let truth = truth(node, block)
      results.put(truth.value, of: definition.place, &chunk.words, at: place)
      until = truth.until
    } else {
      let outcome = value(of: definition.root, block)
      results.put(outcome.value, of: definition.place, &chunk.words, &chunk.values, at: place)
      until = outcome.until
    }
    chunk.until[place] = min(chunk.until[place], until)
    chunk.decided[place] = Int32(truncatingIfNeeded: number)
  }
}
