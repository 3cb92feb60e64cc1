import Definitions
import Membership
import Models
import SQLite
import Values

/// What one destination is owed of one model. Reading it changes nothing.
public struct ModelOutbox {
  /// A part of it, up to a limit.
  struct Batch {
    var items: [Outbox.Item] = []
    /// Items of which something was refused before: each is sent alone.
    var suspects: [Outbox.Item] = []
    /// Behind which object or insert id the next batch begins; nil at the end.
    var end: String?

    var requestCount: Int { (items.isEmpty ? 0 : 1) + suspects.count }
    var valueCount: Int { (items + suspects).reduce(0) { $0 + $1.valueCount } }
  }

  let connection: Connection
  let destination: Datum
  let model: Int64
  let kind: ObjectKind
  private let key: String
  private let fingerprint: String
  private let format: RequestFormat
  private let limits: Outbox.Limits

  /// The models that are on, in the order in which they are sent: users, accounts, events.
  public static func all(
    _ connection: Connection, _ state: DestinationState, _ definition: DestinationDefinition,
    limits: Outbox.Limits = Outbox.Limits()
  ) throws -> [ModelOutbox] {
    let kinds: [String: ObjectKind] = ["user": .user, "account": .account, "event": .event]
    let rows = try connection.prepare(
      "SELECT id, key, object FROM models WHERE is_enabled ORDER BY key"
    ).all { (id: $0.int(0), key: $0.text(1), object: $0.text(2)) }
    return rows.compactMap { row in
      kinds[row.object].map { kind in
        ModelOutbox(
          connection: connection, destination: .init(state.id), model: row.id, kind: kind,
          key: row.key, fingerprint: definition.fingerprint ?? "",
          format: RequestFormat(definition), limits: limits)
      }
    }.sorted { $0.kind.rawValue < $1.kind.rawValue }
  }

  /// How many values and events a destination is owed of all models, and how many requests they take
  /// when each is accepted.
  public static func forecast(
    _ connection: Connection, _ state: DestinationState, _ definition: DestinationDefinition
  ) throws -> (values: Int, requests: Int) {
    var forecast = (values: 0, requests: 0)
    for outbox in try all(connection, state, definition) {
      var place: String? = ""
      while let start = place {
        let batch = try outbox.batch(after: start)
        forecast.values += batch.valueCount
        forecast.requests += batch.requestCount
        place = batch.end
      }
    }
    return forecast
  }

  /// How things stand with all models at a destination.
  public static func census(
    _ connection: Connection, _ state: DestinationState
  ) throws -> (owed: Int, inDoubt: Int, quarantined: Int) {
    func count(_ values: String, _ events: String) throws -> Int {
      try connection.prepare(
        """
        SELECT (SELECT count(*) FROM model_values AS v JOIN models AS m ON m.id = v.model
            WHERE v.destination = ?1 AND m.is_enabled AND \(values))
          + (SELECT count(*) FROM model_events AS v JOIN models AS m ON m.id = v.model
            WHERE v.destination = ?1 AND m.is_enabled AND \(events))
        """
      ).first(.init(state.id)) { Int($0.int(0)) } ?? 0
    }
    return (
      owed: try count("v.wanted IS NOT NULL", "v.item IS NOT NULL AND v.reason IS NULL"),
      inDoubt: try count("v.in_doubt", "v.in_doubt"),
      quarantined: try count("v.refused IS NOT NULL", "v.reason IS NOT NULL")
    )
  }

  /// Whom a destination is owed something about, of all models, and how many events.
  public static func recipients(
    _ connection: Connection, _ state: DestinationState, _ definition: DestinationDefinition
  ) throws -> (users: [String], accounts: [String], events: Int) {
    var recipients = (users: [String](), accounts: [String](), events: 0)
    for outbox in try all(connection, state, definition) {
      let identities = try connection.prepare(
        """
        SELECT DISTINCT identity FROM model_values
        WHERE destination = ? AND model = ? AND wanted IS NOT NULL
        """
      ).all(outbox.destination, .init(outbox.model)) { $0.text(0) }
      switch outbox.kind {
      case .user: recipients.users += identities
      case .account: recipients.accounts += identities
      case .event:
        recipients.events += try count(connection, outbox.destination, .init(outbox.model))
      }
    }
    return recipients
  }

