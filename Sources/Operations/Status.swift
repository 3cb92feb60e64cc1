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
    /// Nil for a definition that is off.
    public let freshness: Freshness?
  }

  public struct DestinationStatus: Sendable {
    public let name: String
    /// Whether no file talks to it any more: nothing is sent.
    public var isPaused = false
    /// Members and present values that it has, as far as it acknowledged them; of models nothing.
    public let acknowledged: Int
    /// Values to be sent; for a paused one, at most so many.
    public let pending: Int
    public let inDoubt: Int
    /// Users who would be told something and have no identity, or share it with another.
    public let withoutIdentity: Int
    public let sharedIdentity: Int
    /// What an encoding that the file has changed would send again once it is approved.
    public let encodingChanges: [EncodingChange]
    public let quarantined: Int
    /// Entries to audiences and exits from them; nil where they are no events.
    public var audienceEvents: AudienceEventOutbox.Census?
    public let holds: [GuardLedger.Hold]
    public let lastBatch: Instant?
    /// Why it cannot be sent to, as far as the file says.
    public let problem: String?
    public let outcomes: [Meters.Outcome: Int]
    /// When each enabled definition was last right here, by key; never yet when it is not there.
    public let lastRight: [String: Instant]

    public var held: Int { holds.reduce(0) { $0 + $1.changes } }
    public var heldUsers: Int { withoutIdentity + sharedIdentity }
  }

  public let at: Instant
  public let definitions: [DefinitionStatus]
  public let lastRun: RunLog.Run?
  /// Runs, and profiles that they evaluated, since the store began; and how long the last one took.
  public let totals: (runs: Int, evaluated: Int, duration: Duration?)
  public let events: Int
  public let users: Int
  /// Events behind the last run.
  public let newEvents: Int
  public let destinations: [DestinationStatus]

  private var active: [DestinationStatus] { destinations.filter { !$0.isPaused } }
  public var pending: Int { active.reduce(0) { $0 + $1.pending } }
  public var quarantined: Int { active.reduce(0) { $0 + $1.quarantined } }
  public var held: Int { active.reduce(0) { $0 + $1.held } }
  /// Users held for want of an identity of their own.
  public var heldUsers: Int { active.reduce(0) { $0 + $1.heldUsers } }
  /// Whether somebody should look: something is held or in quarantine, or too old.
  public var needsAttention: Bool {
    held > 0 || heldUsers > 0 || quarantined > 0
      || definitions.contains { $0.freshness?.isStale == true }
  }
}

extension Session {
  public func status() throws -> StatusReport {
    let project = try project()
    return try onStore {
      let connection = try open().connection
      return try connection.snapshot {
        try StatusSurvey(connection, project.destinations, at: now).report()
      }
    }
  }
}
