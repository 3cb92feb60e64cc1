import Evaluation
import SQLite
import Values

/// Reads the events of users, up to a watermark, as histories for the evaluator.
public struct Histories {
  private let connection: Connection
  private let names: NameTable
  /// The last event that is taken into account.
  public let watermark: Int64

  private static let columns = "e.seq, e.type, n.name, e.time, e.body"

  public init(_ connection: Connection, _ names: NameTable, upTo watermark: Int64) {
    self.connection = connection
    self.names = names
    self.watermark = watermark
  }

  /// The last event of the store; 0 when it is empty.
  public static func watermark(_ connection: Connection) throws -> Int64 {
    try connection.prepare("SELECT max(seq) FROM events").first { $0.int(0) } ?? 0
  }

  /// Everything that is known about one user.
  public func history(of profile: Int64) throws -> History {
    let events = try connection.prepare(
      """
      SELECT \(Self.columns) FROM events AS e LEFT JOIN names AS n ON n.id = e.event
      WHERE e.user = ? AND e.seq <= ? ORDER BY e.seq
      """
    ).all(.init(profile), .init(watermark), read: Self.event)
    return History(events, names)
  }

  /// All users, in the order of their first call.
  public func profiles() throws -> [Int64] {
    try connection.prepare("SELECT id FROM identities WHERE kind = 0 ORDER BY id")
      .all { $0.int(0) }
  }

  /// The users with an event behind `seq`, in the order of their first call.
  public func profiles(changedSince seq: Int64) throws -> [Int64] {
    try connection.prepare(
      """
      SELECT DISTINCT user FROM events
      WHERE seq > ? AND seq <= ? AND user IS NOT NULL ORDER BY user
      """
    ).all(.init(seq), .init(watermark)) { $0.int(0) }
  }

  /// Calls `body` with every user's history, in one pass over the events.
  public func scan(_ body: (Int64, History) throws -> Void) throws {
    var current: Int64?
    var events: [ProfileEvent] = []
    let statement = try connection.prepareFresh(
      """
      SELECT e.user, \(Self.columns) FROM events AS e LEFT JOIN names AS n ON n.id = e.event
      WHERE e.user IS NOT NULL AND e.seq <= ? ORDER BY e.user, e.seq
      """)
    try statement.bind([.init(watermark)])
    while try statement.step() {
      let user = statement.int(0)
      if user != current {
        if let current { try body(current, History(events, names)) }
        current = user
        events.removeAll(keepingCapacity: true)
      }
      events.append(Self.event(statement, from: 1))
    }
    if let current { try body(current, History(events, names)) }
  }

  private static func event(_ row: Statement) -> ProfileEvent { event(row, from: 0) }

  private static func event(_ row: Statement, from column: Int32) -> ProfileEvent {
    // Stored bodies were validated when they came in.
    let body = row.withBytes(column + 4) { (try? Value(json: $0)) ?? .absent }
    return ProfileEvent(
      Call.Kind(rawValue: row.int(column + 1)) ?? .track, event: row.text(column + 2),
      time: Instant(milliseconds: row.int(column + 3)), row: row.int(column), body: body)
  }
}

extension ProfileEvent {
  /// What a stored call is to the evaluator.
  ///
  /// - Parameters:
  ///   - event: the event's name; `Page Viewed` and `Screen Viewed` for page and screen calls,
  ///     whose `name` is also a property.
  ///   - body: the whole call.
  public init(_ kind: Call.Kind, event: String, time: Instant, row: Int64, body: Value) {
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
      writeKey: body["writeKey"])
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
