import Testing

@testable import Definitions

/// What is accepted and probably not meant.
@Suite struct TrapTests {
  static let traps: [DiagnosticTests.Row] = [
    .init(
      .notExactly, "⟦NOT event('A').count() = 1⟧",
      "NOT … count() = 1 also holds for who did it more often",
      "“did not do it exactly 1 time”",
      "for “never did it” write count() = 0, for “less often” count() < 1"),
    .init(
      .notExactly, "event('A').where(⟦NOT event('B').count() = 3⟧).count() >= 1",
      "NOT … count() = 3 also holds for who did it more often",
      "“did not do it exactly 3 times”",
      "for “never did it” write count() = 0, for “less often” count() < 3"),
    .init(
      .falseMissesAbsent, "⟦trait('vip') = 'false'⟧",
      "= false misses those who never had the trait", "false where the trait is absent",
      "to take them in write NOT trait('vip') = true"),
    .init(
      .unequalMissesAbsent, "⟦trait('plan') != 'it\\'s'⟧",
      "!= leaves out those that have no value at all", "false where the value is absent",
      "to take them in write NOT trait('plan') = 'it\\'s'"),
    .init(
      .textAgainstNumber, "event('A').sum(property('x')) > ⟦'100'⟧",
      "a number is compared with a text", "text in quotes",
      "write the number without quotes"),
    .init(
      .alwaysTrue, "⟦event('A').count() >= 0⟧",
      "a count is a whole number from 0, so this always holds", "true for everybody",
      "for “at least once” write count() >= 1, for “never” count() = 0"),
    .init(
      .neverTrue, "⟦event('A').unique(property('x')).count() = 1.5⟧",
      "a count is a whole number from 0, so this never holds", "true for nobody",
      "for “at least once” write count() >= 1, for “never” count() = 0"),
    .init(
      .neverTrue, "⟦event('A').within(5 days).between(10 days, 20 days)⟧.count() >= 1",
      "the windows exclude each other: no event is in both", "keeps no event, ever",
      "remove one of them"),
    .init(
      .constantCondition, "⟦true = true⟧",
      "two literals are compared: the answer is the same for everybody", "reads no data",
      "compare a trait or events with a literal"),
  ]

  @Test("a trap is a warning with its place and the way out", arguments: traps)
  func warns(_ row: DiagnosticTests.Row) throws {
    let source = Marked(row.query)
    let checked = Checked(source.text)
    let diagnostic = try #require(checked.diagnostics.first)
    #expect(checked.diagnostics.count == 1, "\(checked.rendered)")
    #expect(diagnostic.severity == .warning)
    #expect(diagnostic.id == row.id)
    #expect(diagnostic.message == row.message)
    #expect(diagnostic.label == row.label)
    #expect(diagnostic.help == row.help)
    let place = try #require(source.places.first)
    let matter = "---\nname: Q\n---\n".utf8.count
    #expect(diagnostic.range == (place.lowerBound + matter)..<(place.upperBound + matter))
    #expect(checked.definition != nil)
  }

  @Test(
    "what is meant as it stands is no trap",
    arguments: [
      "NOT event('A').count() >= 1", "event('A').count() = 0", "event('A').count() < 1",
      "event('A').count() != 2", "trait('vip') = true", "NOT trait('vip') = 'true'",
      "event('A').first(property('x')) = '100'", "event('A').within(5 days).count() >= 1",
      "event('A').within(20 days).between(10 days, 30 days).count() >= 1",
    ])
  func silent(_ query: String) {
    #expect(Checked(query).diagnostics.isEmpty)
  }

  @Test("a definition that is referred to is never absent, so = false and != hold what they say")
  func references() {
    let project = Project(
      files: [
        Checked.file("a.audience", "---\nname: A\n---\nevent('X').count() >= 1\n"),
        Checked.file(
          "b.audience", "---\nname: B\n---\ntrait('a') = false AND trait('a') != true\n"),
      ], folder: "audiences")
    #expect(project.diagnostics.isEmpty)
  }
}
