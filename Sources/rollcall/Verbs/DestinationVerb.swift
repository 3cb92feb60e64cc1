import Definitions
import Delivery
import Operations
import Values

extension Verb {
  static let destination = Verb(
    "destination", "'destination forget NAME': forgets what a destination without a file was told",
    operands: "forget NAME", count: 2...2, flags: [Confirmation.flag]
  ) { call in
    let (action, name) = (call.arguments.operands[0], call.arguments.operands[1])
    guard action == "forget" else {
      throw OperationError(
        .usage, "'destination' cannot '\(action)'",
        help: Suggestion.help(for: action, in: ["forget"])
          ?? "write 'rollcall destination forget NAME'")
    }
    let plan = try call.session.planForgetDestination(name)
    if !call.isJSON {
      call.output.line(
        "'\(name)' has no file; it was told \(told(plan.extent)), and "
          + "\(grouped(plan.extent.pending)) are pending")
    }
    guard try Confirmation(call).isGiven(for: "forget that?") else {
      call.output.note("nothing was done")
      return .done
    }
    let forgotten = try call.session.forgetDestination(name)
    if call.isJSON {
      let extent = forgotten.extent
      call.output.document([
        .init("forgotten", .string(name)), .init("users", .init(count: extent.users)),
        .init("accounts", .init(count: extent.accounts)),
        .init("events", .init(count: extent.events)),
        .init("values", .init(count: extent.values)),
        .init("pending", .init(count: extent.pending)),
        .init("quarantined", .init(count: extent.quarantined)),
      ])
    } else {
      call.output.line("forgotten: should it come back, it is sent everything")
    }
    return .done
  }

  /// `13 values of 5 users and 1 account, 2 events`.
  private static func told(_ extent: DestinationExtent) -> String {
    var text = "\(counted(extent.values, "value")) of \(counted(extent.users, "user"))"
    if extent.accounts > 0 { text += " and \(counted(extent.accounts, "account"))" }
    if extent.events > 0 { text += ", \(counted(extent.events, "event"))" }
    return text
  }
}
