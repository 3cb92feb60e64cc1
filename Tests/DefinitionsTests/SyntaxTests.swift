import Testing
import Values

@testable import Definitions

/// How a query is cut into words and put together again.
@Suite struct SyntaxTests {
  @Test(
    "NOT binds tighter than AND, AND tighter than OR, a comparison tightest",
    arguments: [
      ("a OR b AND c", "(a OR (b AND c))"), ("a AND b OR c", "((a AND b) OR c)"),
      ("(a OR b) AND c", "((a OR b) AND c)"), ("NOT a AND b", "(NOT a AND b)"),
      ("NOT a OR b", "(NOT a OR b)"), ("NOT (a OR b)", "NOT (a OR b)"), ("NOT NOT a", "NOT NOT a"),
      ("a OR b OR c AND d AND e", "(a OR b OR (c AND d AND e))"),
      ("!a && !b || c", "((NOT a AND NOT b) OR c)"),
      ("a and b or not c", "((a AND b) OR NOT c)"), ("((a))", "a"),
      ("NOT ((a) AND (b))", "NOT (a AND b)"),
    ])
  func precedence(_ query: String, _ expected: String) {
    func spelled(_ text: String, _ comparison: (String) -> String) -> String {
      text.map { "abcde".contains($0) ? comparison(String($0)) : String($0) }.joined()
    }
    let words = query.split(separator: " ").map { word in
      ["and", "or", "not"].contains(word)
        ? String(word) : spelled(String(word)) { "trait('\($0)') = 1" }
    }
    let checked = Checked(words.joined(separator: " "))
    #expect(
      checked.canonical == spelled(expected) { "trait(\"\($0)\") = 1" }, "\(checked.rendered)")
  }

  private static func path(_ literal: String) throws -> FieldPath {
    let checked = Checked("trait(" + literal + ") = 1")
    guard case .audience(let condition) = try #require(checked.definition).query,
      case .test(let scalar, _) = condition.kind, case .field(let field) = scalar.kind
    else { throw NotAField() }
    return field.path
  }

  private struct NotAField: Error {}

  @Test(
    "a dot walks into an object, a backslash makes it a letter, $ fans out",
    arguments: [
      (#"'a'"#, ["a"]), (#"'a.b.c'"#, ["a", "b", "c"]), (#"'a\.b'"#, ["a.b"]),
      (#"'a\\.b'"#, ["a.b"]),
      (#"'a\.b.c\.d'"#, ["a.b", "c.d"]), (#"'a..b'"#, ["a", "", "b"]), (#"''"#, [""]),
      (#"'.'"#, ["", ""]),
      (#"'items.$.sku'"#, ["items", nil, "sku"]), (#"'$'"#, [nil]), (#"'a.$b'"#, ["a", "$b"]),
      (#"'a.$$'"#, ["a", "$$"]), (#"'a\.$'"#, ["a.$"]), (#"'$.$'"#, [nil, nil]),
      (#"'a\x.b'"#, [#"a\x"#, "b"]),
      (#"'a\\\\.b'"#, [#"a\.b"#]), (#"'primary topic'"#, ["primary topic"]),
      (#"'é.e\u0301'"#, ["é", #"e\u0301"#]),
    ] as [(String, [String?])])
  func paths(_ literal: String, _ steps: [String?]) throws {
    let path = try Self.path(literal)
    #expect(path.steps == steps.map { $0.map { .key(ExactString($0)) } ?? .each })
    #expect(path.fansOut == steps.contains(nil))
  }

  @Test("paths are equal when their steps are, not when they look alike")
  func equalPaths() {
    #expect(FieldPath(#"a\.b"#) != FieldPath("a.b"))
    #expect(FieldPath("caf\u{E9}") != FieldPath("cafe\u{301}"))
    #expect(FieldPath("a.$") != FieldPath(#"a\.$"#))
    #expect(Set([FieldPath("a.b"), FieldPath("a.b"), FieldPath("a.B")]).count == 2)
  }

  private static func literal(_ text: String) -> Value? {
    let checked = Checked(text, .trait)
    guard case .trait(let scalar)? = checked.definition?.query,
      case .literal(let value) = scalar.kind
    else { return nil }
    return value
  }

  @Test(
    "the escapes of a string are five, any other backslash stays",
    arguments: [
      (#"'a'"#, "a"), (#""a""#, "a"), (#"''"#, ""), (#"'it\'s'"#, "it's"), (#""it's""#, "it's"),
      (#"'say "x"'"#, #"say "x""#),
      (#""say \"x\"""#, #"say "x""#), (#"'a\\b'"#, #"a\b"#), (#"'a\nb\tc'"#, "a\nb\tc"),
      (#"'\\n'"#, #"\n"#),
      (#"'\r\d\.\/'"#, #"\r\d\.\/"#), (#"'a\\'"#, #"a\"#), ("'two\nlines'", "two\nlines"),
      ("'-- no comment'", "-- no comment"),
      ("“a”", "a"), ("‘a’", "a"), ("“a\"", "a"), ("‘a'", "a"), ("“it’s”", "it’s"),
      ("‘say “x” ’", "say “x” "),
      ("'it’s'", "it’s"), ("\"a”b\"", "a”b"), ("“a“", "a"),
      ("'é👩‍👧e\u{301}\u{0}'", "é👩‍👧e\u{301}\u{0}"), ("'(a AND'", "(a AND"),
    ])
  func strings(_ literal: String, _ text: String) {
    #expect(Self.literal(literal) == .string(text), "\(Checked(literal, .trait).rendered)")
  }

  @Test(
    "a number is what has a numeric form, and a sign belongs to it",
    arguments: [
      ("0", 0), ("42", 42), ("-3.5", -3.5), (".20", 0.2), ("-.5", -0.5), ("1e3", 1000),
      ("1E+3", 1000), ("25e-1", 2.5),
      ("007", 7), ("-0", 0), ("9007199254740993", 9_007_199_254_740_992), ("literal(5)", 5),
    ])
  func numbers(_ literal: String, _ number: Double) {
    #expect(Self.literal(literal) == .number(number))
  }

  @Test(
    "an unquoted date is the string of its text",
    arguments: [
      "2026-01-31", "2024-02-29", "2026-01-31T10:00", "2026-01-31T10:00:00",
      "2026-01-31T10:00:00.1234567",
      "2026-01-31T10:00Z", "2026-01-31T10:00:00.5Z", "2026-01-31T10:00+02:00",
      "2026-01-31T10:00:00-0730",
      "2026-01-31T10:00-07",
    ])
  func dates(_ text: String) {
    #expect(Self.literal(text) == .string(text))
    #expect(
      Checked("trait('a').one_of(\(text), 1)").canonical == "trait(\"a\").one_of(\"\(text)\", 1)")
    #expect(Checked("trait('a') >= \(text)AND trait('x') = 1").definition != nil)
  }

  @Test(
    "a duration is a whole number of units, up to a hundred years",
    arguments: [
      ("1 second", 1000), ("90 seconds", 90_000), ("5 minutes", 300_000), ("1 hour", 3_600_000),
      ("30 days", 2_592_000_000),
      ("1 day", 86_400_000), ("2 weeks", 1_209_600_000), ("30days", 2_592_000_000), ("0 days", 0),
      ("007 Days", 604_800_000),
      ("36525 days", 3_155_760_000_000), ("3155760000 seconds", 3_155_760_000_000),
    ])
  func durations(_ text: String, _ milliseconds: Int64) {
    let checked = Checked("event('A').within(\(text)).count() = 0")
    #expect(checked.canonical == "event(\"A\").within(\(milliseconds) ms).count() = 0")
  }

  @Test("between takes its two ends in any order")
  func between() {
    let text = #"event("A").between(86400000 ms, 172800000 ms).count() = 0"#
    #expect(Checked("event('A').between(1 day, 2 days).count() = 0").canonical == text)
    #expect(Checked("event('A').between(2 days, 1 day).count() = 0").canonical == text)
  }

  @Test("filters are kept in their order, and where may stand to the right of a session")
  func filterOrder() {
    let query =
      "event('A').expires_after(1 hour).where(trait('x') = 1).within(1 day).where(1 = 1).count() = 0"
    #expect(
      Checked(query).canonical
        == #"event("A").expires_after(3600000 ms).where(trait("x") = 1).within(86400000 ms).where(1 = 1).count() = 0"#
    )
  }

  @Test("property(parent:) reads the enclosing event, in a where and in a reducer")
  func parentProperty() {
    let inWhere =
      "event('A').where(event('B').where(property('x') = property(parent: 'x')).count() > 0).count() > 0"
    #expect(Checked(inWhere).definition != nil)
    let inReducer = "event('A').where(event('B').max(property(parent: 'x')) > 1).count() > 0"
    #expect(Checked(inReducer).definition != nil)
    #expect(Checked("event('A').sum(property(parent: 'x')) > 0").ids == [.parentOutsideNested])
  }
}
