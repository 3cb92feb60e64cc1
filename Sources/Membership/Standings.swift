import SQLite
import Values

/// Where a profile stands after its last evaluation.
public struct Standing: Sendable, Equatable {
  /// When it must be looked at again though nothing happens; `never` for not at all.
  public var next: Instant
  /// What the snapshot holds of it, in the form of `OutcomeCoder`.
  public var outcome: [UInt8]

  /// An outcome that no evaluation comes to: what the snapshot holds has to be read.
  public static let unknown: [UInt8] = [0]

  public init(next: Instant = .never, outcome: [UInt8] = []) {
    self.next = next
    self.outcome = outcome
  }
}

/// The standings of a store. A profile without a row has nothing and waits for nothing.
///
/// The index of what is waited for has, for each profile, an instant `wake` that is no later than `next`.
/// A `next` that moves on leaves it where it is, so that no page of the index is written; when it comes
/// too early, it is all that moves on, without an evaluation.
public struct Standings {
  private let connection: Connection
  private let read: Statement
  private let keepWake: Statement
  private let write: Statement
  private let erase: Statement

  public init(_ connection: Connection) throws {
    self.connection = connection
    read = try connection.prepare("SELECT next, outcome FROM standings WHERE profile = ?")
    // SQLite writes an index for every column that a statement sets, whether it differs or not.
    keepWake = try connection.prepare(
      """
      UPDATE standings SET next = ?2, outcome = ?3
      WHERE profile = ?1 AND wake <= ?2 AND wake > ?4
      """)
    write = try connection.prepare(
      """
      INSERT INTO standings(profile, next, outcome, wake) VALUES (?1, ?2, ?3, ?2)
      ON CONFLICT DO UPDATE
        SET next = excluded.next, outcome = excluded.outcome, wake = excluded.wake
      """)
    erase = try connection.prepare("DELETE FROM standings WHERE profile = ?")
  }

  /// The profiles whose next change has come, in order.
  public static func due(at: Instant, _ connection: Connection) throws -> [Int64] {
    try connection.prepare(
      """
      SELECT profile FROM standings
      WHERE wake IS NOT NULL AND wake <= ?1 AND next <= ?1 ORDER BY profile
      """
    ).all(.init(at.milliseconds)) { $0.int(0) }
  }

  /// Takes the profiles that were to be looked at by now, and whose next change is still to come, to that.
  /// Only inside a write transaction, behind the evaluation of those who are due.
  public static func moveOn(at: Instant, _ connection: Connection) throws {
    try connection.run(
      """
      UPDATE standings SET wake = next WHERE wake IS NOT NULL AND wake <= ?1 AND next > ?1
      """, .init(at.milliseconds))
  }

  /// A profile that is looked at later than its next change, or never; nil when there is none. Reads all.
  public static func sleeper(_ connection: Connection) throws -> Int64? {
    try connection.prepare(
      """
      SELECT profile FROM standings
      WHERE (next IS NULL) <> (wake IS NULL) OR wake > next LIMIT 1
      """
    ).first { $0.int(0) }
  }

  /// Forgets what the standings say of the snapshot: no profile stands where an evaluation finds it.
  /// Only inside a write transaction.
  public static func forget(_ connection: Connection) throws {
    try connection.execute(
      """
      UPDATE standings SET outcome = x'00', wake = next;
      INSERT OR IGNORE INTO standings(profile, next, outcome)
        SELECT DISTINCT profile, NULL, x'00' FROM members;
      """)
  }

  /// All profiles that have a standing.
  public static func profiles(_ connection: Connection) throws -> [Int64] {
    try connection.prepare("SELECT profile FROM standings").all { $0.int(0) }
  }

  public subscript(profile: Int64) -> Standing {
    get throws {
      try read.first(.init(profile)) { Self.standing($0, 0) } ?? Standing()
    }
  }

  /// What an evaluation is to what a standing says.
  public enum Comparison: Sendable {
    case same
    /// The outcome is the same, and waits for another instant.
    case waits
    /// The outcome is another one.
    case differs

    init(isSameNext: Bool, isSameOutcome: Bool) {
      self = isSameOutcome ? (isSameNext ? .same : .waits) : .differs
    }
  }

  /// Holds what a profile comes to against where it stands.
  public func compare(
    _ profile: Int64, _ next: Instant, _ outcome: Span<UInt8>
  ) throws -> Comparison {
    try read.bind([.init(profile)])
    defer { read.reset() }
    guard try read.step() else { return Self.compareWithNone(next, outcome) }
    return Self.compare(read, 0, next, outcome)
  }

  /// For a profile without a row.
  fileprivate static func compareWithNone(
    _ next: Instant, _ outcome: Span<UInt8>
  ) -> Comparison {
    Comparison(isSameNext: next == .never, isSameOutcome: outcome.isEmpty)
  }

  /// The same with two columns of a row.
  fileprivate static func compare(
    _ row: Statement, _ column: Int32, _ next: Instant, _ outcome: Span<UInt8>
  ) -> Comparison {
    let known = row.optionalInt(column).map { Instant(milliseconds: $0) } ?? .never
    let isSameOutcome = row.withBytes(column + 1) { known in
      guard known.count == outcome.count else { return false }
      for index in 0..<known.count where known[index] != outcome[index] { return false }
      return true
    }
    return Comparison(isSameNext: next == known, isSameOutcome: isSameOutcome)
  }

  /// - Parameter at: the run's instant. Who was to be looked at by then is from now on at its next change.
  func store(_ standing: Standing, of profile: Int64, at: Instant) throws {
    guard standing != Standing() else { return try erase.run(.init(profile)) }
    let outcome = Datum.blob(standing.outcome)
    guard standing.next != .never else { return try write.run(.init(profile), .null, outcome) }
    let next = Datum(standing.next.milliseconds)
    try keepWake.run(.init(profile), next, outcome, .init(at.milliseconds))
    if connection.changes == 0 { try write.run(.init(profile), next, outcome) }
  }

  /// A standing out of two columns of a row.
  static func standing(_ row: Statement, _ column: Int32) -> Standing {
    Standing(
      next: row.optionalInt(column).map { Instant(milliseconds: $0) } ?? .never,
      outcome: row.blob(column + 1))
  }

  /// All standings of a range of profiles, in their order, one step at a time.
  public struct Cursor {
    private let rows: Statement
    /// The profile that stands next; nil at the end.
    public private(set) var profile: Int64?

    public init(_ connection: Connection, _ range: ClosedRange<Int64>) throws {
      rows = try connection.prepareFresh(
        """
        SELECT profile, next, outcome FROM standings WHERE profile BETWEEN ? AND ? ORDER BY profile
        """)
      try rows.bind([.init(range.lowerBound), .init(range.upperBound)])
      try advance()
    }

    /// Goes on to the next one.
    public mutating func advance() throws { profile = try rows.step() ? rows.int(0) : nil }

    /// The standing of a profile, which is the one here or has none.
    public func standing(of profile: Int64) -> Standing {
      self.profile == profile ? Standings.standing(rows, 1) : Standing()
    }

    /// Holds what a profile comes to against where it stands.
    public func compare(
      _ profile: Int64, _ next: Instant, _ outcome: Span<UInt8>
    ) -> Comparison {
      guard self.profile == profile else { return compareWithNone(next, outcome) }
      return Standings.compare(rows, 1, next, outcome)
    }
  }
}
