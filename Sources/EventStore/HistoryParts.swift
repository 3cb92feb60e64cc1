import Evaluation
import SQLite

/// What came to identities since their rows in `histories` were written, in parts of its own.
///
/// A run that finds new calls of some identities, anywhere among all, writes their parts one behind the
/// other, in place of a page of `histories` for each. A history is its row and its parts in the order of
/// their ids.
///
/// Who is new gets a row behind the last one. Of all others it is not looked up whether they have one. A
/// few have parts alone until these are folded: an anonymous id that stood beside a user's so far, or an id
/// that only an alias named.
public struct HistoryParts {
  /// How many parts may lie beside the histories.
  ///
  /// A part costs each evaluation of its identity a look-up, and a scan of everybody a jump. A part that
  /// goes into a row costs most of a page, and the less the more of them go at once.
  public struct Limit: Sendable {
    /// So many in any case.
    public var count: Int64
    /// This share of the identities.
    public var share: Double

    public init(count: Int64 = 20_000, share: Double = 0.5) {
      self.count = count
      self.share = share
    }

    /// Whether it would be exceeded with so many parts more.
    public func isExceeded(adding more: Int64 = 0, _ connection: Connection) throws -> Bool {
      // Ids are given one after the other, and anew once the table is empty.
      let parts = try HistoryParts.last("id", "history_parts", connection) + more
      guard parts > count else { return false }
      return Double(parts) > share
        * Double(try HistoryParts.lastRow(connection))
    }
  }

  /// The last identity that has a row; 0 when there is none.
  static func lastRow(_ connection: Connection) throws -> Int64 {
    try last("identity", "histories", connection)
  }

  private static func last(
    _ key: String, _ table: String, _ connection: Connection
  ) throws -> Int64 {
    try connection.prepare("SELECT max(\(key)) FROM \(table)").first { $0.int(0) } ?? 0
  }

  /// Whether there are any.
  static func exist(_ connection: Connection) throws -> Bool {
    try connection.prepare("SELECT 1 FROM history_parts LIMIT 1").first { _ in true } ?? false
  }

  /// Puts all parts into the rows of their identities, in the order of the file. Only inside a write
  /// transaction.
  ///
  /// - Parameter progress: called with parts done and in all.
  /// - Throws: `SQLiteError.damaged` for a part of nobody.
  public static func fold(
    _ connection: Connection, progress: (Int, Int) -> Void = { _, _ in }
  ) throws {
    let count =
      try connection.prepare("SELECT count(*) FROM history_parts").first { $0.int(0) } ?? 0
    guard count > 0 else { return }
    let known = try connection.prepareFresh("SELECT data FROM histories WHERE identity = ?")
    let change = try connection.prepareFresh("UPDATE histories SET data = ? WHERE identity = ?")
    let add = try connection.prepareFresh(
      """
      INSERT INTO histories(identity, kind, data)
      SELECT id, kind, ?1 FROM identities WHERE id = ?2
      """)
    var cursor = try Cursor(connection, 1...Int64.max)
    var done = 0
    while let identity = cursor.identity {
      let row = try known.first(.init(identity)) { History(bytes: $0.blob(0)) }
      let parts = try cursor.take(identity)
      let history = (row ?? History()).adding(parts)
      try (row == nil ? add : change).run(.blob(history.bytes), .init(identity))
      guard connection.changes == 1 else { throw SQLiteError.damaged("history_parts") }
      done += parts.count
      if done % 1000 < parts.count { progress(done, Int(count)) }
    }
    try connection.execute("DELETE FROM history_parts")
    progress(Int(count), Int(count))
  }

  /// The parts of a range of identities, in their order.
  struct Cursor {
    private let rows: Statement
    /// Whose part stands next; nil at the end.
    private(set) var identity: Int64?

    init(_ connection: Connection, _ range: ClosedRange<Int64>) throws {
      rows = try connection.prepareFresh(
        """
        SELECT identity, data FROM history_parts
        WHERE identity BETWEEN ? AND ? ORDER BY identity, id
        """)
      try rows.bind([.init(range.lowerBound), .init(range.upperBound)])
      try advance()
    }

    private mutating func advance() throws { identity = try rows.step() ? rows.int(0) : nil }

    /// The parts of an identity, where it comes behind those that were asked for before.
    mutating func take(_ asked: Int64) throws -> [History] {
      var parts: [History] = []
      while let identity, identity <= asked {
        if identity == asked { parts.append(History(bytes: rows.blob(1))) }
        try advance()
      }
      return parts
    }
  }
}

extension History {
  /// This history and what came to it, in parts of any order.
  func adding(_ parts: [History]) -> History {
    switch parts.count {
    case 0: self
    case 1: adding(parts[0])
    default: History(pooling: [self] + parts)
    }
  }
}
