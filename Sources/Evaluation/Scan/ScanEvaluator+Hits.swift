extension ScanEvaluator {
  /// Puts the hits of each stream side by side, and takes away those whose followers do not pass.
  /// False when the general evaluator has to look.
  mutating func arrange() -> Bool {
    guard !found.isEmpty else { return true }
    var asksRelated = false
    for number in 0..<touched.count {
      let stream = touched[number]
      let entry = streams[stream]
      if entry.forbidsComing, places[stream].coming > 0 { return false }
      if entry.related >= 0 { asksRelated = true }
    }
    sortHits()
    if asksRelated {
      for number in 0..<touched.count where streams[touched[number]].related >= 0 {
        keepRelated(touched[number])
      }
    }
    return true
  }

  /// Puts the hits of each stream side by side, in their order.
  mutating func sortHits() {
    guard !found.isEmpty else { return }
    var start = 0
    for number in 0..<touched.count {
      let stream = touched[number]
      let count = places[stream].kept + places[stream].coming
      places[stream].start = start
      start += count
    }
    hits.resize(to: start, Hit(time: 0, cell: -1, stream: 0))
    for number in 0..<found.count {
      let hit = found[number]
      let stream = Int(hit.stream)
      hits[places[stream].start] = hit
      places[stream].start += 1
    }
    for number in 0..<touched.count {
      let stream = touched[number]
      places[stream].start -= places[stream].kept + places[stream].coming
    }
  }

  mutating func keepRelated(_ stream: Int) {
    var place = places[stream]
    let condition = streams[stream].related
    var kept = 0
    for number in place.start..<place.end where isFollowed(condition, hits[number].time) {
      hits[place.start + kept] = hits[number]
      kept += 1
    }
    place.kept = kept
    places[stream] = place
  }

  /// Whether what lies behind an event is as asked.
  mutating func isFollowed(_ index: Int, _ time: Int64) -> Bool {
    switch relatedNodes[index] {
    case .and(let range):
      for child in range where !isFollowed(relatedChildren[child], time) { return false }
      return true
    case .or(let range):
      for child in range where isFollowed(relatedChildren[child], time) { return true }
      return false
    case .not(let inner): return !isFollowed(inner, time)
    case .count(let stream, let low, let high, let relation, let number):
      let place = places[stream]
      let first = firstHit(place, at: later(time, by: low))
      let end = later(time, by: high)
      let last = end == .max ? place.end : firstHit(place, at: end + 1)
      return relation.holds(Double(max(0, last - first)), number)
    }
  }

  /// The first hit of a stream that is not before an instant.
  mutating func firstHit(_ place: Place, at time: Int64) -> Int {
    var low = place.start
    var high = place.end
    // Of few hits it is anybody's guess, so nothing branches on it.
    if high - low <= 8 {
      for number in low..<high { low += hits[number].time < time ? 1 : 0 }
      return low
    }
    while low < high {
      let middle = (low + high) / 2
      if hits[middle].time >= time { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
