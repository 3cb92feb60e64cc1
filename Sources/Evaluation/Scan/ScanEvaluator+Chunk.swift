import Values

extension ScanEvaluator {
  /// Goes to the beginning of a block of digests.
  public mutating func open(_ block: Span<UInt8>) -> DigestCursor {
    makeRoomForConditions()
    return DigestCursor()
  }

  /// Evaluates the next profiles of a block, some at a time, as `evaluate` does one by its history. What it
  /// comes to is asked for by `select`, before the next chunk.
  ///
  /// - Returns: how many; 0 at the end.
  public mutating func evaluateChunk(_ cursor: inout DigestCursor, _ block: Span<UInt8>) -> Int {
    clear()
    guard readChunk(&cursor, block) else { return 0 }
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
    results.load(conditions.verdicts, chunk.values, at: place)
    setOutcome(until: chunk.until[place])
    return true
  }

  @inline(__always)
  mutating func setOutcome(until: Int64) {
    exists = true
    next = Instant(milliseconds: until)
  }

  // MARK: Definitions

  /// Evaluates a definition that is no audience for all profiles that have something that it looks at.
  private mutating func decideForChunk(_ number: Int, _ block: Span<UInt8>) {
    switch definitions[number].root {
    case .audience: preconditionFailure("an audience is decided by its condition")
    case .trait(let leaf): decide(number, leaf, block)
    case .customTrait(let path): decide(number, path: path, block)
    }
  }

  private mutating func decide(_ number: Int, _ leaf: Int, _ block: Span<UInt8>) {
    let stream = leaves[leaf].stream
    let entry = streams[stream]
    let run = chunk.runs[entry.run]
    let reducer = leaves[leaf].reducer
    for index in run.groups {
      let place = place(index, in: entry)
      if place.kept + place.coming == 0 { continue }
      places[stream] = place
      var outcome = Outcome<Value>(.absent, until: until(place, in: entry))
      if !run.hasHundredths || reducer.isCount {
        outcome = reduce(leaf, block)
      } else if let number = numberOfHundredths(place, reducer) {
        outcome = Outcome(.number(number), until: outcome.until)
      }
      let profile = Int(chunk.groups[index].profile)
      put(outcome.value, of: number, at: profile)
      chunk.until[profile] = min(chunk.until[profile], outcome.until)
    }
    places[stream] = Place()
  }

  private mutating func decide(_ number: Int, path: Int, _ block: Span<UInt8>) {
    for other in 0..<digest.paths.count where digest.paths[other].path == path {
      for index in chunk.runs[digest.paths[other].series].groups {
        let group = chunk.groups[index]
        let value = matcher.value(Int(hits[Int(group.start)].cell), block)
        put(value, of: number, at: Int(group.profile))
      }
    }
  }

  private mutating func put(_ value: Value, of number: Int, at profile: Int) {
    results.put(
      value, of: definitions[number].place, &conditions.verdicts, &chunk.values, at: profile)
  }
}
