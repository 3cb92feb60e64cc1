import Definitions
import Operations

extension Verb {
  static let export = Verb(
    "export", "the snapshot of a definition, a line for each member or value, sorted by id",
    operands: "KEY", count: 1...1,
    flags: [Flag("--format", "FORMAT", "ndjson or csv (ndjson)")]
  ) { call in
    let name = call.arguments["--format"] ?? "ndjson"
    guard let format = Session.ExportFormat(rawValue: name) else {
      throw OperationError(
        .usage, "'--format' is ndjson or csv",
        help: Suggestion.help(for: name, in: Session.ExportFormat.allCases.map(\.rawValue)))
    }
    var text = ""
    try call.session.export(call.arguments.operands[0], format) { line in
      text += line
      if text.utf8.count > 1 << 16 {
        call.output.write(text)
        text = ""
      }
    }
    call.output.write(text)
    return .done
  }
}
