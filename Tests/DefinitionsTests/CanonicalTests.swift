import Testing

@testable import Definitions

/// A definition has changed when its canonical text has: not with its spelling, but with its meaning.
@Suite struct CanonicalTests {
  static let same: [[String]] = [
    [
      "trait('a') = 1", "trait(\"a\")=1", "TRAIT('a') == 1.0", "trait('a').equals(1)",
      "trait('a').eq(1e0)", "(trait('a') = 1)",
    ],
    ["trait('a') != 'x'", "trait('a').differs('x')", "trait('a').neq(literal('x'))"],
    ["trait('a') > 1", "trait('a').greater_than(1)", "trait('a').gt(01)"],
    ["trait('a') >= 1", "trait('a').at_least(1)", "trait('a').gte(1)"],
    ["trait('a') < 1", "trait('a').less_than(1)", "trait('a').lt(1)"],
    ["trait('a') <= 1", "trait('a').at_most(1)", "trait('a').lte(1)"],
    ["trait('a') = 2026-01-01", "trait('a') = '2026-01-01'"],
    [
      "trait('a').within_last(7 days)", "trait('a').within_last(1 week)",
      "trait('a').within_last(168 hours)",
    ],
    [
      "event('A').count() = 1 AND trait('x') = 1",
      "event('A') . count ( ) = 1 -- x\n&& (trait('x') = 1)",
    ],
    ["event('A').mode(property('x')) = 1", "event('A').mode(property('x') as string, 2) = 1"],
    ["event('A').min(property('x')) = 1", "event('A').min(property('x') as number) = 1"],
    [#"trait('a\.b') = 1"#, #"trait("a\\.b") = 1"#],
  ]

  @Test("spellings of one meaning have one text", arguments: same)
  func equal(_ queries: [String]) throws {
    let texts = try queries.map { try #require(Checked($0).canonical, "\($0)") }
    #expect(Set(texts).count == 1, "\(texts)")
  }

  static let different = [
    "trait('a') = 1", "trait('a') = '1'", "trait('a') = true", "trait('a') = 'true'",
    "trait('A') = 1", "trait('a ') = 1",
    "trait('a') != 1", "NOT trait('a') = 1", "trait('a') >= 1", "trait('a') <= 1", "trait('a') > 1",
    "trait('a') < 1",
    "1 = trait('a')", "trait('a.b') = 1", #"trait('a\.b') = 1"#, "trait('a').exists()",
    "trait('a').absent()",
    "trait('a').contains('x')", "trait('a').omits('x')", "trait('a').one_of('x')",
    "trait('a').none_of('x')",
    "trait('a').starts_with('x')", "trait('a').ends_with('x')", "trait('a').before_date('x')",
    "trait('a').after_date('x')",
    "trait('a').within_last(1 day)", "trait('a').within_next(1 day)",
    "trait('a').before_last(1 day)",
    "trait('a').after_next(1 day)", "trait('a').one_of('x', 'y')", "trait('a').one_of('y', 'x')",
    "trait('a').one_of('x, y')", #"trait('a').one_of('x", "y')"#, "event('a').count() = 1",
    "event('a').sum(property('x')) = 1",
    "event('a').avg(property('x')) = 1", "event('a').min(property('x')) = 1",
    "event('a').max(property('x')) = 1",
    "event('a').max(property('x') as string) = 1", "event('a').first(property('x')) = 1",
    "event('a').last(property('x')) = 1",
    "event('a').mode(property('x')) = 1", "event('a').mode(property('x'), 3) = 1",
    "event('a').mode(property('x') as array) = 1",
    "event('a').unique(property('x')) = 1", "event('a').unique(property('x')).count() = 1",
    "event('a').sum(context('x')) = 1",
    "event('a').sum(trait('x')) = 1", "event('a').within(1 day).count() = 1",
    "event('a').within(2 days).count() = 1",
    "event('a').between(0 days, 1 day).count() = 1", "event('a').expires_after(1 day).count() = 1",
    "event('a').sources({exclude: 'x'}).count() = 1",
    "event('a').where(property('x') = 1).count() = 1",
    "event('a').where(context('x') = 1).count() = 1",
    "event('a').where(trait('x') = 1).count() = 1",
    "event('a').where(event('b').within(1 day).count() = 1).count() = 1",
    "event('a').where(event('b').within(parent: 1 day).count() = 1).count() = 1",
    "event('a').where(event('b').between(parent: 0 days, 1 day).count() = 1).count() = 1",
    "event('a').where(event('b').where(property('x') = 1).count() = 1).count() = 1",
    "event('a').where(event('b').where(property(parent: 'x') = 1).count() = 1).count() = 1",
    "event('a').within(1 day).where(trait('x') = 1).count() = 1",
    "event('a').where(trait('x') = 1).within(1 day).count() = 1",
    "trait('x') = 1 AND 1 = 1 OR 2 = 2", "trait('x') = 1 AND (1 = 1 OR 2 = 2)",
    "NOT trait('x') = 1 AND 1 = 1",
    "NOT (trait('x') = 1 AND 1 = 1)", "trait('caf\u{E9}') = 1", "trait('cafe\u{301}') = 1",
  ]

  @Test("every difference in meaning is a difference in text")
  func unequal() throws {
    var seen: [[UInt8]: String] = [:]
    for query in Self.different {
      let checked = Checked(query)
      let text = try #require(checked.canonical, "\(query)\n\(checked.rendered)")
      // By bytes: Swift would hold two of them to be one string.
      let other = seen.updateValue(query, forKey: Array(text.utf8))
      #expect(other == nil, "\(query) and \(other ?? "") are both \(text)")
    }
  }

  @Test("the canonical text is a query again, and its own canonical text")
  func roundTrip() throws {
    for query in Self.different + Self.same.flatMap(\.self) {
      let text = try #require(Checked(query).canonical)
      // Durations are in milliseconds there, which no query can say, and a JSON escape is not one
      // of the language's.
      guard !text.contains(" ms"), !text.contains("\\") else { continue }
      #expect(Checked(text).canonical == text)
    }
  }

  @Test("kind, subject and anonymous profiles belong to it; name, key and description do not")
  func frontMatter() throws {
    let plain = try #require(Checked("trait('a') = 1").definition)
    #expect(plain.canonicalText == #"audience users: trait("a") = 1"#)
    let other =
      "---\nname: Other\nkey: k\ndescription: d\nguard: 5%\nenabled: false\n---\ntrait('a') = 1\n---\n"
    #expect(Checked(file: other).definition?.canonicalText == plain.canonicalText)
    #expect(Checked("trait('a')", .trait).definition?.canonicalText == #"trait users: trait("a")"#)
  }
}
