extension OracleSequence {
  /// A smaller sequence that still fails, found by taking parts away as long as that is possible.
  ///
  /// `fails` is asked about each attempt, and so many times at most. What is large goes first.
  public func shrunk(
    attempts: Int = 500, while fails: (OracleSequence) throws -> Bool
  ) rethrows -> OracleSequence {
    var search = SequenceSearch(best: self, left: attempts)
    repeat {
      search.isSmaller = false
      try search.dropSteps(fails)
      try search.dropDefinitions(fails)
      try search.dropCalls(fails)
      try search.calmSteps(fails)
      try search.simplifyDefinitions(fails)
      try search.simplifyCalls(fails)
    } while search.isSmaller && search.left > 0
    return search.best
  }
}

/// The smallest sequence so far that fails, and how many attempts are left.
private struct SequenceSearch {
  typealias Question = (OracleSequence) throws -> Bool

  var best: OracleSequence
  var left: Int
  var isSmaller = false

  /// Takes a change over when it still fails.
  private mutating func adopt(
    _ fails: Question, _ change: (inout OracleSequence) -> Void
  ) rethrows -> Bool {
    guard left > 0 else { return false }
    left -= 1
    var candidate = best
    change(&candidate)
    guard try fails(candidate) else { return false }
    best = candidate
    isSmaller = true
    return true
  }

  /// Leaves out a step, or its run alone: the calls then come with the next step's.
  mutating func dropSteps(_ fails: Question) rethrows {
    for place in best.steps.indices.reversed() {
      if try adopt(fails, { $0.steps.remove(at: place) }) { continue }
      guard place + 1 < best.steps.count else { continue }
      _ = try adopt(fails) { sequence in
        let calls = sequence.steps.remove(at: place).calls
        sequence.steps[place].calls = calls + sequence.steps[place].calls
      }
    }
  }

  mutating func dropDefinitions(_ fails: Question) rethrows {
    if best.spelling != nil { _ = try adopt(fails) { $0.spelling = nil } }
    for place in best.definitions.indices.reversed() {
      _ = try adopt(fails) { $0.definitions.remove(at: place) }
    }
  }

  /// Leaves out ever shorter parts of each step's calls.
  mutating func dropCalls(_ fails: Question) rethrows {
    for place in best.steps.indices {
      var size = best.steps[place].calls.count
      while size > 0 {
        var start = 0
        while start < best.steps[place].calls.count {
          let part = start..<min(start + size, best.steps[place].calls.count)
          let isGone = try adopt(fails) { $0.steps[place].calls.removeSubrange(part) }
          if !isGone { start += size }
        }
        size /= 2
      }
    }
  }

  /// Makes runs that do not send, at instants that are easier to read.
  mutating func calmSteps(_ fails: Question) rethrows {
    for place in best.steps.indices {
      if best.steps[place].sends { _ = try adopt(fails) { $0.steps[place].sends = false } }
      let now = best.steps[place].now
      let earliest = place > 0 ? best.steps[place - 1].now : .min
      for unit in [86_400_000, 3_600_000, 60_000, 1_000] as [Int64] {
        let rounded = now / unit * unit
        guard rounded < now, rounded >= earliest else { continue }
        if try adopt(fails, { $0.steps[place].now = rounded }) { break }
      }
    }
  }

  mutating func simplifyDefinitions(_ fails: Question) rethrows {
    for place in best.definitions.indices {
      while try best.definitions[place].simpler.contains(where: { simpler in
        try adopt(fails) { $0.definitions[place] = simpler }
      }) {}
    }
  }

  mutating func simplifyCalls(_ fails: Question) rethrows {
    for place in best.steps.indices {
      for call in best.steps[place].calls.indices {
        while try best.steps[place].calls[call].simpler.contains(where: { simpler in
          try adopt(fails) { $0.steps[place].calls[call] = simpler }
        }) {}
      }
    }
  }
}
