import Testing
import Values

@testable import EventStore

/// What is said of a store at a bounded cost.
struct StoreSurveyTests {
  private static func line(
    _ type: String, _ id: Int, day: Int, _ more: String = ""
  ) -> String {
    #"{"type":"\#(type)","messageId":"\#(id)","userId":"u","timestamp":"2026-01-"#
      + #"\#(day < 10 ? "0" : "")\#(day)T00:00:00Z"\#(more)}"#
  }

  private static func event(_ name: String, _ id: Int, day: Int) -> String {
    line("track", id, day: day, #","event":"\#(name)","properties":{"n":\#(id)}"#)
  }

  private static func day(_ day: Int64) -> Instant {
    Instant(milliseconds: 1_767_139_200_000 + day * 86_400_000)  // 2026-01-01 is day 1
  }

  private static func store(_ lines: [String]) throws -> Workbench {
    let bench = try Workbench()
    var ingest = try bench.ingest()
    _ = try ingest.file(bench.write(lines))
    return bench
  }

  private static func survey(
    _ bench: Workbench, rows: Int = 100, calls: Int = 100
  ) throws -> StoreSurvey {
    var limits = StoreSurvey.Limits()
    (limits.rows, limits.calls) = (rows, calls)
    return StoreSurvey(try bench.connection(), limits: limits)
  }

  /// The values of `n` that were read, and of which kinds every call was.
  private static func latest(
    _ survey: StoreSurvey, _ wanted: Set<StoreSurvey.Calls>
  ) throws -> (read: [StoreSurvey.Calls: [Int]], whole: Set<StoreSurvey.Calls>) {
    var read: [StoreSurvey.Calls: [Int]] = [:]
    let whole = try survey.latest(wanted) { calls, call in
      read[calls, default: []].append(Int(call.properties["n"].numeric ?? -1))
    }
    return (read, whole)
  }

  @Test("an event is on file when one was stored; pages and screens too, which have a name always")
  func names() throws {
    let bench = try Self.store([Self.event("A", 1, day: 1), Self.line("page", 2, day: 1)])
    let survey = try Self.survey(bench)
    #expect(try survey.holds(event: "A"))
    #expect(try survey.holds(event: "Page Viewed"))
    #expect(try !survey.holds(event: "Screen Viewed"))
    #expect(try !survey.holds(event: "B"))
    #expect(try survey.eventNames() == ["Page Viewed", "Screen Viewed", "A"])
    // With rows that were not looked at, there may be one.
    #expect(try Self.survey(bench, rows: 1).holds(event: "Screen Viewed"))
    #expect(try !Self.survey(bench, rows: 2).holds(event: "Screen Viewed"))
  }

  @Test("the latest calls of each kind are read, so many at most")
  func latest() throws {
    let lines = (1...4).map { Self.event("A", $0, day: $0) } + [Self.event("B", 5, day: 1)]
    let bench = try Self.store(lines)
    let (a, b) = (StoreSurvey.Calls.events(of: "A"), StoreSurvey.Calls.events(of: "B"))
    let all = try Self.latest(Self.survey(bench, calls: 4), [a, b, .events(of: "C"), .group])
    #expect(all.read == [a: [4, 3, 2, 1], b: [5]])
    #expect(all.whole == [a, b, .events(of: "C"), .group])
    let some = try Self.latest(Self.survey(bench, calls: 3), [a, b])
    #expect(some.read == [a: [4, 3, 2], b: [5]])
    #expect(some.whole == [b])
  }

  @Test("no more rows are looked at than the limit says, and then nothing is whole")
  func rows() throws {
    let bench = try Self.store(
      [Self.event("A", 1, day: 1)] + (2...4).map { Self.event("B", $0, day: 1) })
    let (a, b) = (StoreSurvey.Calls.events(of: "A"), StoreSurvey.Calls.events(of: "B"))
    let cut = try Self.latest(Self.survey(bench, rows: 3), [a, b])
    #expect(cut.read == [b: [4, 3, 2]])
    #expect(cut.whole == [])
    #expect(try Self.latest(Self.survey(bench, rows: 4), [a, b]).whole == [a, b])
  }

  @Test("traits come from identify and group calls, a page's name is a property")
  func kinds() throws {
    let bench = try Self.store([
      Self.line("identify", 1, day: 1, #","traits":{"n":1}"#),
      Self.line("group", 2, day: 1, #","groupId":"g","traits":{"n":2}"#),
      Self.line("page", 3, day: 1, #","name":"Home","context":{"ip":"x"}"#),
      Self.line("alias", 4, day: 1, #","previousId":"v""#),
    ])
    let survey = try Self.survey(bench)
    let found = try Self.latest(survey, [.identify, .group])
    #expect(found.read == [.identify: [1], .group: [2]])
    var pages: [(Value, Value)] = []
    _ = try survey.latest([.events(of: "Page Viewed")]) {
      pages.append(($1.properties, $1.context))
    }
    #expect(pages.map(\.0.json) == [#"{"page_name":"Home"}"#])
    #expect(pages.map(\.1.json) == [#"{"ip":"x"}"#])
  }

  @Test("the span is that of the events up to an instant")
  func span() throws {
    let bench = try Self.store([
      Self.line("identify", 1, day: 1), Self.event("A", 2, day: 9), Self.event("A", 3, day: 3),
      Self.event("A", 4, day: 20), Self.event("A", 5, day: 8),
    ])
    let survey = try Self.survey(bench)
    let whole = StoreSurvey.Span(first: Self.day(3), last: Self.day(20), isWhole: true)
    #expect(try survey.span(upTo: Self.day(20)) == whole)
    let earlier = StoreSurvey.Span(first: Self.day(3), last: Self.day(9), isWhole: true)
    #expect(try survey.span(upTo: Self.day(19)) == earlier)
    #expect(try survey.span(upTo: Self.day(2)) == nil)
    #expect(try Self.survey(Self.store([])).span(upTo: Self.day(2)) == nil)
  }

  @Test("in a store with more rows parts of it are looked at, from end to end")
  func spanOfParts() throws {
    let bench = try Self.store(
      (1...400).map { Self.event("A", $0, day: $0 == 400 ? 3 : $0 == 1 ? 30 : 10) })
    let found = try Self.survey(bench, rows: 300).span(upTo: Self.day(31))
    #expect(found == .init(first: Self.day(3), last: Self.day(30), isWhole: false))
    let middle = try Self.store((1...9).map { Self.event("A", $0, day: $0 == 5 ? 2 : 4) })
    // Of nine rows two are looked at, the first and the last.
    #expect(
      try Self.survey(middle, rows: 2).span(upTo: Self.day(31))
        == .init(first: Self.day(4), last: Self.day(4), isWhole: false))
    #expect(
      try Self.survey(middle, rows: 9).span(upTo: Self.day(31))
        == .init(first: Self.day(2), last: Self.day(4), isWhole: true))
  }

  @Test("a row that cannot be read is an error")
  func damaged() throws {
    let bench = try Self.store([Self.event("A", 1, day: 1)])
    try bench.connection().execute("UPDATE events SET body = '{'")
    #expect(throws: (any Error).self) {
      try Self.latest(Self.survey(bench), [.events(of: "A")])
    }
  }
}
