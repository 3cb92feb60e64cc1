/// A point in time: milliseconds since 1970-01-01T00:00:00Z, without leap seconds.
public struct Instant: Sendable, Hashable, Comparable, CustomStringConvertible {
  public var milliseconds: Int64

  public init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// Later than every instant that a date can name.
  public static let never = Instant(milliseconds: .max)

  public static func < (a: Instant, b: Instant) -> Bool { a.milliseconds < b.milliseconds }

  /// The instant `duration` later; `never` stays `never`.
  public static func + (instant: Instant, duration: Duration) -> Instant {
    instant == .never ? .never : Instant(milliseconds: instant.milliseconds + duration.milliseconds)
  }

  public static func - (instant: Instant, duration: Duration) -> Instant {
    instant == .never ? .never : Instant(milliseconds: instant.milliseconds - duration.milliseconds)
  }

  /// The next millisecond.
  public var next: Instant { self == .never ? .never : Instant(milliseconds: milliseconds + 1) }

  /// The time from `other` to this instant.
  public static func - (a: Instant, other: Instant) -> Duration {
    Duration(milliseconds: a.milliseconds - other.milliseconds)
  }

  /// `YYYY-MM-DDThh:mm:ss.sssZ`.
  public var description: String {
    let day = milliseconds.floorDivided(by: 86_400_000)
    let rest = milliseconds - day * 86_400_000
    let date = civil(fromDay: day)
    func padded(_ number: Int64, _ width: Int) -> String {
      let digits = String(number.magnitude)
      return (number < 0 ? "-" : "")
        + String(repeating: "0", count: Swift.max(0, width - digits.count)) + digits
    }
    return padded(date.year, 4) + "-" + padded(date.month, 2) + "-" + padded(date.day, 2) + "T"
      + padded(rest / 3_600_000, 2) + ":" + padded(rest / 60_000 % 60, 2) + ":"
      + padded(rest / 1000 % 60, 2) + "." + padded(rest % 1000, 3) + "Z"
  }
}

extension Instant {
  /// The instant of a date in the language's form, or nil.
  ///
  /// `YYYY-MM-DD`, with `Thh:mm[:ss[.f…]]` and `Z`, `±hh:mm`, `±hhmm` or `±hh` as may be. Ranges are
  /// checked, a date alone is midnight UTC, no zone means UTC, and digits past the millisecond are
  /// cut off. Nothing else is a date.
  public init?(iso8601 text: String) {
    guard let first = text.utf8.first, first &- UInt8(ascii: "0") < 10 else { return nil }
    var text = text
    guard let instant = text.withUTF8({ Instant(iso8601: Span(_unsafeElements: $0)) }) else {
      return nil
    }
    self = instant
  }

  /// The same for bytes.
  public init?(iso8601 bytes: Span<UInt8>) {
    var reader = DateReader(bytes.count)
    guard let year = reader.number(4, bytes), reader.take("-", bytes),
      let month = reader.number(2, bytes), reader.take("-", bytes),
      let day = reader.number(2, bytes),
      (1...12).contains(month), day >= 1, day <= daysIn(month: month, year: year)
    else { return nil }
    var milliseconds = dayNumber(year: year, month: month, day: day) * 86_400_000
    if reader.at < bytes.count {
      guard reader.take("T", bytes), let hour = reader.number(2, bytes), reader.take(":", bytes),
        let minute = reader.number(2, bytes), hour < 24, minute < 60
      else { return nil }
      milliseconds += hour * 3_600_000 + minute * 60_000
      if reader.take(":", bytes) {
        guard let second = reader.number(2, bytes), second < 60 else { return nil }
        milliseconds += second * 1000
        if reader.take(".", bytes) {
          guard let fraction = reader.fraction(bytes) else { return nil }
          milliseconds += fraction
        }
      }
      guard let offset = reader.zone(bytes) else { return nil }
      milliseconds -= offset
    }
    guard reader.at == bytes.count else { return nil }
    self.init(milliseconds: milliseconds)
  }
}

/// Reads the parts of a date from left to right.
private struct DateReader {
  var at = 0
  let count: Int

  init(_ count: Int) { self.count = count }

  mutating func number(_ digits: Int, _ bytes: Span<UInt8>) -> Int64? {
    guard at + digits <= count else { return nil }
    var value: Int64 = 0
    for index in at..<(at + digits) {
      let digit = bytes[index] &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      value = value * 10 + Int64(digit)
    }
    at += digits
    return value
  }

  mutating func take(_ character: Unicode.Scalar, _ bytes: Span<UInt8>) -> Bool {
    guard at < count, bytes[at] == UInt8(ascii: character) else { return false }
    at += 1
    return true
  }

  /// At least one digit; the first three are milliseconds, the others are cut off.
  mutating func fraction(_ bytes: Span<UInt8>) -> Int64? {
    var value: Int64 = 0
    var digits = 0
    while at < count, bytes[at] &- UInt8(ascii: "0") < 10 {
      if digits < 3 { value = value * 10 + Int64(bytes[at] - UInt8(ascii: "0")) }
      digits += 1
      at += 1
    }
    guard digits > 0 else { return nil }
    for _ in min(digits, 3)..<3 { value *= 10 }
    return value
  }

  /// The offset from UTC in milliseconds; nothing at all is UTC.
  mutating func zone(_ bytes: Span<UInt8>) -> Int64? {
    if at == count || take("Z", bytes) { return 0 }
    let sign: Int64 = take("+", bytes) ? 1 : take("-", bytes) ? -1 : 0
    guard sign != 0, let hour = number(2, bytes), hour < 24 else { return nil }
    if at == count { return sign * hour * 3_600_000 }
    _ = take(":", bytes)
    guard let minute = number(2, bytes), minute < 60 else { return nil }
    return sign * (hour * 3_600_000 + minute * 60_000)
  }
}

private func daysIn(month: Int64, year: Int64) -> Int64 {
  switch month {
  case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
  case 4, 6, 9, 11: 30
  default: 31
  }
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar.
///
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
private func dayNumber(year: Int64, month: Int64, day: Int64) -> Int64 {
  let year = month <= 2 ? year - 1 : year
  let era = year.floorDivided(by: 400)
  let yearOfEra = year - era * 400
  let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
  return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
}

/// The inverse of `dayNumber`; the same source, civil_from_days.
private func civil(fromDay number: Int64) -> (year: Int64, month: Int64, day: Int64) {
  let shifted = number + 719_468
  let era = shifted.floorDivided(by: 146_097)
  let dayOfEra = shifted - era * 146_097
  let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  let shiftedMonth = (5 * dayOfYear + 2) / 153
  let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
  let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
  return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
}

extension Int64 {
  func floorDivided(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}
