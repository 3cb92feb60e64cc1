import Operations
import Values

extension Verb {
  static let approve = Verb(
    "approve", "lets what the guard holds of a definition go out, up to the number that was shown",
    operands: "KEY", count: 1...1,
    flags: [Flag("--destination", "NAME", "at this destination alone (all)")]
  ) { call in
    let approvals = try call.session.approve(
      call.arguments.operands[0], destination: call.arguments["--destination"])
    if call.isJSON {
      call.output.document([
        .init(
          "approved",
          .array(
            approvals.map { approval in
              .object([
                .init("destination", .string(approval.destination)),
                .init("key", .string(approval.key)),
                .init("reason", .string(approval.reason.rawValue)),
                .init("changes", .init(count: approval.changes)),
              ])
            }))
      ])
    } else {
      for approval in approvals {
        call.output.line(
          "\(approval.destination): \(counted(approval.changes, "change")) of '\(approval.key)' "
            + "may go out with the next run or send")
      }
    }
    return .done
  }
}
