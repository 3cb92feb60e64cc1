import Foundation
import Testing
import Values

/// The dates of language.md section 3: one form, ranges checked, nothing else.
@Suite struct InstantTests {
  @Test(
    "each form of a date is the same instant",
    arguments: [
      "2023-08-25T09:00:00Z", "2023-08-25T09:00", "2023-08-25T09:00Z", "2023-08-25T09:00:00",
      "2023-08-25T02:00:00-07:00", "2023-08-25T02:00:00-0700", "2023-08-25T02:00:00-07",
      "2023-08-25T02:00-07", "2023-08-25T14:30:00+05:30", "2023-08-25T14:30+0530",
      "2023-08-25T09:00:00.0", "2023-08-25T09:00:00.000Z", "2023-08-25T09:00:00.0009999Z",
      "2023-08-26T08:59:00+23:59", "2023-08-24T09:01:00-23:59", "2023-08-25T09:00+00",
      "2023-08-25T09:00-00:00",
    ])
  func forms(_ text: String) {
    #expect(Instant(iso8601: text) == Instant(milliseconds: 1_692_954_000_000))
  }

  @Test(
    "a date is counted in milliseconds since 1970",
    arguments: [
      ("1970-01-01", 0), ("1969-12-31T23:59:59.999", -1), ("1970-01-01T00:00:00.1", 100),
      ("1970-01-01T00:00:00.12", 120), ("1970-01-01T00:00:00.1239", 123),
      ("2000-02-29", 951_782_400_000),
      ("2024-02-29T23:59:59.999Z", 1_709_251_199_999), ("2026-12-31", 1_798_675_200_000),
      ("0001-01-01", -62_135_596_800_000), ("0000-01-01", -62_167_219_200_000),
      ("0000-02-29", -62_162_121_600_000), ("2400-02-29", 13_574_563_200_000),
      ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
    ])
  func milliseconds(_ text: String, _ milliseconds: Int64) {
    #expect(Instant(iso8601: text) == Instant(milliseconds: milliseconds))
    #expect(Value.string(text).date == Instant(milliseconds: milliseconds))
  }

  @Test(
    "nothing else is a date",
    arguments: [
      "", "2026", "2026-02", "2026-02-30", "2025-02-29", "1900-02-29", "2100-02-29", "2026-04-31",
      "1700-02-29",
      "2500-02-29",
      "2026-13-01", "2026-00-10", "2026-01-00", "2026-01-32", "2026-1-01", "2026-01-1", "26-01-01",
      "02026-01-01", "20260101", "2026/01/01", "01.02.2026", "2026-01-01 10:00", "2026-01-01t10:00",
      "2026-01-01T", "2026-01-01T10", "2026-01-01T1000", "2026-01-01T24:00", "2026-01-01T24:00:00",
      "2026-01-01T10:60", "2026-01-01T10:00:60", "2026-01-01T10:00:", "2026-01-01T10:00:0",
      "2026-01-01T10:00:00.", "2026-01-01T10:00:00.Z", "2026-01-01T10:00:00,5Z",
      "2026-01-01T10:00.5",
      "2026-01-01T10:00:00z", "2026-01-01T10:00:00 Z", "2026-01-01T10:00:00ZZ",
      "2026-01-01T10:00:00Z ",
      " 2026-01-01", "2026-01-01 ", "2026-01-01T10:00+", "2026-01-01T10:00+5",
      "2026-01-01T10:00+24:00",
      "2026-01-01T10:00+05:60", "2026-01-01T10:00+05:", "2026-01-01T10:00+05:3",
      "2026-01-01T10:00+053",
      "2026-01-01T10:00−05:00", "2026-01-01T10:00Europe/Berlin", "2026-01-01Z", "2026-01-01+02:00",
      "-2026-01-01", "+2026-01-01", "２０２６-01-01", "2026-W01-1", "2026-001", "1767225600", "now",
    ])
  func notDates(_ text: String) {
    #expect(Instant(iso8601: text) == nil)
    #expect(Value.string(text).date == nil)
  }

  @Test("only a string is a date")
  func otherValues() {
    for value: Value in [.absent, .number(20_260_101), .array([.string("2026-01-01")])] {
      #expect(value.date == nil)
    }
  }

  @Test("the instants of random dates are those of Foundation's calendar, there and back")
  func againstFoundation() throws {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(identifier: "UTC"))
    var generator = SeededGenerator(seed: 7)
    // From 1583 on: before that, Foundation's calendar is the Julian one.
    let first = try #require(Instant(iso8601: "1583-01-01")).milliseconds
    let last = try #require(Instant(iso8601: "9999-12-31T23:59:59.999Z")).milliseconds
    for _ in 0..<5000 {
      let instant = Instant(milliseconds: Int64.random(in: first...last, using: &generator))
      let text = instant.description
      #expect(Instant(iso8601: text) == instant)
      let seconds = instant.milliseconds / 1000 - (instant.milliseconds % 1000 < 0 ? 1 : 0)
      let parts = calendar.dateComponents(
        [.year, .month, .day, .hour, .minute, .second],
        from: Date(timeIntervalSince1970: Double(seconds)))
      let expected = String(
        format: "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", parts.year ?? 0, parts.month ?? 0,
        parts.day ?? 0, parts.hour ?? 0, parts.minute ?? 0, parts.second ?? 0,
        Int(instant.milliseconds - seconds * 1000))
      #expect(text == expected)
    }
  }

  @Test("every day of four centuries follows the one before it")
  func everyDay() throws {
    var day = try #require(Instant(iso8601: "1799-12-31"))
    var count = 0
    for year in 1800..<2200 {
      for month in 1...12 {
        for number in 1...31 {
          func padded(_ value: Int) -> String { (value < 10 ? "0" : "") + String(value) }
          let text = "\(year)-\(padded(month))-\(padded(number))"
          guard let next = Instant(iso8601: text) else {
            #expect(number > 28, "\(text)")
            continue
          }
          #expect(next == day + Duration.Unit.day.length)
          #expect(next.description == text + "T00:00:00.000Z")
          day = next
          count += 1
        }
      }
    }
    #expect(count == 146_097)
  }

  @Test("an instant that a zone pushes out of the four-digit years is still written as a date")
  func outsideTheYears() throws {
    let before = try #require(Instant(iso8601: "0000-01-01T00:00+01:00"))
    #expect(before.description == "-0001-12-31T23:00:00.000Z")
    let after = try #require(Instant(iso8601: "9999-12-31T23:59:59.999-00:01"))
    #expect(after.description == "10000-01-01T00:00:59.999Z")
  }

  @Test("never is later than every date and stays so")
  func never() throws {
    let last = try #require(Instant(iso8601: "9999-12-31T23:59:59.999-23:59"))
    #expect(last < .never)
    #expect(Instant.never + .longest == .never)
    #expect(Instant.never - .longest == .never)
    #expect(Instant.never.next == .never)
    #expect(last + .longest > last)
    #expect((last + .longest) - last == .longest)
    #expect(last.next.milliseconds == last.milliseconds + 1)
  }
}
