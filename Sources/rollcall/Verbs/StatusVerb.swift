import Operations
import Values

extension Verb {
  static let status = Verb("status", "how things stand: sizes, the last run, what is pending") {
    call in
    let report = try call.session.status()
    if call.isJSON {
      call.output.document(document(report))
    } else {
      write(report, call.output)
    }
    return .done
  }

  private static func document(_ report: StatusReport) -> [Value.Member] {
    let run: Value =
      report.lastRun.map { run in
        .object([
          .init("run", .init(count: Int(run.id))), .init("at", .init(run.at)),
          .init("kind", .string(run.kind.rawValue)),
          .init("evaluated", .init(count: run.evaluated)),
          .init("entered", .init(count: run.entered)), .init("left", .init(count: run.left)),
          .init("changed", .init(count: run.changed)),
        ])
      } ?? .absent
    return [
      .init(
        "definitions",
        .array(
          report.definitions.map { definition in
            .object([
              .init("key", .string(definition.key)),
              .init("kind", .string(definition.kind.rawValue)),
              .init("enabled", .boolean(definition.isEnabled)),
              .init("members", .init(count: definition.members)),
            ])
          })),
      .init("last_run", run), .init("pending", .init(count: report.pending)),
      .init("quarantined", .init(count: report.quarantined)),
      .init("events", .init(count: report.events)), .init("users", .init(count: report.users)),
      .init("new_events", .init(count: report.newEvents)),
      .init(
        "destinations",
        .array(
          report.destinations.map { destination in
            .object(
              [
                .init("name", .string(destination.name)),
                .init("pending", .init(count: destination.pending)),
                .init("in_doubt", .init(count: destination.inDoubt)),
                .init("quarantined", .init(count: destination.quarantined)),
                .init("last_batch", .init(destination.lastBatch)),
                .init("problem", .init(destination.problem)),
              ] + destination.held.members)
          })),
    ]
  }

  private static func write(_ report: StatusReport, _ output: Output) {
    output.line(
      "\(counted(report.events, "event")) of \(counted(report.users, "user")), "
        + "\(grouped(report.newEvents)) since the last run")
    output.line(
      report.lastRun.map { "last run: \($0.id) at \($0.at), \($0.kind.rawValue)" }
        ?? "no run yet: 'rollcall plan' shows what one would do")
    output.line()
    var table = Table([("definition", .left), ("kind", .left), ("members", .right), ("", .left)])
    for definition in report.definitions {
      table.add([
        definition.key, definition.kind.rawValue, grouped(definition.members),
        definition.isEnabled ? "" : "not enabled: frozen",
      ])
    }
    if !report.definitions.isEmpty {
      for line in table.lines { output.line("  " + line) }
      output.line()
    }
    for destination in report.destinations {
      var parts = ["\(grouped(destination.pending)) pending"]
      if destination.inDoubt > 0 { parts.append("\(grouped(destination.inDoubt)) in doubt") }
      if destination.quarantined > 0 {
        parts.append("\(grouped(destination.quarantined)) in quarantine")
      }
      parts.append(destination.lastBatch.map { "last batch at \($0)" } ?? "no batch yet")
      parts += destination.held.parts
      if let problem = destination.problem { parts.append(problem) }
      output.line(destination.name + ": " + parts.joined(separator: ", "))
    }
  }
}

extension StatusReport.DestinationStatus {
  fileprivate var held: HeldText {
    HeldText(
      withoutIdentity: withoutIdentity, sharedIdentity: sharedIdentity,
      encodingChanges: encodingChanges)
  }
}
