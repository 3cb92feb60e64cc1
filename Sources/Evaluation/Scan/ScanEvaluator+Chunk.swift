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
    decideAudiences(block)
    results.fill(&chunk.values, profiles: chunk.count)
    for index in 0..<valueDefinitions.count { decideForChunk(valueDefinitions[index], block) }
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
  mutating func setTraits(of place: Int) {
    traitStart = place == 0 ? 0 : Int(chunk.traitEnds[place - 1])
    traitEnd = Int(chunk.traitEnds[place])
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

  // MARK: Definitions

  /// Evaluates a definition that is no audience for all profiles that have something that it looks at.
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
      decide(number, forPlace: Int(group.profile), block)
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
      let profile = min(nextWithTraits, nextProfile() ?? .max)
      if profile == .max { break }
      for index in 0..<chunk.streams.count { placeGroup(index, of: profile) }
      if asksTraits {
        setTraits(of: profile)
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
    let outcome = value(of: definition.root, block)
    results.put(outcome.value, of: definition.place, &chunk.words, &chunk.values, at: place)
    chunk.until[place] = min(chunk.until[place], outcome.until)
    chunk.decided[place] = Int32(truncatingIfNeeded: number)
  }
}
