import Operations
import Values

/// An explanation's tree as a program reads it.
///
/// A value that is made of properties or traits has its key only when values are shown, or when it
/// is `null` because there is none.
struct ExplanationDocument {
  let showsValues: Bool

  func node(_ part: ExplainedPart) -> Value {
    var members: [Value.Member] = []
    switch part.whose {
    case .user(let id): members.append(.init("user_id", .string(id)))
    case .account(let id): members.append(.init("account_id", .string(id)))
    case nil: break
    }
    members.append(.init("condition", .string(part.text)))
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
    case .accountDefinition(let key, _, let crowd):
      members += [
        .init("reference", .string(key)), .init("accounts", self.crowd(crowd)),
      ]
    case .users(let crowd): members.append(.init("users", self.crowd(crowd)))
    }
    members.append(.init("children", .array(part.children.map(node))))
    return .object(members)
  }

  private func crowd(_ crowd: ExplainedPart.Crowd) -> Value {
    .object([
      .init("count", .init(count: crowd.count)), .init("holding", .init(count: crowd.holding)),
      .init("more", .init(count: crowd.more)),
    ])
  }

  private func event(_ call: ExplainedCall) -> Value {
    var members = place(of: call)
    members.insert(.init("event", .string(call.name)), at: 1)
    if showsValues { members.append(.init("properties", call.properties)) }
    return .object(members)
  }

  private func place(of call: ExplainedCall) -> [Value.Member] {
    var members: [Value.Member] = [
      .init("time", .init(call.time)), .init("message_id", .init(call.messageID)),
    ]
    switch call.origin {
    case .store(let row, _): members.append(.init("row", .number(Double(row))))
    case .example(let words): members += [.init("row", .absent), .init("words", .string(words))]
    }
    return members
  }

  private func window(_ from: Instant?, _ to: Instant?) -> Value {
    .object([.init("from", .init(from)), .init("to", .init(to))])
  }

  func add(
    _ key: String, _ value: Value, _ isPersonal: Bool, to members: inout [Value.Member]
  ) {
    if showsValues || !isPersonal || !value.isPresent { members.append(.init(key, value)) }
  }
}
