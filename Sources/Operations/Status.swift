import Definitions
import Delivery
import EventStore
import Membership
import SQLite
import Values

/// How things stand.
public struct StatusReport: Sendable {
  public struct DefinitionStatus: Sendable {
    public let key: String
    public let kind: Definition.Kind
    public let isEnabled: Bool
    public let members: Int
  }

  public struct DestinationStatus: Sendable {
    public let name: String
    public let pending: Int
    public let inDoubt: Int
    /// Users who would be told something and have no identity, or share it with another.
    public let withoutIdentity: Int
    public let sharedIdentity: Int
    /// What an encoding that the file has changed would send again once it is approved.
    public let encodingChanges: [EncodingChange]
    public let quarantined: Int
    public let lastBatch: Instant?
    /// Why it cannot be sent to, as far as the file says.
    public let problem: String?
  }

  public let definitions: [DefinitionStatus]
  public let lastRun: RunLog.Run?
  public let events: Int
  public let users: Int
  /// Events behind the last run.
  public let newEvents: Int
  public let destinations: [DestinationStatus]

  public var pending: Int { destinations.reduce(0) { $0 + $1.pending } }
  public var quarantined: Int { destinations.reduce(0) { $0 + $1.quarantined } }
}

extension Session {
  public func status() throws -> StatusReport {
    let project = try project()
    return try onStore {
      let store = try open()
      let connection = store.connection
      func count(_ sql: String, _ value: Int64 = 0) throws -> Int {
        try connection.prepare(sql).first(.init(value)) { Int($0.int(0)) } ?? 0
      }
      return try connection.snapshot {
        let last = try RunLog(connection).last()
        let definitions = try connection.prepare(
          "SELECT key, kind, is_enabled, members FROM definitions WHERE NOT is_removed AND NOT is_identity ORDER BY key"
        ).all { row in
          StatusReport.DefinitionStatus(
            key: row.text(0), kind: Definition.Kind(rawValue: row.text(1)) ?? .audience,
            isEnabled: row.int(2) != 0, members: Int(row.int(3)))
        }
        let destinations = try project.destinations.map { definition in
          let state = try definition.fingerprint.flatMap {
            try DestinationState.find($0, definition.name, connection)
          }
          let census = try state.map { try Outbox(connection, $0, definition).census() }
          let models = try state.map { try ModelOutbox.census(connection, $0) }
          return StatusReport.DestinationStatus(
            name: definition.name, pending: (census?.values ?? 0) + (models?.owed ?? 0),
            inDoubt: try count(
              "SELECT count(*) FROM acknowledged WHERE destination = ? AND in_doubt", state?.id ?? 0
            ) + (models?.inDoubt ?? 0), withoutIdentity: census?.withoutIdentity ?? 0,
            sharedIdentity: census?.sharedIdentity ?? 0,
            encodingChanges: try state.map {
              try EncodingChange.waiting(connection, $0, definition)
            } ?? [],
            quarantined: try count(
              "SELECT count(*) FROM quarantine WHERE destination = ?", state?.id ?? 0)
              + (models?.quarantined ?? 0),
            lastBatch: state?.lastBatch, problem: DeliveryOperation.problem(definition))
        }
        return StatusReport(
          definitions: definitions, lastRun: last,
          events: try count("SELECT count(*) FROM events WHERE ?1 = 0"),
          users: try count("SELECT count(*) FROM identities WHERE kind = ?"),
          newEvents: try count("SELECT count(*) FROM events WHERE seq > ?", last?.watermark ?? 0),
          destinations: destinations)
      }
    }
  }
}
