import Definitions
import Values

extension Evaluator {
  /// The events that a stream keeps at `now`, in order, and how long it keeps just these.
  mutating func select(_ index: Index, _ scope: Scope) -> Outcome<[Index]> {
    let stream = program.streams[Int(index)]
    if stream.hasSession { return selectInOrder(stream, scope) }
    var kept = Outcome<[Index]>([])
    for event in candidates(stream, scope) {
      let time = events[Int(event)].time
      if time > now - stream.low {
        // Not there yet. The first one that will be kept ends what holds now.
        let entry = later(time, by: stream.low)
        guard entry < kept.until else { break }
        let passes = passes(stream, event, scope)
        if passes.until != .max || passes.value {
          kept.until = entry
          break
        }
      } else {
        let exit = stream.exit(of: time)
        guard exit > now else { continue }
        let passes = passes(stream, event, scope)
        kept.until = min(kept.until, passes.until)
        if passes.value {
          kept.value.append(event)
          kept.until = min(kept.until, exit)
        }
      }
    }
    return kept
  }

  /// The events of the stream's name that no instant keeps out: all of them, or those behind the
  /// parent event and inside the windows measured from it.
  func candidates(_ stream: Program.StreamNode, _ scope: Scope) -> ArraySlice<Index> {
    // Windows that exclude each other keep nothing, ever.
    guard stream.low <= stream.high else { return [] }
    let all = eventsOfSlot[Int(stream.slot)][...]
    guard stream.isNested else { return all }
    let parent = events[Int(scope.event)].time
    let from = later(parent, by: stream.parentLow)
    let to = later(parent, by: stream.parentHigh)
    let start = firstIndex(in: all) { $0 >= from }
    let end = to == .max ? all.count : firstIndex(in: all) { $0 > to }
    return all[start..<max(start, end)]
  }

  /// The first place whose time passes a test that, once passed, is passed by all behind it.
  func firstIndex(in list: ArraySlice<Index>, _ test: (Int64) -> Bool) -> Int {
    var low = list.startIndex
    var high = list.endIndex
    while low < high {
      let middle = (low + high) / 2
      if test(events[Int(list[middle])].time) { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// Whether an event passes the stream's `where` and `sources`.
  mutating func passes(
    _ stream: Program.StreamNode, _ event: Index, _ scope: Scope
  ) -> Outcome<Bool> {
    var result = Outcome(true)
    for filter in stream.filters {
      let part = passes(filter, event, scope)
      if !part.value { return part }
      result.until = min(result.until, part.until)
    }
    return result
  }

  private mutating func passes(
    _ filter: Program.FilterNode, _ event: Index, _ scope: Scope
  ) -> Outcome<Bool> {
    switch filter {
    case .condition(let index):
      return condition(index, Scope(event: event, parent: scope.event))
    case .excludeSources(let list):
      guard let source = sourceID(event).textForm else { return Outcome(true) }
      let excluded = program.literals[Int(list.lowerBound)..<Int(list.upperBound)]
      return Outcome(!excluded.contains { $0.textForm?.isExactly(source) ?? false })
    case .within(let low, let high):
      let time = events[Int(event)].time
      if time > now - low { return Outcome(false, until: time + low) }
      let exit = time + high + 1
      return exit > now ? Outcome(true, until: exit) : Outcome(false)
    case .parentWindow(let low, let high):
      let distance = events[Int(event)].time - events[Int(scope.event)].time
      return Outcome(distance >= low && distance <= high)
    case .session: return Outcome(true)
    }
  }

  /// A stream with `expires_after`: the filters one after the other, over the events up to `now`.
  ///
  /// Each step keeps the same events until one of them, or of those it left out, moves; so all of
  /// them together do until the first of these instants.
  private mutating func selectInOrder(
    _ stream: Program.StreamNode, _ scope: Scope
  ) -> Outcome<[Index]> {
    var kept = Outcome<[Index]>([])
    for event in candidates(stream, scope) {
      let time = events[Int(event)].time
      if time > now {
        kept.until = time
        break
      }
      kept.value.append(event)
    }
    for filter in stream.filters {
      if case .session(let gap) = filter {
        keepSession(gap, &kept)
        continue
      }
      var passed: [Index] = []
      for event in kept.value {
        let passes = passes(filter, event, scope)
        kept.until = min(kept.until, passes.until)
        if passes.value { passed.append(event) }
      }
      kept.value = passed
    }
    return kept
  }

  /// The longest run of events that ends with the last one and has no larger gap; nothing when the
  /// last one is older than the gap.
  private func keepSession(_ gap: Int64, _ kept: inout Outcome<[Index]>) {
    guard let last = kept.value.last else { return }
    let end = events[Int(last)].time
    guard now - end <= gap else {
      kept.value = []
      return
    }
    kept.until = min(kept.until, end + gap + 1)
    var start = kept.value.count - 1
    while start > 0,
      events[Int(kept.value[start])].time - events[Int(kept.value[start - 1])].time <= gap
    {
      start -= 1
    }
    kept.value.removeFirst(start)
  }
}