  /// How much is owed of one model.
  static func count(_ connection: Connection, _ destination: Datum, _ model: Datum) throws -> Int {
    try connection.prepare(
      """
      SELECT (SELECT count(*) FROM model_values
          WHERE destination = ?1 AND model = ?2 AND wanted IS NOT NULL)
        + (SELECT count(*) FROM model_events
          WHERE destination = ?1 AND model = ?2 AND item IS NOT NULL AND reason IS NULL)
      """
    ).first(destination, model) { Int($0.int(0)) } ?? 0
  }

  /// The next batch behind an object or an insert id.
  func batch(after place: String) throws -> Batch {
    var batch = Batch()
    var room = RequestRoom(kind, format, limits)
    var last = place
    /// False when the item does not fit any more.
    func add(_ item: Outbox.Item, _ id: String) -> Bool {
      if item.properties.contains(where: \.wasRefused) {
        batch.suspects.append(item)
      } else {
        guard room.takes(item) else {
          batch.end = last
          return false
        }
        batch.items.append(item)
      }
      last = id
      guard batch.suspects.count < limits.items else {
        batch.end = last
        return false
      }
      return true
    }
    if kind == .event {
      try events(after: place, add)
    } else {
      try values(after: place, add)
    }
    return batch
  }

  private func values(
    after place: String, _ add: (Outbox.Item, String) -> Bool
  ) throws {
    let statement = try connection.prepareFresh(
      """
      SELECT identity, property, wanted, in_doubt, refused IS NOT NULL FROM model_values
      WHERE destination = ? AND model = ? AND wanted IS NOT NULL AND identity > ?
      ORDER BY identity, property
      """)
    try statement.bind([destination, .init(model), .init(place)])
    var item: Outbox.Item?
    while try statement.step() {
      let identity = statement.text(0)
      if let done = item, !done.identity.isExactly(identity) {
        guard add(done, done.identity) else { return }
        item = nil
      }
      var current =
        item ?? Outbox.Item(kind: kind, profile: 0, identity: identity, properties: [])
      guard let value = try? Value(json: statement.text(2)) else {
        throw SQLiteError.damaged("model_values")
      }
      current.properties.append(
        Outbox.Property(
          definition: model, key: statement.text(1), value: value,
          wasInDoubt: statement.int(3) != 0, wasRefused: statement.int(4) != 0))
      item = current
    }
    if let item { _ = add(item, item.identity) }
  }

  private func events(
    after place: String, _ add: (Outbox.Item, String) -> Bool
  ) throws {
    let statement = try connection.prepareFresh(
      """
      SELECT insert_id, item, in_doubt FROM model_events
      WHERE destination = ? AND model = ? AND item IS NOT NULL AND reason IS NULL AND insert_id > ?
      ORDER BY insert_id
      """)
    try statement.bind([destination, .init(model), .init(place)])
    while try statement.step() {
      let insertID = statement.text(0)
      let stored = try ModelEventItem(json: statement.text(1))
      var item = Outbox.Item(
        kind: .event, profile: 0, identity: stored.identity,
        properties: stored.properties.map {
          Outbox.Property(definition: model, key: $0.key, value: $0.value, wasInDoubt: false)
        })
      item.event = EventCall(
        insertID: insertID,
        idempotencyKey: EventCall.idempotencyKey(
          destination: fingerprint, model: key, insertID: insertID),
        name: stored.event, timestamp: stored.timestamp, wasInDoubt: statement.int(2) != 0)
      guard add(item, insertID) else { return }
    }
  }
}

extension Outbox.Item {
  /// What it counts for: its properties, or one for an event.
  var valueCount: Int { kind == .event ? 1 : properties.count }
}
