import Definitions
import Values

/// When events come and go whose stream asks what lies behind them.
///
/// Such an event belongs to the stream while it is in the window and the condition about those behind it
/// holds. These count from their own instants on, so the condition has a course of its own for each event.
struct RelatedMoves: ~Copyable {
  struct Place {
    let entries: Range<Int>
    let exits: Range<Int>
  }

  var entries = ScratchList<SpellSweep.Move>()
  var exits = ScratchList<SpellSweep.Move>()
  fileprivate var places: [Place?] = []

  mutating func removeAll(_ streams: Int) {
    entries.removeAll()
    exits.removeAll()
    if places.count == streams {
      for stream in places.indices { places[stream] = nil }
    } else {
      places = [Place?](repeating: nil, count: streams)
    }
  }

  /// Puts the moves from some places on into the order of time.
  fileprivate mutating func sort(entries first: Int, exits firstExit: Int) {
    Self.sort(&entries, from: first)
    Self.sort(&exits, from: firstExit)
  }

  private static func sort(_ moves: inout ScratchList<SpellSweep.Move>, from first: Int) {
    var isSorted = true
    for place in first..<max(first, moves.count - 1) where moves[place].time > moves[place + 1].time
    {
      isSorted = false
    }
    guard !isSorted else { return }
    var sorted = (first..<moves.count).map { moves[$0] }
    sorted.sort { ($0.time, $0.hit) < ($1.time, $1.hit) }
    for (offset, move) in sorted.enumerated() { moves[first + offset] = move }
  }
}

extension SpellSweep {
  /// The moves of a stream, found once for each profile.
  mutating func relatedMoves(_ stream: Int) -> RelatedMoves.Place {
    if let known = related.places[stream] { return known }
    let entry = scan.streams[stream]
    let place = scan.places[stream]
    let firstEntry = related.entries.count
    let firstExit = related.exits.count
    let base = turns.count
    for hit in 0..<place.kept {
      let time = scan.hits[place.start + hit].time
      let course = follow(entry.related, time)
      addMoves(
        course, hit, enters: time + entry.low,
        leaves: entry.high == .max ? .max : time + entry.high + 1)
      turns.resize(to: base, 0)
    }
    related.sort(entries: firstEntry, exits: firstExit)
    let found = RelatedMoves.Place(
      entries: firstEntry..<related.entries.count, exits: firstExit..<related.exits.count)
    related.places[stream] = found
    return found
  }

  /// Adds the moves of one event: where its course holds inside its window.
  private mutating func addMoves(_ course: Course, _ hit: Int, enters: Int64, leaves: Int64) {
    var (since, truth) = (Int64.min, course.truth)
    for turn in 0...course.count {
      let moment = turn < course.count ? turns[course.start + turn] : .max
      if truth {
        let (entry, exit) = (max(since, enters), min(moment, leaves))
        if entry < exit {
          related.entries.append(Move(time: entry, hit: hit))
          if exit != .max { related.exits.append(Move(time: exit, hit: hit)) }
        }
      }
      (since, truth) = (moment, !truth)
    }
  }

  /// The condition about what lies behind an event, from long ago on.
  private mutating func follow(_ index: Int, _ time: Int64) -> Course {
    switch scan.relatedNodes[index] {
    case .and(let range): return followAll(range, time, deciding: false)
    case .or(let range): return followAll(range, time, deciding: true)
    case .not(let inner):
      var course = follow(inner, time)
      course.truth.toggle()
      return course
    case .count(let stream, let low, let high, let relation, let number):
      let place = scan.places[stream]
      var course = Course(start: turns.count, count: 0, truth: relation.holds(0, number))
      guard place.kept > 0, number >= 0, number < 1e9 else { return course }
      let first = scan.firstHit(place, at: later(time, by: low))
      let end = later(time, by: high)
      let last = end == .max ? place.end : scan.firstHit(place, at: end + 1)
      // The count only grows: it can turn the comparison when it reaches the number, and past it.
      for count in [Int(number.rounded(.up)), Int(number.rounded(.down)) + 1]
      where count > 0 && count <= last - first {
        note(
          relation.holds(Double(count), number), at: scan.hits[first + count - 1].time, in: &course)
      }
      return course
    }
  }

  private mutating func followAll(_ range: Range<Int>, _ time: Int64, deciding: Bool) -> Course {
    var whole = Course(start: turns.count, count: 0, truth: !deciding)
    for place in range {
      let part = follow(scan.relatedChildren[place], time)
      whole = merge(whole, part, deciding: deciding)
    }
    return whole
  }
}
