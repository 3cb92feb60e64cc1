import Evaluation
import SQLite
import Values

/// Reads the events of profiles, up to a watermark, as histories for the evaluator.
///
/// Who is one profile is read from the links, which a run brings up to its watermark first.
public struct Histories {
  let connection: Connection
  public let names: NameTable
  /// The last event that is taken into account.
  public let watermark: Int64
  /// Whether profiles with an anonymous id alone take part.
  private let includesAnonymous: Bool

  /// Reads the store as it is with all its events, and writes nothing to it: what is behind the last
  /// run, whose watermark is `since`, is linked and packed in temporary tables.
  ///
  /// - Parameter last: the last event that is taken into account; all when left out. Links that runs made
  ///   of later ones count all the same.
  public static func looking<Result>(
    _ connection: Connection, since: Int64, upTo last: Int64? = nil,
    _ body: (_ watermark: Int64, _ names: NameTable) throws -> Result
  ) throws -> Result {
    try IdentityLinks.looking(connection, since: since, upTo: last) { watermark in
      let names = try HistoryNames.load(connection)
      return try HistoryPacking.withTail(connection, names, upTo: watermark) {
        try body(watermark, names)
      }
    }
  }

  /// What is packed of an identity: in the store, and of the tail.
  private let sources: [Statement]
  /// What came to the rows of the store; nil where there is nothing.
  private let addedParts: HistoryParts.Reader?
  private let join = HistoryJoin()
  /// Whether some events are packed in temporary tables.
  private let hasTail: Bool
  /// The ids that became part of a profile.
  private let others: Statement
  /// Whether some id is part of another profile.
  let hasLinks: Bool
  /// Whether more is packed than is to be taken into account.
  let isAhead: Bool

  /// - Parameters:
  ///   - names: those of the store.
  ///   - watermark: nothing behind it is taken into account. What lies before it is packed, or in the
  ///     tail of `looking`.
  public init(
    _ connection: Connection, _ names: NameTable, upTo watermark: Int64, includesAnonymous: Bool
  ) throws {
    self.connection = connection
    self.names = names
    self.watermark = watermark
    self.includesAnonymous = includesAnonymous
    hasTail =
      try connection.prepare("SELECT 1 FROM temp.sqlite_schema WHERE name = 'history_tail'")
      .first { _ in true } ?? false
    var sources = [try connection.prepareFresh("SELECT data FROM histories WHERE identity = ?")]
    addedParts = try HistoryParts.Reader(connection)
    if hasTail {
      sources.append(
        try connection.prepareFresh("SELECT data FROM temp.history_tail WHERE identity = ?"))
    }
    self.sources = sources
    others = try connection.prepareFresh("SELECT identity FROM links WHERE root = ?")
    hasLinks = try connection.prepare("SELECT 1 FROM links LIMIT 1").first { _ in true } ?? false
    isAhead = try HistoryPacking.watermark(connection) > watermark
  }

  /// The last event of the store; 0 when it is empty.
  public static func watermark(_ connection: Connection) throws -> Int64 {
    try connection.prepare("SELECT max(seq) FROM events").first { $0.int(0) } ?? 0
  }

  /// Everything that is known about one profile, under all its ids.
  public func history(of profile: Int64) throws -> History {
    var parts = try packed(profile)
    if hasLinks { try others.forEach(.init(profile)) { parts += try packed($0.int(0)) } }
    return pooled(parts)
  }

  /// Calls `body` with everything that is known about one profile, packed, and with who is to read it.
  /// An id that became part of another profile has nothing of its own any more.
  public func withHistory<Reader: ~Copyable>(
    of profile: Int64, _ reader: inout Reader, _ body: (inout Reader, Span<UInt8>) -> Void
  ) throws {
    if hasLinks || isAhead || hasTail {
      let isRoot = try IdentityLinks.isRoot(profile, connection)
      let bytes = try isRoot ? history(of: profile).bytes : []
      return body(&reader, bytes.span)
    }
    if let addedParts, try addedParts.hasParts(of: profile) {
      if try put(profile, addedParts) { return join.withBytes(&reader, body) }
      let bytes = try pooled(packed(profile)).bytes
      return body(&reader, bytes.span)
    }
    try sources[0].bind(.init(profile), at: 1)
    defer { sources[0].reset() }
    if try sources[0].step() {
      sources[0].withBytes(0, &reader, body)
    } else {
      let nothing: [UInt8] = []
      body(&reader, nothing.span)
    }
  }

  /// Puts the row of an identity and its parts one behind the other. False where that is not their order.
  private func put(_ identity: Int64, _ parts: HistoryParts.Reader) throws -> Bool {
    join.begin()
    try sources[0].bind(.init(identity), at: 1)
    defer { sources[0].reset() }
    if try sources[0].step(), !sources[0].withBytes(0, { join.add($0) }) { return false }
    return try parts.add(of: identity, to: join)
  }

  /// What is packed of one identity: in the store, and of the events behind that.
  func packed(_ identity: Int64) throws -> [History] {
    var packed: [History] = []
    for statement in sources {
      try statement.forEach(.init(identity)) { packed.append(History(bytes: $0.blob(0))) }
    }
    if let addedParts { packed += try addedParts.parts(of: identity) }
    return packed
  }

  func pooled(_ histories: [History]) -> History {
    let whole = History().adding(histories)
    return isAhead ? whole.upTo(row: watermark) : whole
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

  /// The same of what was just packed, where nothing between `seq` and that had been packed before.
  public func profiles(changedSince seq: Int64, _ packed: HistoryPacking.Packed) throws -> [Int64] {
    guard packed.since == seq, !hasLinks else { return try profiles(changedSince: seq) }
    let taking = packed.identities.lazy.filter {
      $0.kind == .user || (includesAnonymous && $0.kind == .anonymous)
    }
    return Set(taking.map(\.identity)).sorted()
  }

  var otherKind: Int64 {
    (includesAnonymous ? IdentityKind.anonymous : .user).rawValue
  }
}

extension ProfileEvent {
  /// The call of a row: seq, type, name of the event, time, body, whether there is no user.
  init(_ row: Statement) throws(SQLiteError) {
    // Both were validated when they came in. An event that is silently none would be an exit.
    guard let body = row.withBytes(4, { try? Value(json: $0) }),
      let kind = Call.Kind(rawValue: row.int(1))
    else { throw SQLiteError.damaged("events") }
    self.init(
      kind, event: row.text(2),
      time: Instant(milliseconds: row.int(3)), row: row.int(0), body: body,
      isAnonymous: row.int(5) != 0)
  }

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
