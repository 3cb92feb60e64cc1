import Evaluation
import SQLite
import Values

/// The digests of a store: what the definitions of one full run asked of everybody's history, kept for
/// the next one.
///
/// They are derived, and as a whole: made by a full run, never changed, and not used any more once the
/// definitions are others or many profiles have new events. Who has changed since is read from the histories.
public struct Digests: Sendable {
  /// The last identity of each block, in order.
  public let blocks: [Int64]
  private let watermark: Int64

  /// Those of the store, if they are of these definitions; nil when there are none.
  ///
  /// - Parameters:
  ///   - fingerprint: of the definitions, and of the program that evaluates them.
  ///   - now: the instant at which they are to be used. They hold from the one on at which they were made.
  public init?(_ connection: Connection, fingerprint: String, at now: Instant) throws {
    let watermark = try connection.prepare(
      "SELECT watermark FROM digested WHERE fingerprint = ? AND at <= ?"
    ).first(.init(fingerprint), .init(now.milliseconds)) { $0.int(0) }
    guard let watermark else { return nil }
    self.watermark = watermark
    blocks = try connection.prepare("SELECT last FROM digests ORDER BY last").all { $0.int(0) }
  }

  /// The profiles that have to be read from their histories, in order.
  ///
  /// - Parameter histories: up to the instant's watermark.
  public func outdated(_ histories: Histories) throws -> [Int64] {
    let connection = histories.connection
    var profiles = Set(try histories.profiles(changedSince: watermark))
    // CROSS JOIN: otherwise SQLite may go through all identities.
    let others = try connection.prepare(
      """
      SELECT u.profile FROM undigested AS u CROSS JOIN identities AS i ON i.id = u.profile
      WHERE i.kind = ? OR i.kind = ?
      """)
    try others.forEach(.init(IdentityKind.user.rawValue), .init(histories.otherKind)) {
      profiles.insert($0.int(0))
    }
    return profiles.sorted()
  }

  /// Shows a visitor the blocks whose last identity is in a range, in order.
  public static func visit(
    _ connection: Connection, _ range: ClosedRange<Int64>, _ visitor: some RowVisitor
  ) throws {
    try connection.visit(
      "SELECT visit(data) FROM digests WHERE last BETWEEN ? AND ? ORDER BY last",
      .init(range.lowerBound), .init(range.upperBound), visitor: visitor)
  }

  // MARK: Writing, inside a write transaction

  /// Takes all digests away.
  public static func erase(_ connection: Connection) throws {
    try connection.execute("DELETE FROM digested; DELETE FROM digests; DELETE FROM undigested")
  }

  /// Stores a block of new digests, whose order does not matter.
  public static func add(_ block: DigestBlock, _ connection: Connection) throws {
    try connection.run(
      "INSERT INTO digests(last, data) VALUES (?, ?)", .init(block.last), .blob(block.bytes))
  }

  /// Says what the blocks that were added are of.
  ///
  /// - Parameter excluded: the profiles that are not in them.
  public static func finish(
    _ connection: Connection, fingerprint: String, at now: Instant, watermark: Int64,
    excluded: Set<Int64>
  ) throws {
    try connection.run(
      "INSERT INTO digested(id, fingerprint, at, watermark) VALUES (1, ?, ?, ?)",
      .init(fingerprint), .init(now.milliseconds), .init(watermark))
    try leaveOut(excluded, connection)
  }

  /// Notes profiles that are not what the digests say, as those that gained or lost ids.
  public static func leaveOut(_ profiles: Set<Int64>, _ connection: Connection) throws {
    guard !profiles.isEmpty else { return }
    let isThere = try connection.prepare("SELECT 1 FROM digested").first { _ in true } ?? false
    guard isThere else { return }
    for profile in profiles.sorted() {
      try connection.run("INSERT OR IGNORE INTO undigested(profile) VALUES (?)", .init(profile))
    }
  }
}
