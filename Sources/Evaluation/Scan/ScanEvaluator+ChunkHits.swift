/// The hits of a chunk: read out of a block of digests, and arranged by stream and profile.
extension ScanEvaluator {
  mutating func read(_ cursor: DigestCursor, _ block: Span<UInt8>) {
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
  mutating func arrangeChunk() {
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
  mutating func beginGroups() {
    chunk.nextGroups.removeAll()
    chunk.nextProfiles.removeAll()
    for index in 0..<chunk.streams.count {
      let stream = Int(chunk.streams[index])
      chunk.nextGroups.append(chunk.starts[stream])
      chunk.nextProfiles.append(chunk.profile(ofGroup: chunk.starts[stream], stream))
    }
  }

  /// The next profile that has hits of one of them; nil at the end.
  @inline(__always)
  func nextProfile() -> Int? {
    var profile = Int.max
    for index in 0..<chunk.streams.count { profile = min(profile, chunk.nextProfiles[index]) }
    return profile == .max ? nil : profile
  }

  /// Says where a profile's hits of one of these streams are. Profiles come in order, and each that has
  /// some comes.
  @inline(__always)
  mutating func placeGroup(_ index: Int, of profile: Int) {
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
  mutating func endGroups() {
    for number in 0..<chunk.streams.count { places[Int(chunk.streams[number])] = Place() }
  }
}
