import EventStore
import Operations
import Values

extension Verb {
  static let ingest = Verb(
    "ingest", "stores Segment-spec calls (NDJSON) from files, or from standard input with '-'",
    operands: "FILE...", count: 1...Int.max,
    flags: [Flag("--strict", nil, "exit 1 when a line was rejected")]
  ) { call in
    let report = try call.session.ingest(call.arguments.operands)
    let output = call.output
    if call.isJSON {
      output.document([
        .init("accepted", .init(count: report.accepted)),
        .init("duplicates", .init(count: report.duplicates)),
        .init("conflicts", .init(count: report.conflicts)),
        .init("rejected", .init(count: report.rejected)),
        .init("rejects_file", .init(report.rejectsFile)),
      ])
    } else {
      output.line(
        "\(grouped(report.accepted)) accepted, \(grouped(report.duplicates)) duplicates, "
          + "\(grouped(report.rejected)) rejected")
      if report.conflicts > 0 {
        output.line(
          "  \(counted(report.conflicts, "duplicate")) with other content: the first one stays")
      }
      if let file = report.rejectsFile {
        output.line("  rejected lines, each with its reason: \(file)")
      }
    }
    return call.arguments.has("--strict") && report.rejected > 0 ? .wrong : .done
  }
}
