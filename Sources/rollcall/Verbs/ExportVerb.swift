import Definitions
import Operations

extension Verb {
  static let export = Verb(
    "export", "the snapshot of a definition, a line for each member or value, sorted by id",
    operands: "KEY", count: 1...1,
    flags: [
      Flag("--format", "FORMAT", "ndjson or csv (ndjson)"),
      Flag(
        "--at", "INSTANT",
        "who is in at that instant, with the events of today: everybody is evaluated, and it is not "
          + "the snapshot"),
    ]
  ) { call in
    let name = call.arguments["--format"] ?? "ndjson"
    guard let format = Session.ExportFormat(rawValue: name) else {
      throw OperationError(
        .usage, "'--format' is ndjson or csv",
        help: Suggestion.help(for: name, in: Session.ExportFormat.allCases.map(\.rawValue)))
    }
    var text = ""
    func write(_ line: String) {
      text += line
      if text.utf8.count > 1 << 16 {
        call.output.write(text)
        text = ""
      }
    }
    let key = call.arguments.operands[0]
    if call.arguments.has("--at") {
      try call.session.exportAtInstant(key, format, write: write)
    } else {
      try call.session.export(key, format, write: write)
    }
    call.output.write(text)
    return .done
  }
}
