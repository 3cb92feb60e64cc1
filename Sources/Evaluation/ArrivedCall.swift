/// What is known of a call beside its JSON, of which a history is packed.
public struct ArrivedCall: BitwiseCopyable, Sendable {
  public enum Kind: UInt8, BitwiseCopyable, Sendable {
    case track, page, screen, identify, group, alias

    /// The key of what a call says.
    var contentKey: StaticString? {
      switch self {
      case .track, .page, .screen: "properties"
      case .identify, .group: "traits"
      case .alias: nil
      }
    }

    /// The property that a call's `name` becomes.
    public var nameProperty: String? {
      switch self {
      case .page: "page_name"
      case .screen: "screen_name"
      case .track, .identify, .group, .alias: nil
      }
    }

    /// Whether it is an event with a name.
    public var isEvent: Bool { record == .event }

    /// What a record is about.
    var record: History.RecordKind {
      switch self {
      case .track, .page, .screen: .event
      case .identify: .identify
      case .group: .group
      case .alias: .alias
      }
    }
  }

  public let kind: Kind
  /// The number of the event's name; 0 for a call that is no event.
  public let event: Int32
  /// Milliseconds.
  public let time: Int64
  /// The order of arrival.
  public let row: Int64
  /// Whether the call has no user id.
  public let isAnonymous: Bool

  public init(kind: Kind, event: Int32, time: Int64, row: Int64, isAnonymous: Bool) {
    self.kind = kind
    self.event = event
    self.time = time
    self.row = row
    self.isAnonymous = isAnonymous
  }
}

/// In whose histories a call stands.
public struct CallOwners: BitwiseCopyable, Sendable {
  /// The user, or the anonymous id of a call without one.
  public var person: Int64?
  /// The account of a group call.
  public var account: Int64?

  public init(person: Int64? = nil, account: Int64? = nil) {
    self.person = person
    self.account = account
  }

  /// Those of them in a range.
  public func filter(_ range: ClosedRange<Int64>) -> CallOwners {
    CallOwners(
      person: person.flatMap { range.contains($0) ? $0 : nil },
      account: account.flatMap { range.contains($0) ? $0 : nil })
  }

  public var isEmpty: Bool { person == nil && account == nil }
}
