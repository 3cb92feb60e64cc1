/// Dates and instants by the proleptic Gregorian calendar, counted in plain arithmetic.
public enum OracleDate {
  /// Days in a month.
  static func days(inMonth month: Int, of year: Int) -> Int {
    switch month {
    case 4, 6, 9, 11: 30
    case 2: isLeap(year) ? 29 : 28
    default: 31
    }
  }

  static func isLeap(_ year: Int) -> Bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  }

  /// Days from 1970-01-01 to the first day of a year.
  static func days(to year: Int) -> Int {
    // Leap years before `year`, counted from year 0, which is one.
    func leaps(before year: Int) -> Int {
      year <= 0 ? 0 : (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400 + 1
    }
    return (year - 1970) * 365 + leaps(before: year) - leaps(before: 1970)
  }

  /// The instant that a text of the date form names, in UTC milliseconds; nothing for other texts.
  ///
  /// `YYYY-MM-DD`, then perhaps `Thh:mm[:ss[.f…]]`, then perhaps `Z`, `±hh:mm`, `±hhmm` or `±hh`. A
  /// zone is taken only after a time of day. Digits past the millisecond are cut off.
  public static func instant(of text: String) -> Int64? {
    var rest = Array(text.utf8)[...]
    func number(_ count: Int) -> Int? {
      let run = rest.prefix(count)
      guard run.count == count, run.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
      rest = rest.dropFirst(count)
      return run.reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }
    func take(_ character: Character) -> Bool {
      guard rest.first == character.asciiValue else { return false }
      rest = rest.dropFirst()
      return true
    }
    guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2),
      (1...12).contains(month), day >= 1, day <= days(inMonth: month, of: year)
    else { return nil }
    let dayNumber =
      days(to: year) + (1..<month).reduce(0) { $0 + days(inMonth: $1, of: year) } + day - 1
    let midnight = Int64(dayNumber) * 86_400_000
    if rest.isEmpty { return midnight }

    guard take("T"), let hour = number(2), hour < 24, take(":"), let minute = number(2), minute < 60
    else { return nil }
    var second = 0
    var millisecond = 0
    if take(":") {
      guard let value = number(2), value < 60 else { return nil }
      second = value
      if take(".") {
        var digits: [Int] = []
        while let digit = number(1) { digits.append(digit) }
        guard !digits.isEmpty else { return nil }
        millisecond = (digits + [0, 0]).prefix(3).reduce(0) { $0 * 10 + $1 }
      }
    }
    var offset = 0
    if !rest.isEmpty, !take("Z") {
      let west = take("-")
      guard west || take("+"), let hours = number(2), hours < 24 else { return nil }
      var minutes = 0
      if !rest.isEmpty {
        _ = take(":")
        guard let value = number(2), value < 60 else { return nil }
        minutes = value
      }
      offset = (hours * 60 + minutes) * (west ? -1 : 1)
    }
    guard rest.isEmpty else { return nil }
    let seconds = (hour * 60 + minute - offset) * 60 + second
    return midnight + Int64(seconds) * 1000 + Int64(millisecond)
  }

  /// An instant as `YYYY-MM-DDThh:mm:ss.sssZ`.
  public static func text(of instant: Int64) -> String {
    func padded(_ number: Int, _ width: Int) -> String {
      let digits = String(number)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    let dayLength: Int64 = 86_400_000
    let (quotient, remainder) = instant.quotientAndRemainder(dividingBy: dayLength)
    var day = Int(remainder < 0 ? quotient - 1 : quotient)
    let milliseconds = Int(remainder < 0 ? remainder + dayLength : remainder)
    var year = 1970 + day / 366
    while days(to: year) > day { year -= 1 }
    while days(to: year + 1) <= day { year += 1 }
    day -= days(to: year)
    var month = 1
    while day >= days(inMonth: month, of: year) {
      day -= days(inMonth: month, of: year)
      month += 1
    }
    let seconds = milliseconds / 1000
    return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day + 1, 2) + "T"
      + padded(seconds / 3600, 2) + ":" + padded(seconds / 60 % 60, 2) + ":"
      + padded(seconds % 60, 2) + "." + padded(milliseconds % 1000, 3) + "Z"
  }
}
