/// Texts that once were read wrongly, or nearly so, each as short as it could be made.
enum Corpus {
  static let texts = [
    // The rest of the query was passed over behind a mistake inside a call.
    "event('A').within(3 dys).count() >= 1 AND trait(a) = 1 AND trait('b').equal('x')",
    // Brackets of two kinds, closed in the wrong order or not at all.
    "trait('a').contains(['x')", "event('A').where({trait('a') = 1).count() = 1",
    "(trait('a'] = 1)", "([)]", ")(",
    "event 'A').count() >= 1", "event('A').within(3 days)).count() >= 1", "))) AND (((",
    // Strings without an end, in each kind of quote.
    "'", "\"", "“", "‘", "trait('a) = 'b'", "trait(‘a\n‘ ’", "'\\", "'\\'", "“\\”",
    // The ends of the text, where a reader looks one word ahead.
    "", "-", "--", ".", "1.", "1e", "-.", "!", "=", "&", "|", "NOT", "trait", "trait(", "trait('a'",
    "event('A').",
    "event('A').count", "event('A').unique(property('x')).",
    "event('A').unique(property('x')).count", "literal", "trait('a').",
    "event('A').mode(property('x'),", "event('A').within(parent", "event('A').within(parent:",
    "event('A').sources({exclude",
    // Numbers and dates that run into one another.
    "1.2.3", "2026-01-01T", "2026-01-01Z", "2026-01-01:", "2026-01-01 10", "2026-01-01 10:00",
    "2026-01-01T10:00+", "0-0-0",
    "2026-01-011", "1-1-", "9999-99-99", "99999999999999999999 days",
  ]
}
