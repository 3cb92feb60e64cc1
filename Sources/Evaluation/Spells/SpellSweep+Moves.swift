import Values

/// Events that enter a stream's window and leave it.
extension SpellSweep {
  /// An event that enters or leaves.
  struct Move: BitwiseCopyable {
    let time: Int64
    /// Which of the stream's hits.
    let hit: Int
  }

  /// How far a stream was followed.
  struct Walk {
    let stream: Int
    let leaf: Int
    /// The hits of the stream, of those that enter before the range ends.
    let first: Int
    let count: Int
    let low: Int64
    let high: Int64
    /// The moves of a stream that asks what comes behind an event; nil where they follow from the window.
    let moves: RelatedMoves.Place?
    var entering = 0
    var leaving = 0
  }

  /// A stream before its first move.
  mutating func walk(_ stream: Int, leaf: Int = -1) -> Walk {
    let entry = scan.streams[stream]
    let place = scan.places[stream]
    let moves = entry.related >= 0 && place.kept > 0 ? relatedMoves(stream) : nil
    return Walk(
      stream: stream, leaf: leaf, first: place.start, count: place.kept, low: entry.low,
      high: entry.high, moves: moves)
  }

  /// The next one to enter; nil when none will.
  @inline(__always)
  func entry(_ walk: Walk) -> Move? {
    if let moves = walk.moves {
      return walk.entering < moves.entries.count
        ? related.entries[moves.entries.lowerBound + walk.entering] : nil
    }
    guard walk.entering < walk.count else { return nil }
    return Move(
      time: scan.hits[walk.first + walk.entering].time + walk.low, hit: walk.entering)
  }

  /// The next one to leave, of those that have entered; nil when none will.
  @inline(__always)
  func exit(_ walk: Walk) -> Move? {
    if let moves = walk.moves {
      return walk.leaving < moves.exits.count
        ? related.exits[moves.exits.lowerBound + walk.leaving] : nil
    }
    guard walk.leaving < walk.entering, walk.high != .max else { return nil }
    return Move(
      time: scan.hits[walk.first + walk.leaving].time + walk.high + 1, hit: walk.leaving)
  }

  /// When the next one moves, inside the range.
  @inline(__always)
  func nextMoment(_ walk: Walk) -> Int64? {
    let moment = min(entry(walk)?.time ?? .max, exit(walk)?.time ?? .max)
    return moment < to ? moment : nil
  }

  // MARK: Leaves

  /// A leaf at the beginning of the range.
  mutating func start(_ leaf: Int, _ bytes: Span<UInt8>) -> Walk {
    let stream = scan.leaves[leaf].stream
    var walk = walk(stream, leaf: leaf)
    tally.begin(scan.leaves[leaf].reducer, walk.first, walk.count, &scan, bytes)
    take(&walk, begin)
    return walk
  }

  /// Takes the next moves, those of one instant at once. Nil at the end of the range.
  mutating func advance(_ walk: inout Walk) -> Int64? {
    guard let moment = nextMoment(walk) else { return nil }
    take(&walk, moment)
    return moment
  }

  private mutating func take(_ walk: inout Walk, _ moment: Int64) {
    while true {
      let entry = entry(walk)
      let exit = exit(walk)
      let next = min(entry?.time ?? .max, exit?.time ?? .max)
      guard next <= moment, next != .max else { return }
      if let exit, exit.time == next {
        tally.leave(exit.hit)
        walk.leaving += 1
      } else if let entry {
        tally.enter(entry.hit)
        walk.entering += 1
      }
    }
  }

  /// What the leaf that is walked comes to.
  mutating func value(_ leaf: Int, _ bytes: Span<UInt8>) -> Value {
    if let hit = tally.edge {
      let place = scan.places[scan.leaves[leaf].stream]
      return scan.matcher.value(Int(scan.hits[place.start + hit].cell), bytes)
    }
    return tally.value
  }
}
