/// The hits of a chunk: read out of a block of digests, series by series.
extension ScanEvaluator {
  /// Reads the next chunk of a block. False at the end.
  mutating func readChunk(_ cursor: inout DigestCursor, _ block: Span<UInt8>) -> Bool {
    guard cursor.reader.at < block.count - PackedNumbers.padding else { return false }
    let count = Int(truncatingIfNeeded: cursor.reader.varint(block))
    hits.removeAll()
    chunk.begin(count)
    let identities = PackedNumbers(&cursor.reader, count: count, block)
    for place in 0..<count { chunk.identities[place] = identities.number(place, block) }
    let countOfRead = Int(truncatingIfNeeded: cursor.reader.varint(block))
    let read = PackedNumbers(&cursor.reader, count: countOfRead, block)
    for index in 0..<countOfRead {
      chunk.needsHistory[Int(read.number(index, block))] = true
    }
    for _ in 0..<cursor.reader.varint(block) { readSeries(&cursor.reader, block) }
    for number in 0..<digest.forbiddingStreams.count {
      leaveToHistories(digest.forbiddingStreams[number])
    }
    for number in 0..<digest.relatedStreams.count {
      keepRelatedInChunk(digest.relatedStreams[number])
    }
    return true
  }

  private mutating func readSeries(_ reader: inout ScanReader, _ block: Span<UInt8>) {
    let series = Int(truncatingIfNeeded: reader.varint(block))
    let groupCount = Int(truncatingIfNeeded: reader.varint(block))
    let hitCount = Int(truncatingIfNeeded: reader.varint(block))
    let profiles = PackedNumbers(&reader, count: groupCount, block)
    let counts = PackedNumbers(&reader, count: groupCount, block)
    let times = PackedNumbers(&reader, count: hitCount, block)
    let firstGroup = chunk.groups.count
    let firstHit = hits.count
    var start = firstHit
    for index in 0..<groupCount {
      chunk.append(Int(profiles.number(index, block)), from: start)
      start += Int(counts.number(index, block))
    }
    precondition(start == firstHit + hitCount)
    var run = chunk.endGroups(from: firstGroup, hits: start, latest: times.greatest)
    hits.lengthen(by: hitCount)
    readValues(times, hitCount, from: firstHit, &run, &reader, block)
    chunk.set(run, at: series)
  }

  @inline(__always)
  private mutating func readValues(
    _ times: PackedNumbers, _ count: Int, from first: Int, _ run: inout DigestChunk.Run,
    _ reader: inout ScanReader, _ block: Span<UInt8>
  ) {
    let kinds = Int(truncatingIfNeeded: reader.varint(block))
    if kinds == DigestBlock.Values.none {
      for index in 0..<count {
        hits[first + index] = Hit(time: times.number(index, block), cell: -1, stream: 0)
      }
    } else if kinds == DigestBlock.Values.packed {
      for index in 0..<count {
        let cell = Int32(truncatingIfNeeded: reader.at)
        reader.skip(block)
        hits[first + index] = Hit(time: times.number(index, block), cell: cell, stream: 0)
      }
    } else if kinds == DigestBlock.Values.hundredths {
      run.hasHundredths = true
      let numbers = PackedNumbers(&reader, count: count, block)
      for index in 0..<count {
        hits[first + index] = Hit(
          time: times.number(index, block), cell: -1,
          stream: Int32(truncatingIfNeeded: numbers.number(index, block)))
      }
    } else {
      readKinds(kinds - DigestBlock.Values.hundredths, &run, &reader, block)
      let codes = PackedNumbers(&reader, count: count, block)
      for index in 0..<count {
        let code = Int(codes.number(index, block))
        // Side by side, a hit says which of the values it has.
        hits[first + index] = Hit(
          time: times.number(index, block), cell: chunk.cells[run.firstKind + code],
          stream: Int32(truncatingIfNeeded: code))
      }
    }
  }

