import Operations
import Values

extension Verb {
  static let preview = Verb(
    "preview", "size and a sample of a definition as it stands in its file; writes nothing",
    operands: "KEY", count: 1...1
  ) { call in
    let output = call.output
    let showsValues = call.arguments.has("--show-values")
    if let report = try call.session.modelPreview(call.arguments.operands[0]) {
      let text = ModelPreviewText(report: report, showsValues: showsValues)
      if call.isJSON { output.document(text.members) } else { text.write(output) }
      return .done
    }
    let report = try call.session.preview(call.arguments.operands[0])
    if call.isJSON {
      output.document([
        .init("key", .string(report.definition.key)),
        .init("kind", .string(report.definition.kind.rawValue)),
        .init("at", .init(report.at)), .init("size", .init(count: report.size)),
        .init("users", .init(count: report.users)),
        .init(
          "sample",
          .array(
            report.sample.map { id, value in
              var members: [Value.Member] = [.init("user_id", .string(id))]
              if showsValues {
                members.append(.init("value", (try? Value(json: value)) ?? .absent))
              }
              return .object(members)
            })),
        .init("warnings", .array(report.warnings.map(Output.value))),
      ])
      return .done
    }
    output.note(report.warnings)
    output.line(output.bold(report.definition.key) + "  \(report.definition.name)")
    if !report.definition.description.isEmpty { output.line("  \(report.definition.description)") }
    let share =
      report.users > 0
      ? " (\((Double(report.size) / Double(report.users) * 1000).rounded() / 10) %)" : ""
    let what = report.definition.kind == .audience ? "members" : "users with a value"
    output.line(
      "  \(grouped(report.size)) \(what) of \(grouped(report.users)) users\(share), at \(report.at)"
    )
    for (id, value) in report.sample {
      output.line("    \(id)" + (showsValues ? "  \(value)" : ""))
    }
    if report.size > report.sample.count {
      output.line("    … and \(grouped(report.size - report.sample.count)) more")
    }
    return .done
  }
}
