import Definitions
import Evaluation
import Testing
import Values

/// What examples come to.
struct ExampleEvaluationTests {
  /// The lines of the examples that fail, with what was found.
  private func failures(
    _ files: [String: String], at instant: String? = nil
  ) throws -> [String] {
    let folder = try Folder(files)
    return try folder.test(at: instant).failures.map { "\($0.line): \($0.found.json)" }
  }

  private func failures(_ query: String, _ examples: String, _ file: String = "a.audience") throws
    -> [String]
  {
    try failures([file: definition("A", query, examples: examples)])
  }

  @Test func `Windows are exact to the millisecond`() throws {
    #expect(
      try failures(
        "event('X').within(30 days).count() >= 1",
        """
        true: X 30 days ago
        false: X 30 days 1 millisecond ago
        true: X now
        false: X in 1 millisecond
        """) == [])
    #expect(
      try failures(
        "event('X').between(1 day, 2 days).count() >= 1",
        """
        true: X 1 day ago
        true: X 2 days ago
        false: X 23 hours 59 minutes 59 seconds 999 milliseconds ago
        false: X 2 days 1 millisecond ago
        """) == [])
  }

  @Test func `An example that is wrong is found, with what it came to`() throws {
    #expect(
      try failures(
        "event('X').within(30 days).count() >= 1",
        "false: X 30 days ago\ntrue: X now\ntrue: X 30 days 1 millisecond ago")
        == ["6: true", "8: false"])
    #expect(
      try failures("event('X').sum(property('a'))", "= 3: X { a: 2 } now\n= 2: nothing", "a.trait")
        == ["6: 2", "7: null"])
  }

  @Test func `The user exists without an event, and as far back as an event can lie`() throws {
    #expect(
      try failures(
        "event('X').count() = 0", "true: nothing\ntrue: trait plan = pro\nfalse: X 36525 days ago")
        == []
    )
    #expect(try failures("event('X').count()", "= 0: nothing\n= 1: X now", "a.trait") == [])
  }

  @Test func `What lies in the future does not count yet`() throws {
    #expect(
      try failures(
        "event('X').count()", "= 1: X now; X in 1 millisecond; X in 3 days\n= 0: X in 100 weeks",
        "a.trait") == [])
  }

  @Test func `Values are compared exactly, a text is not a number`() throws {
    let query = "event('X').last(property('a'))"
    #expect(
      try failures(
        query,
        """
        = '2': X { a: '2' } now
        = 2: X { a: '2' } now
        = [1, b, true]: X { a: [1, 'b', true] } now
        = { b: 1 }: X { a: { b: 1 } } now
        = nothing: X { a: nothing } now
        = 2026-01-01: X { a: '2026-01-01' } now
        """, "a.trait") == ["7: \"2\""])
  }

  @Test func `Traits hold from the beginning`() throws {
    #expect(
      try failures(
        "trait('plan') = 'pro' AND trait('address.city').exists()",
        """
        true: trait plan = pro; trait address = { city: Paris }
        false: trait plan = pro
        false: trait plan = pro; trait address = { city: nothing }
        false: trait plan = Pro; trait address = { city: Paris }
        """) == [])
  }

  @Test func `Dates are measured from the instant of the examples`() throws {
    let files = [
      "a.audience": definition(
        "A", "trait('renewal').within_next(14 days)",
        examples: """
          true: trait renewal = 2026-01-15
          false: trait renewal = 2026-01-15T00:00:00.001Z
          true: trait renewal = 2026-01-01
          false: trait renewal = 2025-12-31T23:59:59.999Z
          """)
    ]
    #expect(try failures(files) == [])
    #expect(
      try failures(files, at: "2026-01-01T00:00:00.001Z") == ["7: true", "8: false"])
  }

  @Test func `Without dates an example says the same at every instant`() throws {
    let query = "event('X').where(event('Y').within(parent: 1 hour).count() >= 1).count() >= 1"
    let files = [
      "a.audience": definition(
        "A", query,
        examples: """
          true: X 2 hours ago; Y 1 hour ago
          false: X 2 hours 1 millisecond ago; Y 1 hour ago
          false: X now; Y now
          """)
    ]
    for instant in ["1970-01-01", "0001-01-01", "2024-02-29T23:59:59.999Z", "9999-12-31"] {
      #expect(try failures(files, at: instant) == [])
    }
  }

  @Test func `Definitions that refer to others are evaluated with them`() throws {
    let files = [
      "ltv.trait": definition(
        "Ltv", "event('X').sum(property('a'))", examples: "= 5: X { a: 5 } now"),
      "big.audience": definition(
        "Big", "trait('ltv') >= 100",
        examples: "true: X { a: 100 } now\nfalse: X { a: 99 } now\nfalse: nothing"),
      "big_pro.audience": definition(
        "Big Pro", "trait('big') = true AND trait('plan') = 'pro'",
        examples: """
          true: X { a: 60 } 1 day ago; X { a: 40 } now; trait plan = pro
          false: X { a: 99 } now; trait plan = pro
          false: X { a: 100 } now
          """),
    ]
    #expect(try failures(files) == [])
  }

  @Test func `At one instant, events stand in the order in which they are written`() throws {
    #expect(
      try failures(
        "event('X').first(property('a'))",
        "= 1: X { a: 1 } now; X { a: 2 } now\n"
          + "= 2: X { a: 1 } now; X { a: 2 } 1 millisecond ago", "a.trait") == [])
  }
}
