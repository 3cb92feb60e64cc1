import Evaluation
import SQLite
import Values

extension Histories {
  /// A tie between a user and an account.
  public struct Tie: Sendable {
    /// The other end.
    public let profile: Int64
    /// The first `group` call that made it.
    public let since: Instant
  }

  /// What an identity is.
  public func kind(of identity: Int64) throws -> IdentityKind {
    try connection.prepare("SELECT kind FROM identities WHERE id = ?")
      .first(.init(identity)) { IdentityKind(rawValue: $0.int(0)) }?.flatMap { $0 } ?? .user
  }

  /// Whether some identity is an account.
  public func areAccounts() throws -> Bool {
    try connection.prepare("SELECT 1 FROM identities WHERE kind = ? LIMIT 1")
      .first(.init(IdentityKind.account.rawValue)) { _ in true } ?? false
  }

  /// Whether an identity is an account.
  public func isAccount(_ identity: Int64) throws -> Bool {
    // Who has a history is evaluated next, and that is where it is read.
    try connection.prepare(
      """
      SELECT coalesce(
        (SELECT kind FROM histories WHERE identity = ?1),
        (SELECT kind FROM identities WHERE id = ?1))
      """
    ).first(.init(identity)) { $0.int(0) } == IdentityKind.account.rawValue
  }

  /// All accounts, in the order in which they were first seen.
  public func accounts() throws -> [Int64] {
    try connection.prepare("SELECT id FROM identities WHERE kind = ? ORDER BY id")
      .all(.init(IdentityKind.account.rawValue)) { $0.int(0) }
  }

  /// The accounts that a call behind `seq` names.
  public func accounts(changedSince seq: Int64) throws -> [Int64] {
    try connection.prepare(
      "SELECT DISTINCT account FROM events WHERE seq > ? AND seq <= ? AND account IS NOT NULL"
    ).all(.init(seq), .init(watermark)) { $0.int(0) }
  }

  /// The accounts of a user, by account id; also those that are joined later.
  public func accounts(of profile: Int64) throws -> [Tie] {
    try connection.prepare(
      """
      SELECT e.account, min(e.time) FROM events AS e JOIN identities AS i ON i.id = e.account
      WHERE e.user IN (SELECT ?1 UNION ALL SELECT identity FROM links WHERE root = ?1)
        AND e.type = \(Call.Kind.group.rawValue) AND e.account IS NOT NULL AND e.seq <= ?2
      GROUP BY e.account ORDER BY i.external_id
      """
    ).all(.init(profile), .init(watermark)) { row in
      Tie(profile: row.int(0), since: Instant(milliseconds: row.int(1)))
    }
  }

  /// The users of an account, in the order in which they were first seen; also later ones.
  public func users(of account: Int64) throws -> [Tie] {
    try connection.prepare(
      """
      SELECT coalesce(l.root, e.user) AS profile, min(e.time)
      FROM events AS e LEFT JOIN links AS l ON l.identity = e.user
      WHERE e.account = ?1 AND e.type = \(Call.Kind.group.rawValue) AND e.user IS NOT NULL
        AND e.seq <= ?2
      GROUP BY 1 ORDER BY 1
      """
    ).all(.init(account), .init(watermark)) { row in
      Tie(profile: row.int(0), since: Instant(milliseconds: row.int(1)))
    }
  }

  /// Everything that is known about one account, with the histories of its users.
  public func history(ofAccount account: Int64) throws -> AccountHistory {
    let calls = pooled(try packed(account))
    let members = try users(of: account).map { tie in
      AccountHistory.Member(
        user: tie.profile, since: tie.since, history: try history(of: tie.profile))
    }
    return AccountHistory(calls: calls, members: members)
  }

  /// Everything that is known about one user, with the histories of the user's accounts.
  public func historyWithAccounts(of profile: Int64) throws -> UserHistory {
    let affiliations = try accounts(of: profile).map { tie in
      UserHistory.Affiliation(
        account: tie.profile, since: tie.since, history: try history(ofAccount: tie.profile))
    }
    return UserHistory(calls: try history(of: profile), affiliations: affiliations)
  }
}
