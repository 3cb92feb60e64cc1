import Evaluation
import SQLite

extension HistoryParts {
  /// So many identities are folded in one transaction: their pages fit in memory, and the log, which begins
  /// anew behind each, stays short.
  static let foldedAtOnce = 15_000
  /// What the thread that reads keeps of the store in memory, in KiB: it goes in the order of the file.
  private static let cacheSizeForReading = 8 << 10

  /// Puts all parts into the rows of their identities, in the order of the file, some thousand in a
  /// transaction of their own: behind each of them the store is whole, and whoever folds next goes on
  /// there. A second thread reads and puts together, one portion ahead, while this one writes.
  ///
  /// - Parameter progress: called with parts done and in all.
  /// - Throws: `SQLiteError.damaged` for a part of nobody.
  public static func fold(
    _ connection: Connection, progress: (Int, Int) -> Void = { _, _ in }
  ) throws {
    try fold(connection, atOnce: foldedAtOnce, progress: progress)
  }

  static func fold(
    _ connection: Connection, atOnce: Int, progress: (Int, Int) -> Void = { _, _ in }
  ) throws {
    let all = Int(try count(connection))
    guard all > 0 else { return }
    var done = 0
    // Nothing is read while a portion is committed, so that the log can begin anew: the thread has handed
    // over the next one and waits for this one's place.
    let portions = Handover([FoldedPortion(), FoldedPortion()])
    let worker = Worker { [path = connection.path] in
      defer { portions.end() }
      let connection = try Connection(
        path: path, mode: .readOnly, cacheSize: cacheSizeForReading)
      var reader = try FoldReader(connection)
      while !reader.isAtEnd, var portion = portions.empty() {
        try connection.snapshot { try reader.read(atOnce, into: &portion) }
        portions.put(portion)
      }
    }
    do {
      defer { portions.close() }
      while let portion = portions.next() {
        try connection.derivation("fold") { try portion.write(connection) }
        done += portion.parts
        progress(done, all)
        portions.giveBack(portion)
      }
    } catch {
      worker.wait()
      throw error
    }
    try worker.finish()
  }

  /// The same inside one write transaction, on this thread.
  static func foldWithin(_ connection: Connection) throws {
    var reader = try FoldReader(connection)
    var portion = FoldedPortion()
    while !reader.isAtEnd {
      try reader.read(foldedAtOnce, into: &portion)
      try portion.write(connection)
    }
  }
}

/// Some identities' whole histories, in their order.
struct FoldedPortion: Sendable {
  var histories: [(identity: Int64, hasRow: Bool, history: History)] = []
  /// How many parts went into them.
  var parts = 0
  /// Whether nobody has parts behind them.
  var isLast = false

  /// Only inside a write transaction.
  func write(_ connection: Connection) throws {
    let change = try connection.prepareFresh("UPDATE histories SET data = ? WHERE identity = ?")
    let add = try connection.prepareFresh(
      """
      INSERT INTO histories(identity, kind, data)
      SELECT id, kind, ?1 FROM identities WHERE id = ?2
      """)
    for (identity, hasRow, history) in histories {
      try (hasRow ? change : add).run(.blob(history.bytes), .init(identity))
      guard connection.changes == 1 else { throw SQLiteError.damaged("part_lists") }
    }
    if isLast {
      try HistoryParts.erase(connection)
    } else if let last = histories.last {
      try connection.run("UPDATE part_runs SET folded = ?", .init(last.identity))
    }
  }
}

/// Puts rows and parts together, one portion after the other.
struct FoldReader {
  private let parts: HistoryParts.Reader?
  private let row: Statement
  private(set) var isAtEnd: Bool

  init(_ connection: Connection) throws {
    parts = try HistoryParts.Reader(connection)
    isAtEnd = parts == nil
    row = try connection.prepareFresh("SELECT data FROM histories WHERE identity = ?")
    try parts?.seek(0)
  }

  /// - Parameter count: of so many identities.
  mutating func read(_ count: Int, into portion: inout FoldedPortion) throws {
    portion.histories.removeAll(keepingCapacity: true)
    portion.parts = 0
    for _ in 0..<count {
      guard let parts, let identity = parts.identity else { break }
      let own = try row.first(.init(identity)) { History(bytes: $0.blob(0)) }
      let added = try parts.take(identity)
      portion.histories.append(
        (identity: identity, hasRow: own != nil, history: (own ?? History()).adding(added)))
      portion.parts += added.count
    }
    isAtEnd = parts?.identity == nil
    portion.isLast = isAtEnd
  }
}
