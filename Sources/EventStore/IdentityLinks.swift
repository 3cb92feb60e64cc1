import SQLite
import Values

/// Which ids are one profile.
///
/// An `identify` with both ids gives the anonymous id to the user: the earliest one by (timestamp,
/// arrival) holds, later claims are ignored. An `alias` merges a user id into another: the first
/// one of a previous id holds, and one that would close a circle is ignored. Links are timeless.
///
/// The table `links` is derived from the events up to a run's watermark and changes in the run's
/// transaction: `target` is whom an id was linked to, `root` the profile at the end of the chain.
/// An id without a row is a profile of its own.
public struct IdentityLinks {
  /// What new events did to the links.
  public struct Changes: Sendable {
    /// Profiles that gained or lost events.
    public internal(set) var profiles: Set<Int64> = []
    /// Links that were ignored, because an earlier one holds or because of a circle.
    public internal(set) var ignored = 0
  }

  private let connection: Connection
  /// By whom each aliased user id is represented, where there is a new alias; nil where the stored
  /// links still hold.
  private var aliases: [Int64: Int64]?
  private var changes = Changes()
  /// Whether an id that only an alias names gets a number.
  private let addsIdentities: Bool

  private init(_ connection: Connection, addsIdentities: Bool) {
    self.connection = connection
    self.addsIdentities = addsIdentities
  }

  /// Takes the events behind `since` into the links. Only inside a write transaction.
  public static func update(
    _ connection: Connection, since: Int64, upTo watermark: Int64
  ) throws -> Changes {
    try update(connection, since: since, upTo: watermark, addsIdentities: true)
  }

  /// Reads the store with the links as they are with all its events, and writes nothing to it.
  ///
  /// Events behind the last run, whose watermark is `since`, may link ids. The links are then made
  /// in a temporary table of this connection, which stands before the store's own.
  static func looking<Result>(
    _ connection: Connection, since: Int64, upTo last: Int64? = nil,
    _ body: (_ watermark: Int64) throws -> Result
  ) throws -> Result {
    try connection.snapshot {
      let watermark = try last ?? Histories.watermark(connection)
      guard watermark > since else { return try body(watermark) }
      try connection.execute(
        """
        CREATE TEMP TABLE links(
          identity INTEGER PRIMARY KEY, target INTEGER NOT NULL, root INTEGER NOT NULL) STRICT;
        INSERT INTO temp.links SELECT identity, target, root FROM main.links;
        CREATE INDEX temp.links_by_root_now ON links(root);
        """)
      defer { try? connection.execute("DROP TABLE temp.links") }
      _ = try update(connection, since: since, upTo: watermark, addsIdentities: false)
      return try body(watermark)
    }
  }

  private static func update(
    _ connection: Connection, since: Int64, upTo watermark: Int64, addsIdentities: Bool
  ) throws -> Changes {
    var links = IdentityLinks(connection, addsIdentities: addsIdentities)
    let hasAliases =
      try connection.prepare(
        "SELECT 1 FROM events WHERE type = ? AND seq > ? AND seq <= ? LIMIT 1"
      ).first(.init(Call.Kind.alias.rawValue), .init(since), .init(watermark)) { _ in true }
      ?? false
    if hasAliases { try links.readAliases(since: since, upTo: watermark) }
    try links.claim(since: since, upTo: watermark)
    if hasAliases { try links.storeAliases() }
    return links.changes
  }

  /// Whether an id is a profile, and no part of another one.
  public static func isRoot(_ identity: Int64, _ connection: Connection) throws -> Bool {
    try connection.prepare("SELECT 1 FROM links WHERE identity = ?")
      .first(.init(identity)) { _ in false } ?? true
  }

  /// The profile of an id.
  public static func root(of identity: Int64, _ connection: Connection) throws -> Int64 {
    try connection.prepare("SELECT root FROM links WHERE identity = ?")
      .first(.init(identity)) { $0.int(0) } ?? identity
  }

  // MARK: Aliases

  /// All aliases anew, in the order of (timestamp, arrival): an early one that arrives late may
  /// undo later ones.
  private mutating func readAliases(since: Int64, upTo watermark: Int64) throws {
    let rows = try connection.prepare(
      "SELECT seq, user, body FROM events WHERE type = ? AND seq <= ? ORDER BY time, seq"
    ).all(.init(Call.Kind.alias.rawValue), .init(watermark)) { row in
      (seq: row.int(0), user: row.int(1), previous: row.withBytes(2, Self.previousID))
    }
    var aliases: [Int64: Int64] = [:]
    defer { self.aliases = aliases }
    for row in rows {
      // An id without a call and without a number is nobody yet.
      guard let text = row.previous, let previous = try identity(of: text) else { continue }
      if aliases[previous] == nil, Self.end(of: row.user, aliases) != previous {
        aliases[previous] = row.user
      } else if row.seq > since, aliases[previous] != row.user {
        changes.ignored += 1
      }
    }
  }

