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

/// An explanation as a program reads it.
///
/// A value that is made of properties or traits has its key only when values are shown, or when it
/// is `null` because there is none.
private struct ExplainDocument {
  let showsValues: Bool

  func members(_ report: ExplainReport) -> [Value.Member] {
    let isUser = report.identity.kind == .user
    let id = Value.string(report.identity.externalID)
    var members: [Value.Member] = [
      .init("key", .string(report.definition.key)),
      .init("kind", .string(report.definition.kind.rawValue)),
      .init("user_id", isUser ? id : .absent), .init("anonymous_id", isUser ? .absent : id),
      .init("asked_id", .string(report.askedID)), .init("at", .init(report.at)),
      .init("exists", .boolean(report.tree != nil)),
    ]
    members.append(.init("value", report.value))
    switch report.nextChange {
    case .never:
      members += [.init("next_change", .absent), .init("next_value", .absent)]
    case .at(let instant, let value):
      members.append(.init("next_change", .init(instant)))
      add("next_value", value, report.isPersonal, to: &members)
    case .notBefore(let instant):
      members += [
        .init("next_change", .absent), .init("next_value", .absent),
        .init("next_change_not_before", .init(instant)),
      ]
    }
    members.append(.init("snapshot", report.snapshot.map { snapshot($0, report) } ?? .absent))
    members.append(.init("tree", report.tree.map(node) ?? .absent))
    return members
  }

  private func snapshot(_ snapshot: ExplainReport.Snapshot, _ report: ExplainReport) -> Value {
    var members: [Value.Member] = []
    add("value", snapshot.value, report.isPersonal, to: &members)
    members += [
      .init("since", .init(snapshot.since)), .init("at", .init(snapshot.at)),
      .init("agrees", .boolean(snapshot.agrees)), .init("edited", .boolean(snapshot.isEdited)),
    ]
    return .object(members)
  }

  private func node(_ part: ExplainedPart) -> Value {
    var members: [Value.Member] = [.init("condition", .string(part.text))]
    add(part.isCondition ? "truth" : "value", part.value, part.isPersonal, to: &members)
    members.append(.init("until", .init(part.until)))
    if let comparison = part.comparison {
      add("found", comparison.found, comparison.isPersonal, to: &members)
      members.append(.init("comparator", .string(comparison.comparator)))
      switch comparison.asked {
      case .nothing: break
      case .value(let value, let isPersonal): add("asked", value, isPersonal, to: &members)
      case .list(let values): members.append(.init("asked", .array(values)))
      case .date(let from, let to): members.append(.init("asked", window(from, to)))
      }
    }
    switch part.source {
    case .parts: break
    case .events(let events):
      members += [
        .init("window", window(events.from, events.to)),
        .init("kept", .init(count: events.kept)), .init("named", .init(count: events.named)),
        .init("events", .array(events.calls.map(event))),
      ]
    case .customTrait(let call):
      members.append(.init("origin", call.map { .object(place(of: $0)) } ?? .absent))
    case .definition(let key, _): members.append(.init("reference", .string(key)))
    }
    members.append(.init("children", .array(part.children.map(node))))
    return .object(members)
  }

  private func event(_ call: StoredCall) -> Value {
    var members = place(of: call)
    members.insert(.init("event", .string(call.name)), at: 1)
    if showsValues { members.append(.init("properties", call.properties)) }
    return .object(members)
  }

  private func place(of call: StoredCall) -> [Value.Member] {
    [
      .init("time", .init(call.time)), .init("message_id", .init(call.messageID)),
      .init("row", .number(Double(call.row))),
    ]
  }

  private func window(_ from: Instant?, _ to: Instant?) -> Value {
    .object([.init("from", .init(from)), .init("to", .init(to))])
  }

  private func add(
    _ key: String, _ value: Value, _ isPersonal: Bool, to members: inout [Value.Member]
  ) {
    if showsValues || !isPersonal || !value.isPresent { members.append(.init(key, value)) }
  }
}
