import SQLite
import Values

/// How large a definition was at some instants, in their order.
public struct SizeSeries: Sendable, Equatable {
  public struct Point: Sendable, Equatable {
    public let at: Instant
    /// Members, or present values, at that instant.
    public let members: Int
    /// Who became a member, and who was none any more, since the point before.
    public let entered: Int
    public let left: Int

    public init(at: Instant, members: Int, entered: Int, left: Int) {
      self.at = at
      self.members = members
      self.entered = entered
      self.left = left
    }
  }

  public private(set) var points: [Point]

  public init(_ points: [Point] = []) { self.points = points }

  /// How many points a series read from the runs has at most. More runs share points.
  public static let limit = 200

  /// What the runs that are still kept say of each definition, by its number in the store.
  ///
  /// The time between the first and the last run is divided into at most `limit` equal parts. Each
  /// part with a run is a point: the last run's instant and size, and the sum of who entered and
  /// left. So memory is bounded by the definitions, whatever the number of runs.
  static func ofRuns(_ connection: Connection, limit: Int = limit) throws -> [Int64: SizeSeries] {
    let span = try connection.prepare("SELECT min(at), max(at), count(*) FROM runs").first {
      (first: $0.int(0), last: $0.int(1), count: Int($0.int(2)))
    }
    guard let span, span.count > 0 else { return [:] }
    let part = span.count <= limit ? 0 : (span.last - span.first) / Int64(limit) + 1
    var series: [Int64: SizeSeries] = [:]
    try connection.prepare(
      """
      SELECT d.definition, r.at, d.members, d.entered, d.left
      FROM runs AS r JOIN run_definitions AS d ON d.run = r.id WHERE r.at >= ? ORDER BY r.id
      """
    ).forEach(.init(span.first)) { row in
      let point = Point(
        at: Instant(milliseconds: row.int(1)), members: Int(row.int(2)),
        entered: Int(row.int(3)), left: Int(row.int(4)))
      series[row.int(0), default: SizeSeries()].add(point, from: span.first, part: part)
    }
    return series
  }

  /// - Parameter part: the length of a point's time in milliseconds; 0 for a point each.
  private mutating func add(_ point: Point, from start: Int64, part: Int64) {
    func place(_ point: Point) -> Int64 { (point.at.milliseconds - start) / part }
    guard part > 0, let last = points.last, place(last) == place(point) else {
      return points.append(point)
    }
    points[points.count - 1] = Point(
      at: point.at, members: point.members, entered: last.entered + point.entered,
      left: last.left + point.left)
  }
}
