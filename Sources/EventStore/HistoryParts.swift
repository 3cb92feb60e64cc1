import SQLite

/// What came to identities since their rows in `histories` were written, in parts of its own.
///
/// A run that finds new calls of some identities, anywhere among all, writes their parts one behind the
/// other, sorted by identity, in place of a page of `histories` for each. A history is its row and its
/// parts.
///
/// Who is new gets a row behind the last one. Of all others it is not looked up whether they have one. A
/// few have parts alone until these are folded: an anonymous id that stood beside a user's so far, or an id
/// that only an alias named.
public struct HistoryParts {
  /// How many parts may lie beside the histories.
  ///
  /// A part costs each evaluation of its identity a look-up, and a scan of everybody some work. A part that
  /// goes into a row costs most of a page, and the less the more of them go at once.
  public struct Limit: Sendable {
    /// So many in any case.
    public var count: Int64
    /// This share of the identities.
    public var share: Double

    public init(count: Int64 = 20_000, share: Double = 0.9) {
      self.count = count
      self.share = share
    }

    /// Whether it would be exceeded with so many parts more.
    public func isExceeded(adding more: Int64 = 0, _ connection: Connection) throws -> Bool {
      let parts = try HistoryParts.count(connection) + more
      guard parts > count else { return false }
      return Double(parts) > share
        * Double(try HistoryParts.lastRow(connection))
    }
  }

  /// The last identity that has a row; 0 when there is none.
  static func lastRow(_ connection: Connection) throws -> Int64 {
    try connection.prepare("SELECT max(identity) FROM histories").first { $0.int(0) } ?? 0
  }

  /// How many there are; an identity has one in each run that has something of it.
  static func count(_ connection: Connection) throws -> Int64 {
    try connection.prepare("SELECT sum(parts) FROM part_runs").first { $0.int(0) } ?? 0
  }

  /// Takes all away.
  static func erase(_ connection: Connection) throws {
    try connection.execute("DELETE FROM part_blocks; DELETE FROM part_lists; DELETE FROM part_runs")
  }
}
