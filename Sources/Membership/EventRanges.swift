import SQLite
import Values

/// In which stretches of time one destination is told of entries and exits, definition by definition.
public struct EventRanges {
  /// A stretch of time, told as a whole, of one query.
  public struct Stretch: Sendable, Equatable {
    public let definition: Int64
    /// The first instant, in UTC milliseconds, and the first one behind it.
    public let range: Range<Int64>
    /// Of which query, with those that it refers to.
    public let fingerprint: String
    /// The last run that went on with it; nil for one of the past.
    public let run: Int64?
    /// Up to which profile a backfill under way has come; nil when it is done.
    public let place: Int64?

    /// Whether a profile is told of it already.
    public func holds(_ profile: Int64) -> Bool { place.map { profile <= $0 } ?? true }
  }

  private let connection: Connection
  private let destination: Datum

  public init(_ connection: Connection, destination: Int64) {
    self.connection = connection
    self.destination = .init(destination)
  }

  /// The stretches of a definition, in the order of time.
  public func stretches(of definition: Int64) throws -> [Stretch] {
    try connection.prepare(
      """
      SELECT since, until, fingerprint, run, place FROM event_ranges
      WHERE destination = ? AND definition = ? ORDER BY since
      """
    ).all(destination, .init(definition)) { row in
      Stretch(
        definition: definition, range: row.int(0)..<row.int(1), fingerprint: row.text(2),
        run: row.optionalInt(3), place: row.optionalInt(4))
    }
  }

  /// Begins a stretch behind an instant: what is so then has begun before. One that no run went on with is
  /// taken away. Only inside a write transaction.
  public func begin(
    _ definition: Int64, behind instant: Instant, fingerprint: String, run: Int64
  ) throws {
    try connection.run(
      "DELETE FROM event_ranges WHERE destination = ? AND definition = ? AND since = until",
      destination, .init(definition))
    try connection.run(
      """
      INSERT INTO event_ranges(destination, definition, since, until, fingerprint, run)
      VALUES (?1, ?2, ?3, ?3, ?4, ?5)
      """, destination, .init(definition), .init(instant.next.milliseconds), .init(fingerprint),
      .init(run))
  }

  /// Goes on with a stretch, up to an instant and with it. Only inside a write transaction.
  public func extend(_ stretch: Stretch, through instant: Instant, run: Int64) throws {
    try connection.run(
      """
      UPDATE event_ranges SET until = ?, run = ?
      WHERE destination = ? AND definition = ? AND since = ?
      """, .init(instant.next.milliseconds), .init(run), destination, .init(stretch.definition),
      .init(stretch.range.lowerBound))
  }

  /// Begins to tell stretches of the past. Only inside a write transaction.
  public func begin(
    _ definition: Int64, past ranges: [Range<Int64>], fingerprint: String
  ) throws {
    for range in ranges {
      try connection.run(
        """
        INSERT INTO event_ranges(destination, definition, since, until, fingerprint, place)
        VALUES (?, ?, ?, ?, ?, 0)
        """, destination, .init(definition), .init(range.lowerBound), .init(range.upperBound),
        .init(fingerprint))
    }
  }

  /// Notes up to which profile the past is noted; nil for everybody. Only inside a write transaction.
  public func advance(
    _ definition: Int64, past ranges: [Range<Int64>], to place: Int64?
  ) throws {
    for range in ranges {
      try connection.run(
        "UPDATE event_ranges SET place = ? WHERE destination = ? AND definition = ? AND since = ?",
        .init(place), destination, .init(definition), .init(range.lowerBound))
    }
  }
}
