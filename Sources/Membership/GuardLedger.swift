import Definitions
import SQLite
import Values

/// The guard's rows of one destination.
///
/// Everything that writes runs inside a write transaction.
public struct GuardLedger {
  /// How far a definition may move at a destination, and how far it has.
  public struct Record: Sendable {
    public let definition: Int64
    public let key: String
    public let kind: Definition.Kind
    public let isRemoved: Bool
    /// Acknowledged members, or present values.
    public let members: Int
    /// What `members` was at the last approval; nil while the first sync is not over.
    public let baseline: Int?
    /// Values that were accepted and changed something, within the day.
    public let delivered: Int
    /// How many changes may go out because they were approved.
    public let approved: Int
    /// The definition that takes this one's place, or whose place this one takes, while the old one
    /// still has members at the destination.
    public let counterpart: String?
    /// How many values may be sent again in another encoding because that was approved.
    public let approvedEncoding: Int

    public init(
      definition: Int64 = 1, key: String = "", kind: Definition.Kind = .audience,
      isRemoved: Bool = false, members: Int, baseline: Int?, delivered: Int = 0,
      approved: Int = 0, counterpart: String? = nil, approvedEncoding: Int = 0
    ) {
      self.definition = definition
      self.key = key
      self.kind = kind
      self.isRemoved = isRemoved
      self.members = members
      self.baseline = baseline
      self.delivered = delivered
      self.approved = approved
      self.counterpart = counterpart
      self.approvedEncoding = approvedEncoding
    }
  }

  /// Changes that wait until somebody approves them.
  public struct Hold: Sendable, Equatable {
    public let definition: Int64
    public let key: String
    public let reason: HoldReason
    /// How many values would change: what an approval covers.
    public var changes: Int
    /// Acknowledged members, or present values.
    public let members: Int
    /// With a changed key, the other one.
    public let counterpart: String?
    /// Whether its file is gone.
    public let isRemoved: Bool
  }

  /// So many acknowledged members make a definition worth guarding.
  public static let smallest = 100
  /// Changes within this time are added up.
  public static let day = Duration(milliseconds: 86_400_000)

  let connection: Connection
  let destination: Int64

  public init(_ connection: Connection, destination: Int64) {
    self.connection = connection
    self.destination = destination
  }

  /// Notes what has arrived: a definition with nothing pending is right as of the last run, and when it
  /// was approved or is small, as it is now is as it may be. A day begins with the first change, and when
  /// it is over anew.
  public func settle(at: Instant) throws {
    let isNewBaseline = "approved IS NOT NULL OR coalesce(baseline, 0) < \(Self.smallest)"
    try connection.run(
      """
      INSERT OR IGNORE INTO guards(destination, definition, met_at)
      SELECT ?, id, ? FROM definitions
      """, .init(destination), .init(at.milliseconds))
    try connection.run(
      """
      UPDATE guards SET day = ?2, delivered = 0
      WHERE destination = ?1 AND (delivered = 0 OR day IS NULL OR day <= ?3)
      """, .init(destination), .init(at.milliseconds), .init((at - Self.day).milliseconds))
    try connection.run(
      """
      UPDATE guards SET
        right_at = coalesce((SELECT at FROM runs ORDER BY id DESC LIMIT 1), right_at),
        delivered = iif(\(isNewBaseline), 0, delivered),
        baseline = iif(\(isNewBaseline), members, baseline),
        approved = NULL, reason = NULL, held = 0
      WHERE destination = ?1
        AND definition NOT IN (\(Self.owing))
      """, .init(destination))
  }

  /// Follows the definitions of a run: those that took another's place, and those whose default value may
  /// be another now.
  public static func follow(
    _ entries: [DefinitionRegistry.Entry], _ connection: Connection
  ) throws {
    try KeyChange.note(entries, connection)
    for entry in entries where entry.change == .edited && entry.kind == .trait {
      try connection.run(GuardSchema.recount, .init(entry.id))
    }
  }

  private static let trait = "(SELECT identity_definition FROM destinations WHERE id = ?1)"

  /// The definitions with something to be sent, or to be taken back from identities that are nobody's now:
  /// a row for each object, or for each property of such an identity. Users without an identity of their
  /// own cannot be told anything, and do not count.
  private static let owing = """
    SELECT p.definition FROM pending AS p
    WHERE p.destination = ?1 AND (p.kind <> \(ObjectKind.user.rawValue) OR \(trait) IS NULL
      OR EXISTS (
        SELECT 1 FROM user_identities AS u
        WHERE u.definition = \(trait) AND u.profile = p.profile AND NOT EXISTS (
          SELECT 1 FROM user_identities AS o
          WHERE o.definition = u.definition AND o.identity = u.identity
            AND o.profile <> u.profile)))
    UNION ALL
    SELECT a.definition FROM former_identities AS f CROSS JOIN acknowledged AS a
      ON a.destination = f.destination AND a.kind = \(ObjectKind.user.rawValue)
        AND a.identity = f.identity
    WHERE f.destination = ?1
    """

  /// How many rows are pending of each definition: for an audience at least as many as there are changes.
  public func pendingRows() throws -> [Int64: Int] {
    let rows = try connection.prepare(
      "SELECT definition, count(*) FROM (\(Self.owing)) GROUP BY definition"
    ).all(.init(destination)) { ($0.int(0), Int($0.int(1))) }
    return Dictionary(uniqueKeysWithValues: rows)
  }

  /// The rows of all definitions, by key.
  public func records() throws -> [Record] {
    try connection.prepare(
      """
      SELECT g.definition, d.key, d.is_removed, g.members, g.baseline, g.delivered, g.approved,
        (SELECT o.key FROM key_changes AS c
          JOIN guards AS old ON old.definition = c.predecessor AND old.destination = g.destination
          JOIN definitions AS o ON o.id = iif(c.definition = g.definition, c.predecessor, c.definition)
        WHERE g.definition IN (c.definition, c.predecessor) AND old.members > 0 LIMIT 1),
        d.kind, g.encoding_approved
      FROM guards AS g JOIN definitions AS d ON d.id = g.definition
      WHERE g.destination = ? ORDER BY d.key
      """
    ).all(.init(destination)) { row in
      Record(
        definition: row.int(0), key: row.text(1),
        kind: Definition.Kind(rawValue: row.text(8)) ?? .trait, isRemoved: row.int(2) != 0,
        members: Int(row.int(3)), baseline: row.optionalInt(4).map { Int($0) },
        delivered: Int(row.int(5)), approved: Int(row.int(6)), counterpart: row.optionalText(7),
        approvedEncoding: Int(row.int(9)))
    }
  }
}

extension GuardLedger.Hold {
  public init(_ record: GuardLedger.Record, _ reason: HoldReason, changes: Int) {
    definition = record.definition
    key = record.key
    self.reason = reason
    self.changes = changes
    members = record.members
    counterpart = reason == .keyChanged ? record.counterpart : nil
    isRemoved = record.isRemoved
  }
}
