import Testing
import Values

@testable import Definitions

/// The `key: value` lines of a file.
@Suite struct FrontMatterTests {
  struct Row: Sendable {
    let id: Diagnostic.ID
    let name: String
    let text: String
    let message: String
    let label: String
    let help: String?

    init(
      _ id: Diagnostic.ID, _ text: String, _ message: String, _ label: String, _ help: String?,
      file name: String = "q.audience"
    ) {
      (self.id, self.text, self.message) = (id, text, message)
      (self.label, self.help, self.name) = (label, help, name)
    }
  }

  @Test("a mistake of the front matter is shown at its place", arguments: mistakes)
  func shows(_ row: Row) throws {
    let source = Marked(row.text)
    let checked = Checked(file: source.text, row.name)
    let diagnostics = checked.diagnostics.filter { $0.id != .noDefinitions }
    #expect(diagnostics.count == 1, "\(checked.rendered)")
    let diagnostic = try #require(diagnostics.first)
    #expect(diagnostic.id == row.id)
    #expect(diagnostic.message == row.message)
    #expect(diagnostic.label == row.label)
    #expect(diagnostic.help == row.help)
    #expect([diagnostic.range] == source.places)
  }

  static let mistakes: [Row] = [
    Row(
      .emptyFile, "⟦⟧", "the file is empty", "",
      "write '---', 'name: …' and '---', or remove the file"),
    Row(
      .emptyFile, "⟦⟧ \n\t\r\n", "the file is empty", "",
      "write '---', 'name: …' and '---', or remove the file"),
    Row(
      .emptyFile, "⟦⟧", "the file is empty", "",
      "write '---', 'type: heap' and '---', or remove the file", file: "h.destination"),
    Row(
      .missingFrontMatter, "⟦trait('a') = 1⟧\n", "the front matter is missing",
      "expected '---' here",
      "begin the file with '---', a line 'name: …', and '---'"),
    Row(
      .missingFrontMatter, "⟦⟧\n---\nname: A\n---\ntrait('a') = 1", "the front matter is missing",
      "expected '---' here",
      "begin the file with '---', a line 'name: …', and '---'"),
    Row(
      .missingFrontMatter, "⟦type: heap⟧", "the front matter is missing", "expected '---' here",
      "begin the file with '---', a line 'type: heap', and '---'", file: "h.destination"),
    Row(
      .unclosedFrontMatter, "⟦---⟧\nname: A\ntrait('a') = 1\n----\n",
      "the front matter is not closed", "it begins here",
      "end it with a line '---'"),
    Row(
      .badFrontMatter, "---\nname: A\n  ⟦just text⟧  \n---\ntrait('a') = 1",
      "a line of the front matter is 'key: value'",
      "there is no ':'", nil),
    Row(
      .unknownSetting, "---\nname: A\n⟦desciption⟧: x\n---\ntrait('a') = 1",
      "there is no setting 'desciption'",
      "not a key of the front matter", "did you mean 'description'?"),
    Row(
      .unknownSetting, "---\nname: A\n⟦owner⟧: x\n---\ntrait('a') = 1",
      "there is no setting 'owner'",
      "not a key of the front matter",
      "the keys are name, key, description, type, enabled, include_anonymous, guard, "
        + "send"),
    Row(
      .unknownSetting, "---\nname: A\n⟦Key⟧: x\n---\ntrait('a') = 1", "there is no setting 'Key'",
      "not a key of the front matter", "did you mean 'key'?"),
    Row(
      .duplicateSetting, "---\nname: A\nguard: off\n⟦name⟧: B\n---\ntrait('a') = 1",
      "'name' is set twice", "the second time",
      "the first one is in line 2"),
    Row(
      .missingSetting, "⟦---⟧\nkey: a\n---\ntrait('a') = 1", "the front matter has no name",
      "no 'name:' among these lines",
      "add a line 'name: …', as people shall read it"),
    Row(
      .missingSetting, "---\n⟦name⟧:\nkey: a\n---\ntrait('a') = 1", "the front matter has no name",
      "nothing is set",
      "add a line 'name: …', as people shall read it"),
    Row(
      .badSetting, "---\nname: A\nenabled: ⟦yes⟧\n---\ntrait('a') = 1",
      "'enabled' must be true or false", "not allowed here", nil),
    Row(
      .badSetting, "---\nname: A\n⟦enabled⟧:\n---\ntrait('a') = 1",
      "'enabled' must be true or false", "nothing is set", nil),
    Row(
      .badSetting, "---\nname: A\ntype: ⟦companies⟧\n---\ntrait('a') = 1",
      "'type' must be users or accounts", "not allowed here", nil),
    Row(
      .badSetting, "---\nname: A\nguard: ⟦30⟧\n---\ntrait('a') = 1",
      "'guard' must be off, or a share such as 30%", "not allowed here", nil),
    Row(
      .badSetting, "---\nname: A\nguard: ⟦101%⟧\n---\ntrait('a') = 1",
      "'guard' must be off, or a share such as 30%", "not allowed here", nil),
    Row(
      .badSetting, "---\nname: A\ntype: accounts\ninclude_anonymous: ⟦true⟧\n---\ntrait('a') = 1",
      "an account has no anonymous profiles", "", "remove 'include_anonymous'"),
    Row(
      .badKey, "---\nname: A\nkey: ⟦big spenders⟧\n---\ntrait('a') = 1",
      "'big spenders' cannot be a key: a key holds letters, digits and '_' only", "",
      "leave 'key:' out to make it from the name"),
    Row(
      .badKey, "---\nname: A\nkey: ⟦User_ID⟧\n---\ntrait('a') = 1",
      "'User_ID' cannot be a key: Heap refuses 'User_ID' as a property", "",
      "leave 'key:' out to make it from the name"),
    Row(
      .badKey, "---\nname: ⟦日本⟧\n---\ntrait('a') = 1",
      "the name makes no usable key: a key has at least one letter or digit", "",
      "add a line 'key: …'"),
    Row(
      .badKey, "---\nname: ⟦Identity⟧\n---\ntrait('a') = 1",
      "the name makes no usable key: Heap refuses 'identity' as a property", "",
      "add a line 'key: …'"),
    Row(
      .missingQuery, "---\nname: A\n---\n⟦⟧\n\n", "the query is missing", "",
      "write it below the front matter"),
    Row(
      .missingQuery, "---\nname: A\n---⟦⟧", "the query is missing", "",
      "write it below the front matter"),
    Row(
      .missingQuery, "---\nname: A\n---\n⟦⟧---\ntrue: nothing\n", "the query is missing", "",
      "write it below the front matter"),
  ]

