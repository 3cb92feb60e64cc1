import Definitions
import Membership
import Values

/// What a backfill takes besides the session.
public struct BackfillOptions: Sendable {
  /// The first instant, and the first one behind the range.
  public var from: Instant
  public var to: Instant
  /// Which definitions; all that are enabled when empty.
  public var keys: [String] = []
  /// Computes everybody, also where nothing can have changed since the last time.
  public var isFull = false
  /// How many threads compute; nil for as many as suit.
  public var threads: Int?

  public init(from: Instant, to: Instant) {
    self.from = from
    self.to = to
  }
}

/// What a backfill did.
public struct BackfillReport: Sendable {
  /// Who was computed.
  public enum Method: String, Sendable {
    case everybody
    /// Those of whom something was new since the same range was computed before.
    case changed
  }

  public struct Part: Sendable {
    public let key: String
    public let kind: Definition.Kind
  }

  public let from: Instant
  public let to: Instant
  public let parts: [Part]
  public let method: Method
  /// Whether an unfinished call was taken up.
  public let isResumed: Bool
  /// How many profiles were computed, and how many spells the definitions have in the range.
  public let profiles: Int
  public let spells: Int
  /// How the past changed where it was known before.
  public let changes: SpellChanges
  public let took: Duration
}
