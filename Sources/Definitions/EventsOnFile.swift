import Values

/// What is known of the events on file that queries are held against.
///
/// It is looked up elsewhere: a definition knows nothing of where events are kept.
public struct EventsOnFile: Sendable {
  /// Calls that hold fields: the events of one name, and what sets the traits of users or accounts.
  public enum Calls: Sendable, Hashable {
    case events(of: ExactString)
    case identify
    case group
  }

  /// When the first and the last event happened.
  public struct Span: Sendable {
    public let first: Instant
    public let last: Instant
    /// Whether every event was looked at.
    public let isWhole: Bool

    public init(first: Instant, last: Instant, isWhole: Bool) {
      (self.first, self.last, self.isWhole) = (first, last, isWhole)
    }

    var length: Duration { last - first }
  }

  /// What queries ask about, and so all that need be looked up.
  public struct Wanted: Sendable {
    /// The names of events.
    public internal(set) var events: Set<ExactString> = []
    /// The calls whose fields are read.
    public internal(set) var calls: Set<Calls> = []
    /// Whether the span is asked for.
    public internal(set) var span = false

    public var isEmpty: Bool { events.isEmpty && calls.isEmpty && !span }
  }

  /// The names of events that there are: all of those that are wanted, and others.
  public var eventNames: Set<ExactString> = []
  /// What calls hold; nothing is said of fields whose calls are not here.
  public var samples: [Calls: CallSample] = [:]
  /// Nil when it is not known.
  public var span: Span?

  public init() {}
}

/// The fields that some calls of one kind hold.
public struct CallSample: Sendable {
  /// How many calls were looked at.
  public private(set) var count = 0
  /// Whether these are all that there are.
  public var isWhole = false
  private(set) var fields = FieldNames()
  private(set) var context = FieldNames()

  public init() {}

  /// Takes note of a call's fields.
  ///
  /// - Parameter fields: the properties of an event, the traits of an identify or a group call.
  public mutating func add(_ fields: Value, context: Value) {
    count += 1
    self.fields.add(fields)
    self.context.add(context)
  }
}
