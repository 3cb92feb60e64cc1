import Membership
import Operations
import Values

extension Verb {
  static let plan = Verb(
    "plan", "what a run at this instant would change and send; writes nothing",
    operands: "[--backfill --from T --to T [KEY...]]", count: 0...Int.max,
    flags: [
      Flag("--full", nil, "as 'run --full'"),
      Flag("--backfill", nil, "what 'backfill --send' would send, instead"),
      Flag("--from", "INSTANT", "the first instant of the backfill's range"),
      Flag("--to", "INSTANT", "the first instant behind it"),
    ]
  ) { call in
    if call.arguments.has("--backfill") { return try planBackfill(call) }
    for word in ["--from", "--to"] where call.arguments.has(word) {
      throw OperationError(
        .usage, "'\(word)' belongs to a backfill's plan", help: "add '--backfill'")
    }
    if let word = call.arguments.operands.first {
      throw OperationError(
        .usage, "'plan' takes no '\(word)'", help: "keys belong to 'plan --backfill'")
    }
    let report = try call.session.plan(isFull: call.arguments.has("--full"))
    let showsValues = call.arguments.has("--show-values")
    if call.isJSON {
      call.output.document([
        .init("at", .init(report.at)), .init("kind", .string(report.kind.rawValue)),
        .init("evaluated", .init(count: report.evaluated)),
        .init("definitions", .array(report.definitions.map { $0.document(showsValues) })),
        .init("destinations", .array(report.destinations.map { $0.planDocument })),
        .init("requests", .init(count: report.requests)),
        .init("minutes", .init(count: report.destinations.reduce(0) { $0 + $1.minutes })),
        .init("held", .init(count: report.held)),
        .init("held_users", .init(count: report.heldUsers)),
      ])
    } else {
      PlanText(report: report, output: call.output, showsValues: showsValues).write()
    }
    return report.held + report.heldUsers > 0 ? .undelivered : .done
  }
}

extension Verb {
  private static func planBackfill(_ call: Invocation) throws -> ExitCode {
    let report = try call.session.planPast(BackfillOptions(call.arguments))
    if call.isJSON {
      call.output.document([
        .init("from", .init(report.from)), .init("to", .init(report.to)),
        .init("destinations", report.document),
      ])
    } else {
      call.output.line("Plan for a backfill from \(report.from) to \(report.to)")
      PastEventsText(report, call.output).write()
    }
    return .done
  }
}

/// A plan as people read it.
private struct PlanText {
  let report: PlanReport
  let output: Output
  let showsValues: Bool

  func write() {
    output.line("Plan for a run at \(report.at)")
    let reason =
      report.kind == .full
      ? "every user" : "users with new events, or whose next change has come"
    output.line(output.dim("  evaluates \(counted(report.evaluated, "user")): \(reason)"))
    output.line()
    DefinitionTable(report.definitions, output).write()
    for definition in report.definitions where !definition.sample.isEmpty {
      writeSample(definition)
    }
    output.line()
    for destination in report.destinations {
      output.line(destination.planLine)
      HoldText(destination.holds, output).write()
      if let line = destination.audienceEvents?.line { output.line(line) }
      for model in destination.models { output.line(model.line) }
    }
    let tallies = report.definitions.map(\.tally)
    output.line(
      output.bold("Plan: ")
        + "\(grouped(tallies.reduce(0) { $0 + $1.entered })) enter, "
        + "\(grouped(tallies.reduce(0) { $0 + $1.left })) leave, "
        + "\(counted(tallies.reduce(0) { $0 + $1.changed }, "value")) change; "
        + counted(report.requests, "request")
        + (report.held > 0 ? "; \(counted(report.held, "change")) held" : "")
        + (report.heldUsers > 0 ? "; \(counted(report.heldUsers, "user")) held" : ""))
  }