  @Test("every setting is read")
  func settings() throws {
    let text = """
      ---
      name: Big: Spenders
      key: big_2
      description:   Spent: a lot -- and more
      type: users
      enabled: false
      include_anonymous: false
      guard: 5%
      ---
      trait('a') = 1
      """
    let definition = try #require(Checked(file: text).definition)
    #expect(definition.name == "Big: Spenders")
    #expect(definition.key == "big_2")
    #expect(definition.description == "Spent: a lot -- and more")
    #expect(definition.subject == .users)
    #expect(!definition.isEnabled)
    #expect(!definition.includesAnonymous)
    #expect(definition.guardLimit == .percent(5))
  }

  @Test("what is left out has its default")
  func defaults() throws {
    let definition = try #require(Checked("trait('a') = 1").definition)
    #expect(definition.name == "Q")
    #expect(definition.key == "q")
    #expect(definition.description == "")
    #expect(definition.isEnabled)
    #expect(definition.guardLimit == .percent(30))
  }

  @Test(
    "line ends, a byte order mark, blank lines and spaces around are as people's editors leave them",
    arguments: [
      "---\r\nname: Q\r\n---\r\ntrait('a') = 1\r\n", "\u{FEFF}---\nname: Q\n---\ntrait('a') = 1",
      "---  \nname:Q\n--- \t\ntrait('a') = 1",
      "---\n\n  name  :  Q\t\n\n---\n\n\ntrait('a') = 1",
      "\u{FEFF}---\r\n\r\nname: Q\r\n---\r\n\r\ntrait('a')\r\n= 1",
      "---\nname: Q\n---\ntrait('a') = 1\n---\ntrue: nothing\n",
      "---\nname: Q\n---\n--- trait('b') = 2\ntrait('a') = 1 ---",
    ])
  func tolerance(_ text: String) {
    let checked = Checked(file: text)
    #expect(checked.canonical == #"trait("a") = 1"#, "\(checked.rendered)")
    #expect(checked.definition?.name == "Q")
  }

  @Test("places are right behind CRLF and a byte order mark")
  func placesWithCRLF() throws {
    let checked = Checked(file: "\u{FEFF}---\r\nname: Q\r\n---\r\ntrait('a') = pro\r\n")
    let diagnostic = try #require(checked.diagnostics.first)
    #expect((diagnostic.line, diagnostic.column) == (4, 14))
    #expect(
      diagnostic.rendered == """
        error[syntax]: 'pro' means nothing here
          --> audiences/q.audience:4:14
         4 | trait('a') = pro
           |              ^^^ not a value
           = help: put text in quotes: 'pro'

        """)
  }
}
