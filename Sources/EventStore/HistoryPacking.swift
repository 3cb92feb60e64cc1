import Evaluation
import SQLite
import Values

/// Brings the packed histories up to a watermark: reads the events behind the last one, groups them
/// by identity, and merges them into what is stored.
///
/// Packed histories are derived from the events. How far they reach is stored beside them, so they
/// may be ahead of the last run.
public struct HistoryPacking: ~Copyable {
  /// How much memory the calls of one part may take, in bytes.
  private static let sizeLimit = 128 << 20

  /// Above so many calls they are first put aside by ranges of identities, a quarter of that to a range.
  static let callsInRange: Int64 = 400_000

  let connection: Connection
  let names: NameTable
  var builder: HistoryBuilder
  let calls: ArrivedCallReader
  private var packing: CallPacking
  private let stored: Statement
  private let add: Statement
  private let change: Statement
  private let kind: Statement
  private let place: Place
  private var kinds = OwnerKinds()
  private(set) var progress: (Int, Int) -> Void
  /// The identities of whom something was packed, with their kinds.
  private var touched: [(identity: Int64, kind: IdentityKind)]

  /// Where calls of an identity go that may have a row already.
  enum Place {
    /// Into the row, which is read for it.
    case row
    /// Into a part beside it. Whether there is a row is not looked up: that would be a page of the
    /// histories for each identity, and the evaluation reads it anyway.
    case part
  }

  /// - Parameter table: `histories`, or one like it, which has no parts.
  init(
    _ connection: Connection, _ names: NameTable, table: String = "histories", _ place: Place
  ) throws {
    // All that may fail comes first: of what cannot be copied there is all or nothing.
    let stored = try connection.prepareFresh("SELECT kind, data FROM \(table) WHERE identity = ?")
    let add = try connection.prepareFresh(
      "INSERT INTO \(table)(identity, kind, data) VALUES (?, ?, ?)")
    let change = try connection.prepareFresh("UPDATE \(table) SET data = ? WHERE identity = ?")
    let kind = try connection.prepareFresh("SELECT kind FROM identities WHERE id = ?")
    calls = try ArrivedCallReader(connection)
    (self.connection, self.names, self.place) = (connection, names, place)
    (self.stored, self.add, self.change, self.kind) = (stored, add, change, kind)
    builder = HistoryBuilder(names)
    packing = CallPacking(names)
    progress = { _, _ in }
    touched = []
  }

  /// The last event that is packed.
  public static func watermark(_ connection: Connection) throws -> Int64 {
    try connection.prepare("SELECT watermark FROM packed").first { $0.int(0) } ?? 0
  }

  /// Packs the events up to `watermark`. Only inside a write transaction.
  ///
  /// - Parameters:
  ///   - names: those of the store, which grow.
  ///   - progress: called with calls done and in all.
  /// - Returns: of whom something was packed, without an order.
  @discardableResult
  public static func catchUp(
    _ connection: Connection, _ names: NameTable, upTo watermark: Int64,
    progress: @escaping (Int, Int) -> Void = { _, _ in }
  ) throws -> Packed {
    try catchUp(
      connection, names, upTo: watermark, callsInRange: callsInRange, progress: progress)
  }

  static func catchUp(
    _ connection: Connection, _ names: NameTable, upTo watermark: Int64, callsInRange: Int64,
    progress: @escaping (Int, Int) -> Void = { _, _ in }
  ) throws -> Packed {
    let since = try Self.watermark(connection)
    guard watermark > since else { return Packed(since: since, upTo: since) }
    let isLong = watermark - since > callsInRange
    var packing = try HistoryPacking(connection, names, isLong ? .row : .part)
    packing.progress = progress
    if isLong {
      try HistoryParts.foldWithin(connection)
      try packing.takeByRanges(after: since, upTo: watermark, max(callsInRange / 4, 1))
    } else {
      try packing.take(after: since, upTo: watermark)
      try HistoryParts.merge(connection)
    }
    try HistoryNames.store(names, connection)
    try connection.run("UPDATE packed SET watermark = ?", .init(watermark))
    return Packed(since: since, upTo: watermark, identities: packing.touched)
  }

  /// What one call packed.
  public struct Packed {
    /// The last event that was packed before.
    let since: Int64
    /// The last event that is packed.
    let upTo: Int64
    var identities: [(identity: Int64, kind: IdentityKind)] = []

