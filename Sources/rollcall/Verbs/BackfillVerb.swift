import Delivery
import Operations
import Values

extension Verb {
  static let backfill = Verb(
    "backfill", "computes the exact past: who was a member from when until when",
    operands: "--from T --to T [KEY...]", count: 0...Int.max,
    flags: [
      Flag("--from", "INSTANT", "the first instant of the range"),
      Flag("--to", "INSTANT", "the first instant behind the range; not after now"),
      Flag("--full", nil, "compute everybody, also where nothing is new since the last time"),
      Flag("--threads", "N", "how many threads compute (as many as there are cores)"),
      Flag(
        "--send", nil, "send who entered audiences and left them to destinations with 'events: on'"),
    ] + RetryPolicy.flags
  ) { call in
    var options = try BackfillOptions(call.arguments)
    options.isFull = call.arguments.has("--full")
    options.threads = try call.arguments.integer("--threads", in: 1...64)
    let sends = call.arguments.has("--send")
    if sends { try call.session.checkPast(options) }
    let report = try call.session.backfill(options)
    let past =
      sends ? try call.session.tellPast(options, policy: RetryPolicy(call.arguments)) : nil
    if call.isJSON {
      call.output.document(
        document(report) + (past.map { [.init("destinations", $0.document)] } ?? []))
    } else {
      write(report, call.output)
      if let past { PastEventsText(past, call.output).write() }
    }
    return past?.isUndelivered == true ? .undelivered : .done
  }

  private static func document(_ report: BackfillReport) -> [Value.Member] {
    [
      .init("from", .init(report.from)), .init("to", .init(report.to)),
      .init("definitions", .array(report.parts.map { .string($0.key) })),
      .init("method", .string(report.method.rawValue)),
      .init("resumed", .boolean(report.isResumed)),
      .init("profiles", .init(count: report.profiles)),
      .init("spells", .init(count: report.spells)),
      .init(
        "changes",
        .object([
          .init("added", .init(count: report.changes.added)),
          .init("removed", .init(count: report.changes.removed)),
          .init("altered", .init(count: report.changes.altered)),
        ])),
      .init("milliseconds", .init(count: Int(report.took.milliseconds))),
    ]
  }

  private static func write(_ report: BackfillReport, _ output: Output) {
    output.line("Backfill from \(report.from) to \(report.to)")
    if report.isResumed { output.line("  goes on where the last call stopped") }
    let whom =
      report.method == .everybody
      ? counted(report.profiles, "profile")
      : "\(counted(report.profiles, "profile")) with something new since the last time"
    output.line(
      "  \(counted(report.parts.count, "definition")), \(whom), \(counted(report.spells, "spell"))")
    let changes = report.changes
    if changes.count > 0 {
      output.line(
        "  of what was known before, \(counted(changes.added, "spell")) added, "
          + "\(grouped(changes.removed)) removed, \(grouped(changes.altered)) altered")
    }
  }
}

extension BackfillOptions {
  /// The range and the keys.
  init(_ arguments: Arguments) throws {
    guard let from = try arguments.instant("--from"), let to = try arguments.instant("--to") else {
      throw OperationError(
        .usage, "a backfill needs a range",
        help: "rollcall backfill --from 2026-01-01 --to 2026-07-01")
    }
    self.init(from: from, to: to)
    keys = arguments.operands
  }
}
