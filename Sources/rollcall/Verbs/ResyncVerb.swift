import Delivery
import Operations
import Values

extension Verb {
  static let resync = Verb(
    "resync", "tells a destination everything again, or one definition",
    operands: "DESTINATION [KEY]", count: 1...2,
    flags: [
      Confirmation.flag,
      Flag("--attempts", "N", "how often an unanswered request is sent, at most (5)"),
    ]
  ) { call in
    let name = call.arguments.operands[0]
    let key = call.arguments.operands.dropFirst().first
    let policy = try RetryPolicy(call.arguments)
    let plan = try call.session.planResync(name, key)
    if !call.isJSON { write(plan, call.output) }
    guard try Confirmation(call).isGiven(for: "send it again?") else {
      call.output.note("nothing was done")
      return .done
    }
    let done = try call.session.resync(name, key)
    let report = try call.session.send(ignoresCadence: true, to: name, policy: policy)
    if call.isJSON {
      call.output.document([
        .init("destination", .string(done.destination)), .init("key", .init(done.key)),
        .init("users", .init(count: done.users)), .init("values", .init(count: done.values)),
        .init("requests", .init(count: done.requests)), .init("held", .init(count: done.held)),
        .init("delivery", .array(report.map(\.document))),
      ])
    } else {
      for destination in report {
        call.output.line(destination.line)
        HoldText(destination.holds, call.output).write()
      }
    }
    return report.contains { $0.failure != nil || $0.quarantined > 0 || $0.held > 0 }
      ? .undelivered : .done
  }

  private static func write(_ plan: ResyncReport, _ output: Output) {
    let what = plan.key.map { "'\($0)'" } ?? "everything"
    output.line(
      "\(what) to '\(plan.destination)' again, with what is pending: \(counted(plan.users, "user")), "
        + "\(counted(plan.values, "value")), \(counted(plan.requests, "request"))"
        + (plan.held > 0 ? "; \(counted(plan.held, "change")) held" : ""))
  }
}
