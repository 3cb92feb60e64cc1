import Operations
import Values

extension Verb {
  static let verify = Verb(
    "verify", "recomputes everything and compares it with the snapshot; exits 1 when one differs"
  ) { call in
    let report = try call.session.verify()
    let id = call.arguments.has("--show-values") ? report.differentID : nil
    if call.isJSON {
      call.output.document([
        .init("at", .init(report.at)), .init("profiles", .init(count: report.profiles)),
        .init("values", .init(count: report.values)),
        .init("difference", .init(report.difference)), .init("id", .init(id)),
      ])
    } else if let difference = report.difference {
      call.output.line(call.output.red("different: ") + difference + (id.map { ": \($0)" } ?? ""))
      call.output.line("  put it right with 'rollcall rebuild', then 'rollcall run --full'")
    } else {
      call.output.line(
        call.output.green("good") + ": \(counted(report.values, "value")) of "
          + "\(counted(report.profiles, "user")) are as evaluated anew at \(report.at)")
    }
    return report.difference == nil ? .done : .wrong
  }
}
