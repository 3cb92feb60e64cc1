import Definitions
import Operations
import Values

/// A line on standard error for each thing that a service does: for people, or as JSON.
struct ServiceLog {
  let output: Output
  let isJSON: Bool

  func write(_ record: Service.Record) {
    if isJSON {
      output.note(Value.object(document(record)).json)
    } else {
      output.note("\(record.at) \(line(record.event))")
      if case .kept(let error) = record.event { output.note(error.diagnostics) }
    }
  }

  private func line(_ event: Service.Record.Event) -> String {
    switch event {
    case .started(let every, let definitions):
      return "serving \(counted(definitions, "definition")) every \(every.short)"
    case .run(let report):
      let run = report.run
      return "run \(run.id): \(grouped(run.evaluated)) evaluated, \(grouped(run.entered)) entered, "
        + "\(grouped(run.left)) left, \(grouped(run.changed)) changed in "
        + "\(report.took.milliseconds) ms; \(grouped(report.sent)) sent, "
        + "\(grouped(report.pending)) pending, \(grouped(report.held)) held"
        + trouble(report.destinations)
    case .sent(let reports):
      let sent = reports.reduce(0) { $0 + $1.sent }
      let pending = reports.reduce(0) { $0 + $1.pending }
      return "send: \(grouped(sent)) sent, \(grouped(pending)) pending" + trouble(reports)
    case .reread(let definitions):
      return "reread: \(counted(definitions, "definition"))"
    case .kept(let error):
      return "reread: \(error.message); the definitions from before go on"
    case .failed(let error): return "failed: \(error.message)"
    case .stopped: return "stopped"
    }
  }

  private func trouble(_ reports: [DestinationReport]) -> String {
    reports.map { report in
      let held = report.holds.map { "; \(report.name) held: \($0.words)" }.joined()
      return (report.failure.map { "; \(report.name) stopped: \($0)" } ?? "") + held
    }.joined()
  }

  private func document(_ record: Service.Record) -> [Value.Member] {
    var all: [Value.Member] = [.init("at", .init(record.at))]
    func add(_ name: String, _ others: [Value.Member]) {
      all.append(.init("event", .string(name)))
      all += others
    }
    switch record.event {
    case .started(let every, let definitions):
      add(
        "started",
        [
          .init("every", .string(every.short)), .init("definitions", .init(count: definitions)),
        ])
    case .run(let report): add("run", members(report))
    case .sent(let reports):
      add("send", [.init("destinations", .array(reports.map { $0.document }))])
    case .reread(let definitions):
      add("reread", [.init("definitions", .init(count: definitions))])
    case .kept(let error): add("kept", members(error))
    case .failed(let error): add("failed", members(error))
    case .stopped: add("stopped", [])
    }
    return all
  }

  private func members(_ report: RunReport) -> [Value.Member] {
    let run = report.run
    return [
      .init("run", .init(count: Int(run.id))), .init("kind", .string(run.kind.rawValue)),
      .init("evaluated", .init(count: run.evaluated)), .init("entered", .init(count: run.entered)),
      .init("left", .init(count: run.left)), .init("changed", .init(count: run.changed)),
      .init("milliseconds", .init(count: Int(report.took.milliseconds))),
      .init("sent", .init(count: report.sent)), .init("pending", .init(count: report.pending)),
      .init("held", .init(count: report.held)),
      .init("destinations", .array(report.destinations.map { $0.document })),
    ]
  }

  private func members(_ error: OperationError) -> [Value.Member] {
    [
      .init("message", .string(error.message)), .init("help", .init(error.help)),
      .init("diagnostics", .array(error.diagnostics.map(Output.value))),
    ]
  }
}
