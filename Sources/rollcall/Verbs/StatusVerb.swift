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
    return report.needsAttention ? .undelivered : .done
  }

  private static func document(_ report: StatusReport) -> [Value.Member] {
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
              .init("last_right", .init(definition.freshness?.lastRight)),
              .init("stale", .boolean(definition.freshness?.isStale ?? false)),
            ])
          })),
      .init("last_run", report.runDocument), .init("pending", .init(count: report.pending)),
      .init("quarantined", .init(count: report.quarantined)),
      .init("held", .init(count: report.held)),
      .init("held_users", .init(count: report.heldUsers)),
      .init("events", .init(count: report.events)),
      .init("users", .init(count: report.users)),
      .init("new_events", .init(count: report.newEvents)),
      .init("destinations", report.destinationDocuments),
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
    var table = Table([
      ("definition", .left), ("kind", .left), ("members", .right), ("last right", .left),
      ("", .left),
    ])
    for definition in report.definitions {
      table.add([
        definition.key, definition.kind.rawValue, grouped(definition.members),
        definition.freshness.map { $0.lastRight?.description ?? "never yet" } ?? "",
        definition.isEnabled
          ? definition.freshness?.isStale == true ? "older than twice its cadence" : ""
          : "not enabled: frozen",
      ])
    }
    if !report.definitions.isEmpty {
      for line in table.lines { output.line("  " + line) }
      output.line()
    }
    for destination in report.destinations {
      if destination.isPaused {
        output.line(
          "\(destination.name): paused, \(destination.problem ?? "it has no file"); about "
            + "\(grouped(destination.pending)) pending")
        continue
      }
      var parts = ["\(grouped(destination.pending)) pending"]
      if destination.inDoubt > 0 { parts.append("\(grouped(destination.inDoubt)) in doubt") }
      if destination.quarantined > 0 {
        parts.append("\(grouped(destination.quarantined)) in quarantine")
      }
      parts.append(destination.lastBatch.map { "last batch at \($0)" } ?? "no batch yet")
      parts += destination.waiting.parts
      if let problem = destination.problem { parts.append(problem) }
      if let events = destination.audienceEvents {
        if events.waiting > 0 { parts.append("\(counted(events.waiting, "event")) waiting") }
        if events.corrections > 0 { parts.append(correctionsText(events.corrections)) }
      }
      output.line(destination.name + ": " + parts.joined(separator: ", "))
      HoldText(destination.holds, output).write()
    }
  }
}

extension StatusReport {
  /// The last run; null when there was none.
  var runDocument: Value {
    lastRun.map { run in
      .object([
        .init("run", .init(count: Int(run.id))), .init("at", .init(run.at)),
        .init("kind", .string(run.kind.rawValue)),
        .init("evaluated", .init(count: run.evaluated)),
        .init("entered", .init(count: run.entered)), .init("left", .init(count: run.left)),
        .init("changed", .init(count: run.changed)),
      ])
    } ?? .absent
  }

  var destinationDocuments: Value {
    .array(
      destinations.map { destination in
        .object(
          [
            .init("name", .string(destination.name)),
            .init("acknowledged", .init(count: destination.acknowledged)),
            .init("pending", .init(count: destination.pending)),
            .init("in_doubt", .init(count: destination.inDoubt)),
            .init("quarantined", .init(count: destination.quarantined)),
            .init("last_batch", .init(destination.lastBatch)),
            .init("problem", .init(destination.problem)),
            .init("paused", .boolean(destination.isPaused)),
            .init("held", destination.holds.document),
            .init("audience_events", destination.audienceEvents?.document ?? .absent),
          ] + destination.waiting.members)
      })
  }
}

extension StatusReport.DestinationStatus {
  fileprivate var waiting: WaitingText {
    WaitingText(
      withoutIdentity: withoutIdentity, sharedIdentity: sharedIdentity,
      encodingChanges: encodingChanges)
  }
}
