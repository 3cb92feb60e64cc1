import Evaluation
import SQLite

/// Who is shown all histories, in the order of their identities.
public protocol HistoryVisitor: AnyObject {
  /// - Parameter history: packed, under all ids of the profile, and valid for the call only; empty for
  ///   an id that became part of another profile.
  func visit(_ identity: Int64, _ kind: IdentityKind, _ history: Span<UInt8>) throws
}

extension Histories {
  /// Shows a visitor the histories of a range of identities.
  ///
  /// They are read in place, in the order in which they lie in the file; only profiles with several ids,
  /// and those with parts beside their row, are put together.
  public func visitAll(_ range: ClosedRange<Int64>, _ visitor: some HistoryVisitor) throws {
    let walk = try HistoryWalk(self, range, visitor)
    try connection.visit(
      "SELECT visit(identity, kind, data) FROM histories WHERE identity BETWEEN ? AND ? ORDER BY identity",
      .init(range.lowerBound), .init(range.upperBound), visitor: walk)
    try walk.showParts(upTo: range.upperBound)
  }
}

/// A walk over the rows of histories, beside their parts and those of the links.
private final class HistoryWalk: RowVisitor {
  private let histories: Histories
  private let visitor: any HistoryVisitor
  /// Whether a history is its row and its parts, whatever else is in the store.
  private let isPlain: Bool
  private let parts: HistoryParts.Reader?
  /// Whose part stands next.
  private var nextPart: Int64
  private let linked: Statement
  private let roots: Statement
  private var nextLinked: Int64?
  private var nextRoot: Int64?

  init(
    _ histories: Histories, _ range: ClosedRange<Int64>, _ visitor: some HistoryVisitor
  ) throws {
    self.histories = histories
    self.visitor = visitor
    isPlain = !histories.hasLinks && !histories.isAhead
    parts = try HistoryParts.Reader(histories.connection, from: range.lowerBound)
    nextPart = parts?.identity ?? .max
    linked = try histories.connection.prepareFresh(
      "SELECT identity FROM links WHERE identity BETWEEN ? AND ? ORDER BY identity")
    roots = try histories.connection.prepareFresh(
      "SELECT DISTINCT root FROM links WHERE root BETWEEN ? AND ? ORDER BY root")
    for statement in [linked, roots] {
      try statement.bind([.init(range.lowerBound), .init(range.upperBound)])
    }
    nextLinked = try linked.step() ? linked.int(0) : nil
    nextRoot = try roots.step() ? roots.int(0) : nil
  }

  func visit(_ row: VisitedRow) throws {
    let identity = row.int(0)
    let kind = IdentityKind(rawValue: row.int(1)) ?? .user
    if nextPart < identity { try showParts(upTo: identity - 1) }
    try row.withBytes(2) { own in
      if isPlain, identity < nextPart { return try visitor.visit(identity, kind, own) }
      try show(identity, kind, own, try takeParts(of: identity))
    }
  }

  /// Shows those up to an identity who have parts and no row.
  func showParts(upTo end: Int64) throws {
    let nothing: [UInt8] = []
    while nextPart <= end, nextPart < .max {
      let identity = nextPart
      try show(
        identity, try histories.kind(of: identity), nothing.span, try takeParts(of: identity))
    }
  }

  private func takeParts(of identity: Int64) throws -> [History] {
    defer { nextPart = parts?.identity ?? .max }
    return try parts?.take(identity) ?? []
  }

  /// - Parameter own: the row's.
  private func show(
    _ identity: Int64, _ kind: IdentityKind, _ own: Span<UInt8>, _ added: [History]
  ) throws {
    if try isNext(identity, &nextLinked, linked) {
      let nothing: [UInt8] = []
      return try visitor.visit(identity, kind, nothing.span)
    }
    let isWhole = try !isNext(identity, &nextRoot, roots)
    guard !isWhole || histories.isAhead || !added.isEmpty else {
      return try visitor.visit(identity, kind, own)
    }
    let history =
      try isWhole
      ? histories.pooled([History(bytes: own.withUnsafeBufferPointer { Array($0) })] + added)
      : histories.history(of: identity)
    let bytes = history.bytes
    try visitor.visit(identity, kind, bytes.span)
  }

  private func isNext(
    _ identity: Int64, _ next: inout Int64?, _ rows: Statement
  ) throws -> Bool {
    while let number = next, number < identity { next = try rows.step() ? rows.int(0) : nil }
    return next == identity
  }
}
