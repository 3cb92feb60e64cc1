import Membership
import SQLite

/// How much the store holds about a destination, of definitions and of models.
public struct DestinationExtent: Sendable, Equatable {
  /// Identities of users that it was told about.
  public var users = 0
  /// Ids of accounts that it was told about.
  public var accounts = 0
  /// Insert ids of events that are not sent any more.
  public var events = 0
  /// Values that it acknowledged, or may have.
  public var values = 0
  /// Rows that may have to be sent, an event counting as one.
  public var pending = 0
  public var quarantined = 0

  public init() {}

  public static func + (one: DestinationExtent, other: DestinationExtent) -> DestinationExtent {
    var sum = one
    sum.users += other.users
    sum.accounts += other.accounts
    sum.events += other.events
    sum.values += other.values
    sum.pending += other.pending
    sum.quarantined += other.quarantined
    return sum
  }
}

extension DestinationState {
  public func extent(_ connection: Connection) throws -> DestinationExtent {
    func count(_ sql: String) throws -> Int {
      try connection.prepare(sql).first(.init(id)) { Int($0.int(0)) } ?? 0
    }
    let told = "v.destination = ?1 AND (v.told IS NOT NULL OR v.in_doubt)"
    func objects(_ kind: ObjectKind, _ object: String) throws -> Int {
      try count(
        """
        SELECT count(*) FROM (
          SELECT identity FROM acknowledged WHERE destination = ?1 AND kind = \(kind.rawValue)
          UNION
          SELECT v.identity FROM model_values AS v JOIN models AS m ON m.id = v.model
          WHERE \(told) AND m.object = '\(object)')
        """)
    }
    func sum(_ queries: [String]) throws -> Int {
      try queries.reduce(0) { try $0 + count("SELECT count(*) FROM \($1)") }
    }
    var extent = DestinationExtent()
    extent.users = try objects(.user, "user")
    extent.accounts = try objects(.account, "account")
    extent.events = try sum([
      "model_events WHERE destination = ?1 AND (item IS NULL OR in_doubt)"
    ])
    extent.values = try sum([
      "acknowledged WHERE destination = ?1", "model_values AS v WHERE \(told)",
    ])
    extent.pending = try sum([
      "pending WHERE destination = ?1",
      "model_values WHERE destination = ?1 AND wanted IS NOT NULL",
      "model_events WHERE destination = ?1 AND item IS NOT NULL AND reason IS NULL",
    ])
    extent.quarantined = try sum([
      "quarantine WHERE destination = ?1",
      "model_values WHERE destination = ?1 AND refused IS NOT NULL",
      "model_events WHERE destination = ?1 AND reason IS NOT NULL",
    ])
    return extent
  }

  /// Puts every value in doubt that models told a destination, so that it is sent again. Events are not:
  /// each goes out once. Only inside a write transaction.
  ///
  /// - Parameter key: of this model alone; nil for all.
  public func doubtModels(_ key: String?, _ connection: Connection) throws {
    try connection.run(
      """
      UPDATE model_values SET in_doubt = 1, wanted = coalesce(wanted, told)
      WHERE destination = ?1 AND told IS NOT NULL
        AND (?2 IS NULL OR model IN (SELECT id FROM models WHERE key = ?2))
      """, .init(id), .init(key))
  }

  /// Forgets what models told a destination, its events too. Only inside a write transaction.
  public func forgetModels(_ connection: Connection) throws {
    for table in ["model_values", "model_events", "model_destinations"] {
      try connection.run("DELETE FROM \(table) WHERE destination = ?", .init(id))
    }
  }
}
