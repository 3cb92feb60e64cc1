import Delivery
import Operations
import Values

extension Verb {
  static let run = Verb(
    "run", "recomputes, stores what changed, and sends it to the destinations that are due",
    flags: [
      Flag("--full", nil, "evaluate every user, not only those concerned"),
      Flag("--no-send", nil, "leave everything pending"),
      Flag("--future", nil, "allow an --at after the clock"),
      Flag("--keep", "DURATION", "how long runs and their changes are kept (400d)"),
    ] + RetryPolicy.flags
  ) { call in
    var options = RunOptions()
    options.isFull = call.arguments.has("--full")
    options.sends = !call.arguments.has("--no-send")
    options.allowsFuture = call.arguments.has("--future")
    options.keep = try call.arguments.duration("--keep") ?? options.keep
    options.policy = try RetryPolicy(call.arguments)
    let report = try call.session.run(options)
    let output = call.output
    if call.isJSON {
      let run = report.run
      output.document([
        .init("run", .init(count: Int(run.id))), .init("at", .init(run.at)),
        .init("kind", .string(run.kind.rawValue)), .init("method", report.method.document),
        .init("evaluated", .init(count: run.evaluated)),
        .init("entered", .init(count: run.entered)), .init("left", .init(count: run.left)),
        .init("changed", .init(count: run.changed)), .init("sent", .init(count: report.sent)),
        .init("pending", .init(count: report.pending)), .init("held", .init(count: report.held)),
        .init("held_users", .init(count: report.heldUsers)),
        .init("requests", .init(count: report.requests)),
        .init("ignored_links", .init(count: report.ignoredLinks)),
        .init("definitions", .array(report.definitions.map { $0.document(false) })),
        .init("destinations", .array(report.destinations.map { $0.document })),
        .init("steps", .init(count: report.steps)), .init("timings", report.timingsDocument),
      ])
    } else {
      output.line("Run \(report.run.id) at \(report.run.at)")
      output.line()
      DefinitionTable(report.definitions, output).write()
      output.line()
      for destination in report.destinations {
        output.line(destination.line)
        HoldText(destination.holds, output).write()
        if let line = destination.audienceEvents?.line { output.line(line) }
        for model in destination.models { output.line(model.line) }
      }
      if report.ignoredLinks > 0 {
        output.line(
          "\(counted(report.ignoredLinks, "link")) between ids ignored: an earlier one holds")
      }
      output.line(
        output.bold("Run: ")
          + "\(counted(report.run.evaluated, "user")) evaluated, "
          + "\(grouped(report.run.entered)) entered, \(grouped(report.run.left)) left, "
          + "\(counted(report.run.changed, "value")) changed; "
          + "\(grouped(report.sent)) sent, \(grouped(report.pending)) pending"
          + (report.heldPending > 0 ? ", \(grouped(report.heldPending)) of them held" : "")
          + (report.heldUsers > 0 ? "; \(counted(report.heldUsers, "user")) held" : ""))
    }
    return report.isUndelivered || report.held + report.heldUsers > 0 ? .undelivered : .done
  }

  static let send = Verb(
    "send", "delivers what is pending and due, without a new roll call",
    flags: [
      Flag("--now", nil, "send also to destinations whose cadence says later"),
      Flag("--retry-quarantined", nil, "send what was refused once more as it is"),
    ] + RetryPolicy.flags
  ) { call in
    let reports = try call.session.send(
      ignoresCadence: call.arguments.has("--now"),
      retriesQuarantined: call.arguments.has("--retry-quarantined"),
      policy: try RetryPolicy(call.arguments))
    if call.isJSON {
      func total(_ path: KeyPath<DestinationReport, Int>) -> Value {
        .init(count: reports.reduce(0) { $0 + $1[keyPath: path] })
      }
      call.output.document([
        .init("sent", total(\.sent)), .init("pending", total(\.pending)),
        .init("quarantined", total(\.quarantined)), .init("held", total(\.held)),
        .init("held_users", total(\.heldUsers)), .init("requests", total(\.requests)),
        .init("destinations", .array(reports.map { $0.document })),
      ])
    } else {
      for report in reports {
        call.output.line(report.line)
        HoldText(report.holds, call.output).write()
        if let line = report.audienceEvents?.line { call.output.line(line) }
      }
      if reports.isEmpty { call.output.line("there is no destination in the folder") }
    }
    return reports.contains(where: \.isUndelivered) ? .undelivered : .done
  }
}

extension RetryPolicy {
  static let flags = [
    Flag("--attempts", "N", "how often an unanswered request is sent, at most (5)"),
    Flag("--timeout", "DURATION", "how long a request waits for an answer (30s)"),
    Flag("--patience", "DURATION", "how long a run goes on without answers, in all (5m)"),
  ]

  init(_ arguments: Arguments) throws {
    self.init()
    attempts = try arguments.integer("--attempts", in: 1...20) ?? attempts
    timeout = try arguments.seconds("--timeout") ?? timeout
    patience = try arguments.seconds("--patience") ?? patience
  }
}

extension DestinationReport {
  var document: Value {
    .object(
      [
        .init("name", .string(name)), .init("requests", .init(count: requests)),
        .init("sent", .init(count: sent)), .init("pending", .init(count: pending)),
        .init("quarantined", .init(count: quarantined)), .init("due", .init(due)),
        .init("problem", .init(failure)), .init("shortened", .init(count: shortened)),
        .init("paced_ms", .init(count: Int((paced * 1000).rounded()))),
        .init("held", holds.document), .init("models", .array(models.map(\.document))),
        .init("audience_events", audienceEvents?.document ?? .absent),
      ] + waitingMembers)
  }

  private var waiting: WaitingText {
    WaitingText(
      withoutIdentity: withoutIdentity, sharedIdentity: sharedIdentity,
      encodingChanges: encodingChanges)
  }

  /// What waits for the identity, or for an approval.
  var waitingMembers: [Value.Member] { waiting.members }

  /// The same in words.
  var waitingParts: [String] { waiting.parts }

  var line: String {
    var parts: [String] = []
    if requests > 0 { parts.append("\(counted(sent, "value")) in \(counted(requests, "request"))") }
    if quarantined > 0 { parts.append("\(grouped(quarantined)) refused and kept apart") }
    if shortened > 0 { parts.append("\(counted(shortened, "text")) cut to the limit") }
    if let failure { parts.append("stopped: \(failure)") }
    if pending > 0 { parts.append("\(grouped(pending)) pending") }
    if let due { parts.append("due at \(due)") }
    parts += waitingParts
    return name + ": " + (parts.isEmpty ? "nothing to send" : parts.joined(separator: "; "))
  }
}

extension RunReport {
  /// The milliseconds of each part of the work, and of all.
  fileprivate var timingsDocument: Value {
    func rounded(_ milliseconds: Double) -> Value {
      .number((milliseconds * 1000).rounded() / 1000)
    }
    return .object(
      timings.map { .init($0.name, rounded($0.milliseconds)) }
        + [.init("total", rounded(timings.reduce(0) { $0 + $1.milliseconds }))])
  }
}
