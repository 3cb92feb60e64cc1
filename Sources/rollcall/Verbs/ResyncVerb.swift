import Delivery
import Operations
import Values

extension Verb {
  static let resync = Verb(
    "resync", "tells a destination everything again, or one definition or model",
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
        .init("users", .init(count: done.users)), .init("accounts", .init(count: done.accounts)),
        .init("events", .init(count: done.events)), .init("values", .init(count: done.values)),
        .init("requests", .init(count: done.requests)), .init("held", .init(count: done.held)),
        .init("delivery", .array(report.map(\.document))),
      ])
    } else {
      for destination in report {
        call.output.line(destination.line)
        HoldText(destination.holds, call.output).write()
      }
    }
    return report.contains(where: \.isUndelivered) ? .undelivered : .done
  }

  private static func write(_ plan: ResyncReport, _ output: Output) {
    let what = plan.key.map { "'\($0)'" } ?? "everything"
    var objects = [counted(plan.users, "user")]
    if plan.accounts > 0 { objects.append(counted(plan.accounts, "account")) }
    if plan.events > 0 { objects.append(counted(plan.events, "event")) }
    output.line(
      "\(what) to '\(plan.destination)' again, with what is pending: "
        + "\(objects.joined(separator: ", ")), "
        + "\(counted(plan.values, "value")), \(counted(plan.requests, "request"))"
        + (plan.held > 0 ? "; \(counted(plan.held, "change")) held" : ""))
  }
}
