import Operations
import Values

extension Verb {
  static let preview = Verb(
    "preview", "size, sample, trend and forecast of a definition as it stands in its file",
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
      output.document(report.members(showsValues))
    } else {
      output.note(report.warnings)
      PreviewText(report: report, output: output, showsValues: showsValues).write()
    }
    return .done
  }
}

extension PreviewReport {
  /// The shape that `--json` promises.
  fileprivate func members(_ showsValues: Bool) -> [Value.Member] {
    [
      .init("key", .string(definition.key)), .init("kind", .string(definition.kind.rawValue)),
      .init("at", .init(at)), .init("size", .init(count: size)),
      .init("users", .init(count: users)),
      .init(
        "sample",
        .array(
          sample.map { id, value in
            var members: [Value.Member] = [.init("user_id", .string(id))]
            if showsValues {
              members.append(.init("value", (try? Value(json: value)) ?? .absent))
            }
            return .object(members)
          })),
      .init(
        "trend",
        .array(
          trend.map { at, size in
            .object([.init("at", .init(at)), .init("size", .init(count: size))])
          })),
      .init(
        "funnel",
        .array(
          funnel.map { part in
            .object([
              .init("condition", .string(part.condition)), .init("size", .init(count: part.size)),
              .init("all", .init(count: part.all)),
            ])
          })),
      .init(
        "overlap",
        .array(
          overlap.map { neighbour in
            .object([
              .init("key", .string(neighbour.key)),
              .init("members", .init(count: neighbour.members)),
              .init("common", .init(count: neighbour.common)),
              .init("share", .number(neighbour.share)),
            ])
          })),
      .init("forecast", forecast?.document ?? .absent),
      .init("warnings", .array(warnings.map(Output.value))),
    ]
  }
}
