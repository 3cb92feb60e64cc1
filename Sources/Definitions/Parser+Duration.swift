import Values

extension Parser {
  /// A whole number and a unit: `30 days`.
  mutating func duration() throws(Failed) -> Duration {
    let start = token
    guard case .number(let count, let isInteger) = start.kind else {
      let isText = if case .string = start.kind { true } else { false }
      throw fail(
        .badDuration, "a duration is expected here", label: "not a whole number with a unit",
        help: isText ? "write it without quotes: 30 days" : "write it like this: 30 days")
    }
    guard count >= 0 else {
      throw fail(
        .badDuration, "a duration is not negative", label: "less than nothing",
        help: "write it without the minus sign")
    }
    guard isInteger else {
      throw fail(
        .badDuration, "the number of a duration is a whole number", label: "not a whole number",
        help: "use a smaller unit: second, minute, hour, day or week")
    }
    advance()
    guard case .word(let word) = token.kind, let unit = Duration.Unit(word: word) else {
      throw fail(
        .badDuration, "a duration needs a unit", label: "expected a unit here",
        help: unitHelp(count) ?? "second, minute, hour, day or week, in singular or plural")
    }
    advance()
    guard let duration = Duration(Int64(min(count, 1e15)), unit) else {
      throw fail(
        .badDuration, "a duration is at most 100 years", label: "longer than 100 years",
        help: "leave the window out to take all the events", at: range(from: start))
    }
    return duration
  }

  /// What to write in place of a word that is no unit.
  private func unitHelp(_ count: Double) -> String? {
    guard let word = token.word else { return "for days write \(count.textForm) days" }
    let days = ["month": 30.0, "quarter": 90, "year": 365]
    if let length = days[word] ?? days[String(word.dropLast())], count * length <= 36_525 {
      return "months and years differ in length: write \((count * length).textForm) days"
    }
    return Suggestion.help(for: word, in: Duration.Unit.allCases.map { $0.rawValue + "s" })
  }
}
