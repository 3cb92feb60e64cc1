import Definitions
import Membership
import Models
import SQLite
import Values

/// Takes the rows of a model and notes what of them a destination is owed.
///
/// Users and accounts are owed the values that differ from those that were accepted; events are owed
/// once for each insert id. Runs inside a write transaction of its caller.
public struct ModelTaking {
  /// What came of it.
  public struct Outcome: Sendable, Equatable {
    /// Whether the destination did not know the model.
    public var isNew = false
    /// Values or events that are owed now.
    public var owed = 0
    /// Values or events that cannot be sent, and were put aside now.
    public var impossible = 0
    /// Texts among the rows that are cut to the limit.
    public var shortened = 0
  }

  private let connection: Connection
  private let destination: Datum
  private let encoder: PropertyEncoder
  private let at: Instant

  public init(
    _ connection: Connection, _ state: DestinationState, _ definition: DestinationDefinition,
    at: Instant
  ) {
    self.connection = connection
    destination = .init(state.id)
    encoder = PropertyEncoder(definition)
    self.at = at
  }

  /// Notes which models there are. What is owed of others waits, and is not sent.
  public static func register(_ models: [ModelDefinition], _ connection: Connection) throws {
    let known = try connection.prepare("SELECT id, key, object FROM models WHERE is_enabled")
      .all { (id: $0.int(0), key: $0.text(1), object: $0.text(2)) }
    for row in known
    where !models.contains(where: {
      $0.isEnabled && $0.key == row.key && $0.object.rawValue == row.object
    }) {
      try connection.run("UPDATE models SET is_enabled = 0 WHERE id = ?", .init(row.id))
    }
    for model in models where model.isEnabled {
      try connection.run(
        """
        INSERT INTO models(key, object, is_enabled) VALUES (?, ?, 1)
        ON CONFLICT DO UPDATE SET is_enabled = 1 WHERE NOT is_enabled
        """, .init(model.key), .init(model.object.rawValue))
    }
  }

  /// Takes the rows of a registered model.
  public func take(_ rows: ModelRows, of model: ModelDefinition) throws -> Outcome {
    let id = try connection.prepare("SELECT id FROM models WHERE key = ? AND object = ?")
      .first(.init(model.key), .init(model.object.rawValue)) { $0.int(0) }
    guard let id else { throw SQLiteError.damaged("models") }
    var outcome = Outcome()
    try connection.run(
      "INSERT OR IGNORE INTO model_destinations(destination, model, at) VALUES (?, ?, ?)",
      destination, .init(id), .init(at.milliseconds))
    outcome.isNew = connection.changes > 0
    if model.object == .event {
      let isSilent = outcome.isNew && model.backfill == .fromNow
      try takeEvents(rows, Datum(id), isSilent: isSilent, &outcome)
    } else {
      try takeValues(rows, Datum(id), &outcome)
    }
    outcome.owed = try ModelOutbox.count(connection, destination, Datum(id))
    return outcome
  }

  // MARK: Users and accounts

  private func takeValues(
    _ rows: ModelRows, _ model: Datum, _ outcome: inout Outcome
  ) throws {
    let want = try connection.prepare(Self.want)
    let wantAbsent = try connection.prepare(Self.wantAbsent)
    let cancel = try connection.prepare(Self.cancel)
    let refuse = try connection.prepare(Self.refuse)
    for row in rows.rows {
      for (property, value) in zip(rows.properties, row.values) {
        let key: (Datum, Datum) = (.init(row.identity), .init(property))
        guard let encoded = encoder.properties(of: value, key: property).first else {
          if let absent = encoder.absentValue(.trait) {
            try wantAbsent.run(destination, model, key.0, key.1, .init(absent.json))
          } else {
            try cancel.run(destination, model, key.0, key.1)
          }
          continue
        }
        if encoded.isShortened { outcome.shortened += 1 }
        let json = Datum(encoded.value.json)
        if let problem = encoded.problem {
          try refuse.run(
            destination, model, key.0, key.1, json, .init(problem), .init(at.milliseconds))
          outcome.impossible += connection.changes
        } else {
          try want.run(destination, model, key.0, key.1, json)
        }
      }
    }
    try cancelVanished(rows, model, cancel)
  }