  private static func previousID(_ body: Span<UInt8>) -> String? {
    guard let call = try? CallScanner.scan(body) else { return nil }
    return call.previousID?.string(in: body)
  }

  /// The number of a user id, which may be known from aliases alone.
  private func identity(of userID: String) throws -> Int64? {
    let kind = Datum(IdentityKind.user.rawValue)
    if addsIdentities {
      try connection.run(
        "INSERT OR IGNORE INTO identities(kind, external_id) VALUES (?, ?)", kind, .init(userID))
    }
    return try connection.prepare("SELECT id FROM identities WHERE kind = ? AND external_id = ?")
      .first(kind, .init(userID)) { $0.int(0) }
  }

  private func root(_ user: Int64) throws -> Int64 {
    guard let aliases else { return try Self.root(of: user, connection) }
    return Self.end(of: user, aliases)
  }

  private static func end(of user: Int64, _ aliases: [Int64: Int64]) -> Int64 {
    var user = user
    while let next = aliases[user] { user = next }
    return user
  }

  /// Writes the aliases, and the root of everything that leads somewhere else now.
  private mutating func storeAliases() throws {
    let known = try connection.prepare(
      """
      SELECT l.identity, l.target, l.root, i.kind
      FROM links AS l JOIN identities AS i ON i.id = l.identity
      """
    ).all { row in
      (identity: row.int(0), target: row.int(1), root: row.int(2), kind: row.int(3))
    }
    var rest = aliases ?? [:]
    for link in known {
      if link.kind == IdentityKind.user.rawValue {
        try move(link.identity, to: rest.removeValue(forKey: link.identity), from: link.root)
      } else {
        try move(link.identity, to: link.target, from: link.root)
      }
    }
    for (identity, target) in rest.sorted(by: { $0.key < $1.key }) {
      try move(identity, to: target, from: identity)
    }
  }

  // MARK: Claims

  /// Gives each anonymous id that a new `identify` names to the user of its earliest one.
  private mutating func claim(since: Int64, upTo watermark: Int64) throws {
    let claims = try connection.prepare(
      """
      SELECT anonymous, user FROM events
      WHERE type = ? AND seq > ? AND seq <= ? AND user IS NOT NULL AND anonymous IS NOT NULL
      """
    ).all(.init(Call.Kind.identify.rawValue), .init(since), .init(watermark)) {
      (anonymous: $0.int(0), user: $0.int(1))
    }
    let earliest = try connection.prepare(
      """
      SELECT user FROM events
      WHERE type = \(Call.Kind.identify.rawValue) AND user IS NOT NULL AND anonymous IS NOT NULL
        AND anonymous = ? AND seq <= ?
      ORDER BY time, seq LIMIT 1
      """)
    var owners: [Int64: Int64] = [:]
    for claim in claims {
      if owners[claim.anonymous] == nil {
        owners[claim.anonymous] =
          try earliest.first(.init(claim.anonymous), .init(watermark)) { $0.int(0) } ?? claim.user
      }
      if owners[claim.anonymous] != claim.user { changes.ignored += 1 }
    }
    for (anonymous, owner) in owners.sorted(by: { $0.key < $1.key }) {
      let root = try Self.root(of: anonymous, connection)
      try move(anonymous, to: owner, from: root)
    }
  }

  /// Links an id to a target, or to nobody, and notes the profiles concerned.
  private mutating func move(_ identity: Int64, to target: Int64?, from old: Int64) throws {
    let new = try target.map(root) ?? identity
    if let target {
      try connection.run(
        """
        INSERT INTO links(identity, target, root) VALUES (?, ?, ?)
        ON CONFLICT DO UPDATE SET target = excluded.target, root = excluded.root
          WHERE target <> excluded.target OR root <> excluded.root
        """, .init(identity), .init(target), .init(new))
    } else {
      try connection.run("DELETE FROM links WHERE identity = ?", .init(identity))
    }
    if new != old { changes.profiles.formUnion([identity, old, new]) }
  }
}
