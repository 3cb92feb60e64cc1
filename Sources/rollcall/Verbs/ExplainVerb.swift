import EventStore
import Operations
import Values

extension Verb {
  static let explain = Verb(
    "explain", "why somebody is in an audience or has a value, and when that changes",
    operands: "KEY ID", count: 2...2
  ) { call in
    let operands = call.arguments.operands
    let report = try call.session.explain(operands[0], operands[1])
    let showsValues = call.arguments.has("--show-values")
    if call.isJSON {
      call.output.document(ExplainDocument(showsValues: showsValues).members(report))
    } else {
      ExplainText(call.output, report, showsValues: showsValues).write()
    }
    return .done
  }
}

/// A report as a program reads it.
private struct ExplainDocument {
  let explanation: ExplanationDocument

  init(showsValues: Bool) { explanation = ExplanationDocument(showsValues: showsValues) }

  func members(_ report: ExplainReport) -> [Value.Member] {
    let id = Value.string(report.identity.externalID)
    func idOf(_ kind: IdentityKind) -> Value { report.identity.kind == kind ? id : .absent }
    var members: [Value.Member] = [
      .init("key", .string(report.definition.key)),
      .init("kind", .string(report.definition.kind.rawValue)),
      .init("user_id", idOf(.user)), .init("anonymous_id", idOf(.anonymous)),
      .init("account_id", idOf(.account)), .init("asked_id", .string(report.askedID)),
      .init("at", .init(report.at)), .init("exists", .boolean(report.tree != nil)),
    ]
    members.append(.init("value", report.value))
    switch report.nextChange {
    case .never:
      members += [.init("next_change", .absent), .init("next_value", .absent)]
    case .at(let instant, let value):
      members.append(.init("next_change", .init(instant)))
      explanation.add("next_value", value, report.isPersonal, to: &members)
    case .notBefore(let instant):
      members += [
        .init("next_change", .absent), .init("next_value", .absent),
        .init("next_change_not_before", .init(instant)),
      ]
    }
    members.append(.init("snapshot", report.snapshot.map { snapshot($0, report) } ?? .absent))
    members.append(.init("tree", report.tree.map(explanation.node) ?? .absent))
    return members
  }

  private func snapshot(_ snapshot: ExplainReport.Snapshot, _ report: ExplainReport) -> Value {
    var members: [Value.Member] = []
    explanation.add("value", snapshot.value, report.isPersonal, to: &members)
    members += [
      .init("since", .init(snapshot.since)), .init("at", .init(snapshot.at)),
      .init("agrees", .boolean(snapshot.agrees)), .init("edited", .boolean(snapshot.isEdited)),
    ]
    return .object(members)
  }
}
