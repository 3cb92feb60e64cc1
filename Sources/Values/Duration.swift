/// A length of time in milliseconds. A day is 24 hours.
public struct Duration: Sendable, Hashable, Comparable {
  public var milliseconds: Int64

  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// The longest duration that a definition may ask for: 100 years of 365.25 days.
  public static let longest = Duration(milliseconds: 36_525 * 86_400_000)

  public static let zero = Duration(milliseconds: 0)

  public static func < (a: Duration, b: Duration) -> Bool { a.milliseconds < b.milliseconds }

  /// The units of the language, each with its length.
  public enum Unit: String, CaseIterable, Sendable {
    case second, minute, hour, day, week

    public var length: Duration {
      switch self {
      case .second: Duration(milliseconds: 1000)
      case .minute: Duration(milliseconds: 60_000)
      case .hour: Duration(milliseconds: 3_600_000)
      case .day: Duration(milliseconds: 86_400_000)
      case .week: Duration(milliseconds: 7 * 86_400_000)
      }
    }

    /// The unit of a word in singular or plural, in any case.
    public init?(word: some StringProtocol) {
      // ASCII alone: the Kelvin sign, too, is a `k` in lower case.
      guard word.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
      let word = word.lowercased()
      guard let unit = Unit(rawValue: word.hasSuffix("s") ? String(word.dropLast()) : word) else {
        return nil
      }
      self = unit
    }
  }

  /// `count` units, or nil when that is more than `longest`.
  public init?(_ count: Int64, _ unit: Unit) {
    let (product, overflow) = unit.length.milliseconds.multipliedReportingOverflow(by: count)
    guard !overflow, product >= 0, product <= Self.longest.milliseconds else { return nil }
    self.init(milliseconds: product)
  }

  /// The duration of a short form such as `2h`, `30m`, `90s` or `1d`, as destination files use it.
  public init?(short text: some StringProtocol) {
    let units: [Character: Unit] = [
      "s": .second, "m": .minute, "h": .hour, "d": .day, "w": .week,
    ]
    guard let last = text.last, let unit = units[last],
      text.dropLast().utf8.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }),
      let count = Int64(text.dropLast()), let duration = Duration(count, unit)
    else { return nil }
    self = duration
  }

  /// The duration in its largest whole unit: `2h`, `90s`.
  public var short: String {
    for unit in Unit.allCases.reversed() where unit != .week {
      let length = unit.length.milliseconds
      if milliseconds != 0, milliseconds % length == 0 {
        return "\(milliseconds / length)\(unit.rawValue.prefix(1))"
      }
    }
    return "\(milliseconds)ms"
  }
}
