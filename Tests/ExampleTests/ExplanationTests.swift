import Operations
import Testing
import Values

/// The explanation under a failing example.
struct ExplanationTests {
  private let query =
    "event('X').within(30 days).sum(property('n')) > 9 AND trait('plan') = 'pro' "
    + "AND trait('seats_given') >= 3"

  private func folder(_ examples: String) throws -> Folder {
    try Folder([
      "a.audience": definition("A", query, examples: examples),
      "seats_given.trait": definition(
        "Seats Given", "trait('seats')", examples: "= nothing: nothing"),
    ])
  }

  @Test func `The tree stands under the failure, with values and the example's own words`() throws {
    let folder = try folder(
      "true: X { n: 5 } 29 days ago; X { n: 2 } 31 days ago; trait plan = 'pro'; trait seats = 2")
    let (code, output) = try folder.run("--audiences", ".", "test", "a")
    #expect(code == 1)
    #expect(
      output == """
        failed: a
          --> ./a.audience:6
         6 | true: X { n: 5 } 29 days ago; X { n: 2 } 31 days ago; trait plan = 'pro'; trait seats = 2
           | expected true, found false
           = next change: never

             ✗ event('X').within(30 days).sum(property('n')) > 9 AND trait('plan') = 'pro' AND trait('se…
               ✗ event('X').within(30 days).sum(property('n')) > 9
                   found 5, asked for > 9
                   1 of 2 events, window 2025-12-02T00:00:00.000Z to 2026-01-01T00:00:00.000Z
                   2025-12-03T00:00:00.000Z  X { n: 5 } 29 days ago
               ✓ trait('plan') = 'pro'
                   found "pro", asked for = "pro"
                   by the example's trait plan = 'pro'; trait seats = 2
               ✗ trait('seats_given') >= 3
                   found 2, asked for >= 3
                   the definition seats_given:
                 · trait('seats')
                     2
                     by the example's trait plan = 'pro'; trait seats = 2

        1 failed of 1 example

        """)
  }

  @Test func `What the example does not give is said, and nothing points to a store`() throws {
    let folder = try folder("true: nothing")
    try folder.write(
      definition("B", "trait('a') = false AND trait('a') = true", examples: "true: X now"),
      to: "b.audience")
    let output = try folder.run("--audiences", ".", "test").output
    #expect(output.contains("          the example does not give it\n"))
    #expect(output.contains("          0 of 0 events, window 2025-12-02"))
    // It is explained beside it.
    #expect(output.contains("          the definition a\n"))
    #expect(!output.contains("rollcall explain"))
  }

  @Test func `Equal events are told by their own words, in the order of arrival`() throws {
    let folder = try Folder([
      "a.trait": definition(
        "A", "event('Step 2').unique(property('n')).count()",
        examples: "= 1: 'Step 2' { n: 1 } now; 'Step 2' {n:1.0} now; 'Step 2' { n: 2 }   now")
    ])
    let tree = try #require(try folder.test().failures.first?.explanation)
    guard case .events(let events) = tree.source else {
      Issue.record("no events")
      return
    }
    #expect(tree.value == .number(2))
    #expect(
      events.calls.map(\.words) == [
        "'Step 2' { n: 2 }   now", "'Step 2' {n:1.0} now", "'Step 2' { n: 1 } now",
      ])
    #expect(events.calls.allSatisfy { $0.messageID == nil })
    #expect(events.calls.first?.properties == .object([.init("n", .number(2))]))
  }

  @Test func `In the document the explanation has the shape of explain's tree`() throws {
    let folder = try folder("true: X { n: 5 } 29 days ago; trait plan = 'free'")
    let document = try Value(json: folder.run("--audiences", ".", "test", "a", "--json").output)
    let tree = document["failures"][0]["explanation"]
    #expect(tree["truth"] == .boolean(false))
    let parts = tree["children"]
    #expect(parts[0]["found"] == .number(5))
    #expect(parts[0]["events"][0]["words"] == .string("X { n: 5 } 29 days ago"))
    #expect(
      parts[1]["origin"].json
        == #"{"time":"1926-01-01T00:00:00.000Z","message_id":null,"row":null,"#
        + #""words":"trait plan = 'free'"}"#)
    #expect(parts[2]["reference"] == .string("seats_given"))
    #expect(parts[2]["children"][0]["origin"] == .absent)
  }

  @Test func `What a user is through accounts is explained without any`() throws {
    let folder = try Folder([
      "team.audience": definition(
        "Team", "ANY event('X').count() >= 1", examples: "true: X now", front: "type: accounts"),
      "in_team.audience": definition("In Team", "trait('team') = true", examples: "true: X now"),
    ])
    let report = try folder.test()
    #expect(report.failures.map(\.key) == ["in_team", "team"])
    #expect(report.failures.map { $0.explanation == nil } == [false, true])
    let output = try folder.run("--audiences", ".", "test").output
    #expect(output.contains("         the definition team: the user belongs to no account\n"))
  }
}

extension ExplainedCall {
  fileprivate var words: String? {
    if case .example(let words) = origin { return words }
    return nil
  }
}

extension Value {
  fileprivate subscript(place: Int) -> Value {
    if case .array(let elements) = self, elements.indices.contains(place) { return elements[place] }
    return .absent
  }
}
