import Membership
import SQLite
import Values

/// The account of the entries and exits that a destination was told.
struct AudienceEventLedger: RequestLedger {
  private let connection: Connection
  private let destination: Datum
  private let at: Instant

  init(_ outbox: AudienceEventOutbox, at: Instant) {
    connection = outbox.connection
    destination = .init(outbox.destination)
    self.at = at
  }

  private static let key = "destination = ? AND profile = ? AND definition = ? AND instant = ?"

  /// Runs a statement whose last values are the key of an event.
  private func run(_ statement: Statement, _ item: Outbox.Item, _ values: [Datum] = []) throws {
    let (definition, instant) = try place(item)
    try statement.bind(
      values + [destination, .init(item.profile), .init(definition), .init(instant)])
    defer { statement.reset() }
    while try statement.step() {}
  }

  private func place(_ item: Outbox.Item) throws -> (definition: Int64, instant: Int64) {
    guard let definition = item.properties.first?.definition,
      let instant = item.event?.timestamp?.milliseconds
    else { throw SQLiteError.damaged("audience_events") }
    return (definition, instant)
  }

  func stillOwed(_ items: ArraySlice<Outbox.Item>) throws -> ArraySlice<Outbox.Item> {
    let owed = try connection.prepare(
      "SELECT is_entry FROM audience_events WHERE state = 'owed' AND \(Self.key)")
    return try items.filter { item in
      let (definition, instant) = try place(item)
      let isEntry = try owed.first(
        destination, .init(item.profile), .init(definition), .init(instant)
      ) { $0.int(0) != 0 }
      return isEntry.map { AudienceEventOutbox.name(isEntry: $0) == item.event?.name } ?? false
    }[...]
  }

  func markInDoubt(_ items: ArraySlice<Outbox.Item>) throws {
    let mark = try connection.prepare(
      "UPDATE audience_events SET in_doubt = 1, item = ? WHERE \(Self.key)")
    for item in items {
      let content = ModelEventItem(
        identity: item.identity, event: item.event?.name ?? "", timestamp: item.event?.timestamp,
        properties: item.properties.map { Value.Member($0.key, $0.value) })
      try run(mark, item, [.init(content.json)])
    }
  }

  func acknowledge(_ items: ArraySlice<Outbox.Item>) throws {
    let tell = try connection.prepare(
      """
      UPDATE audience_events SET state = 'told', in_doubt = 0, item = NULL, status = NULL,
        body = NULL, reason = NULL, at = NULL
      WHERE \(Self.key)
      """)
    for item in items { try run(tell, item) }
  }

  func dispelDoubt(_ items: ArraySlice<Outbox.Item>) throws {
    let dispel = try connection.prepare(
      "UPDATE audience_events SET in_doubt = 0, item = NULL WHERE \(Self.key)")
    for item in items where item.event?.wasInDoubt == false { try run(dispel, item) }
  }

  func quarantine(_ item: Outbox.Item, status: Int, body: String) throws {
    let refuse = try connection.prepare(
      """
      UPDATE audience_events SET state = 'refused', status = ?, body = ?, reason = 'refused', at = ?
      WHERE \(Self.key)
      """)
    try run(refuse, item, [.init(status), .init(body), .init(at.milliseconds)])
  }

  /// Puts events aside that cannot be sent at all.
  func putAside(_ items: [(item: Outbox.Item, reason: String)]) throws {
    let refuse = try connection.prepare(
      "UPDATE audience_events SET state = 'refused', reason = ?, at = ? WHERE \(Self.key)")
    for (item, reason) in items {
      try run(refuse, item, [.init(reason), .init(at.milliseconds)])
    }
  }

  /// Makes what was refused pending again, but not what cannot be sent at all.
  func reopenQuarantine() throws {
    try connection.run(
      """
      UPDATE audience_events SET state = 'owed', status = NULL, body = NULL, reason = NULL, at = NULL
      WHERE destination = ? AND state = 'refused' AND status IS NOT NULL
      """, destination)
  }
}
