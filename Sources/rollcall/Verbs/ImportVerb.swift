import Definitions
import Operations
import Values

extension Verb {
  static let importDefinitions = Verb(
    "import", "turns the JSON that Segment's public API returns into definition files",
    operands: "FILE", count: 1...1,
    flags: [
      Flag("--force", nil, "replace files that are there already"),
      Flag("--dry-run", nil, "say what would be written, and write nothing"),
    ]
  ) { call in
    let report = try call.session.importDefinitions(
      call.arguments.operands[0], force: call.arguments.has("--force"),
      dryRun: call.arguments.has("--dry-run"))
    if call.isJSON {
      call.output.document(report.members)
    } else {
      call.output.show(report)
    }
    return report.failed.isEmpty ? .done : .wrong
  }
}

extension Output {
  fileprivate func show(_ report: ImportReport) {
    let colours = Colours(for: 1)
    for file in report.written {
      line((report.isDryRun ? "would write " : "wrote ") + file.file)
      for option in report.notPortable where option.key == file.key {
        line("  not portable: \(option.name) (\(option.reason))")
      }
    }
    for file in report.skipped { line("skipped \(file.file): \(file.reason)") }
    for entry in report.failed {
      line(red("not imported") + ": '\(entry.name)': \(entry.reason)")
      for diagnostic in entry.diagnostics { line(colours.diagnostic(diagnostic)) }
    }
    line(
      "Import\(report.isDryRun ? ", nothing written" : ""): "
        + "\(grouped(report.written.count)) \(report.isDryRun ? "to write" : "written"), "
        + "\(grouped(report.skipped.count)) skipped, \(grouped(report.failed.count)) not imported")
    if !report.skipped.isEmpty { note("  --force replaces the files that are there already") }
    if report.hasMorePages { note("  the last page names a next one: import that too") }
  }
}

extension ImportReport {
  /// The JSON document.
  fileprivate var members: [Value.Member] {
    [
      .init(
        "written",
        .array(
          written.map { .object([.init("key", .string($0.key)), .init("file", .string($0.file))]) })
      ),
      .init(
        "skipped",
        .array(
          skipped.map {
            .object([
              .init("key", .string($0.key)), .init("file", .string($0.file)),
              .init("reason", .string($0.reason)),
            ])
          })),
      .init(
        "failed",
        .array(
          failed.map { entry in
            var members: [Value.Member] = [
              .init("name", .string(entry.name)), .init("reason", .string(entry.reason)),
            ]
            if !entry.diagnostics.isEmpty {
              members.append(
                .init("diagnostics", .array(entry.diagnostics.map(Output.value))))
            }
            return .object(members)
          })),
      .init(
        "not_portable",
        .array(
          notPortable.map {
            .object([
              .init("key", .string($0.key)), .init("option", .string($0.name)),
              .init("reason", .string($0.reason)),
            ])
          })),
      .init("more_pages", .boolean(hasMorePages)),
    ]
  }
}
