import Definitions
import EventStore
import Operations
import Values

/// An explanation as people read it: the answer, then the query as a tree.
struct ExplainText {
  /// How many events of a part are shown.
  private static let eventLimit = 10
  /// A condition made of others is cut here: its parts follow.
  private static let textLimit = 90

  private let output: Output
  private let report: ExplainReport
  private let showsValues: Bool

  init(_ output: Output, _ report: ExplainReport, showsValues: Bool) {
    self.output = output
    self.report = report
    self.showsValues = showsValues
  }

  func write() {
    output.line(output.bold(report.definition.key) + "  \(report.definition.name)")
    let isUser = report.identity.kind == .user
    let merged = report.identity.isMerged ? " (\(report.askedID) is merged into it)" : ""
    head(isUser ? "user" : "anonymous", report.identity.externalID + merged)
    head("at", report.at.description)
    head("value", shown(report.value) + (report.tree == nil ? ": not seen by then" : ""))
    head("next change", nextChange)
    head("snapshot", snapshot)
    guard let tree = report.tree else { return }
    output.line()
    write(tree, indentation: "  ")
    if !showsValues, hides(tree) {
      output.line()
      output.line(output.dim("  '--show-values' shows the values of properties and traits"))
    }
  }

  private func head(_ name: String, _ text: String) {
    output.line("  " + output.dim(padded(name, 11)) + "  " + text)
  }

  private var nextChange: String {
    switch report.nextChange {
    case .never: "never, with no new event"
    case .at(let instant, let value):
      (shown(value) == shown(report.value) ? "another value" : shown(value))
        + " at \(instant), with no new event"
    case .notBefore(let instant): "not before \(instant); no further was looked"
    }
  }

  private var snapshot: String {
    guard let snapshot = report.snapshot else { return "no run has evaluated this yet" }
    let hidden = !snapshot.agrees && shown(snapshot.value) == shown(report.value)
    let value = snapshot.agrees ? "the same" : hidden ? "another value" : shown(snapshot.value)
    return value + (snapshot.since.map { " since \($0)" } ?? "")
      + (snapshot.isEdited ? ", before the definition was edited" : "")
      + ", by the run at \(snapshot.at)"
  }

  // MARK: The tree

  private func write(_ part: ExplainedPart, indentation: String) {
    let mark =
      !part.isCondition
      ? "·" : part.value == .boolean(true) ? output.green("✓") : output.red("✗")
    output.line("\(indentation)\(mark) \(text(part))")
    let inner = indentation + "    "
    if let comparison = part.comparison {
      output.line(
        inner + "found \(shown(comparison.found, comparison.isPersonal)), "
          + "asked for \(asked(comparison))")
    } else if !part.isCondition {
      output.line(inner + shown(part.value, part.isPersonal))
    }
    switch part.source {
    case .parts: break
    case .events(let events): write(events, inner)
    case .customTrait(let call):
      output.line(
        inner
          + (call.map { "by the identify call at \($0.time)  \($0.messageID ?? "row \($0.row)")" }
            ?? "no identify call has it"))
    case .definition(let key, let isExplained):
      output.line(
        inner + "the definition \(key)"
          + (isExplained ? ":" : ", see 'rollcall explain \(key) \(report.identity.externalID)'"))
    }
    for child in part.children { write(child, indentation: indentation + "  ") }
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

  private func write(_ events: ExplainedPart.Events, _ indentation: String) {
    let window = events.from.map { ", window \($0) to \(events.to)" } ?? ""
    output.line(
      indentation + "\(grouped(events.kept)) of \(counted(events.named, "event"))\(window)")
    let calls = events.calls.prefix(Self.eventLimit)
    let names = calls.map(\.name.count).max() ?? 0
    let messages = calls.map { message($0).count }.max() ?? 0
    for call in calls {
      let properties = showsValues && call.properties.isPresent ? call.properties.json : ""
      let line =
        "\(call.time)  \(padded(call.name, names))  "
        + (properties.isEmpty ? message(call) : padded(message(call), messages) + "  " + properties)
      output.line(indentation + output.dim(line))
    }
    if events.kept > calls.count {
      output.line(indentation + output.dim("… and \(grouped(events.kept - calls.count)) more"))
    }
  }

  private func message(_ call: StoredCall) -> String { call.messageID ?? "row \(call.row)" }

  // MARK: Values

  private func shown(_ value: Value) -> String { shown(value, report.isPersonal) }

  private func shown(_ value: Value, _ isPersonal: Bool) -> String {
    guard value.isPresent else { return "nothing" }
    return isPersonal && !showsValues ? "a value" : value.json
  }

  /// Whether a value is left out somewhere.
  private func hides(_ part: ExplainedPart) -> Bool {
    if part.isPersonal, part.value.isPresent { return true }
    if let comparison = part.comparison {
      if comparison.isPersonal, comparison.found.isPresent { return true }
      if case .value(let value, true) = comparison.asked, value.isPresent { return true }
    }
    if case .events(let events) = part.source, !events.calls.isEmpty { return true }
    return part.children.contains(where: hides)
  }

  private func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
