import Evaluation
import SQLite
import Values

/// What can be said of the calls on file at a cost that does not grow with them.
///
/// Names are looked up in their table. By name or by time the rows have no index, and so a bounded
/// part of them is read: those that arrived last, or parts of the store at equal distances.
public struct StoreSurvey {
  /// How much is read at most.
  public struct Limits: Sendable {
    /// Rows of `events`.
    public var rows = 100_000
    /// Calls of one kind whose content is read.
    public var calls = 1_000
    /// Names of events.
    public var names = 10_000

    public init() {}
  }

  /// Calls that are read together: the events of one name, or what sets traits.
  public enum Calls: Sendable, Hashable {
    case events(of: ExactString)
    case identify
    case group
  }

  /// When the first and the last event happened, as far as was looked.
  public struct Span: Sendable, Equatable {
    public let first: Instant
    public let last: Instant
    /// Whether every event was looked at.
    public let isWhole: Bool
  }

  private let connection: Connection
  private let limits: Limits

  public init(_ connection: Connection, limits: Limits = Limits()) {
    self.connection = connection
    self.limits = limits
  }

  // MARK: Names

  /// Names of events, the first to arrive first. `Page Viewed` and `Screen Viewed` are always there.
  public func eventNames() throws -> [String] {
    try connection.prepare("SELECT name FROM names ORDER BY id LIMIT ?")
      .all(.init(limits.names)) { $0.text(0) }
  }

  /// Whether an event of this name is on file.
  ///
  /// A name is stored with its first event, but `Page Viewed` and `Screen Viewed` are there from the
  /// start: for these the answer is no only when all rows could be looked at.
  public func holds(event name: String) throws -> Bool {
    guard let id = try self.id(of: name) else { return false }
    guard EventStoreSchema.firstNames.contains(name) else { return true }
    var rows = 0
    var isFound = false
    try rowsBackwards { _, event, _ in
      rows += 1
      isFound = event == id || rows > limits.rows
      return !isFound
    }
    return isFound
  }

  private func id(of name: String) throws -> Int64? {
    try connection.prepare("SELECT id FROM names WHERE name = ?").first(.init(name)) { $0.int(0) }
  }

  // MARK: Content

  /// Reads the latest calls of some kinds, by arrival.
  ///
  /// - Returns: the kinds of which every call on file was read.
  public func latest(
    _ wanted: Set<Calls>, body: (Calls, ProfileEvent) throws -> Void
  ) throws -> Set<Calls> {
    var events: [Int64: Calls] = [:]
    for case .events(let name) in wanted {
      if let id = try id(of: name.text) { events[id] = .events(of: name) }
    }
    let content = try connection.prepare(
      """
      SELECT e.seq, e.type, n.name, e.time, e.body, e.user IS NULL
      FROM events AS e LEFT JOIN names AS n ON n.id = e.event WHERE e.seq = ?
      """)
    var left = Dictionary(uniqueKeysWithValues: wanted.map { ($0, limits.calls) })
    var whole = wanted
    var rows = 0
    try rowsBackwards { kind, event, row in
      rows += 1
      guard rows <= limits.rows else {
        whole = []
        return false
      }
      let calls = kind == .identify ? .identify : kind == .group ? .group : events[event]
      guard let calls, let more = left[calls] else { return true }
      guard more > 0 else {
        whole.remove(calls)
        return !whole.isEmpty || left.values.contains { $0 > 0 }
      }
      left[calls] = more - 1
      let call = try content.first(.init(row)) { (row) throws(SQLiteError) in
        try ProfileEvent(row)
      }
      if let call { try body(calls, call) }
      return true
    }
    return whole
  }

  /// Calls `body` with the kind, the event's name and the number of each row, until it has enough.
  private func rowsBackwards(
    _ body: (Call.Kind?, _ event: Int64, _ row: Int64) throws -> Bool
  ) throws {
    let rows = try connection.prepare(
      "SELECT type, event, seq FROM events ORDER BY seq DESC LIMIT ?")
    try rows.bind([.init(limits.rows + 1)])
    defer { rows.reset() }
    while try rows.step() {
      guard try body(Call.Kind(rawValue: rows.int(0)), rows.int(1), rows.int(2)) else { return }
    }
  }

  // MARK: Time

  /// When the first and the last event up to an instant happened; nil when none was found.
  public func span(upTo now: Instant) throws -> Span? {
    let ends = try connection.prepare(
      "SELECT (SELECT min(seq) FROM events), (SELECT max(seq) FROM events)"
    ).first { (first: $0.int(0), last: $0.int(1)) }
    guard let ends else { return nil }
    let parts = self.parts(ends.first, ends.last)
    let times = try connection.prepare(
      """
      SELECT min(time), max(time) FROM events
      WHERE seq BETWEEN ? AND ? AND time <= ? AND event IS NOT NULL
      """)
    var bounds: (first: Int64, last: Int64)?
    for part in parts {
      let found = try times.first(
        .init(part.lowerBound), .init(part.upperBound), .init(now.milliseconds)
      ) { row in (first: row.optionalInt(0), last: row.optionalInt(1)) }
      guard let first = found?.first, let last = found?.last else { continue }
      bounds = (min(bounds?.first ?? first, first), max(bounds?.last ?? last, last))
    }
    return bounds.map {
      Span(
        first: Instant(milliseconds: $0.first), last: Instant(milliseconds: $0.last),
        isWhole: parts.count == 1)
    }
  }

  /// The whole of a range of rows, or parts of it at equal distances, the two ends among them.
  private func parts(_ first: Int64, _ last: Int64) -> [ClosedRange<Int64>] {
    let rows = Int64(limits.rows)
    guard last - first >= rows else { return [first...last] }
    let parts = min(100, rows)
    let size = rows / parts
    return (0..<parts).map { part in
      let start = first + (last - first + 1 - size) / max(parts - 1, 1) * part
      let begin = part == parts - 1 ? last - size + 1 : start
      return begin...(begin + size - 1)
    }
  }
}
