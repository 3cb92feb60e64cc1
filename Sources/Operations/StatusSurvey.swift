import Definitions
import Delivery
import Membership
import SQLite
import Values

/// Reads how things stand out of a store, over one unchanging view of it.
struct StatusSurvey {
  private let connection: Connection
  private let now: Instant
  private let destinations: [(definition: DestinationDefinition, state: DestinationState?)]
  private let vanished: [DestinationState]
  private let freshness: FreshnessLedger
  /// The definitions that are not removed: number, key, kind, on or off, members.
  private let rows: [(Int64, String, Definition.Kind, Bool, Int)]

  init(_ connection: Connection, _ definitions: [DestinationDefinition], at now: Instant) throws {
    self.connection = connection
    self.now = now
    let destinations = try definitions.map { definition in
      (
        definition: definition,
        state: try definition.fingerprint.flatMap {
          try DestinationState.find($0, definition.name, connection)
        }
      )
    }
    self.destinations = destinations
    vanished = try DestinationState.vanished(definitions, connection)
    freshness = try FreshnessLedger(
      destinations.compactMap { destination in
        destination.state.map { (destination.definition, $0) }
      }, connection, now: now)
    rows = try connection.prepare(
      """
      SELECT id, key, kind, is_enabled, members FROM definitions
      WHERE NOT is_removed AND NOT is_identity ORDER BY key
      """
    ).all { row in
      (
        row.int(0), row.text(1), Definition.Kind(rawValue: row.text(2)) ?? .audience,
        row.int(3) != 0, Int(row.int(4))
      )
    }
  }

  func report() throws -> StatusReport {
    let last = try RunLog(connection).last()
    return StatusReport(
      at: now,
      definitions: rows.map { id, key, kind, isEnabled, members in
        StatusReport.DefinitionStatus(
          key: key, kind: kind, isEnabled: isEnabled, members: members,
          freshness: isEnabled ? freshness.freshness(of: id) : nil)
      },
      lastRun: last, totals: try Meters(connection).runs(),
      events: try count("SELECT count(*) FROM events WHERE ?1 = 0"),
      users: try count("SELECT count(*) FROM identities WHERE kind = ?"),
      newEvents: try count("SELECT count(*) FROM events WHERE seq > ?", last?.watermark ?? 0),
      destinations: try destinations.map(status) + vanished.map(paused))
  }

  private func count(_ sql: String, _ value: Int64 = 0) throws -> Int {
    try connection.prepare(sql).first(.init(value)) { Int($0.int(0)) } ?? 0
  }

  private func inDoubt(_ state: DestinationState?) throws -> Int {
    try count(
      "SELECT count(*) FROM acknowledged WHERE destination = ? AND in_doubt", state?.id ?? 0)
  }

  /// What the guard's triggers count: a sum over the definitions, not over what was acknowledged.
  private func acknowledged(_ state: DestinationState?) throws -> Int {
    try count(
      "SELECT coalesce(sum(members), 0) FROM guards WHERE destination = ?", state?.id ?? 0)
  }

  private func quarantined(_ state: DestinationState?) throws -> Int {
    try count("SELECT count(*) FROM quarantine WHERE destination = ?", state?.id ?? 0)
  }

  private func status(
    _ definition: DestinationDefinition, _ state: DestinationState?
  ) throws -> StatusReport.DestinationStatus {
    let census = try state.map { try Outbox(connection, $0, definition).census() }
    let models = try state.map { try ModelOutbox.census(connection, $0) }
    let events =
      definition.events == .on
      ? try state.map { try AudienceEventOutbox(connection, $0, definition).census() } : nil
    return StatusReport.DestinationStatus(
      name: definition.name, acknowledged: try acknowledged(state),
      pending: (census?.values ?? 0) + (models?.owed ?? 0) + (events?.owed ?? 0),
      inDoubt: try inDoubt(state) + (models?.inDoubt ?? 0) + (events?.inDoubt ?? 0),
      withoutIdentity: census?.withoutIdentity ?? 0, sharedIdentity: census?.sharedIdentity ?? 0,
      encodingChanges: try state.map { try EncodingChange.waiting(connection, $0, definition) }
        ?? [],
      quarantined: try quarantined(state) + (models?.quarantined ?? 0)
        + (events?.quarantined ?? 0), audienceEvents: events,
      holds: try state.map { try GuardLedger(connection, destination: $0.id).holds() } ?? [],
      lastBatch: state?.lastBatch, problem: DeliveryOperation.problem(definition),
      outcomes: try state.map { try Meters(connection).requests(destination: $0.id) } ?? [:],
      lastRight: lastRight(state))
  }

  private func paused(_ state: DestinationState) throws -> StatusReport.DestinationStatus {
    let models = try ModelOutbox.census(connection, state)
    return StatusReport.DestinationStatus(
      name: state.name, isPaused: true, acknowledged: try acknowledged(state),
      pending: try count("SELECT count(*) FROM pending WHERE destination = ?", state.id)
        + models.owed,
      inDoubt: try inDoubt(state) + models.inDoubt, withoutIdentity: 0, sharedIdentity: 0,
      encodingChanges: [],
      quarantined: try quarantined(state) + models.quarantined,
      holds: try GuardLedger(connection, destination: state.id).holds(),
      lastBatch: state.lastBatch,
      problem: destinations.contains { $0.definition.name == state.name }
        ? "its file talks to something else now" : "its file is gone",
      outcomes: try Meters(connection).requests(destination: state.id), lastRight: [:])
  }

  private func lastRight(_ state: DestinationState?) -> [String: Instant] {
    guard let place = freshness.places.first(where: { $0.id == state?.id }) else { return [:] }
    var instants: [String: Instant] = [:]
    for (id, key, _, isEnabled, _) in rows where isEnabled {
      instants[key] = freshness.lastRight(id, at: place)
    }
    return instants
  }
}
