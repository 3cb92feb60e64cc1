/// How a roll call chooses whom to evaluate, and why.
public enum Method: Sendable, Equatable {
  /// Those with new events, or whose next change has come.
  case tick
  /// Everybody, for all definitions, because of something.
  case scan(Reason)
  /// As a tick, and everybody else for some definitions: those that are new or ask something else
  /// now, and those that mention them.
  case partialScan(definitions: [String])

  public enum Reason: String, Sendable {
    case asked = "--full"
    case first = "first run"
    case accounts = "a definition that concerns accounts is new or changed"
    case cheaper = "cheaper: many users have new events or are due"
  }

  var takesEverybody: Bool { self != .tick }

  /// Whether everybody is evaluated for all definitions.
  var isWhole: Bool { if case .scan = self { true } else { false } }
}
