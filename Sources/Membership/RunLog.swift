import SQLite
import Values

/// The record of what runs there were.
public struct RunLog {
  public enum Kind: String, Sendable {
    /// Every profile was evaluated.
    case full
    /// Only profiles with new events, or whose next change had come.
    case tick
  }

  public struct Run: Sendable {
    public let id: Int64
    public let at: Instant
    public let kind: Kind
    /// The last event that was taken into account.
    public let watermark: Int64
    public let evaluated: Int
    public let entered: Int
    public let left: Int
    public let changed: Int

    public init(
      id: Int64, at: Instant, kind: Kind, watermark: Int64, evaluated: Int, entered: Int,
      left: Int, changed: Int
    ) {
      self.id = id
      self.at = at
      self.kind = kind
      self.watermark = watermark
      self.evaluated = evaluated
      self.entered = entered
      self.left = left
      self.changed = changed
    }
  }

  private let connection: Connection

  public init(_ connection: Connection) { self.connection = connection }

  /// The last run, or nil before the first one.
  public func last() throws -> Run? {
    try connection.prepare(
      """
      SELECT id, at, kind, watermark, evaluated, entered, left, changed
      FROM runs ORDER BY id DESC LIMIT 1
      """
    ).first { row in
      Run(
        id: row.int(0), at: Instant(milliseconds: row.int(1)),
        kind: Kind(rawValue: row.text(2)) ?? .full, watermark: row.int(3),
        evaluated: Int(row.int(4)), entered: Int(row.int(5)), left: Int(row.int(6)),
        changed: Int(row.int(7)))
    }
  }

  /// Reserves the number of a run; the row is completed by `finish` in the same transaction.
  public func begin(at: Instant, kind: Kind, watermark: Int64) throws -> Int64 {
    try connection.run(
      """
      INSERT INTO runs(at, kind, watermark, evaluated, entered, left, changed)
      VALUES (?, ?, ?, 0, 0, 0, 0)
      """, .init(at.milliseconds), .init(kind.rawValue), .init(watermark))
    return connection.lastInsertedRow
  }

  /// Writes what the run came to, and forgets runs and changes from before `keepFrom`.
  public func finish(
    _ run: Run, _ entries: [DefinitionRegistry.Entry], _ tallies: [MembershipSnapshot.Tally],
    keepFrom: Instant
  ) throws {
    try connection.run(
      "UPDATE runs SET evaluated = ?, entered = ?, left = ?, changed = ? WHERE id = ?",
      .init(run.evaluated), .init(run.entered), .init(run.left), .init(run.changed),
      .init(run.id))
    for (entry, tally) in zip(entries, tallies) {
      try connection.run(
        """
        INSERT INTO run_definitions(run, definition, members, entered, left, changed)
        VALUES (?, ?, ?, ?, ?, ?)
        """, .init(run.id), .init(entry.id), .init(tally.members), .init(tally.entered),
        .init(tally.left), .init(tally.changed))
      if tally.members != entry.members {
        try connection.run(
          "UPDATE definitions SET members = ? WHERE id = ?", .init(tally.members),
          .init(entry.id))
      }
    }
    for table in ["changes", "run_definitions"] {
      try connection.run(
        "DELETE FROM \(table) WHERE run IN (SELECT id FROM runs WHERE at < ? AND id <> ?)",
        .init(keepFrom.milliseconds), .init(run.id))
    }
    try connection.run(
      "DELETE FROM runs WHERE at < ? AND id <> ?", .init(keepFrom.milliseconds), .init(run.id))
  }
}
