extension OracleCase {
  /// A smaller case that still fails, found by taking parts away as long as that is possible.
  ///
  /// `fails` is asked about each attempt; it should answer false for a case that is of no use, such
  /// as one without the definition in question. Taking away a definition that others refer to makes
  /// its name a custom trait.
  public func shrunk(
    attempts: Int = 20_000, while fails: (OracleCase) throws -> Bool
  ) rethrows -> OracleCase {
    var best = self
    var left = attempts
    func adopt(_ candidate: OracleCase) throws -> Bool {
      guard left > 0 else { return false }
      left -= 1
      guard try fails(candidate) else { return false }
      best = candidate
      return true
    }

    var isSmaller = true
    while isSmaller, left > 0 {
      isSmaller = false
      for index in best.definitions.indices.reversed() {
        var candidate = best
        candidate.definitions.remove(at: index)
        if try adopt(candidate) { isSmaller = true }
      }
      var size = max(1, best.calls.count / 2)
      while true {
        var start = 0
        while start < best.calls.count {
          var candidate = best
          candidate.calls.removeSubrange(start..<min(start + size, best.calls.count))
          if try adopt(candidate) { isSmaller = true } else { start += size }
        }
        if size == 1 { break }
        size /= 2
      }
      for index in best.definitions.indices {
        while try best.definitions[index].simpler.contains(where: { definition in
          var candidate = best
          candidate.definitions[index] = definition
          return try adopt(candidate)
        }) {
          isSmaller = true
        }
      }
      for index in best.calls.indices {
        while try best.calls[index].simpler.contains(where: { call in
          var candidate = best
          candidate.calls[index] = call
          return try adopt(candidate)
        }) {
          isSmaller = true
        }
      }
    }
    return best
  }
}

extension OracleCall {
  /// The call with one thing taken away.
  var simpler: [OracleCall] {
    var result: [OracleCall] = []
    func add(_ change: (inout OracleCall) -> Void) {
      var copy = self
      change(&copy)
      result.append(copy)
    }
    for value in properties.simpler { add { $0.properties = value } }
    for value in traits.simpler { add { $0.traits = value } }
    for value in context.simpler { add { $0.context = value } }
    if writeKey != nil { add { $0.writeKey = nil } }
    if name != nil { add { $0.name = nil } }
    if userId != nil, anonymousId != nil {
      add { $0.anonymousId = nil }
      add { $0.userId = nil }
    }
    return result
  }
}

extension OracleValue {
  /// The value with one part of it taken away: nothing at all first, then ever less.
  var simpler: [OracleValue] {
    switch self {
    case .absent: return []
    case .boolean, .number, .string: return [.absent]
    case .array(let elements):
      return [.absent] + elements.withOneLess.map { .array($0) }
        + elements.withOneSimpler(\.simpler).map { .array($0) }
    case .object(let members):
      return [.absent] + members.withOneLess.map { .object($0) }
        + members.withOneSimpler { member in
          member.value.simpler.map { OracleMember(member.key, $0) }
        }.map { .object($0) }
    }
  }
}

extension Array {
  /// Every way to leave one element out.
  var withOneLess: [[Element]] {
    indices.map { index in
      var copy = self
      copy.remove(at: index)
      return copy
    }
  }

  /// Every way to put something simpler in place of one element.
  func withOneSimpler(_ simpler: (Element) -> [Element]) -> [[Element]] {
    indices.flatMap { index in
      simpler(self[index]).map { element in
        var copy = self
        copy[index] = element
        return copy
      }
    }
  }
}
