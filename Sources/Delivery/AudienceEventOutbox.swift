import Definitions
import Membership
import SQLite
import Values

/// The entries to audiences and the exits from them that one destination is owed, in the order of time.
/// Reading it changes nothing.
public struct AudienceEventOutbox {
  /// A part of it, up to a limit.
  struct Batch {
    var items: [Outbox.Item] = []
    /// What cannot be sent at all, each with its reason.
    var impossible: [(item: Outbox.Item, reason: String)] = []
    /// Behind which event the next batch begins; nil at the end.
    var end: Place?
  }

  /// A place among the events: behind one of them.
  struct Place {
    var instant: Int64
    var profile: Int64
    var definition: Int64

    static let start = Place(instant: .min, profile: 0, definition: 0)
  }

  /// How things stand with a destination's events.
  public struct Census: Sendable, Equatable {
    /// Events to be sent; of them, those that cannot go now: for want of an identity of the user's own, or
    /// because the definition is held or off.
    public internal(set) var owed = 0
    public internal(set) var waiting = 0
    public internal(set) var inDoubt = 0
    public internal(set) var quarantined = 0
    /// In how many entries and exits the past is another one than was told.
    public internal(set) var corrections = 0
  }

  let connection: Connection
  let destination: Int64
  private let definition: DestinationDefinition
  private let encoder: PropertyEncoder
  private let format: RequestFormat
  private let limits: Outbox.Limits
  /// The definition whose value users are known by; nil when they are by their id.
  private let trait: Int64?
  private let held: Set<Int64>

  public init(
    _ connection: Connection, _ state: DestinationState, _ definition: DestinationDefinition,
    limits: Outbox.Limits = Outbox.Limits()
  ) throws {
    self.connection = connection
    destination = state.id
    self.definition = definition
    encoder = PropertyEncoder(definition)
    format = RequestFormat(definition)
    self.limits = limits
    trait = try Outbox(connection, state, definition).trait
    held = try GuardLedger(connection, destination: state.id).heldDefinitions()
  }

  /// How many events are owed, whether they can go or not.
  public static func owed(
    _ connection: Connection, _ state: DestinationState, _ definition: DestinationDefinition
  ) throws -> Int {
    guard definition.events == .on else { return 0 }
    return try connection.prepare(
      "SELECT count(*) FROM audience_events WHERE destination = ? AND state = 'owed'"
    ).first(.init(state.id)) { Int($0.int(0)) } ?? 0
  }

  public func census() throws -> Census {
    var census = Census()
    try forEach(after: .start) { event in
      census.owed += 1
      if !event.canGo { census.waiting += 1 }
      if event.isInDoubt { census.inDoubt += 1 }
      return true
    }
    census.quarantined =
      try connection.prepare(
        "SELECT count(*) FROM audience_events WHERE destination = ? AND state = 'refused'"
      ).first(.init(destination)) { Int($0.int(0)) } ?? 0
    census.corrections = try TransitionLedger.corrections(connection, destination: destination)
    return census
  }

  /// How many events can be sent, and how many requests they take when each is accepted.
  public func forecast() throws -> (events: Int, requests: Int) {
    var forecast = (events: 0, requests: 0)
    var place: Place? = .start
    while let start = place {
      let batch = try batch(after: start)
      forecast.events += batch.items.count
      forecast.requests += batch.items.isEmpty ? 0 : 1
      place = batch.end
    }
    return forecast
  }

  /// The next batch behind an event.
  func batch(after place: Place) throws -> Batch {
    var batch = Batch()
    var room = RequestRoom(.event, format, limits)
    var last = place
    try forEach(after: place) { event in
      if event.canGo, let identity = event.identity {
        let item = try item(event, identity)
        if let problem = PropertyEncoder.problem(withIdentity: item.identity) {
          batch.impossible.append((item, problem))
        } else {
          guard room.takes(item) else {
            batch.end = last
            return false
          }
          batch.items.append(item)
        }
      }
      last = event.place
      return true
    }
    return batch
  }

  // MARK: Events

