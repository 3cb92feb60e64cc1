import Definitions
import Evaluation
import EventStore
import Values

/// Why a definition has its value for one profile or account, and when that changes.
public struct ExplainReport: Sendable {
  /// What the last run's snapshot holds.
  public struct Snapshot: Sendable {
    /// The instant of the last run.
    public let at: Instant
    /// False for no member, absent for no value.
    public let value: Value
    /// Since when it holds that; nil when it never held anything else.
    public let since: Instant?
    /// Whether the value is the explained one.
    public let agrees: Bool
    /// Whether the definition asks for something else since.
    public let isEdited: Bool
  }

  public let definition: Definition
  /// The id that was asked for.
  public let askedID: String
  /// The profile that it is, or became a part of; or the account.
  public let identity: KnownIdentity
  public let at: Instant
  /// False or absent for one that is not there yet.
  public let value: Value
  public let nextChange: NextChange
  /// Nil before the first run, and when the snapshot does not know the definition.
  public let snapshot: Snapshot?
  /// Nil for one that is not there yet.
  public let tree: ExplainedPart?

  /// Whether the definition's value is made of properties or traits.
  public var isPersonal: Bool { definition.isPersonal }
}

extension Definition {
  /// Whether the value is made of properties or traits. Memberships and counts are not.
  var isPersonal: Bool { kind == .trait && !isCount }
}
