import Evaluation
import SQLite
import Values

/// Brings the packed histories up to a watermark: reads the events behind the last one, groups them
/// by identity, and merges them into what is stored.
///
/// Packed histories are derived from the events. How far they reach is stored beside them, so they
/// may be ahead of the last run.
public struct HistoryPacking {
  /// How much memory the calls of one part may take, in bytes.
  private static let sizeLimit = 128 << 20

  private let connection: Connection
  private let names: NameTable
  private var builder: HistoryBuilder
  private let stored: Statement
  private let add: Statement
  private let change: Statement
  private let kind: Statement
  /// The identities of whom something was packed, with their kinds.
  private var touched: [(identity: Int64, kind: IdentityKind)] = []

  /// - Parameter table: `histories`, or one like it.
  private init(_ connection: Connection, _ names: NameTable, table: String) throws {
    self.connection = connection
    self.names = names
    builder = HistoryBuilder(names)
    stored = try connection.prepareFresh("SELECT data, kind FROM \(table) WHERE identity = ?")
    add = try connection.prepareFresh(
      "INSERT INTO \(table)(identity, kind, data) VALUES (?, ?, ?)")
    change = try connection.prepareFresh("UPDATE \(table) SET data = ? WHERE identity = ?")
    kind = try connection.prepareFresh("SELECT kind FROM identities WHERE id = ?")
  }

  /// The last event that is packed.
  public static func watermark(_ connection: Connection) throws -> Int64 {
    try connection.prepare("SELECT watermark FROM packed").first { $0.int(0) } ?? 0
  }

  /// Packs the events up to `watermark`. Only inside a write transaction.
  ///
  /// - Parameter names: those of the store, which grow.
  /// - Returns: of whom something was packed, without an order.
  @discardableResult
  public static func catchUp(
    _ connection: Connection, _ names: NameTable, upTo watermark: Int64
  ) throws -> Packed {
    let since = try Self.watermark(connection)
    guard watermark > since else { return Packed(since: since) }
    var packing = try HistoryPacking(connection, names, table: "histories")
    try packing.take(after: since, upTo: watermark)
    try HistoryNames.store(names, connection)
    try connection.run("UPDATE packed SET watermark = ?", .init(watermark))
    return Packed(since: since, identities: packing.touched)
  }

  /// What one call packed.
  public struct Packed {
    /// The last event that was packed before.
    let since: Int64
    var identities: [(identity: Int64, kind: IdentityKind)] = []
  }

  /// Runs `body` with the events that are not packed yet in `temp.history_tail`; nothing is written to
  /// the store. Inside one view of the store.
  static func withTail<Result>(
    _ connection: Connection, _ names: NameTable, upTo watermark: Int64, _ body: () throws -> Result
  ) throws -> Result {
    let since = try Self.watermark(connection)
    guard watermark > since else { return try body() }
    try connection.execute(
      """
      CREATE TEMP TABLE history_tail(
        identity INTEGER PRIMARY KEY, kind INTEGER NOT NULL, data BLOB NOT NULL) STRICT
      """)
    defer { try? connection.execute("DROP TABLE temp.history_tail") }
    var packing = try HistoryPacking(connection, names, table: "temp.history_tail")
    try packing.take(after: since, upTo: watermark)
    return try body()
  }

  /// Packs everything anew. Only inside a write transaction.
  public static func rebuild(_ connection: Connection) throws {
    let watermark = try Self.watermark(connection)
    try connection.execute("DELETE FROM histories; DELETE FROM history_names")
    try connection.run("UPDATE packed SET watermark = 0")
    try catchUp(connection, NameTable(), upTo: watermark)
  }

  /// Packs everything anew, a part of the identities at a time, and compares. Inside one view of the
  /// store; nothing is written.
  ///
  /// - Returns: an identity whose stored history is another one; nil when there is none.
  public static func difference(_ connection: Connection) throws -> Int64? {
    let watermark = try Self.watermark(connection)
    let names = try HistoryNames.load(connection)
    let last = try connection.prepare("SELECT max(identity) FROM histories").first { $0.int(0) }
    let parts = watermark / 1_000_000 + 1
    // The last part takes in whoever has no stored history but should.
    let size = (last ?? 0) / parts + 1
    var packing = try HistoryPacking(connection, names, table: "histories")
    for part in 0..<parts {
      let range = (part * size)...(part + 1 == parts ? .max : (part + 1) * size - 1)
      if let identity = try packing.difference(in: range, upTo: watermark) { return identity }
    }
    return nil
  }