  private mutating func readKinds(
    _ count: Int, _ run: inout DigestChunk.Run, _ reader: inout ScanReader, _ block: Span<UInt8>
  ) {
    run.kinds = count
    run.firstKind = chunk.cells.count
    run.hasTexts = true
    for kind in 0..<count {
      chunk.cells.append(Int32(truncatingIfNeeded: reader.at))
      let tag = block[reader.at]
      if tag == PackedTag.null.rawValue {
        run.absentKind = Int32(truncatingIfNeeded: kind)
      } else if tag != PackedTag.string.rawValue {
        run.hasTexts = false
      }
      reader.skip(block)
    }
  }

  /// Which of a group's hits are a stream's.
  @inline(__always)
  func place(_ index: Int, in entry: borrowing StreamEntry) -> Place {
    var start = Int(chunk.groups[index].start)
    let end = Int(chunk.groups[index + 1].start)
    while start < end, hits[start].time < entry.from { start += 1 }
    var last = end
    while last > start, hits[last - 1].time > entry.there { last -= 1 }
    return Place(start: start, kept: last - start, coming: end - last)
  }

  /// Leaves those to their histories who have events of a stream to come, where that is forbidden. What they
  /// come to here is not used.
  private mutating func leaveToHistories(_ stream: Int) {
    let entry = streams[stream]
    let run = chunk.runs[digest.seriesOfStream[stream]]
    if run.latest <= entry.there { return }
    for index in run.groups where place(index, in: entry).coming > 0 {
      chunk.needsHistory[Int(chunk.groups[index].profile)] = true
    }
  }

  /// Finds the hits of a stream whose followers pass.
  private mutating func keepRelatedInChunk(_ stream: Int) {
    let entry = streams[stream]
    let run = chunk.runs[digest.seriesOfStream[stream]]
    if run.isEmpty { return }
    chunk.streams.removeAll()
    chunk.nextGroups.removeAll()
    addRelated(entry.related)
    let first = chunk.groups.count
    for index in run.groups {
      let place = place(index, in: entry)
      if place.kept == 0 { continue }
      let profile = Int(chunk.groups[index].profile)
      placeRelated(profile)
      let start = hits.count
      for number in place.start..<(place.start + place.kept)
      where isFollowed(entry.related, hits[number].time) {
        hits.append(hits[number])
      }
      if hits.count > start { chunk.append(profile, from: start) }
    }
    for number in 0..<chunk.streams.count { places[Int(chunk.streams[number])] = Place() }
    var kept = run
    let groups = chunk.endGroups(from: first, hits: hits.count, latest: run.latest)
    (kept.start, kept.count) = (groups.start, groups.count)
    chunk.set(kept, at: entry.run)
  }

  private mutating func addRelated(_ index: Int) {
    switch relatedNodes[index] {
    case .and(let range), .or(let range):
      for child in range { addRelated(relatedChildren[child]) }
    case .not(let inner): addRelated(inner)
    case .count(let stream, _, _, _, _):
      let run = chunk.runs[streams[stream].run]
      chunk.streams.append(Int32(truncatingIfNeeded: stream))
      chunk.nextGroups.append(Int32(truncatingIfNeeded: run.isEmpty ? -1 : run.start))
    }
  }

  /// Says where a profile's hits of these streams are. Profiles come in order.
  @inline(__always)
  private mutating func placeRelated(_ profile: Int) {
    for index in 0..<chunk.streams.count {
      let stream = Int(chunk.streams[index])
      var next = Int(chunk.nextGroups[index])
      // Nobody has one.
      if next < 0 { continue }
      // The group that ends the run is behind all profiles.
      while Int(chunk.groups[next].profile) < profile { next += 1 }
      chunk.nextGroups[index] = Int32(truncatingIfNeeded: next)
      let isThere = Int(chunk.groups[next].profile) == profile
      places[stream] = isThere ? place(next, in: streams[stream]) : Place()
    }
  }
}
