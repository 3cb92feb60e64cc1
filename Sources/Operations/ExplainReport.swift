import Definitions
import Evaluation
import EventStore
import Values

/// Why a definition has its value for one profile, and when that changes.
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
  /// The profile that it is, or became a part of.
  public let identity: KnownIdentity
  public let at: Instant
  /// False or absent for a profile that is not there yet.
  public let value: Value
  public let nextChange: NextChange
  /// Nil before the first run, and when the snapshot does not know the definition.
  public let snapshot: Snapshot?
  /// Nil for a profile that is not there yet.
  public let tree: ExplainedPart?

  /// Whether the definition's value is made of properties or traits.
  public var isPersonal: Bool { definition.isPersonal }
}

/// One part of an explained query: a condition, or a value.
public struct ExplainedPart: Sendable {
  /// The definition that the part belongs to, and its place in the file.
  let definition: Definition
  let range: SourceRange
  public let isCondition: Bool
  public let value: Value
  /// Whether the value is made of properties or traits: it is not shown unasked.
  public let isPersonal: Bool
  /// The instant up to which the value surely holds; nil when for ever.
  public let until: Instant?
  public let comparison: Comparison?
  public let source: Source
  public let children: [ExplainedPart]

  /// The part as it is written, on one line.
  public var text: String { definition.source.oneLine(range) }

  /// A value that was found against what was asked for.
  public struct Comparison: Sendable {
    public let found: Value
    public let isPersonal: Bool
    /// `>=`, or the name of a function.
    public let comparator: String
    public let asked: Asked
  }

  /// What a comparator asks for.
  public enum Asked: Sendable {
    /// `exists` and `absent` ask for nothing more.
    case nothing
    case value(Value, isPersonal: Bool)
    case list([Value])
    /// A date from and up to these instants; nil is an open end.
    case date(from: Instant?, to: Instant?)
  }

  public enum Source: Sendable {
    case parts
    case events(Events)
    /// The identify call that gave the custom trait, or took it away.
    case customTrait(StoredCall?)
    /// Another definition, by its key. When it is explained here, its query is the first child.
    case definition(key: String, isExplained: Bool)
  }

  public struct Events: Sendable {
    /// The window's two instants; nil is an open beginning.
    public let from: Instant?
    public let to: Instant
    /// How many events the stream keeps.
    public let kept: Int
    /// How many of its name there are up to now.
    public let named: Int
    /// The latest of the kept events, the latest first, up to `limit`. Under `first` the earliest
    /// come first.
    public let calls: [StoredCall]

    public static let limit = 1000
  }
}

extension Definition {
  /// Whether the value is made of properties or traits. Memberships and counts are not.
  var isPersonal: Bool { kind == .trait && !isCount }
}
