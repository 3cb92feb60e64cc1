import Testing

@testable import Definitions

/// What `check --portable` lists.
@Suite struct PortabilityTests {
  private func unportable(_ query: String) -> [Diagnostic] {
    let file = Checked.file("q.audience", "---\nname: Q\n---\n" + query)
    return Project(files: [file], folder: "audiences").unportable
  }

  @Test(
    "each is a warning at its place",
    arguments: [
      ("trait('a') ⟦==⟧ 1", "'==' is not Segment's", "write ="),
      ("trait('a') = 1 ⟦&&⟧ trait('b') = 1", "'&&' is not Segment's", "write AND"),
      ("trait('a') = 1 ⟦||⟧ trait('b') = 1", "'||' is not Segment's", "write OR"),
      ("⟦!⟧ trait('a') = 1", "'!' is not Segment's", "write NOT"),
      ("trait('a') = ⟦TRUE⟧", "'true' without quotes is not Segment's", "write 'true'"),
      (
        "event('A').within(2 ⟦weeks⟧).count() >= 1", "Segment has no weeks in a window",
        "write it in days"
      ),
      (
        "trait('a').within_last(90 ⟦minutes⟧)", "Segment has no minutes in a window",
        "write it in hours or days"
      ),
    ])
  func lists(_ marked: String, _ message: String, _ help: String) throws {
    let source = Marked(marked)
    let found = unportable(source.text)
    let diagnostic = try #require(found.first)
    #expect(found.count == 1)
    #expect(diagnostic.id == .notPortable && diagnostic.severity == .warning)
    #expect(diagnostic.message == message && diagnostic.help == help)
    let place = try #require(source.places.first)
    let matter = "---\nname: Q\n---\n".utf8.count
    #expect(diagnostic.range == (place.lowerBound + matter)..<(place.upperBound + matter))
  }

  @Test("more than fifty primary expressions are too many, those inside where counted")
  func expressions() {
    let fifty = (1...49).map { "trait('t\($0)') = 1" }.joined(separator: " OR ")
    let nested = "event('A').where(property('x') = 1).count() >= 1"
    #expect(unportable(fifty + " OR trait('u') = 1").isEmpty)
    #expect(
      unportable(fifty + " OR " + nested).map(\.message)
        == ["51 primary expressions, and Segment takes 50"])
  }

  @Test(
    "what Segment takes is not listed",
    arguments: [
      "event('A').expires_after(30 minutes).count() >= 1", "trait('a') = literal(true)",
      "trait('a') = 'true' AND NOT trait('b').eq(1)",
      "event('A').within(5 days).count() >= 1 OR event('B').between(1 hour, 2 days).count() > 1",
      "trait('minutes') = 'week == true'",
    ])
  func silent(_ query: String) {
    #expect(unportable(query).isEmpty)
  }
}
