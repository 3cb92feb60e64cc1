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
    let profile = Int32(truncatingIfNeeded: chunk.count - 1)
    while reader.at < end {
      let number = Int(truncatingIfNeeded: reader.varint(block))
      let set = digest.sets[number]
      time += reader.zigzag(block)
      chunk.events.append(
        DigestChunk.Event(
          time: time, set: Int32(truncatingIfNeeded: number),
          cells: Int32(truncatingIfNeeded: chunk.cells.count), profile: profile))
      for _ in 0..<set.values {
        chunk.cells.append(Int32(truncatingIfNeeded: reader.at))
        reader.skip(block)
      }
      if digest.eventCounts[number] == 0 {
        digest.touched.append(Int32(truncatingIfNeeded: number))
      }
      digest.eventCounts[number] += 1
      chunk.hitCount += Int(set.end - set.start)
    }
  }

  /// Puts the hits of each stream side by side, and finds each profile's among them.
  mutating func arrangeChunk() {
    makeRoomForHits()
    for number in 0..<chunk.events.count {
      let event = chunk.events[number]
      let set = digest.sets[Int(event.set)]
      for member in Int(set.start)..<Int(set.end) { add(event, digest.members[member]) }
    }
    for number in 0..<chunk.touched.count {
      let stream = Int(chunk.touched[number])
      chunk.ends[stream] = chunk.cursors[stream].group
      if streams[stream].forbidsComing { leaveToHistories(stream) }
    }
    for number in 0..<chunk.touched.count {
      let stream = Int(chunk.touched[number])
      if streams[stream].related >= 0 { keepRelatedInChunk(stream) }
    }
  }

  /// Gives each stream as much room as it may need for hits and for groups.
  private mutating func makeRoomForHits() {
    for index in 0..<digest.touched.count {
      let number = Int(digest.touched[index])
      let set = digest.sets[number]
      for member in Int(set.start)..<Int(set.end) {
        let stream = digest.members[member].stream
        if chunk.rooms[Int(stream)] == 0 { chunk.touched.append(stream) }
        chunk.rooms[Int(stream)] += digest.eventCounts[number]
      }
      digest.eventCounts[number] = 0
    }
    digest.touched.removeAll()
    hits.extend(to: chunk.hitCount, Hit(time: 0, cell: -1, stream: 0))
    chunk.groups.extend(to: chunk.hitCount + chunk.touched.count, .none)
    var cursor = DigestChunk.Cursor()
    for number in 0..<chunk.touched.count {
      let stream = Int(chunk.touched[number])
      chunk.groups[Int(cursor.group)] = .none
      cursor.group += 1
      chunk.starts[stream] = cursor.group
      chunk.cursors[stream] = cursor
      cursor.hit += chunk.rooms[stream]
      cursor.group += chunk.rooms[stream]
      chunk.rooms[stream] = 0
    }
  }

  /// Adds an event to a stream, and to the last group of that or to a new one. Which of them it is is
  /// anybody's guess, so nothing branches on it.
  @inline(__always)
  private mutating func add(_ event: DigestChunk.Event, _ member: DigestTables.Member) {
    if event.time < member.from { return }
    let cell = member.value < 0 ? -1 : chunk.cells[Int(event.cells + member.value)]
    var cursor = chunk.cursors[Int(member.stream)]
    // Side by side, a hit says whose it is.
    hits[Int(cursor.hit)] = Hit(time: event.time, cell: cell, stream: event.profile)
    let last = chunk.groups[Int(cursor.group) - 1]
    let isNew = last.profile != event.profile
    var group = isNew ? DigestChunk.Group(profile: event.profile, start: cursor.hit) : last
    group.count(isComing: event.time > member.there)
    cursor.group += isNew ? 1 : 0
    chunk.groups[Int(cursor.group) - 1] = group
    cursor.hit += 1
    chunk.cursors[Int(member.stream)] = cursor
  }

  /// Leaves those to their histories who have events of a stream to come, where that is forbidden.
  private mutating func leaveToHistories(_ stream: Int) {
    for number in Int(chunk.starts[stream])..<Int(chunk.ends[stream]) {
      var place = chunk.groups[number].place
      if place.coming == 0 { continue }
      // What the pass comes to is not used.
      chunk.needsHistory[Int(chunk.groups[number].profile)] = true
      place.coming = 0
      chunk.groups[number].place = place
    }
  }

  /// Takes away the hits whose followers do not pass.
  private mutating func keepRelatedInChunk(_ stream: Int) {
    chunk.streams.removeAll()
    addRelated(streams[stream].related)
    beginGroups()
    for number in Int(chunk.starts[stream])..<Int(chunk.ends[stream]) {
      let group = chunk.groups[number]
      placeGroups(of: Int(group.profile))
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
