import Values

/// When the value of one definition really changes if nothing happens, and to what.
public enum NextChange: Sendable, Equatable {
  case never
  case at(Instant, Value)
  /// Not before this instant: no further was looked.
  case notBefore(Instant)

  /// How many next changes of the evaluator are looked at before giving up: 10,000, and fewer for a
  /// long history, each of which costs a pass over it.
  public static func stepLimit(_ subject: SubjectHistory) -> Int {
    min(10_000, max(10, byteLimit / max(1, subject.cost)))
  }

  /// What all passes together may read, in bytes of histories: some seconds.
  private static let byteLimit = 400_000_000
}

extension Evaluator {
  /// Finds when one definition really changes, from next change to next change: these may be early,
  /// and of other definitions.
  ///
  /// - Parameters:
  ///   - place: the definition's place in the program, about such a subject.
  ///   - limit: how many steps to take at most, in place of `NextChange.stepLimit`.
  /// - Returns: the value of the definition at `now` and its next change. Where the subject takes no
  ///   part, or is not there yet, an audience is false and a trait absent.
  public mutating func nextChange(
    of place: Int, _ subject: SubjectHistory, after now: Instant, limit: Int? = nil
  ) -> (value: Value, change: NextChange) {
    var evaluation = evaluate(subject, at: now)
    let value = value(of: place, evaluation)
    for _ in 0..<(limit ?? NextChange.stepLimit(subject)) {
      let next = evaluation.next
      if next == .never { return (value, .never) }
      evaluation = evaluate(subject, at: next)
      let changed = self.value(of: place, evaluation)
      if changed != value { return (value, .at(next, changed)) }
    }
    return (value, evaluation.next == .never ? .never : .notBefore(evaluation.next))
  }

  private func value(of place: Int, _ evaluation: Evaluation) -> Value {
    let value = evaluation.values[place]
    return program.isAudience[place] && !value.isPresent ? .boolean(false) : value
  }
}
