import Definitions
import EventStore
import Operations
import Values

/// An explanation as people read it: the answer, then the query as a tree.
struct ExplainText {
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
    let merged = report.identity.isMerged ? " (\(report.askedID) is merged into it)" : ""
    head(report.identity.kind.word, report.identity.externalID + merged)
    head("at", report.at.description)
    head("value", shown(report.value) + (report.tree == nil ? ": not seen by then" : ""))
    head("next change", nextChange)
    head("snapshot", snapshot)
    guard let tree = report.tree else { return }
    output.line()
    let text = ExplanationText(output, showsValues: showsValues)
    text.write(tree, of: subject, indentation: "  ")
    if !showsValues, text.hides(tree) {
      output.line()
      output.line(output.dim("  '--show-values' shows the values of properties and traits"))
    }
  }

  private var subject: ExplainedPart.Whose {
    let id = report.identity.externalID
    return report.identity.kind == .account ? .account(id) : .user(id)
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

  private func shown(_ value: Value) -> String {
    value.shown(isHidden: report.isPersonal && !showsValues)
  }
}

extension IdentityKind {
  fileprivate var word: String {
    switch self {
    case .user: "user"
    case .anonymous: "anonymous"
    case .account: "account"
    }
  }
}
