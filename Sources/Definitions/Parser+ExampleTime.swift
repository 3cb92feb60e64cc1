import Values

/// Times of an example, measured from now.
///
///     time     = "now" | span "ago" | "in" span
///     span     = integer unit { integer unit }
///     unit     = the language's, or "millisecond", in singular or plural
extension Parser {
  /// Whether the word here is a time's first: `now` at the end, `in` before a span without `ago`.
  var beginsTime: Bool {
    if isWord("now") { return following.kind == .end || following.isMark(";") }
    guard isWord("in"), case .number = following.kind else { return false }
    var next = index + 1
    while next < tokens.count, case .number = tokens[next].kind { next += 2 }
    return next >= tokens.count || tokens[next].kind != .word("ago")
  }

  mutating func exampleTime() throws(Failed) -> Duration {
    if isWord("now") {
      advance()
      return .zero
    }
    if isWord("in") {
      advance()
      return try span()
    }
    guard case .number = token.kind else {
      throw fail(
        .badTime, "the event needs its time", label: "expected a time here",
        help: "write it like '2 days ago', 'in 2 days' or 'now'")
    }
    let span = try span()
    guard isWord("ago") else {
      throw fail(
        .badTime, "the time is not finished", label: "expected 'ago' here",
        help: "write '2 days ago' for the past, 'in 2 days' for the future; a name that holds "
          + "digits is put in quotes")
    }
    advance()
    return Duration(milliseconds: -span.milliseconds)
  }

  private mutating func span() throws(Failed) -> Duration {
    let start = token
    var total = Duration.zero
    repeat {
      guard case .number(let count, true) = token.kind, count >= 0, count < 1e15 else {
        throw fail(
          .badDuration, "the number of a time is a whole number", label: "not a whole number",
          help: "write it like '2 days ago' or '1 day 12 hours ago'")
      }
      advance()
      guard let unit = unitLength else {
        let help = token.word.flatMap { Suggestion.help(for: $0, in: Self.unitNames) }
        throw fail(
          .badDuration, "a time needs a unit", label: "expected a unit here",
          help: help
            ?? "millisecond, second, minute, hour, day or week; a name that holds digits is put in "
            + "quotes")
      }
      advance()
      let (length, overflow) = unit.milliseconds.multipliedReportingOverflow(by: Int64(count))
      guard !overflow, length <= Duration.longest.milliseconds - total.milliseconds else {
        throw fail(
          .badDuration, "a time is at most 100 years away", label: "longer than 100 years",
          at: range(from: start))
      }
      total.milliseconds += length
    } while token.isNumber
    return total
  }

  private static let unitNames =
    ["milliseconds"] + Duration.Unit.allCases.map { $0.rawValue + "s" }

  /// The length of the unit named here. Examples know the millisecond too, for the edge of a window.
  private var unitLength: Duration? {
    guard let word = token.word else { return nil }
    if ["millisecond", "milliseconds"].contains(word) { return Duration(milliseconds: 1) }
    return Duration.Unit(word: word)?.length
  }
}

extension Token {
  fileprivate var isNumber: Bool {
    if case .number = kind { return true }
    return false
  }
}
