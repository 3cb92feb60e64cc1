import Operations
import Values

/// An explanation's tree as people read it: a part a line, and under it what it came to and why.
struct ExplanationText {
  /// A condition made of others is cut here: its parts follow.
  private static let textLimit = 90

  let output: Output
  let showsValues: Bool

  init(_ output: Output, showsValues: Bool) {
    self.output = output
    self.showsValues = showsValues
  }

  /// - Parameter whose: whom the part is about; nil for the user of an example.
  func write(_ part: ExplainedPart, of whose: ExplainedPart.Whose?, indentation: String) {
    let mark =
      !part.isCondition
      ? "·" : part.value == .boolean(true) ? output.green("✓") : output.red("✗")
    let other = part.whose.map { "\($0.word) \(output.bold($0.id)): " } ?? ""
    output.line("\(indentation)\(mark) \(other)\(text(part))")
    let whose = part.whose ?? whose
    let inner = indentation + "    "
    if let comparison = part.comparison {
      output.line(
        inner + "found \(shown(comparison.found, comparison.isPersonal)), "
          + "asked for \(asked(comparison))")
    } else if !part.isCondition {
      output.line(inner + shown(part.value, part.isPersonal))
    }
    write(part.source, whose, indentation: inner)
    writeChildren(of: part, whose, indentation: indentation + "  ")
  }

  private func writeChildren(
    of part: ExplainedPart, _ whose: ExplainedPart.Whose?, indentation: String
  ) {
    let crowd = part.children.prefix { $0.whose != nil }
    for child in crowd { write(child, of: whose, indentation: indentation) }
    if !crowd.isEmpty, let more = part.source.crowd?.more, more > 0 {
      output.line(indentation + output.dim("… and \(grouped(more)) more"))
    }
    for child in part.children.dropFirst(crowd.count) {
      write(child, of: whose, indentation: indentation)
    }
  }

  /// Whether a value is left out somewhere.
  func hides(_ part: ExplainedPart) -> Bool {
    if part.isPersonal, part.value.isPresent { return true }
    if let comparison = part.comparison {
      if comparison.isPersonal, comparison.found.isPresent { return true }
      if case .value(let value, true) = comparison.asked, value.isPresent { return true }
    }
    if case .events(let events) = part.source, !events.calls.isEmpty { return true }
    return part.children.contains(where: hides)
  }

  private func text(_ part: ExplainedPart) -> String {
    let isMadeOfOthers = part.isCondition && part.comparison == nil
    guard isMadeOfOthers, part.text.count > Self.textLimit else { return part.text }
    return part.text.prefix(Self.textLimit - 1) + "…"
  }

  private func asked(_ comparison: ExplainedPart.Comparison) -> String {
    let comparator = comparison.comparator
    switch comparison.asked {
    case .nothing: return comparator
    case .value(let value, let isPersonal): return "\(comparator) \(shown(value, isPersonal))"
    case .list(let values):
      return "\(comparator) " + values.map(\.json).joined(separator: ", ")
    case .date(let from?, let to?): return "\(comparator): \(from) to \(to)"
    case .date(let from?, nil): return "\(comparator): from \(from) on"
    case .date(nil, let to): return "\(comparator): up to \(to.map(\.description) ?? "now")"
    }
  }

  private func shown(_ value: Value, _ isPersonal: Bool) -> String {
    value.shown(isHidden: isPersonal && !showsValues)
  }
}

extension ExplainedPart.Whose {
  fileprivate var word: String {
    switch self {
    case .user: "user"
    case .account: "account"
    }
  }

  var id: String {
    switch self {
    case .user(let id), .account(let id): id
    }
  }
}

extension Value {
  /// In a sentence: JSON, or a word where it is hidden or absent.
  func shown(isHidden: Bool = false) -> String {
    isPresent ? isHidden ? "a value" : json : "nothing"
  }
}

/// The text with spaces behind it, up to a width.
func padded(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}
