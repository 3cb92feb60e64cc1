import Membership
import SQLite
import Values

/// The account of what a destination was told of one model.
struct ModelLedger: RequestLedger {
  private let connection: Connection
  private let destination: Datum
  private let model: Datum
  private let at: Instant

  init(_ outbox: ModelOutbox, at: Instant) {
    connection = outbox.connection
    destination = outbox.destination
    model = .init(outbox.model)
    self.at = at
  }

  private static let valueKey = "destination = ? AND model = ? AND identity = ? AND property = ?"
  private static let eventKey = "destination = ? AND model = ? AND insert_id = ?"

  func markInDoubt(_ items: ArraySlice<Outbox.Item>) throws {
    let values = try connection.prepare(
      "UPDATE model_values SET in_doubt = 1 WHERE \(Self.valueKey)")
    let events = try connection.prepare(
      "UPDATE model_events SET in_doubt = 1 WHERE \(Self.eventKey)")
    for item in items {
      if let event = item.event {
        try events.run(destination, model, .init(event.insertID))
        continue
      }
      for property in item.properties {
        try values.run(destination, model, .init(item.identity), .init(property.key))
      }
    }
  }

  /// Stores the values that the request held. What a run asked for meanwhile stays to be sent.
  func acknowledge(_ items: ArraySlice<Outbox.Item>) throws {
    let values = try connection.prepare(
      """
      UPDATE model_values SET told = ?5, in_doubt = 0, wanted = nullif(wanted, ?5), refused = NULL,
        status = NULL, body = NULL, reason = NULL, at = NULL
      WHERE destination = ?1 AND model = ?2 AND identity = ?3 AND property = ?4
      """)
    let events = try connection.prepare(
      """
      UPDATE model_events SET item = NULL, in_doubt = 0, status = NULL, body = NULL, reason = NULL,
        at = NULL WHERE \(Self.eventKey)
      """)
    for item in items {
      if let event = item.event {
        try events.run(destination, model, .init(event.insertID))
        continue
      }
      for property in item.properties {
        try values.run(
          destination, model, .init(item.identity), .init(property.key),
          .init(property.value.json))
      }
    }
  }

  func dispelDoubt(_ items: ArraySlice<Outbox.Item>) throws {
    let values = try connection.prepare(
      "UPDATE model_values SET in_doubt = 0 WHERE \(Self.valueKey)")
    let events = try connection.prepare(
      "UPDATE model_events SET in_doubt = 0 WHERE \(Self.eventKey)")
    for item in items {
      if let event = item.event {
        if !event.wasInDoubt { try events.run(destination, model, .init(event.insertID)) }
        continue
      }
      for property in item.properties where !property.wasInDoubt {
        try values.run(destination, model, .init(item.identity), .init(property.key))
      }
    }
  }

  func quarantine(_ item: Outbox.Item, status: Int, body: String) throws {
    if let event = item.event {
      try connection.run(
        """
        UPDATE model_events SET status = ?, body = ?, reason = 'refused', at = ?
        WHERE \(Self.eventKey)
        """, .init(status), .init(body), .init(at.milliseconds), destination, model,
        .init(event.insertID))
      return
    }
    for property in item.properties {
      try connection.run(
        """
        UPDATE model_values SET refused = ?5, wanted = nullif(wanted, ?5), status = ?6, body = ?7,
          reason = 'refused', at = ?8
        WHERE destination = ?1 AND model = ?2 AND identity = ?3 AND property = ?4
        """, destination, model, .init(item.identity), .init(property.key),
        .init(property.value.json), .init(status), .init(body), .init(at.milliseconds))
    }
  }

  /// Makes what was refused pending again, but not what cannot be sent at all.
  func reopenQuarantine() throws {
    try connection.run(
      """
      UPDATE model_values SET wanted = refused
      WHERE destination = ? AND model = ? AND refused IS NOT NULL AND status IS NOT NULL
        AND wanted IS NULL
      """, destination, model)
    try connection.run(
      """
      UPDATE model_events SET reason = NULL
      WHERE destination = ? AND model = ? AND reason IS NOT NULL AND status IS NOT NULL
      """, destination, model)
  }
}
