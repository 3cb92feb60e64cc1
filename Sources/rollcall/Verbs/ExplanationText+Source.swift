import Operations

extension ExplanationText {
  /// How many events of a part are shown.
  private static let eventLimit = 10

  /// Writes what a part's value was made of.
  func write(
    _ source: ExplainedPart.Source, _ whose: ExplainedPart.Whose?, indentation: String
  ) {
    switch source {
    case .parts: break
    case .events(let events): write(events, indentation)
    case .customTrait(let call): output.line(indentation + origin(call, whose))
    case .definition(let key, let isExplained):
      let command = whose.map { ", see 'rollcall explain \(key) \($0.id)'" } ?? ""
      output.line(indentation + "the definition \(key)" + (isExplained ? ":" : command))
    case .accountDefinition(let key, _, let crowd) where crowd.count == 0:
      output.line(indentation + "the definition \(key): the user belongs to no account")
    case .accountDefinition(let key, let isExplained, let crowd):
      output.line(
        indentation + "the definition \(key): \(words(crowd, "account"))"
          + (isExplained ? "" : ", see 'rollcall explain \(key) ACCOUNT'"))
    case .users(let crowd):
      output.line(
        indentation + (crowd.count == 0 ? "the account has no users" : words(crowd, "user")))
    }
  }

  private func words(_ crowd: ExplainedPart.Crowd, _ noun: String) -> String {
    "\(grouped(crowd.holding)) of \(counted(crowd.count, noun))"
  }

  private func origin(_ call: ExplainedCall?, _ whose: ExplainedPart.Whose?) -> String {
    guard let call else {
      switch whose {
      case .user: return "no identify call has it"
      case .account: return "no group call has it"
      case nil: return "the example does not give it"
      }
    }
    switch call.origin {
    case .store: return "by the \(call.name) call at \(call.time)  \(message(call))"
    case .example(let words): return "by the example's \(words)"
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
      output.line(
        indentation + output.dim("\(call.time)  \(words(call, names: names, messages: messages))"))
    }
    if events.kept > calls.count {
      output.line(indentation + output.dim("… and \(grouped(events.kept - calls.count)) more"))
    }
  }

  /// - Parameters:
  ///   - names: the width of the events' names.
  ///   - messages: the width of their message ids.
  private func words(_ call: ExplainedCall, names: Int, messages: Int) -> String {
    if case .example(let words) = call.origin { return words }
    let properties = showsValues && call.properties.isPresent ? call.properties.json : ""
    return "\(padded(call.name, names))  "
      + (properties.isEmpty ? message(call) : padded(message(call), messages) + "  " + properties)
  }

  /// The message id, else the row.
  private func message(_ call: ExplainedCall) -> String {
    if case .store(let row, let messageID) = call.origin { return messageID ?? "row \(row)" }
    return ""
  }
}
