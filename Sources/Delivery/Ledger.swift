import Definitions
import Membership
import SQLite
import Values

/// The account of what a destination was told: in doubt before a request, acknowledged after an
/// accepted answer, put into quarantine when it was refused.
///
/// Each function runs inside a write transaction of its caller.
struct Ledger {
  let outbox: Outbox
  let at: Instant
  private let connection: Connection
  private let destination: Datum

  init(_ outbox: Outbox, at: Instant) {
    self.outbox = outbox
    self.at = at
    connection = outbox.connection
    destination = .init(outbox.destination)
  }

  /// Clears the rows that need no call, and puts aside what cannot be sent.
  ///
  /// - Returns: how many values were put aside.
  func settle(_ batch: Outbox.Batch) throws -> Int {
    for row in batch.settled {
      try clear(batch.kind, row.profile, row.definition)
      // What went back to what the destination has is refused no longer.
      if !row.isQuarantined { try release(batch.kind, row.identity, row.definition) }
    }
    for id in batch.finished {
      try connection.run("DELETE FROM former_identities WHERE id = ?", .init(id))
    }
    for item in batch.impossible {
      for property in item.properties {
        try quarantine(property, of: item, status: nil, body: nil, reason: property.problem ?? "")
      }
    }
    try clearSettled(batch.impossible[...])
    return batch.impossible.reduce(0) { $0 + $1.properties.count }
  }

  func markInDoubt(_ items: ArraySlice<Outbox.Item>) throws {
    let statement = try connection.prepare(
      """
      INSERT INTO acknowledged(
        destination, kind, identity, definition, property, value, in_doubt)
      VALUES (?, ?, ?, ?, ?, NULL, 1) ON CONFLICT DO UPDATE SET in_doubt = 1
      """)
    // What is under way again is no longer what was refused, but still sent alone.
    let reopen = try connection.prepare(
      """
      UPDATE quarantine SET value = ''
      WHERE destination = ? AND kind = ? AND identity = ? AND definition = ? AND property = ?
      """)
    for (item, property) in Self.properties(items) {
      let key: (Datum, Datum, Datum, Datum) = (
        .init(item.kind.rawValue), .init(item.identity), .init(property.definition),
        .init(property.key)
      )
      try statement.run(destination, key.0, key.1, key.2, key.3)
      if property.wasRefused { try reopen.run(destination, key.0, key.1, key.2, key.3) }
    }
    let encoding = Datum(Encoding(outbox.definition).text)
    for definition in Set(Self.properties(items).map(\.property.definition))
    where definition != ObjectKind.accountProperty {
      try connection.run(
        "INSERT OR IGNORE INTO encodings(destination, definition, encoding) VALUES (?, ?, ?)",
        destination, .init(definition), encoding)
    }
  }

  /// Stores the values that the request held, and clears the rows for which these are still the
  /// values to send: a run may have changed the snapshot meanwhile.
  func acknowledge(_ items: ArraySlice<Outbox.Item>) throws {
    let store = try connection.prepare(
      """
      UPDATE acknowledged SET value = ?, in_doubt = 0
      WHERE destination = ? AND kind = ? AND identity = ? AND definition = ? AND property = ?
      """)
    for (item, property) in Self.properties(items) {
      try store.run(
        .init(property.value.json), destination, .init(item.kind.rawValue), .init(item.identity),
        .init(property.definition), .init(property.key))
      try release(item.kind, item.identity, property.definition, property.key)
    }
    try clearSettled(items)
  }

  /// After a definite refusal nothing that only this request put in doubt is: what was acknowledged
  /// before still stands.
  func dispelDoubt(_ items: ArraySlice<Outbox.Item>) throws {
    let key = "destination = ? AND kind = ? AND identity = ? AND definition = ? AND property = ?"
    let forget = try connection.prepare("DELETE FROM acknowledged WHERE \(key) AND value IS NULL")
    let settle = try connection.prepare("UPDATE acknowledged SET in_doubt = 0 WHERE \(key)")
    for (item, property) in Self.properties(items) where !property.wasInDoubt {
      for statement in [forget, settle] {
        try statement.run(
          destination, .init(item.kind.rawValue), .init(item.identity), .init(property.definition),
          .init(property.key))
      }
    }
  }

  /// Puts the properties of an item aside, with the answer that refused them.
  func quarantine(_ item: Outbox.Item, status: Int, body: String) throws {
    for property in item.properties {
      try quarantine(property, of: item, status: status, body: body, reason: "refused")
    }
    try clearSettled([item])
  }

  /// Makes everything that is in quarantine pending, so that it is looked at again. From an identity that
  /// is somebody's again, nothing is taken back.
  func reopenQuarantine() throws {
    try connection.run(
      """
      INSERT OR IGNORE INTO pending(destination, kind, profile, definition)
      SELECT destination, kind, profile, definition FROM quarantine
      WHERE destination = ? AND profile <> 0
      """, destination)
    try connection.run(
      """
      INSERT OR IGNORE INTO former_identities(destination, identity)
      SELECT DISTINCT q.destination, q.identity FROM quarantine AS q
      WHERE q.destination = ? AND q.profile = 0 AND NOT EXISTS (
        SELECT 1 FROM destinations AS t
          JOIN user_identities AS u ON u.definition = t.identity_definition
        WHERE t.id = q.destination AND u.identity = q.identity)
      ORDER BY q.identity
      """, destination)
  }

  private static func properties(
    _ items: ArraySlice<Outbox.Item>
  ) -> some Sequence<(item: Outbox.Item, property: Outbox.Property)> {
    items.lazy.flatMap { item in item.properties.lazy.map { (item: item, property: $0) } }
  }

  private func quarantine(
    _ property: Outbox.Property, of item: Outbox.Item, status: Int?, body: String?, reason: String
  ) throws {
    try connection.run(
      """
      INSERT OR REPLACE INTO quarantine(
        destination, kind, identity, definition, property, profile, value, status, body, reason, at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """, destination, .init(item.kind.rawValue), .init(item.identity),
      .init(property.definition), .init(property.key), .init(item.profile),
      .init(property.value.json), .init(status.map(Int64.init)), .init(body), .init(reason),
      .init(at.milliseconds))
  }

  /// Clears the rows of these items that owe nothing any more.
  private func clearSettled(_ items: ArraySlice<Outbox.Item>) throws {
    let judge = try Outbox.Judge(outbox, includesHeld: true)
    for item in items where item.profile != 0 {
      for definition in Set(item.properties.map(\.definition))
      where try !outbox.isOwed(item.kind, item.profile, definition, judge) {
        try clear(item.kind, item.profile, definition)
      }
    }
  }

  private func release(
    _ kind: ObjectKind, _ identity: String, _ definition: Int64, _ property: String? = nil
  ) throws {
    try connection.run(
      """
      DELETE FROM quarantine
      WHERE destination = ? AND kind = ? AND identity = ? AND definition = ?
        AND property = coalesce(?, property)
      """, destination, .init(kind.rawValue), .init(identity), .init(definition), .init(property))
  }

  private func clear(_ kind: ObjectKind, _ profile: Int64, _ definition: Int64) throws {
    try connection.run(
      """
      DELETE FROM pending WHERE destination = ? AND kind = ? AND profile = ? AND definition = ?
      """, destination, .init(kind.rawValue), .init(profile), .init(definition))
  }
}
