import Definitions
import Operations
import Values

extension Verb {
  static let check = Verb(
    "check", "reads all definitions and shows every mistake, and names the store has never seen",
    flags: [Flag("--portable", nil, "list also what Segment would refuse")]
  ) { call in
    let report = call.session.check(portable: call.arguments.has("--portable"))
    let (project, diagnostics) = (report.project, report.diagnostics)
    let output = call.output
    if call.isJSON {
      output.document([
        .init("diagnostics", .array(diagnostics.map(Output.value))),
        .init(
          "definitions",
          .array(
            project.definitions.map { definition in
              .object([
                .init("key", .string(definition.key)),
                .init("kind", .string(definition.kind.rawValue)),
                .init("file", .string(definition.source.path)),
                .init("enabled", .boolean(definition.isEnabled)),
                .init("examples", .init(count: definition.examples.count)),
              ])
            })),
        .init(
          "models",
          .array(
            project.models.map { model in
              .object([
                .init("key", .string(model.key)), .init("object", .string(model.object.rawValue)),
                .init("file", .string(model.source.path)),
                .init("enabled", .boolean(model.isEnabled)),
              ])
            })),
        .init("left_out", .init(report.leftOut?.message)),
      ])
    } else {
      let colours = Colours(for: 1)
      for diagnostic in diagnostics { output.line(colours.diagnostic(diagnostic)) }
      let errors = diagnostics.count { $0.severity == .error }
      let warnings = diagnostics.count - errors
      let audiences = project.definitions.count { $0.kind == .audience }
      let traits = project.definitions.count - audiences
      var found = [counted(audiences, "audience"), counted(traits, "trait")]
      if !project.models.isEmpty { found.append(counted(project.models.count, "model")) }
      found.append(counted(project.destinations.count, "destination"))
      let doubts = warnings > 0 ? ", \(counted(warnings, "warning"))" : ""
      if errors == 0 {
        output.line(output.green("good") + ": \(found.joined(separator: ", "))\(doubts)")
        output.noteWithoutExamples(
          project.definitions.filter { $0.isEnabled && $0.examples.isEmpty }.map(\.key).sorted())
      } else {
        output.line(output.red("\(counted(errors, "error"))") + doubts)
      }
    }
    if let leftOut = report.leftOut { output.noteLeftOut(leftOut) }
    return project.isValid ? .done : .wrong
  }
}

extension Output {
  /// Says why the warnings that need the store were left out.
  func noteLeftOut(_ reason: OperationError) {
    note("note: the definitions were not held against the store: \(reason.message)")
    if let help = reason.help { note("  help: \(help)") }
  }
}
