import Evaluation
import SQLite

extension HistoryParts {
  /// So many identities are folded in one transaction: their pages fit in memory, and the log, which begins
  /// anew behind each, stays short.
  static let foldedAtOnce = 15_000
  /// Or so many bytes of histories.
  static let sizeAtOnce = 32 << 20
  /// What the thread that reads keeps of the store in memory, in KiB: it goes in the order of the file.
  private static let cacheSizeForReading = 8 << 10

  /// Puts all parts into the rows of their identities, in the order of the file, some thousand in a
  /// transaction of their own: behind each of them the store is whole, and whoever folds next goes on
  /// there. A second thread reads and puts together, one portion ahead, while this one writes.
  ///
  /// Where somebody else packs meanwhile (a backfill does), the rest is left to the next one who folds.
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
      var reader = try connection.snapshot { try FoldReader(connection) }
      while !reader.isAtEnd, var portion = portions.empty() {
        try connection.snapshot { try reader.read(atOnce, into: &portion) }
        portions.put(portion)
      }
    }
    do {
      defer { portions.close() }
      while let portion = portions.next() {
        guard try connection.derivation("fold", { try portion.write(connection) }) else { break }
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
      _ = try portion.write(connection)
    }
  }
}

/// What a fold relies on: that nobody packs, folds or merges while it goes on.
struct PartsState: Equatable {
  private let watermark: Int64
  private let runs: [Int64]

  init(_ connection: Connection) throws {
    watermark = try HistoryPacking.watermark(connection)
    runs = try connection.prepare("SELECT id FROM part_runs ORDER BY id").all { $0.int(0) }
  }
}

/// Some identities' whole histories, in their order.
struct FoldedPortion: Sendable {
  var histories: [(identity: Int64, hasRow: Bool, history: History)] = []
  /// How many parts went into them.
  var parts = 0
  /// Whether nobody has parts behind them.
  var isLast = false
  /// What was in the store when they were read.
  var state: PartsState?

  /// Only inside a write transaction.
  ///
  /// - Returns: false where the store is not any more as it was when they were read; then nothing is written.
  func write(_ connection: Connection) throws -> Bool {
    guard let state, try PartsState(connection) == state else { return false }
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
      // A run of an earlier fold that was broken off may be further on.
      try connection.run("UPDATE part_runs SET folded = max(folded, ?)", .init(last.identity))
    }
    return true
  }
}

/// Puts rows and parts together, one portion after the other.
struct FoldReader {
  private let connection: Connection
  private let parts: HistoryParts.Reader?
  private let row: Statement
  private let state: PartsState
  private(set) var isAtEnd: Bool

  init(_ connection: Connection) throws {
    self.connection = connection
    state = try PartsState(connection)
    parts = try HistoryParts.Reader(connection, from: 0)
    isAtEnd = parts == nil
    row = try connection.prepareFresh("SELECT data FROM histories WHERE identity = ?")
  }

  /// - Parameters:
  ///   - count: of so many identities.
  ///   - limit: no more behind so many bytes.
  mutating func read(
    _ count: Int, upTo limit: Int = HistoryParts.sizeAtOnce, into portion: inout FoldedPortion
  ) throws {
    portion.histories.removeAll(keepingCapacity: true)
    (portion.parts, portion.isLast, portion.state) = (0, false, nil)
    guard try PartsState(connection) == state else {
      isAtEnd = true
      return
    }
    portion.state = state
    var size = 0
    for _ in 0..<count where size < limit {
      guard let parts, let identity = parts.identity else { break }
      let own = try row.first(.init(identity)) { History(bytes: $0.blob(0)) }
      let added = try parts.take(identity)
      let history = (own ?? History()).adding(added)
      portion.histories.append((identity: identity, hasRow: own != nil, history: history))
      portion.parts += added.count
      size += history.bytes.count
    }
    isAtEnd = parts?.identity == nil
    portion.isLast = isAtEnd
  }
}
