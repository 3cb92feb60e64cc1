import Membership
import Values

/// What waits for somebody's approval, and how to give it.
struct HoldText {
  private let holds: [GuardLedger.Hold]
  private let output: Output

  init(_ holds: [GuardLedger.Hold], _ output: Output) {
    self.holds = holds
    self.output = output
  }

  func write() {
    for hold in holds { output.line("  " + output.red("held: ") + hold.words) }
    guard let first = holds.first else { return }
    output.line(output.dim("  'rollcall approve \(first.key)' lets it go, up to this number"))
  }
}

extension GuardLedger.Hold {
  /// `vips: 350 changes of 1,000 members: past its guard`.
  var words: String {
    "\(key): \(counted(changes, "change")) of \(counted(members, "member")): " + cause
  }

  private var cause: String {
    switch reason {
    case .swing: "past its guard"
    case .removed: "its file is gone"
    case .encodingChanged: "another encoding, sent as before until then"
    case .keyChanged: "its key \(isRemoved ? "is now" : "was") '\(counterpart ?? "another")'"
    }
  }
}

extension [GuardLedger.Hold] {
  /// The shape that `--json` promises.
  var document: Value {
    .array(
      map { hold in
        .object([
          .init("key", .string(hold.key)), .init("reason", .string(hold.reason.rawValue)),
          .init("changes", .init(count: hold.changes)),
          .init("members", .init(count: hold.members)),
          .init("counterpart", .init(hold.counterpart)),
        ])
      })
  }
}
