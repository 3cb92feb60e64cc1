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
    ]
  ) { call in
    guard let from = try call.arguments.instant("--from"),
      let to = try call.arguments.instant("--to")
    else {
      throw OperationError(
        .usage, "a backfill needs a range",
        help: "rollcall backfill --from 2026-01-01 --to 2026-07-01")
    }
    var options = BackfillOptions(from: from, to: to)
    options.keys = call.arguments.operands
    options.isFull = call.arguments.has("--full")
    options.threads = try call.arguments.integer("--threads", in: 1...64)
    let report = try call.session.backfill(options)
    if call.isJSON {
      call.output.document(document(report))
    } else {
      write(report, call.output)
    }
    return .done
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