  /// A row with what is known of the user and the definition.
  private struct Event {
    let place: Place
    let isEntry: Bool
    let ordinal: Int64
    let isInDoubt: Bool
    let item: String?
    let key: String
    let userID: String
    let identity: String?
    let canGo: Bool
  }

  private func forEach(after place: Place, _ body: (Event) throws -> Bool) throws {
    let statement = try connection.prepareFresh(Self.query(byTrait: trait != nil))
    try statement.bind(
      [
        .init(destination), .init(place.instant), .init(place.profile), .init(place.definition),
      ] + (trait.map { [.init($0)] } ?? []))
    while try statement.step() {
      let definition = statement.int(2)
      let identity = statement.optionalText(9)
      let isInDoubt = statement.int(5) != 0
      let isShared = statement.int(10) != 0
      let event = Event(
        place: Place(
          instant: statement.int(0), profile: statement.int(1), definition: definition),
        isEntry: statement.int(3) != 0, ordinal: statement.int(4), isInDoubt: isInDoubt,
        item: statement.optionalText(6), key: statement.text(7), userID: statement.text(11),
        identity: identity,
        canGo: statement.int(8) != 0 && !held.contains(definition) && identity != nil && !isShared)
      guard try body(event) else { return }
    }
  }

  private static func query(byTrait: Bool) -> String {
    let isShared =
      byTrait
      ? """
      EXISTS (
          SELECT 1 FROM user_identities AS o
          WHERE o.definition = u.definition AND o.identity = u.identity AND o.profile <> e.profile)
      """ : "0"
    let identities =
      byTrait
      ? "LEFT JOIN user_identities AS u ON u.definition = ?5 AND u.profile = e.profile" : ""
    return """
      SELECT e.instant, e.profile, e.definition, e.is_entry, e.ordinal, e.in_doubt, e.item, d.key,
        d.is_enabled OR d.is_removed, \(byTrait ? "u.identity" : "i.external_id"), \(isShared),
        i.external_id
      FROM audience_events AS e
        CROSS JOIN definitions AS d ON d.id = e.definition
        CROSS JOIN identities AS i ON i.id = e.profile
        \(identities)
      WHERE e.destination = ?1 AND e.state = 'owed'
        AND (e.instant, e.profile, e.definition) > (?2, ?3, ?4)
      ORDER BY e.instant, e.profile, e.definition
      """
  }

  /// The call of an event. One that is in doubt is sent again as it was.
  private func item(_ event: Event, _ identity: String) throws -> Outbox.Item {
    let content = try event.item.map(ModelEventItem.init) ?? content(event, identity)
    var item = Outbox.Item(
      kind: .event, profile: event.place.profile, identity: content.identity,
      properties: content.properties.map {
        Outbox.Property(
          definition: event.place.definition, key: $0.key, value: $0.value,
          wasInDoubt: event.isInDoubt)
      })
    let insertID = [
      event.key, event.userID, String(event.ordinal), event.isEntry ? "entered" : "exited",
    ].joined(separator: "\0")
    item.event = EventCall(
      insertID: insertID,
      idempotencyKey: EventCall.idempotencyKey(
        destination: definition.fingerprint ?? "", model: Self.model, insertID: insertID),
      name: content.event, timestamp: content.timestamp, wasInDoubt: event.isInDoubt)
    return item
  }

  /// What stands for the model in the idempotency key; no model's key has a space.
  private static let model = "audience events"
  /// The property that names the audience. A boolean of the same name would take its place.
  private static let keyProperty = "audience_key"

  static func name(isEntry: Bool) -> String { isEntry ? "Audience Entered" : "Audience Exited" }

  private func content(_ event: Event, _ identity: String) -> ModelEventItem {
    var properties = [Value.Member(Self.keyProperty, .string(event.key))]
    if event.key != Self.keyProperty {
      properties += encoder.properties(of: .boolean(event.isEntry), key: event.key)
        .map { Value.Member($0.name, $0.value) }
    }
    properties.sort { $0.key.precedesByScalars($1.key) }
    return ModelEventItem(
      identity: identity, event: Self.name(isEntry: event.isEntry),
      timestamp: Instant(milliseconds: event.place.instant), properties: properties)
  }
}
