import Definitions
import EventStore
import Values

/// One part of an explained query: a condition, or a value.
public struct ExplainedPart: Sendable {
  /// A user or an account, by its id.
  public enum Whose: Sendable, Equatable {
    case user(String)
    case account(String)
  }

  /// Whose the part and its children are, where that is another than around it.
  public let whose: Whose?
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
    /// The call that gave the custom trait, or took it away: an identify call, or a group call of an
    /// account.
    case customTrait(ExplainedCall?)
    /// Another definition, by its key. When it is explained here, its query is the first child.
    case definition(key: String, isExplained: Bool)
    /// A definition about accounts, by its key, asked of the user's accounts. When it is explained
    /// here, its query stands first among the children, once for each of the accounts shown.
    case accountDefinition(key: String, isExplained: Bool, Crowd)
    /// ANY and ALL: the children are the condition inside, for each of the users shown.
    case users(Crowd)

    /// Those of whom the first children are.
    public var crowd: Crowd? {
      switch self {
      case .users(let crowd), .accountDefinition(_, _, let crowd): crowd
      default: nil
      }
    }
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
    public let calls: [ExplainedCall]

    public static let limit = 1000
  }

  /// The users of an account, or the accounts of a user, that a part asks.
  public struct Crowd: Sendable {
    public let count: Int
    /// For how many the condition holds; how many have a value.
    public let holding: Int
    /// How many are not shown: those that decide are shown first.
    public let more: Int
  }
}

/// A call that an explanation names.
public struct ExplainedCall: Sendable {
  public let time: Instant
  /// The event's name; the type for calls that are no events.
  public let name: String
  /// The properties of an event, the traits of an identify or a group call.
  public let properties: Value
  public let origin: Origin

  public enum Origin: Sendable {
    /// A row in `events`, and the message id when it came with one.
    case store(row: Int64, messageID: String?)
    /// The words of an example.
    case example(words: String)
  }

  public var messageID: String? {
    if case .store(_, let messageID) = origin { return messageID }
    return nil
  }
}

extension ExplainedCall {
  init(_ call: StoredCall) {
    time = call.time
    name = call.name
    properties = call.properties
    origin = .store(row: call.row, messageID: call.messageID)
  }
}
