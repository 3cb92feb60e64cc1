import Values

/// A day, a week or a month of the calendar, in UTC.
public enum Period: String, Sendable, CaseIterable {
  case day
  /// From Monday on.
  case week
  case month

  private static let dayLength: Int64 = 86_400_000

  /// The first instant of the period that an instant lies in.
  public func start(of instant: Instant) -> Instant {
    let day = Int64((Double(instant.milliseconds) / Double(Self.dayLength)).rounded(.down))
    switch self {
    case .day: return Instant(milliseconds: day * Self.dayLength)
    case .week:
      // 1970-01-01 was a Thursday.
      let behindMonday = ((day + 3) % 7 + 7) % 7
      return Instant(milliseconds: (day - behindMonday) * Self.dayLength)
    case .month:
      let date = Instant(milliseconds: day * Self.dayLength).description.prefix(7)
      return Instant(iso8601: date + "-01") ?? instant
    }
  }

  /// The first instant of the next period.
  public func end(of instant: Instant) -> Instant {
    let days: Int64 =
      switch self {
      case .day: 1
      case .week: 7
      // The first day of a month and 31 days lie in the next one.
      case .month: 31
      }
    let start = start(of: instant)
    return self.start(of: Instant(milliseconds: start.milliseconds + days * Self.dayLength))
  }

  /// The periods that a range touches, the first and the last cut at its ends.
  public func all(in range: Range<Int64>) -> [Range<Int64>] {
    var periods: [Range<Int64>] = []
    var start = range.lowerBound
    while start < range.upperBound {
      let end = min(range.upperBound, end(of: Instant(milliseconds: start)).milliseconds)
      periods.append(start..<end)
      start = end
    }
    return periods
  }
}
