import Definitions
import Values

extension Evaluator {
  /// A count held against a number, with the exact instant at which the comparison flips.
  ///
  /// The events enter in their order and leave in their order, for all have the same window. So the
  /// comparison is followed from one entry or exit to the next until it comes out differently: a
  /// count that drops from nine to eight wakes nobody who asked for one.
  mutating func count(
    _ index: Index, _ relation: Relation, _ number: Double, _ scope: Scope
  ) -> Outcome<Bool> {
    let stream = program.streams[Int(index)]
    var bound = Int64.max
    var exits: [Int64] = []
    let candidates = candidates(stream, scope)
    // Those dated later than the window's end are still to come.
    let present = firstIndex(in: candidates) { $0 > now - stream.low }
    var count = 0
    if let known = countPassed(index, candidates.startIndex..<present, scope) {
      (count, bound) = (known.value, known.until)
    } else {
      for event in candidates[..<present] {
        let exit = stream.exit(of: events[Int(event)].time)
        guard exit > now else { continue }
        let passes = passes(stream, event, scope)
        bound = min(bound, passes.until)
        if passes.value { exits.append(exit) }
      }
      count = exits.count
    }
    var entries = Entries(candidates[present...])
    let truth = stands(count, relation, number)
    var left = 0
    while true {
      entries.find(&self, stream, scope)
      bound = min(bound, entries.bound)
      let entry = entries.next
      let exit = left < exits.count ? exits[left] : .max
      let moment = min(entry, exit)
      if moment >= bound { return Outcome(truth, until: bound) }
      if exit == moment {
        count -= 1
        left += 1
      }
      if entry == moment {
        count += 1
        exits.append(stream.exit(of: entry - stream.low))
        entries.take()
      }
      // Several may come and go in one millisecond: the comparison is made behind the last.
      entries.find(&self, stream, scope)
      let nextExit = left < exits.count ? exits[left] : .max
      if min(entries.next, nextExit) > moment, stands(count, relation, number) != truth {
        return Outcome(truth, until: moment)
      }
    }
  }

  private func stands(_ count: Int, _ relation: Relation, _ number: Double) -> Bool {
    Value.number(Double(count)).stands(relation, to: .number(number))
  }

  /// The events that are still to enter and will be counted then, found one at a time.
  private struct Entries {
    private var rest: ArraySlice<Index>
    private var found = false
    /// When the next one enters; `.max` when none will.
    private(set) var next = Int64.max
    /// Up to here it is known who enters.
    private(set) var bound = Int64.max

    init(_ events: ArraySlice<Index>) { rest = events }

    mutating func find(
      _ evaluator: inout Evaluator, _ stream: Program.StreamNode, _ scope: Scope
    ) {
      guard !found else { return }
      found = true
      while let event = rest.first {
        let entry = later(evaluator.events[Int(event)].time, by: stream.low)
        let passes = evaluator.passes(stream, event, scope)
        if passes.until != .max {
          bound = min(bound, entry)
          rest = []
          break
        }
        rest.removeFirst()
        if passes.value {
          next = entry
          return
        }
      }
      next = .max
    }

    mutating func take() {
      found = false
      next = .max
    }
  }
}
