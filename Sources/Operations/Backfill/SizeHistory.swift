import Membership
import SQLite
import Values

/// How many had something, who came and who went, period by period.
public struct SizeHistory: Sendable {
  /// Where the numbers of a period come from.
  public enum Source: String, Sendable {
    /// The exact past, as a backfill computed it.
    case spells
    /// What the runs found, each since the one before it.
    case runs
  }

  public struct Point: Sendable, Equatable {
    /// The first instant of the period, and the first one behind it.
    public let from: Instant
    public let to: Instant
    /// Nil when nothing is known of the period.
    public let source: Source?
    /// Members, or present values, at the last millisecond of the period; of runs, after its last one.
    public var size: Int
    /// Who came and who went in the period. Of a trait of the runs both are 0, and all is in `changed`.
    public var entered: Int
    public var left: Int
    /// Values that became another one.
    public var changed: Int
  }

  public let key: String
  public let kind: String
  public let period: Period
  public let points: [Point]
  /// Whether spells of an earlier query of the definition were left out.
  public let isEdited: Bool
}

/// Counts the spells of one definition by periods.
struct SpellCensus {
  private let periods: [Range<Int64>]
  private let covered: [Range<Int64>]
  private(set) var points: [SizeHistory.Point]
  /// How many more or fewer there are at the end of each period.
  private var steps: [Int]
  private var previous: StoredSpell?

  /// - Parameter periods: in the order of time, without gaps.
  init(_ periods: [Range<Int64>], covered: [Range<Int64>]) {
    self.periods = periods
    self.covered = covered
    steps = [Int](repeating: 0, count: periods.count + 1)
    points = periods.map { period in
      SizeHistory.Point(
        from: Instant(milliseconds: period.lowerBound),
        to: Instant(milliseconds: period.upperBound),
        source: .spells, size: 0, entered: 0, left: 0, changed: 0)
    }
  }

  /// Takes the next spell, in the order of profile and time.
  mutating func add(_ spell: StoredSpell) {
    let touches = previous.map { $0.profile == spell.profile && $0.until == spell.since } ?? false
    if let previous, !touches { leave(previous.until) }
    previous = spell
    let place = place(of: spell.since)
    if touches {
      if let place { points[place].changed += 1 }
      return
    }
    if spell.since < periods[0].lowerBound { steps[0] += 1 }
    guard let place else { return }
    steps[place] += 1
    // Where the known time begins, nobody enters: they may have been there before.
    if !covered.contains(where: { $0.lowerBound == spell.since }) { points[place].entered += 1 }
  }

  private mutating func leave(_ until: Int64) {
    if until < periods[0].lowerBound { steps[0] -= 1 }
    guard let place = place(of: until) else { return }
    steps[place] -= 1
    if !covered.contains(where: { $0.upperBound == until }) { points[place].left += 1 }
  }

  /// Counts up. Behind the last spell.
  mutating func finish() {
    if let previous { leave(previous.until) }
    var size = 0
    for place in points.indices {
      size += steps[place]
      points[place].size = size
    }
  }

  /// The period that an instant lies in.
  private func place(of instant: Int64) -> Int? {
    var low = 0
    var high = periods.count
    while low < high {
      let middle = (low + high) / 2
      if periods[middle].upperBound > instant { high = middle } else { low = middle + 1 }
    }
    return low < periods.count && periods[low].contains(instant) ? low : nil
  }
}
