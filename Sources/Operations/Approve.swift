import Definitions
import Membership
import SQLite

/// What was approved at one destination.
public struct Approval: Sendable {
  public let destination: String
  public let key: String
  public let reason: HoldReason
  /// How many changes may go out: as many as were shown.
  public let changes: Int
}

extension Session {
  /// Lets what is held of a definition go out with the next run or send, up to the number that the last
  /// one showed. Both sides of a changed key are approved together.
  ///
  /// - Parameters:
  ///   - key: a definition's, of the folder or removed.
  ///   - destination: at this one alone; nil for all.
  /// - Throws: `OperationError` of kind `.usage` when nothing of it is held there.
  public func approve(_ key: String, destination: String? = nil) throws -> [Approval] {
    try onStore {
      let connection = try open().connection
      return try connection.transaction("approve") {
        let places = try DestinationState.all(connection)
        if let destination, !places.contains(where: { $0.name == destination }) {
          throw OperationError(
            .usage, "the store knows no destination '\(destination)'",
            help: Suggestion.help(for: destination, in: places.map(\.name)))
        }
        var approvals: [Approval] = []
        var others: Set<String> = []
        for place in places where destination == nil || place.name == destination {
          let ledger = GuardLedger(connection, destination: place.id)
          for hold in try ledger.holds() {
            guard hold.key == key || hold.counterpart == key else {
              others.insert(hold.key)
              continue
            }
            try ledger.approve(hold)
            approvals.append(
              Approval(
                destination: place.name, key: hold.key, reason: hold.reason, changes: hold.changes))
          }
        }
        guard approvals.isEmpty else { return approvals }
        let held = others.sorted()
        throw OperationError(
          .usage, "nothing of '\(key)' is held",
          help: Suggestion.help(for: key, in: held)
            ?? (held.isEmpty
              ? "nothing at all is held" : "what is held: \(held.joined(separator: ", "))"))
      }
    }
  }
}
