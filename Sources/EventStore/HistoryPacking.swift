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

  /// Above so many calls they are first put aside by ranges of identities, so many to a range.
  static let callsInRange: Int64 = 400_000

  private let connection: Connection
  private let names: NameTable
  private var builder: HistoryBuilder
  private let stored: Statement
  private let add: Statement
  private let change: Statement
  private let kind: Statement
  private let place: Place
  private var progress: (Int, Int) -> Void = { _, _ in }
  /// The identities of whom something was packed, with their kinds.
  private var touched: [(identity: Int64, kind: IdentityKind)] = []

  /// Where calls of an identity go that has a row already.
  private enum Place {
    /// Into the row.
    case row
    /// Into a part beside it.
    case part
  }

  /// - Parameter table: `histories`, or one like it, which has no parts.
  private init(
    _ connection: Connection, _ names: NameTable, table: String = "histories", _ place: Place
  ) throws {
    self.connection = connection
    self.names = names
    self.place = place
    builder = HistoryBuilder(names)
    add = try connection.prepareFresh(
      "INSERT INTO \(table)(identity, kind, data) VALUES (?, ?, ?)")
    switch place {
    case .row:
      stored = try connection.prepareFresh("SELECT kind, data FROM \(table) WHERE identity = ?")
      change = try connection.prepareFresh("UPDATE \(table) SET data = ? WHERE identity = ?")
    case .part:
      stored = try connection.prepareFresh("SELECT kind FROM \(table) WHERE identity = ?")
      change = try connection.prepareFresh(
        "INSERT INTO history_parts(data, identity) VALUES (?, ?)")
    }
    kind = try connection.prepareFresh("SELECT kind FROM identities WHERE id = ?")
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
    guard watermark > since else { return Packed(since: since) }
    let isLong = watermark - since > callsInRange
    var packing = try HistoryPacking(connection, names, isLong ? .row : .part)
    packing.progress = progress
    if isLong {
      try HistoryParts.fold(connection)
      try packing.takeByRanges(after: since, upTo: watermark, callsInRange)
    } else {
      try packing.take(after: since, upTo: watermark)
    }
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
    try connection.execute(
      "DELETE FROM history_parts; DELETE FROM histories; DELETE FROM history_names")
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
    try read(after: 0, upTo: watermark) { packing, row, identities in
      let asked = identities.filter(range.contains)
      if !asked.isEmpty { try packing.add(row, to: asked) }
    }
    var different: Int64?
    var count: Int64 = 0
    var parts = try HistoryParts.Cursor(connection, range)
    try builder.finish { identity, history in
      count += 1
      // Part of nobody.
      if let skipped = parts.identity, skipped < identity, different == nil { different = skipped }
      let added = try parts.take(identity)
      let known = try stored.first(.init(identity)) { History(bytes: $0.blob(1)).adding(added) }
      if known != history, different == nil { different = identity }
    }
    if let different = different ?? parts.identity { return different }
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

  /// The same for a long tail, whose calls are packed a range of identities at a time.
  private mutating func takeByRanges(
    after since: Int64, upTo watermark: Int64, _ callsInRange: Int64
  ) throws {
    let parts = Int((watermark - since) / callsInRange) + 1
    let spill = try CallSpill(
      connection.path + ".pack.tmp", bounds: try bounds(parts, after: since, upTo: watermark))
    try read(after: since, upTo: watermark) { packing, row, identities in
      try packing.add(row, to: identities)
      if packing.builder.size > Self.portionSize { try packing.builder.drain(spill.add) }
    }
    try builder.drain(spill.add)
    let count = Int(watermark - since)
    for part in 0..<spill.partCount {
      try spill.read(part) { builder.add($0, $1) }
      try flush()
      progress(count + count * (part + 1) / spill.partCount, 2 * count)
    }
  }

  /// What is packed before it is put aside, in bytes.
  private static let portionSize = 4 << 20

  /// Where to part the identities, so that each range has about as many calls: by a sample of them.
  private func bounds(
    _ parts: Int, after since: Int64, upTo watermark: Int64
  ) throws -> [Int64] {
    let row = try connection.prepare(
      "SELECT coalesce(user, anonymous) FROM events WHERE seq = ?")
    let size = Int64(parts * 100)
    var sample: [Int64] = []
    for number in 0..<size {
      let seq = since + 1 + (watermark - since - 1) * number / size
      if let identity = try row.first(.init(seq), read: { $0.optionalInt(0) }) ?? nil {
        sample.append(identity)
      }
    }
    sample.sort()
    return (1..<parts).compactMap { part in
      sample.isEmpty ? nil : sample[sample.count * part / parts]
    }
  }

  private mutating func read(
    after since: Int64, upTo watermark: Int64,
    _ each: (inout HistoryPacking, Statement, [Int64]) throws -> Void
  ) throws {
    let count = Int(watermark - since)
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
      let done = Int(row.int(0) - since)
      if done % 10_000 == 0 { progress(done, 2 * count) }
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
      let known = try stored.first(.init(identity)) { row in
        (kind: row.int(0), history: place == .row ? History(bytes: row.blob(1)) : History())
      }
      let number: Int64
      if let known {
        number = known.kind
        try change.run(.blob(known.history.adding(history).bytes), .init(identity))
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
