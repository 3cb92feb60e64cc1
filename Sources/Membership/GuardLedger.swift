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

    public init(
      definition: Int64 = 1, key: String = "", isRemoved: Bool = false, members: Int,
      baseline: Int?, delivered: Int = 0, approved: Int = 0, counterpart: String? = nil
    ) {
      self.definition = definition
      self.key = key
      self.isRemoved = isRemoved
      self.members = members
      self.baseline = baseline
      self.delivered = delivered
      self.approved = approved
      self.counterpart = counterpart
    }
  }

  /// Changes that wait until somebody approves them.
  public struct Hold: Sendable, Equatable {
    public let definition: Int64
    public let key: String
    public let reason: HoldReason
    /// How many values would change: what an approval covers.
    public let changes: Int
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

  private let connection: Connection
  private let destination: Int64

  public init(_ connection: Connection, destination: Int64) {
    self.connection = connection
    self.destination = destination
  }

  /// Notes what has arrived: a definition with nothing pending is right as of the last run, and when it
  /// was approved or is small, as it is now is as it may be. A day begins with the first change, and when it is over anew.
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
        AND definition NOT IN (SELECT definition FROM pending WHERE destination = ?1)
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

  /// How many rows are pending of each definition: at least as many as there are changes.
  public func pendingRows() throws -> [Int64: Int] {
    let rows = try connection.prepare(
      "SELECT definition, count(*) FROM pending WHERE destination = ? GROUP BY definition"
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
        WHERE g.definition IN (c.definition, c.predecessor) AND old.members > 0 LIMIT 1)
      FROM guards AS g JOIN definitions AS d ON d.id = g.definition
      WHERE g.destination = ? ORDER BY d.key
      """
    ).all(.init(destination)) { row in
      Record(
        definition: row.int(0), key: row.text(1), isRemoved: row.int(2) != 0,
        members: Int(row.int(3)), baseline: row.optionalInt(4).map { Int($0) },
        delivered: Int(row.int(5)), approved: Int(row.int(6)), counterpart: row.optionalText(7))
    }
  }

  /// Holds these, and nothing else.
  public func hold(_ holds: [Hold]) throws {
    try connection.run(
      "UPDATE guards SET reason = NULL, held = 0 WHERE destination = ? AND reason IS NOT NULL",
      .init(destination))
    for hold in holds {
      try connection.run(
        "UPDATE guards SET reason = ?, held = ? WHERE destination = ? AND definition = ?",
        .init(hold.reason.rawValue), .init(hold.changes), .init(destination), .init(hold.definition)
      )
    }
  }

  /// What is held, by key.
  public func holds() throws -> [Hold] {
    let records = try self.records()
    let reasons = try connection.prepare(
      "SELECT definition, reason, held FROM guards WHERE destination = ? AND reason IS NOT NULL"
    ).all(.init(destination)) { ($0.int(0), ($0.text(1), Int($0.int(2)))) }
    let held = Dictionary(uniqueKeysWithValues: reasons)
    return try records.compactMap { record in
      guard let (name, changes) = held[record.definition] else { return nil }
      guard let reason = HoldReason(rawValue: name) else { throw SQLiteError.damaged("guards") }
      return Hold(record, reason, changes: changes)
    }
  }

  /// Lets what is held of a definition go out, up to the number that was shown.
  public func approve(_ hold: Hold) throws {
    try connection.run(
      """
      UPDATE guards SET approved = held, reason = NULL, held = 0
      WHERE destination = ? AND definition = ? AND reason IS NOT NULL
      """, .init(destination), .init(hold.definition))
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
