import Evaluation
import SQLite
import Values

/// Reads the events of profiles, up to a watermark, as histories for the evaluator.
///
/// Who is one profile is read from the links, which a run brings up to its watermark first.
public struct Histories {
  let connection: Connection
  let names: NameTable
  /// The last event that is taken into account.
  public let watermark: Int64
  /// Whether profiles with an anonymous id alone take part.
  private let includesAnonymous: Bool

  public init(
    _ connection: Connection, _ names: NameTable, upTo watermark: Int64, includesAnonymous: Bool
  ) {
    self.connection = connection
    self.names = names
    self.watermark = watermark
    self.includesAnonymous = includesAnonymous
  }

  /// The last event of the store; 0 when it is empty.
  public static func watermark(_ connection: Connection) throws -> Int64 {
    try connection.prepare("SELECT max(seq) FROM events").first { $0.int(0) } ?? 0
  }

  /// Everything that is known about one profile, under all its ids.
  public func history(of profile: Int64) throws -> History {
    let columns = "e.seq, e.type, n.name, e.time, e.body, e.user IS NULL"
    let ids = "SELECT ?1 UNION ALL SELECT identity FROM links WHERE root = ?1"
    let events = try connection.prepare(
      """
      SELECT \(columns) FROM events AS e LEFT JOIN names AS n ON n.id = e.event
      WHERE e.user IN (\(ids)) AND e.seq <= ?2
      UNION ALL
      SELECT \(columns) FROM events AS e LEFT JOIN names AS n ON n.id = e.event
      WHERE e.user IS NULL AND e.anonymous IN (\(ids)) AND e.seq <= ?2
      """
    ).all(.init(profile), .init(watermark), read: Self.event)
    return History(events, names)
  }

  /// All profiles that take part, in the order in which they were first seen.
  public func profiles() throws -> [Int64] {
    try connection.prepare(
      """
      SELECT id FROM identities WHERE (kind = ?1 OR kind = ?2)
        AND NOT EXISTS (SELECT 1 FROM links WHERE identity = identities.id)
      ORDER BY id
      """
    ).all(.init(IdentityKind.user.rawValue), .init(otherKind)) { $0.int(0) }
  }

  /// The profiles with an event behind `seq`, in the order in which they were first seen.
  public func profiles(changedSince seq: Int64) throws -> [Int64] {
    try connection.prepare(
      """
      SELECT DISTINCT i.id
      FROM events AS e
        LEFT JOIN links AS l ON l.identity = coalesce(e.user, e.anonymous)
        JOIN identities AS i ON i.id = coalesce(l.root, e.user, e.anonymous)
      WHERE e.seq > ?3 AND e.seq <= ?4 AND (i.kind = ?1 OR i.kind = ?2)
      ORDER BY i.id
      """
    ).all(
      .init(IdentityKind.user.rawValue), .init(otherKind), .init(seq), .init(watermark)
    ) { $0.int(0) }
  }

  private var otherKind: Int64 {
    (includesAnonymous ? IdentityKind.anonymous : .user).rawValue
  }

  static func event(_ row: Statement) throws(SQLiteError) -> ProfileEvent {
    // Both were validated when they came in. An event that is silently none would be an exit.
    guard let body = row.withBytes(4, { try? Value(json: $0) }),
      let kind = Call.Kind(rawValue: row.int(1))
    else { throw SQLiteError.damaged("events") }
    return ProfileEvent(
      kind, event: row.text(2),
      time: Instant(milliseconds: row.int(3)), row: row.int(0), body: body,
      isAnonymous: row.int(5) != 0)
  }
}

extension ProfileEvent {
  /// What a stored call is to the evaluator.
  ///
  /// - Parameters:
  ///   - event: the event's name; `Page Viewed` and `Screen Viewed` for page and screen calls,
  ///     whose `name` is also a property.
  ///   - body: the whole call.
  ///   - isAnonymous: whether the call has no user id.
  public init(
    _ kind: Call.Kind, event: String, time: Instant, row: Int64, body: Value, isAnonymous: Bool
  ) {
    let content: (kind: Kind, properties: Value) =
      switch kind {
      case .track: (.event(name: event), body["properties"])
      case .page:
        (.event(name: event), body["properties"].setting("page_name", to: body["name"]))
      case .screen:
        (.event(name: event), body["properties"].setting("screen_name", to: body["name"]))
      case .identify: (.identify, body["traits"])
      case .group: (.group, body["traits"])
      case .alias: (.alias, .absent)
      }
    self.init(
      kind: content.kind, time: time, row: row, properties: content.properties,
      context: body["context"],
      writeKey: body["writeKey"], isAnonymous: isAnonymous)
  }
}

extension Value {
  /// The object with one more member, which wins over one of the same key.
  fileprivate func setting(_ key: String, to value: Value) -> Value {
    guard value.isPresent else { return self }
    var members: [Member] = []
    if case .object(let own) = self { members = own.filter { !$0.key.isExactly(key) } }
    members.append(Member(key, value))
    return .object(members)
  }
}