  private mutating func difference(
    in range: ClosedRange<Int64>, upTo watermark: Int64
  ) throws -> Int64? {
    try read(after: 0, upTo: watermark) { packing, row, identities in
      let asked = identities.filter(range.contains)
      if !asked.isEmpty { try packing.add(row, to: asked) }
    }
    var different: Int64?
    var count: Int64 = 0
    try builder.finish { identity, history in
      count += 1
      let known = try stored.first(.init(identity)) { $0.blob(0) }
      if known != history.bytes, different == nil { different = identity }
    }
    if let different { return different }
    // None but these has a history.
    let rows = try connection.prepare(
      "SELECT count(*), max(identity) FROM histories WHERE identity BETWEEN ? AND ?"
    ).first(.init(range.lowerBound), .init(range.upperBound)) { ($0.int(0), $0.int(1)) }
    return rows.flatMap { $0.0 == count ? nil : $0.1 }
  }

  private mutating func take(after since: Int64, upTo watermark: Int64) throws {
    try read(after: since, upTo: watermark) { packing, row, identities in
      try packing.add(row, to: identities)
      if packing.builder.size > Self.sizeLimit { try packing.flush() }
    }
    try flush()
  }

  private mutating func read(
    after since: Int64, upTo watermark: Int64,
    _ each: (inout HistoryPacking, Statement, [Int64]) throws -> Void
  ) throws {
    let rows = try connection.prepareFresh(
      """
      SELECT e.seq, e.type, n.name, e.time, e.body, e.user IS NULL, e.user, e.anonymous, e.account
      FROM events AS e LEFT JOIN names AS n ON n.id = e.event
      WHERE e.seq > ? AND e.seq <= ? ORDER BY e.seq
      """)
    try rows.forEach(.init(since), .init(watermark)) { row in
      var identities: [Int64] = []
      if let own = row.optionalInt(6) ?? row.optionalInt(7) { identities.append(own) }
      if row.int(1) == Call.Kind.group.rawValue, let account = row.optionalInt(8) {
        identities.append(account)
      }
      try each(&self, row, identities)
    }
  }

  /// Packs the call of a row.
  private mutating func add(_ row: Statement, to identities: [Int64]) throws {
    guard let kind = Call.Kind(rawValue: row.int(1)) else { throw SQLiteError.damaged("events") }
    // The name of a page or screen is one of its properties.
    if kind == .page || kind == .screen {
      return builder.add(try ProfileEvent(row), to: identities)
    }
    let event = ProfileEvent(
      kind, event: row.text(2), time: Instant(milliseconds: row.int(3)), row: row.int(0),
      body: .absent, isAnonymous: row.int(5) != 0)
    do {
      try row.withBytes(4) { try builder.add(event, $0, to: identities) }
    } catch is JSONError {
      throw SQLiteError.damaged("events")
    }
  }

  private mutating func flush() throws {
    try builder.finish { identity, history in
      let known = try stored.first(.init(identity)) { ($0.blob(0), $0.int(1)) }
      let number: Int64
      if let known {
        number = known.1
        let whole = History(bytes: known.0).adding(history)
        try change.run(.blob(whole.bytes), .init(identity))
      } else {
        number = try kind.first(.init(identity)) { $0.int(0) } ?? IdentityKind.user.rawValue
        try add.run(.init(identity), .init(number), .blob(history.bytes))
      }
      touched.append((identity, IdentityKind(rawValue: number) ?? .user))
    }
  }
}

/// The numbers of names inside packed histories.
public enum HistoryNames {
  /// The names of the store.
  public static func load(_ connection: Connection) throws -> NameTable {
    let names = try connection.prepare("SELECT name FROM history_names ORDER BY id")
    return NameTable(try names.all { $0.text(0) })
  }

  /// Stores the names that are new. Only inside a write transaction.
  static func store(_ names: NameTable, _ connection: Connection) throws {
    let known = try connection.prepare("SELECT count(*) FROM history_names").first { $0.int(0) }
    for number in Int(known ?? 0)..<names.count {
      try connection.run(
        "INSERT INTO history_names(id, name) VALUES (?, ?)", .init(Int64(number)),
        .init(names.name(Int32(number))))
    }
  }
}