  /// What was never attempted and is not asked for any more is not sent.
  private func cancelVanished(_ rows: ModelRows, _ model: Datum, _ cancel: Statement) throws {
    let there = Set(rows.rows.map { ExactString($0.identity) })
    let properties = Set(rows.properties.map { ExactString($0) })
    let owed = try connection.prepare(
      """
      SELECT identity, property FROM model_values
      WHERE destination = ? AND model = ? AND coalesce(wanted, refused) IS NOT NULL
        AND NOT in_doubt
      """
    ).all(destination, model) { (identity: $0.text(0), property: $0.text(1)) }
    for value in owed
    where !there.contains(ExactString(value.identity))
      || !properties.contains(ExactString(value.property))
    {
      try cancel.run(destination, model, .init(value.identity), .init(value.property))
    }
  }

  /// Whether the destination surely has the value: what it refused before is asked for no longer.
  private static let isTold = "(told IS ?5 AND NOT in_doubt)"

  /// Nothing where the destination has the value, or has refused it.
  private static let difference = "iif(refused IS ?5 OR \(isTold), NULL, ?5)"

  /// Takes a value out of quarantine where a condition is met.
  private static func release(where condition: String) -> String {
    ["refused", "status", "body", "reason", "at"]
      .map { "\($0) = iif(\(condition), NULL, \($0))" }.joined(separator: ", ")
  }

  private static let want = """
    INSERT INTO model_values(destination, model, identity, property, wanted)
    VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT DO UPDATE SET wanted = \(difference), \(release(where: isTold))
      WHERE wanted IS NOT \(difference) OR (refused IS NOT NULL AND \(isTold))
    """

  /// A value that went away, where one was ever told.
  private static let wantAbsent = """
    UPDATE model_values SET
      wanted = iif(told IS NULL AND NOT in_doubt, NULL, \(difference)),
      \(release(where: "NOT in_doubt AND (told IS NULL OR told IS ?5)"))
    WHERE destination = ?1 AND model = ?2 AND identity = ?3 AND property = ?4
    """

  /// What is not asked for any more is neither sent nor kept apart, unless it may be there already.
  private static let cancel = """
    UPDATE model_values SET wanted = NULL, \(release(where: "true"))
    WHERE destination = ? AND model = ? AND identity = ? AND property = ?
      AND coalesce(wanted, refused) IS NOT NULL AND NOT in_doubt
    """

  private static let refuse = """
    INSERT INTO model_values(destination, model, identity, property, refused, reason, at)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
    ON CONFLICT DO UPDATE SET wanted = NULL, refused = ?5, reason = ?6, status = NULL, body = NULL,
      at = ?7 WHERE refused IS NOT ?5
    """

  // MARK: Events

  private func takeEvents(
    _ rows: ModelRows, _ model: Datum, isSilent: Bool, _ outcome: inout Outcome
  ) throws {
    let known = try connection.prepare(
      """
      INSERT INTO model_events(destination, model, insert_id) VALUES (?, ?, ?)
      ON CONFLICT DO NOTHING
      """)
    // What was refused is tried again when it is another; what may be under way stays as it is.
    let want = try connection.prepare(
      """
      INSERT INTO model_events(destination, model, insert_id, item, reason, at)
      VALUES (?1, ?2, ?3, ?4, ?5, ?6)
      ON CONFLICT DO UPDATE SET item = ?4, reason = ?5, status = NULL, body = NULL, at = ?6
        WHERE item IS NOT NULL AND item <> ?4 AND NOT in_doubt
      """)
    for row in rows.rows {
      guard let insertID = row.insertID else { continue }
      if isSilent {
        try known.run(destination, model, .init(insertID))
        continue
      }
      var properties: [Value.Member] = []
      var problem: String?
      for (property, value) in zip(rows.properties, row.values) {
        guard let encoded = encoder.properties(of: value, key: property).first else { continue }
        if encoded.isShortened { outcome.shortened += 1 }
        problem = problem ?? encoded.problem
        properties.append(.init(encoded.name, encoded.value))
      }
      properties.sort { $0.key.precedesByScalars($1.key) }
      let item = ModelEventItem(
        identity: row.identity, event: row.event ?? "", timestamp: row.timestamp,
        properties: properties)
      try want.run(
        destination, model, .init(insertID), .init(item.json), .init(problem),
        problem == nil ? .null : .init(at.milliseconds))
      if problem != nil { outcome.impossible += connection.changes }
    }
  }
}
