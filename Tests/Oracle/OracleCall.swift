/// One call of the Segment spec, as it arrives.
public struct OracleCall: Sendable {
  /// The kinds of call.
  public enum Kind: String, CaseIterable, Sendable {
    case track, identify, page, screen, group, alias
  }

  public var kind: Kind
  public var messageId: String
  /// UTC milliseconds.
  public var timestamp: Int64
  public var userId: String?
  public var anonymousId: String?
  public var groupId: String?
  public var previousId: String?
  /// The event of a `track` call.
  public var event: String?
  /// The name of a `page` or `screen` call.
  public var name: String?
  public var properties: OracleValue
  public var traits: OracleValue
  public var context: OracleValue
  public var writeKey: String?

  /// A call; what is left out is not in its line either.
  public init(
    _ kind: Kind, id messageId: String, at timestamp: Int64, user userId: String? = nil,
    anonymous anonymousId: String? = nil, group groupId: String? = nil,
    previous previousId: String? = nil, event: String? = nil, name: String? = nil,
    properties: OracleValue = .absent, traits: OracleValue = .absent,
    context: OracleValue = .absent, writeKey: String? = nil
  ) {
    self.kind = kind
    self.messageId = messageId
    self.timestamp = timestamp
    self.userId = userId
    self.anonymousId = anonymousId
    self.groupId = groupId
    self.previousId = previousId
    self.event = event
    self.name = name
    self.properties = properties
    self.traits = traits
    self.context = context
    self.writeKey = writeKey
  }

  /// The name of the event that the call is, if it is one.
  var eventName: String? {
    switch kind {
    case .track: event
    case .page: "Page Viewed"
    case .screen: "Screen Viewed"
    case .identify, .group, .alias: nil
    }
  }

  /// The properties of the event: a page's or screen's name is one of them, and wins.
  var eventProperties: OracleValue {
    guard let name else { return properties }
    switch kind {
    case .page: return properties.setting("page_name", to: .string(name))
    case .screen: return properties.setting("screen_name", to: .string(name))
    default: return properties
    }
  }
}
