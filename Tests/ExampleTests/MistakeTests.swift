import Definitions
import Testing

/// The diagnostics of examples, to the letter.
struct MistakeTests {
  /// The rendered diagnostics of a file whose examples begin in line 6.
  private func rendered(_ examples: String, _ file: String = "a.audience") -> [String] {
    project(examples, file).diagnostics.map(\.rendered)
  }

  @Test func `An audience's example without true or false`() {
    #expect(
      rendered("True: X now\n= 5: X now\nX now") == [
        """
        error[bad-outcome]: an example of an audience begins with 'true:' or 'false:'
          --> a.audience:6:1
         6 | True: X now
           | ^^^^ expected true or false
           = help: did you mean 'true'?

        """,
        """
        error[bad-outcome]: an example of an audience begins with 'true:' or 'false:'
          --> a.audience:7:1
         7 | = 5: X now
           | ^ expected true or false
           = help: '= value:' is for a .trait

        """,
        """
        error[bad-outcome]: an example of an audience begins with 'true:' or 'false:'
          --> a.audience:8:1
         8 | X now
           | ^ expected true or false
           = help: write it like this: 'true: Order Completed 2 days ago'

        """,
      ])
  }

  @Test func `A trait's example without a value`() {
    #expect(
      rendered("false: X now\n== 5: X now", "a.trait") == [
        """
        error[bad-outcome]: an example of a trait begins with '= value:'
          --> a.trait:6:1
         6 | false: X now
           | ^^^^^ expected '=' here
           = help: 'false:' is for an .audience; for this value write '= false:'

        """,
        """
        error[bad-outcome]: an example of a trait begins with '= value:'
          --> a.trait:7:1
         7 | == 5: X now
           | ^^ expected '=' here
           = help: write it like this: '= 2: Order Completed 2 days ago', or '= nothing: nothing'

        """,
      ])
  }

  @Test func `An event without a time, and a time without its end`() {
    #expect(
      rendered("true: Order Completed; X { a: 1 } yesterday; Signed In 3 days") == [
        """
        error[bad-time]: the event needs its time
          --> a.audience:6:22
         6 | true: Order Completed; X { a: 1 } yesterday; Signed In 3 days
           |                      ^ expected a time here
           = help: write it like '2 days ago', 'in 2 days' or 'now'

        """,
        """
        error[bad-time]: the event needs its time
          --> a.audience:6:35
         6 | true: Order Completed; X { a: 1 } yesterday; Signed In 3 days
           |                                   ^^^^^^^^^ expected a time here
           = help: write it like '2 days ago', 'in 2 days' or 'now'

        """,
        """
        error[bad-time]: the time is not finished
          --> a.audience:6:62
         6 | true: Order Completed; X { a: 1 } yesterday; Signed In 3 days
           |                                                              ^ expected 'ago' here
           = help: write '2 days ago' for the past, 'in 2 days' for the future; \
        a name that holds digits is put in quotes

        """,
      ])
  }

  @Test func `A property or a trait that is given twice`() {
    #expect(
      rendered("true: X { a: 1, b: { a: 2 }, a: 3 } now; trait p = 1; trait p = 2") == [
        """
        error[duplicate-property]: the property 'a' is given twice
          --> a.audience:6:30
         6 | true: X { a: 1, b: { a: 2 }, a: 3 } now; trait p = 1; trait p = 2
           |                              ^ the second time
           = help: remove one of them

        """,
        """
        error[duplicate-property]: the trait 'p' is given twice
          --> a.audience:6:61
         6 | true: X { a: 1, b: { a: 2 }, a: 3 } now; trait p = 1; trait p = 2
           |                                                             ^ the second time
           = help: remove one of them

        """,
      ])
  }

  @Test func `A trait that is a definition, the file's own too`() {
    #expect(
      rendered("true: trait A = 1; trait a = 1") == [
        """
        error[computed-trait]: 'a' is a definition, and its value is computed
          --> a.audience:6:26
         6 | true: trait A = 1; trait a = 1
           |                          ^ not a custom trait
           = help: write the events that give it this value instead

        """
      ])
  }

  /// The other mistakes: line, column and id of each diagnostic, and what it advises.
  @Test(arguments: [
    ("true Y now", "6:6 syntax", "the history stands behind it"),
    ("true: Y 2 dayz ago", "6:11 bad-duration", "did you mean 'days'?"),
    ("true: Step 2 Done 1 day ago", "6:14 bad-duration", "put in quotes"),
    ("true: Y 1.5 days ago", "6:9 bad-duration", "1 day 12 hours ago"),
    ("true: Y -1 days ago", "6:9 bad-duration", "2 days ago"),
    ("true: Y 36525 days 1 millisecond ago", "6:9 bad-duration", ""),
    ("true: Y 99999999999999 weeks ago", "6:9 bad-duration", ""),
    ("true: Sign-up now", "6:11 unknown-character", "in quotes"),
    ("true: Y 'open now", "6:9 unclosed-string", "same quote"),
    ("true: Y { a: 1e999 } now", "6:14 bad-number", ""),
    ("true: Y { on: 2026-02-30 } now", "6:15 bad-date", "YYYY-MM-DD"),
    ("true: Y { a: Model 3 } now", "6:20 syntax", "the '{' at 6:9 is not closed"),
    ("true: Y { a: } now", "6:14 syntax", "in quotes"),
    ("true: Y { a 1 } now", "6:13 syntax", "{ total: 12.50 }"),
    ("true: Y { a.b: 1 } now", "6:12 syntax", "{ address: { city: 'Paris' } }"),
    ("true: Y { 2: 1 } now", "6:11 syntax", "{ total: 12.50, currency: 'EUR' }"),
    ("true: Y { a: [1, 2 } now", "6:20 syntax", "the '[' at 6:14 is not closed"),
    ("true: Y 1 day ago { a: 1 }", "6:19 syntax", "properties stand before the time"),
    ("true: Y 1 day ago Z now", "6:19 syntax", "put ';' between two events"),
    ("true: Y now;", "6:13 syntax", "write 'nothing'"),
    ("true:", "6:6 syntax", "write 'nothing'"),
    ("true: nothing; Y now", "6:7 syntax", "remove it"),
    ("true: trait = 1", "6:13 syntax", "trait plan = 'pro'"),
    ("true: trait a 1", "6:15 syntax", "trait plan = 'pro'"),
    ("true: trait a.b = 1", "6:14 syntax", "trait address = { city: 'Paris' }"),
    ("true: trait a = 1 2 days ago", "6:19 syntax", "a trait has no time"),
  ])
  func `Every other mistake has its place and its help`(
    line: String, place: String, help: String
  ) throws {
    let diagnostics = project(line).diagnostics
    let diagnostic = try #require(diagnostics.first)
    #expect(diagnostics.count == 1)
    #expect("\(diagnostic.line):\(diagnostic.column) \(diagnostic.id.rawValue)" == place)
    #expect(help.isEmpty || diagnostic.help?.contains(help) == true, "\(diagnostic.rendered)")
  }

  @Test func `A mistake in one line hides none in the others, nor one in the query`() {
    let text = definition(
      "A", "event('X').within(3 dayz).count() >= 1", examples: "true: X\nfalse: X now\nfalsch: X\n")
    let file = Project.File(name: "a.audience", path: "a.audience", contents: Array(text.utf8))
    let diagnostics = Project(files: [file], folder: "").diagnostics
    #expect(Set(diagnostics.map(\.line)) == [4, 6, 8])
  }

  @Test func `A deep or a long example is a diagnostic, not a crash`() {
    let deep = String(repeating: "[", count: 20_000)
    #expect(project("true: Y { a: \(deep) } now").diagnostics.map(\.id) == [.tooDeep])
    let lines = String(repeating: "true: X\n", count: 20_000)
    #expect(project(lines).diagnostics.count == 100)
    let items = String(repeating: "X now; ", count: 20_000)
    #expect(project("true: \(items) Y now").isValid)
  }
}