  private func writeSample(_ definition: PlannedDefinition) {
    output.line()
    output.line(output.bold(definition.key))
    for sample in definition.sample {
      let mark =
        sample.previous == nil
        ? output.green("+") : sample.value == nil ? output.red("-") : "~"
      let values =
        showsValues && definition.kind == .trait
        ? "  \(sample.previous ?? "nothing") → \(sample.value ?? "nothing")" : ""
      output.line("  \(mark) \(sample.userID)\(values)")
    }
    let tally = definition.tally
    let others = tally.entered + tally.left + tally.changed - definition.sample.count
    if others > 0 { output.line(output.dim("  … and \(grouped(others)) more")) }
  }
}

/// The definitions with their sizes and changes.
struct DefinitionTable {
  private let definitions: [PlannedDefinition]
  private let output: Output

  init(_ definitions: [PlannedDefinition], _ output: Output) {
    self.definitions = definitions
    self.output = output
  }

  func write() {
    var table = Table([
      ("definition", .left), ("members", .right), ("enter", .right), ("leave", .right),
      ("change", .right), ("", .left),
    ])
    for definition in definitions {
      let tally = definition.tally
      table.add([
        definition.key, grouped(tally.members), Self.signed(tally.entered, "+"),
        Self.signed(tally.left, "-"), Self.signed(tally.changed, ""), Self.remark(definition),
      ])
    }
    for (index, line) in table.lines.enumerated() {
      output.line("  " + (index == 0 ? output.dim(line) : line))
    }
  }

  private static func signed(_ count: Int, _ sign: String) -> String {
    count == 0 ? "·" : sign + grouped(count)
  }

  private static func remark(_ definition: PlannedDefinition) -> String {
    switch definition.change {
    case .unchanged: definition.isEnabled ? "" : "not enabled: frozen"
    case .added: "new"
    case .edited: "edited: evaluated for everyone"
    case .enabled: "enabled again"
    case .disabled: "disabled: frozen from now on"
    case .removed: "removed: its values are taken away"
    }
  }
}

extension PlannedDefinition {
  /// The shape that `--json` promises, and more.
  func document(_ showsValues: Bool) -> Value {
    .object([
      .init("key", .string(key)), .init("kind", .string(kind.rawValue)),
      .init("members", .init(count: tally.members)), .init("enter", .init(count: tally.entered)),
      .init("leave", .init(count: tally.left)), .init("change", .init(count: tally.changed)),
      .init("status", .string(change.rawValue)), .init("enabled", .boolean(isEnabled)),
      .init(
        "sample",
        .array(
          sample.map { sample in
            var members: [Value.Member] = [
              .init("user_id", .string(sample.userID)),
              .init(
                "change",
                .string(
                  sample.previous == nil ? "enter" : sample.value == nil ? "leave" : "change")),
            ]
            if showsValues {
              members.append(.init("previous", Self.value(sample.previous)))
              members.append(.init("value", Self.value(sample.value)))
            }
            return .object(members)
          })),
    ])
  }

  private static func value(_ json: String?) -> Value {
    json.flatMap { try? Value(json: $0) } ?? .absent
  }
}

extension DestinationReport {
  var planDocument: Value {
    .object(
      [
        .init("name", .string(name)), .init("new", .boolean(isNew)),
        .init("requests", .init(count: requests)), .init("values", .init(count: sent)),
        .init("pending", .init(count: pending)), .init("due", .init(due)),
        .init("problem", .init(failure)), .init("minutes", .init(count: minutes)),
        .init("held", holds.document), .init("models", .array(models.map(\.document))),
        .init("audience_events", audienceEvents?.document ?? .absent),
      ] + waitingMembers)
  }

  var planLine: String {
    if let failure { return "\(name): \(failure)" }
    let new = isNew ? " (new: everything is sent)" : ""
    let held = waitingParts.map { "; " + $0 }.joined()
    if let due {
      return "\(name): \(counted(pending, "value")) pending, due at \(due)\(new)\(held)"
    }
    if requests == 0 { return "\(name): nothing to send\(new)\(held)" }
    let time = minutes > 0 ? ", about \(counted(minutes, "minute"))" : ""
    return "\(name): \(counted(sent, "value")) in \(counted(requests, "request"))\(time)\(new)"
      + held
  }
}
