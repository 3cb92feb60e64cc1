import Evaluation
import SQLite

/// All profiles of a range of identities with their histories, in order, one step at a time.
///
/// It reads the blobs in the order in which they lie in the file; only profiles with several ids are
/// put together from other places.
public struct HistoryCursor {
  private let rows: Statement
  private let linked: Statement
  private let roots: Statement
  private let histories: Histories
  private var nextLinked: Int64?
  private var nextRoot: Int64?
  /// The identity that stands next; nil at the end.
  public private(set) var identity: Int64?

  public init(_ histories: Histories, _ range: ClosedRange<Int64>) throws {
    self.histories = histories
    let connection = histories.connection
    rows = try connection.prepareFresh(
      "SELECT identity, kind, data FROM histories WHERE identity BETWEEN ? AND ? ORDER BY identity")
    linked = try connection.prepareFresh(
      "SELECT identity FROM links WHERE identity BETWEEN ? AND ? ORDER BY identity")
    roots = try connection.prepareFresh(
      "SELECT DISTINCT root FROM links WHERE root BETWEEN ? AND ? ORDER BY root")
    for statement in [rows, linked, roots] {
      try statement.bind([.init(range.lowerBound), .init(range.upperBound)])
    }
    nextLinked = try linked.step() ? linked.int(0) : nil
    nextRoot = try roots.step() ? roots.int(0) : nil
    try advance()
  }

  /// Goes on to the next one.
  public mutating func advance() throws { identity = try rows.step() ? rows.int(0) : nil }

  /// What the identity here is.
  public var kind: IdentityKind { IdentityKind(rawValue: rows.int(1)) ?? .user }

  /// Whether the identity became a part of another profile.
  public mutating func isPart(_ identity: Int64) throws -> Bool {
    while let next = nextLinked, next < identity {
      nextLinked = try linked.step() ? linked.int(0) : nil
    }
    return nextLinked == identity
  }

  /// Calls `body` with the packed history of the profile here, under all its ids, and with who is to
  /// read it.
  public mutating func withHistory<Reader: ~Copyable>(
    _ identity: Int64, _ reader: inout Reader, _ body: (inout Reader, Span<UInt8>) -> Void
  ) throws {
    while let next = nextRoot, next < identity {
      nextRoot = try roots.step() ? roots.int(0) : nil
    }
    guard nextRoot == identity || histories.isAhead else { return rows.withBytes(2, &reader, body) }
    let isWhole = nextRoot != identity
    let history =
      try isWhole
      ? histories.pooled([History(bytes: rows.blob(2))]) : histories.history(of: identity)
    let bytes = history.bytes
    body(&reader, bytes.span)
  }
}
