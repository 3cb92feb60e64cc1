import SQLite
import Values

/// Which users belong to which accounts, as of the last run that asked.
///
/// A user belongs to every account that a `group` call at or before the run's instant named; the
/// latest such call, by (timestamp, arrival), names the user's latest account. The table is derived
/// from the events and changes in the run's transaction.
public struct Affiliations {
  private let connection: Connection
  private let watermark: Int64
  private let now: Instant

  /// Brings the table up to a watermark and an instant. Only inside a write transaction.
  ///
  /// - Parameter moved: profiles that gained or lost ids.
  /// - Returns: the users whose accounts, or whose latest account, are others than before, in order.
  public static func update(
    _ connection: Connection, upTo watermark: Int64, at now: Instant, moved: Set<Int64>
  ) throws -> [Int64] {
    let affiliations = Affiliations(connection: connection, watermark: watermark, now: now)
    var users = try affiliations.concerned().union(moved)
    // An id that became part of another profile leaves its accounts to it.
    for user in moved { users.insert(try IdentityLinks.root(of: user, connection)) }
    let changed = try users.sorted().filter(affiliations.update)
    try connection.run(
      "UPDATE affiliated SET watermark = ?, at = ?", .init(watermark), .init(now.milliseconds))
    return changed
  }

  /// Forgets the table, so that the next update makes it anew. Only inside a write transaction.
  public static func forget(_ connection: Connection) throws {
    try connection.run("UPDATE affiliated SET watermark = 0, at = NULL")
  }

  /// Whether some user on file belongs to an account, now or later.
  public static func areAny(_ connection: Connection) throws -> Bool {
    try connection.prepare(
      """
      SELECT 1 FROM events INDEXED BY events_of_groups_by_user
      WHERE type = \(Call.Kind.group.rawValue) AND user IS NOT NULL AND account IS NOT NULL LIMIT 1
      """
    ).first { _ in true } ?? false
  }

  /// The users of whom something may be new: with a group call behind the last watermark, with one
  /// whose time has come; everybody with one before the first time.
  private func concerned() throws -> Set<Int64> {
    let done = try connection.prepare("SELECT watermark, at FROM affiliated").first { row in
      (watermark: row.int(0), at: row.optionalInt(1))
    }
    let profile = "coalesce((SELECT root FROM links WHERE identity = e.user), e.user)"
    let isGroup =
      "e.type = \(Call.Kind.group.rawValue) AND e.user IS NOT NULL AND e.account IS NOT NULL"
    guard let done, let at = done.at else {
      let everybody = try connection.prepare(
        """
        SELECT DISTINCT \(profile) FROM events AS e INDEXED BY events_of_groups_by_user
        WHERE \(isGroup) AND e.seq <= ?
        """
      ).all(.init(watermark)) { $0.int(0) }
      let known = try connection.prepare("SELECT DISTINCT user FROM affiliations")
        .all { $0.int(0) }
      return Set(everybody).union(known)
    }
    let new = try connection.prepare(
      """
      SELECT DISTINCT \(profile) FROM events AS e NOT INDEXED
      WHERE e.seq > ? AND e.seq <= ? AND \(isGroup)
      """
    ).all(.init(done.watermark), .init(watermark)) { $0.int(0) }
    let come = try connection.prepare(
      """
      SELECT DISTINCT \(profile) FROM events AS e INDEXED BY events_of_groups_by_time
      WHERE e.time > ? AND e.time <= ? AND e.seq <= ? AND \(isGroup)
      """
    ).all(.init(at), .init(now.milliseconds), .init(watermark)) { $0.int(0) }
    return Set(new).union(come)
  }

  /// One user's accounts anew. Returns whether they, or the latest of them, are others.
  private func update(_ user: Int64) throws -> Bool {
    let before = try accounts(
      "SELECT account, latest, row FROM affiliations WHERE user = ?1 ORDER BY latest, row", user)
    let after = try isProfile(user) ? accountsOnFile(of: user) : []
    guard before != after else { return false }
    try connection.run("DELETE FROM affiliations WHERE user = ?", .init(user))
    for row in after {
      try connection.run(
        "INSERT INTO affiliations(user, account, latest, row) VALUES (?, ?, ?, ?)", .init(user),
        .init(row.account), .init(row.latest), .init(row.row))
    }
    return Set(before.map(\.account)) != Set(after.map(\.account))
      || before.last?.account != after.last?.account
  }

  private struct Row: Equatable {
    let account: Int64
    let latest: Int64
    let row: Int64
  }

  private func isProfile(_ user: Int64) throws -> Bool {
    try IdentityLinks.isRoot(user, connection)
  }

  private func accounts(_ sql: String, _ user: Int64) throws -> [Row] {
    try connection.prepare(sql).all(.init(user)) { row in
      Row(account: row.int(0), latest: row.int(1), row: row.int(2))
    }
  }

  /// The user's accounts by their latest call, the latest account last.
  private func accountsOnFile(of user: Int64) throws -> [Row] {
    var latest: [Int64: Row] = [:]
    try connection.prepare(
      """
      SELECT e.account, e.time, e.seq FROM events AS e
      WHERE e.user IN (SELECT ?1 UNION ALL SELECT identity FROM links WHERE root = ?1)
        AND e.type = \(Call.Kind.group.rawValue) AND e.user IS NOT NULL AND e.account IS NOT NULL
        AND e.seq <= ?2 AND e.time <= ?3
      ORDER BY e.time, e.seq
      """
    ).forEach(.init(user), .init(watermark), .init(now.milliseconds)) { row in
      latest[row.int(0)] = Row(account: row.int(0), latest: row.int(1), row: row.int(2))
    }
    return latest.values.sorted { ($0.latest, $0.row) < ($1.latest, $1.row) }
  }
}
