import Evaluation
import Values

/// Follows one profile from next change to next change, and finds when it first enters or leaves
/// each of some audiences.
///
/// Next changes may be early, and of other definitions: what counts is what the evaluation says there.
struct Foresight {
  /// An audience that the profile enters or leaves.
  struct Change {
    /// The audience's place among those that are followed.
    let audience: Int
    let at: Instant
  }

  /// The audiences' places in the program.
  let places: [Int]
  /// What comes after it is not looked for.
  let end: Instant

  private(set) var changes: [Change] = []
  /// Whether the steps did not suffice to look up to the end.
  private(set) var isCutShort = false
  private var isMember: [Bool]
  private var isSettled: [Bool]

  init(places: [Int], end: Instant) {
    self.places = places
    self.end = end
    isMember = [Bool](repeating: false, count: places.count)
    isSettled = isMember
  }

  /// Forgets the last profile and follows the next one.
  ///
  /// - Parameters:
  ///   - start: the first instant at which something may be another thing than now.
  ///   - limit: how many steps to take at most.
  ///   - members: whether an audience, by its place among those that are followed, has the profile now.
  ///   - evaluate: the program's values at an instant, and the next change after it.
  mutating func follow(
    from start: Instant, limit: Int, members: (Int) -> Bool,
    evaluate: (Instant) throws -> Evaluation
  ) rethrows {
    changes.removeAll(keepingCapacity: true)
    isCutShort = false
    var open = places.count
    for audience in places.indices {
      isMember[audience] = members(audience)
      isSettled[audience] = false
    }
    var next = start
    var steps = 0
    while next <= end, open > 0 {
      guard steps < limit else {
        isCutShort = true
        return
      }
      steps += 1
      let evaluation = try evaluate(next)
      for audience in places.indices where !isSettled[audience] {
        let truth = evaluation.values[places[audience]] == .boolean(true)
        guard truth != isMember[audience] else { continue }
        isSettled[audience] = true
        open -= 1
        changes.append(Change(audience: audience, at: next))
      }
      next = evaluation.next
    }
  }
}
