import Testing

@testable import Definitions

/// How a diagnostic looks, to the letter.
@Suite struct RenderingTests {
  @Test("the message, the place, the line, carets under the word, the help")
  func whole() {
    let text = """
      ---
      name: Big Spenders
      description: Spent a lot
      key: big
      ---
      event('Order Completed').withn(30 days).count() >= 1
      """
    #expect(
      Checked(file: text, "big-spenders.audience").rendered == """
        error[unknown-function]: there is no function 'withn'
          --> audiences/big-spenders.audience:6:26
         6 | event('Order Completed').withn(30 days).count() >= 1
           |                          ^^^^^ not a filter or a reducer of an event stream
           = help: did you mean 'within'?

        """)
  }

  @Test("a line number of two digits moves the gutter")
  func gutter() {
    let query = String(repeating: "\n", count: 8) + "trait('a') = 1 AND"
    #expect(
      Checked(query).rendered == """
        error[syntax]: the query ends where a value is needed
          --> audiences/q.audience:12:19
         12 | trait('a') = 1 AND
            |                   ^ expected a value here

        """)
  }

  @Test("a column is a scalar, and carets stand under what is seen as one letter")
  func columns() throws {
    let checked = Checked("trait('👩‍👧é\u{65}\u{301}') = pro")
    let diagnostic = try #require(checked.diagnostics.first)
    #expect((diagnostic.line, diagnostic.column) == (4, 19))
    #expect(
      checked.rendered == """
        error[syntax]: 'pro' means nothing here
          --> audiences/q.audience:4:19
         4 | trait('👩‍👧é\u{65}\u{301}') = pro
           |                ^^^ not a value
           = help: put text in quotes: 'pro'

        """)
  }

  @Test("tabs and other controls are shown as spaces, and never reach the terminal")
  func controls() {
    let checked = Checked("\ttrait('\u{1B}[31m\u{7F}\u{9B}\u{202E}')\t= pro\u{7}")
    #expect(
      checked.diagnostics.first?.rendered == """
        error[syntax]: 'pro' means nothing here
          --> audiences/q.audience:4:22
         4 |  trait(' [31m   ') = pro 
           |                      ^^^ not a value
           = help: put text in quotes: 'pro'

        """)
    for scalar in checked.rendered.unicodeScalars where scalar != "\n" {
      #expect(scalar.properties.generalCategory != .control && scalar != "\u{202E}")
    }
    let entity = Checked("entity('\u{1B}]0;x\u{7}').count() = 1")
    #expect(!entity.rendered.unicodeScalars.contains("\u{1B}"))
  }

  @Test("a very long line is cut to a window around the place")
  func longLine() {
    let filler = String(repeating: "é", count: 5000)
    let checked = Checked("trait('\(filler)') = pro AND trait('\(filler)') = 1")
    #expect(
      checked.rendered == """
        error[syntax]: 'pro' means nothing here
          --> audiences/q.audience:4:5013
         4 | …\(String(repeating: "é", count: 21))') = pro AND trait('\(String(repeating: "é", count: 64))…
           | \(String(repeating: " ", count: 27))^^^ not a value
           = help: put text in quotes: 'pro'

        """)
    #expect(Checked("trait('\(filler)') = 1e999 AND " + filler).rendered.utf8.count < 6000)
  }

  @Test("a place of several lines is marked to the end of the first one")
  func severalLines() {
    #expect(
      Checked("NOT (trait('a') =\n1) = 2").rendered == """
        error[scalar-expected]: a scalar (a number, text, a list) is needed before '=', and this is a condition (boolean)
          --> audiences/q.audience:4:5
         4 | NOT (trait('a') =
           |     ^^^^^^^^^^^^^ what stands in the parentheses is a condition
           = help: join two conditions with AND or OR

        """)
  }

  @Test("a quotation that nobody would read to the end is cut")
  func longQuotation() {
    let word = String(repeating: "a", count: 1 << 20)
    let checked = Checked("trait('x').\(word)('y')")
    #expect(checked.ids == [.unknownFunction])
    #expect(checked.rendered.utf8.count < 3000)
  }

  @Test("warnings are not errors")
  func warnings() {
    let project = Project(
      files: [
        Checked.file("a.audience", "---\nname: A\n---\ntrait('x') = 1"), Checked.file("b.yaml", ""),
      ], folder: "audiences")
    #expect(project.isValid)
    #expect(
      project.diagnostics.map(\.rendered) == [
        """
        warning[unknown-file]: the file is not read
          --> audiences/b.yaml
           = help: definitions end in .audience, .trait or .sql, destinations in .destination

        """
      ])
  }
}
