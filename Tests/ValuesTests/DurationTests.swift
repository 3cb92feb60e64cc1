import Testing
import Values

@Suite struct DurationTests {
  @Test(
    "a unit is a word in singular or plural, in any case",
    arguments: [
      ("second", 1000), ("seconds", 1000), ("minute", 60_000), ("Minutes", 60_000),
      ("hour", 3_600_000),
      ("HOURS", 3_600_000), ("day", 86_400_000), ("days", 86_400_000), ("week", 604_800_000),
      ("weeks", 604_800_000),
    ])
  func units(_ word: String, _ milliseconds: Int64) {
    #expect(Duration.Unit(word: word)?.length == Duration(milliseconds: milliseconds))
  }

  @Test(
    "other words are none",
    arguments: [
      "", "s", "d", "month", "months", "year", "dayss", "dais", " day", "day ", "sec",
      "wee\u{212A}",
    ])
  func notUnits(_ word: String) {
    #expect(Duration.Unit(word: word) == nil)
  }

  @Test("a hundred years can be asked for, and not a day more")
  func longest() {
    #expect(Duration(36_525, .day) == .longest)
    #expect(Duration(36_526, .day) == nil)
    #expect(Duration(3_155_760_000, .second) == .longest)
    #expect(Duration(3_155_760_001, .second) == nil)
    #expect(Duration(5217, .week) != nil)
    #expect(Duration(5218, .week) == nil)
    #expect(Duration(.max, .second) == nil)
    #expect(Duration(.max, .week) == nil)
    #expect(Duration(0, .day) == .zero)
    #expect(Duration(-1, .day) == nil)
    #expect(Duration(.min, .second) == nil)
  }

  @Test(
    "a short form is a number and a letter",
    arguments: [
      ("2h", 7_200_000, "2h"), ("30m", 1_800_000, "30m"), ("90s", 90_000, "90s"),
      ("1d", 86_400_000, "1d"),
      ("1w", 604_800_000, "7d"), ("24h", 86_400_000, "1d"), ("60m", 3_600_000, "1h"),
      ("0s", 0, "0ms"),
    ])
  func shortForms(_ text: String, _ milliseconds: Int64, _ printed: String) {
    #expect(Duration(short: text) == Duration(milliseconds: milliseconds))
    #expect(Duration(milliseconds: milliseconds).short == printed)
  }

  @Test(
    "nothing else is a short form",
    arguments: [
      "", "h", "2", "2 h", "2H", "-2h", "+2h", "1.5h", "2hours", "2h ", "9999999999999999999h",
      "40000d",
    ])
  func notShortForms(_ text: String) {
    #expect(Duration(short: text) == nil)
  }

  @Test("a duration is printed in its largest whole unit")
  func printed() {
    #expect(Duration(milliseconds: 1500).short == "1500ms")
    #expect(Duration(milliseconds: 61_000).short == "61s")
    #expect(Duration(milliseconds: 36_525 * 86_400_000).short == "36525d")
  }
}