    /// What both calls packed, where this one follows the other; else what this one did.
    public func following(_ earlier: Packed?) -> Packed {
      guard let earlier, earlier.upTo == since else { return self }
      return Packed(
        since: earlier.since, upTo: upTo, identities: earlier.identities + identities)
    }
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
    var packing = try HistoryPacking(connection, names, table: "temp.history_tail", .row)
    try packing.take(after: since, upTo: watermark)
    return try body()
  }

  /// Packs everything anew. Only inside a write transaction.
  ///
  /// - Parameter progress: called with calls done and in all.
  public static func rebuild(
    _ connection: Connection, progress: @escaping (Int, Int) -> Void = { _, _ in }
  ) throws {
    let watermark = try Self.watermark(connection)
    try HistoryParts.erase(connection)
    try connection.execute("DELETE FROM histories; DELETE FROM history_names")
    try connection.run("UPDATE packed SET watermark = 0")
    try catchUp(connection, NameTable(), upTo: watermark, progress: progress)
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
    var packing = try HistoryPacking(connection, names, .row)
    for part in 0..<parts {
      let range = (part * size)...(part + 1 == parts ? .max : (part + 1) * size - 1)
      if let identity = try packing.difference(in: range, upTo: watermark) { return identity }
    }
    return nil
  }

  private mutating func difference(
    in range: ClosedRange<Int64>, upTo watermark: Int64
  ) throws -> Int64? {
    try calls.read(after: 0, upTo: watermark) { calls in
      try packing.pack(calls, of: range, into: &builder)
    }
    var different: Int64?
    var count: Int64 = 0
    let parts = try HistoryParts.Reader(connection, from: range.lowerBound)
    try builder.finish { identity, history in
      // Part of nobody.
      if let skipped = parts?.identity, skipped < identity, different == nil { different = skipped }
      let added = try parts?.take(identity) ?? []
      let row = try stored.first(.init(identity)) { History(bytes: $0.blob(1)) }
      if row != nil { count += 1 }
      let isKnown = row != nil || !added.isEmpty
      if !isKnown || (row ?? History()).adding(added) != history, different == nil {
        different = identity
      }
    }
    if let next = parts?.identity, range.contains(next), different == nil { different = next }
    if let different { return different }
    // None but these has a row.
    let rows = try connection.prepare(
      "SELECT count(*), max(identity) FROM histories WHERE identity BETWEEN ? AND ?"
    ).first(.init(range.lowerBound), .init(range.upperBound)) { ($0.int(0), $0.int(1)) }
    return rows.flatMap { $0.0 == count ? nil : $0.1 }
  }

  private mutating func take(after since: Int64, upTo watermark: Int64) throws {
    let count = Int(watermark - since)
    try calls.read(after: since, upTo: watermark) { calls in
      try packing.pack(calls, into: &builder)
      if place == .part { kinds.note(calls) }
      if builder.size > Self.sizeLimit { try flush() }
      if let last = calls.rows.last { progress(Int(last.seq - since), 2 * count) }
    }
    try flush()
  }

  mutating func flush() throws {
    if place == .part { return try flushParts(behind: HistoryParts.lastRow(connection)) }
    try builder.finish { identity, history in
      let number: Int64
      if let known = try stored.first(
        .init(identity), read: { (kind: $0.int(0), history: History(bytes: $0.blob(1))) })
      {
        number = known.kind
        try change.run(.blob(known.history.adding([history]).bytes), .init(identity))
      } else {
        number = try kind.first(.init(identity)) { $0.int(0) } ?? IdentityKind.user.rawValue
        try add.run(.init(identity), .init(number), .blob(history.bytes))
      }
      touched.append((identity, IdentityKind(rawValue: number) ?? .user))
    }
  }

  /// - Parameter last: behind this identity nobody has a row.
  private mutating func flushParts(behind last: Int64) throws {
    var parts = try PartRunWriter(connection)
    try builder.finish { identity, history in
      let kind = kinds.kind(of: identity)
      if identity > last {
        try add.run(.init(identity), .init(kind.rawValue), .blob(history.bytes))
      } else {
        try parts.add(identity, history)
      }
      touched.append((identity, kind))
    }
    try parts.finish()
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
