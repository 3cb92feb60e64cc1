import Values

/// How many leave and enter an audience if nothing happens.
///
/// Counted is who is a member now and is none at some instant up to the horizon, and the other way
/// round: each profile by its first change, at the millisecond at which it comes. Events on file that
/// are dated later than now happen.
public struct Forecast: Sendable, Equatable {
  public enum Horizon: String, Sendable, CaseIterable {
    case day, week, month

    public var days: Int {
      switch self {
      case .day: 1
      case .week: 7
      case .month: 30
      }
    }

    var length: Duration { Duration(milliseconds: Int64(days) * 86_400_000) }
  }

  public private(set) var leave: [Horizon: Int] = [:]
  public private(set) var enter: [Horizon: Int] = [:]

  /// The longest of the horizons.
  static let reach = Horizon.month.length

  public func leaving(_ horizon: Horizon) -> Int { leave[horizon] ?? 0 }
  public func entering(_ horizon: Horizon) -> Int { enter[horizon] ?? 0 }

  /// Counts somebody whose first change comes `after` now.
  mutating func add(isMember: Bool, after time: Duration) {
    for horizon in Horizon.allCases where time <= horizon.length {
      if isMember { leave[horizon, default: 0] += 1 } else { enter[horizon, default: 0] += 1 }
    }
  }

  mutating func add(_ other: Forecast) {
    leave.merge(other.leave, uniquingKeysWith: +)
    enter.merge(other.enter, uniquingKeysWith: +)
  }
}
