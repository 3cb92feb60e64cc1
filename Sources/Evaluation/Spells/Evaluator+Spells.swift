import Values

/// The general way from a history to its spells: from next change to next change.
///
/// All events are known. One that is dated later counts from its own instant on, and the next change
/// foresees it; so every instant at which a value changes is some next change.
extension Evaluator {
  /// Adds the spells of some definitions about users. Each definition is evaluated again when its own
  /// next change has come, and not when another one moves.
  ///
  /// - Parameters:
  ///   - evaluated: whether each of the program's definitions is evaluated.
  ///   - wanted: whose spells are added; with all that they refer to, these are evaluated.
  ///   - from: the first instant, in milliseconds.
  ///   - to: the first instant behind the range.
  mutating func addSpells(
    of history: History, evaluated: [Bool], wanted: [Bool], from: Int64, to: Int64,
    into spells: inout Spells
  ) {
    isAccount = false
    accounts = []
    standingUntil = .max
    let (firstOfUser, first) = read(history)
    let isAnonymous = firstOfUser == .max
    now = max(from, isAnonymous ? first : firstOfUser)
    guard now < to else { return }
    definitionValues.removeAll(keepingCapacity: true)
    for (place, root) in program.roots.enumerated() {
      let takesPart =
        evaluated[place] && (!isAnonymous || program.includesAnonymous[place])
      definitionValues.append(takesPart ? evaluate(root) : program.outcomeOfNobody(root))
    }
    var since = [Int64](repeating: now, count: program.roots.count)
    while let next = definitionValues.lazy.map(\.until).min(), next < to {
      now = next
      forgetInstant()
      for (place, root) in program.roots.enumerated() where definitionValues[place].until <= now {
        if wanted[place] { spells.add(place, since[place], now, definitionValues[place].value) }
        since[place] = now
        definitionValues[place] = evaluate(root)
      }
    }
    for place in since.indices where wanted[place] {
      spells.add(place, since[place], to, definitionValues[place].value)
    }
  }

  /// Adds the spells of the wanted definitions for a user with accounts, or for an account.
  mutating func addSpells(
    of subject: SubjectHistory, wanted: [Bool], from: Int64, to: Int64, into spells: inout Spells
  ) {
    var now = from
    while now < to {
      let evaluation = evaluate(subject, at: Instant(milliseconds: now))
      let next = min(to, evaluation.next.milliseconds)
      for (place, value) in evaluation.values.enumerated() where wanted[place] {
        spells.add(place, now, next, value)
      }
      now = next
    }
  }

  /// Forgets what was found out at another instant of the same history.
  private mutating func forgetInstant() {
    for path in traitMemo.indices { traitMemo[path] = nil }
    nested.clear()
  }
}
