import Testing
import Values

@testable import Definitions

/// Front matter of `.sql` files, and what is said of their SELECTs.
@Suite struct ModelTests {
  static let user = """
    ---
    object: user
    identity: id
    ---
    SELECT 'u' AS id, 1 AS total

    """

  static let event = """
    ---
    name: Phone Calls
    object: event
    identity: who
    event: 'Phone Call'
    timestamp_column: at
    insert_id: call_id
    columns: rep as "Sales Rep", 'minutes, all' as minutes, city
    backfill: from_now
    time_limit: 5m
    ---
    SELECT 1
    """

  private static func model(_ text: String, _ name: String = "m.sql") throws -> ModelDefinition {
    let project = ProjectTests.project([(name, text)])
    #expect(project.diagnostics.isEmpty, "\(project.diagnostics.map(\.rendered))")
    return try #require(project.models.first)
  }

  @Test("a model of few words has the documented defaults")
  func defaults() throws {
    let model = try Self.model(Self.user, "Trial Users.sql")
    #expect(model.key == "trial_users" && model.name == "Trial Users")
    #expect(model.object == .user && model.identity.name == "id")
    #expect(model.mappings == nil && model.backfill == .all && model.isEnabled)
    #expect(model.timeLimit == Duration(1, .minute))
    #expect(model.mappings(of: ["id", "total", "City"]).map(\.property) == ["total", "City"])
  }

  @Test("every setting is read, with quotes and without")
  func settings() throws {
    let model = try Self.model(Self.event)
    #expect(model.key == "phone_calls" && model.object == .event)
    guard case .fixed(let name) = model.eventName else {
      Issue.record("the event's name is not a fixed one")
      return
    }
    #expect(name == "Phone Call")
    #expect(model.timestamp?.name == "at" && model.insertID?.name == "call_id")
    let mappings = try #require(model.mappings)
    #expect(mappings.map(\.column) == ["rep", "minutes, all", "city"])
    #expect(mappings.map(\.property) == ["Sales Rep", "minutes", "city"])
    #expect(model.backfill == .fromNow && model.timeLimit == Duration(5, .minute))
    let column = try Self.model(
      Self.event.replacing("event: 'Phone Call'", with: "event_column: kind"))
    guard case .column(let kind) = column.eventName else {
      Issue.record("the event's name is in no column")
      return
    }
    #expect(kind.name == "kind")
    let account = try Self.model(
      Self.user.replacing("user\nidentity", with: "account\naccount_id"))
    #expect(account.object == .account && account.identity.name == "id")
  }

  @Test("the mistakes of a model's front matter are told, each at its place")
  func mistakes() {
    expect(
      [.unknownSetting, .badSetting, .badSetting, .badSetting],
      in: """
        ---
        ⟦identiy⟧: x
        object: ⟦users⟧
        enabled: ⟦yes⟧
        time_limit: ⟦soon⟧
        ---
        SELECT 1
        """, "m.sql")
    expect([.missingSetting], in: "⟦---⟧\nidentity: id\n---\nSELECT 1", "m.sql")
    expect([.missingSetting], in: "⟦---⟧\nobject: user\n---\nSELECT 1", "m.sql")
    expect(
      [.badSetting, .badSetting],
      in: "---\nobject: user\nidentity: id\n⟦event⟧: A\n⟦account_id⟧: b\n---\nSELECT 1", "m.sql")
    expect(
      [.missingSetting, .badSetting],
      in: "⟦---⟧\nobject: account\n⟦identity⟧: id\n---\nSELECT 1", "m.sql")
    expect(
      [.missingSetting, .missingSetting],
      in: "⟦⟦---⟧⟧\nobject: event\nidentity: id\n---\nSELECT 1", "m.sql")
    expect(
      [.badSetting],
      in: """
        ---
        object: event
        identity: id
        insert_id: n
        event: A
        ⟦event_column⟧: b
        ---
        SELECT 1
        """, "m.sql")
    expect(
      [.badSetting],
      in: "---\nobject: event\nidentity: id\ninsert_id: n\nevent: ⟦' '⟧\n---\nSELECT 1", "m.sql")
    expect([.missingQuery], in: "---\nobject: user\nidentity: id\n---\n⟦⟧-- nothing", "m.sql")
  }

  @Test("the mistakes of a mapping are told, each at its place")
  func mappings() {
    func check(_ ids: [Diagnostic.ID], _ columns: String) {
      expect(
        ids, in: "---\nobject: user\nidentity: id\ncolumns: \(columns)\n---\nSELECT 1", "m.sql")
    }
    check([.badKey, .badKey], "⟦a as user_id⟧, ⟦ID⟧, b")
    check([.duplicateKey], "a, b, ⟦c as a⟧")
    check([.badSetting], "⟦a as ''⟧, b")
    check([.badSetting], "a, ⟦'b⟧")
    check([.badSetting], "⟦a,⟧")
  }

  @Test("a model's key is its own among models and definitions")
  func keys() {
    let project = ProjectTests.project([
      ("a.sql", Self.user), ("A.audience", "---\nname: A\n---\ntrait('x') = 1"),
      ("b.sql", Self.user.replacing("object", with: "key: a\nobject")),
    ])
    #expect(project.diagnostics.map(\.id) == [.duplicateKey, .duplicateKey])
    #expect(
      project.diagnostics.first?.rendered == """
        error[duplicate-key]: 'a' is the key of two files
          --> audiences/a.sql:1:1
         1 | ---
           | ^^^ has this key
           = help: audiences/A.audience has it too: give one of them another 'key:'

        """)
  }

  @Test("a property that something else sends, and a column that there is not, are refused")
  func columns() {
    let files = [
      ("a.trait", "---\nname: Total\n---\nevent('A').count()"),
      ("m.sql", Self.user), ("n.sql", Self.user.replacing("id\n", with: "idd\ncolumns: x\n")),
      ("o.sql", Self.user.replacing("id\n", with: "id\ncolumns: y as X\n")),
    ]
    let project = ProjectTests.project(files)
    #expect(project.isValid)
    let mistakes = project.modelMistakes(columns: [["id", "total"], ["id", "x"], ["id", "y"]])
    #expect(mistakes.map(\.id) == [.duplicateKey, .missingColumn, .duplicateKey])
    #expect(
      mistakes.first?.rendered == """
        error[duplicate-key]: two files send the property 'total'
          --> audiences/m.sql:5:1
         5 | SELECT 'u' AS id, 1 AS total
           | ^^^^^^ sends it, too
           = help: audiences/a.trait sends it: write 'total as ANOTHER NAME'

        """)
    #expect(
      mistakes[1].rendered == """
        error[missing-column]: the SELECT gives no column 'idd'
          --> audiences/n.sql:3:11
         3 | identity: idd
           |           ^^^ not one of its columns
           = help: did you mean 'id'?

        """)
    #expect(project.modelMistakes(columns: [nil, nil, nil]).isEmpty)
    #expect(project.modelMistakes(columns: [["id"], ["idd", "x"], nil]).map(\.id) == [.badSQL])
    #expect(
      project.modelMistakes(columns: [["id", "id", "a"], nil, nil]).map(\.id) == [.badSQL])
    #expect(project.modelMistakes(columns: [["id", "Identity"], nil, nil]).map(\.id) == [.badKey])
  }

  @Test("accounts need the destination's property, whoever sends them")
  func accounts() {
    let account = Self.user.replacing("user\nidentity", with: "account\naccount_id")
    let project = ProjectTests.project([
      ("m.sql", account), ("heap.destination", "---\ntype: heap\n---\n"),
    ])
    #expect(project.diagnostics.map(\.id) == [.missingSetting])
  }

  @Test("what SQLite finds wrong is shown at its place")
  func places() throws {
    let text = """
      ---
      object: user
      identity: id
      ---
      -- random() is a comment
      SELECT user_id AS id, 'random', date('now'), random() AS x, :then AS t
      FROM event_lg
      """
    let model = try Self.model(text)
    func column(_ mistake: ModelMistake) -> [Int] {
      let found = model.diagnostic(mistake)
      return [found.line, found.column, found.range.count]
    }
    #expect(column(.function("random")) == [6, 46, 6])
    #expect(column(.clock) == [6, 38, 5])
    #expect(column(.parameter(":then")) == [6, 61, 5])
    #expect(column(.table("event_lg")) == [7, 6, 8])
    #expect(column(.refused(message: "no such table: event_lg", offset: nil)) == [7, 6, 8])
    #expect(column(.refused(message: "no such table: main.event_lg", offset: nil)) == [7, 6, 8])
    #expect(column(.refused(message: "x", offset: 32)) == [6, 8, 7])
    #expect(column(.noRows) == [6, 1, 6])
    #expect(model.diagnostic(.table("event_lg")).help == "did you mean 'event_log'?")
    #expect(
      model.diagnostic(.action("PRAGMA")).message == "a model may not use PRAGMA")
    #expect(column(.secondStatement(offset: 25)) == [6, 1, 6])
  }

  @Test(
    "nothing may stand in for a view",
    arguments: [
      "WITH ⟦users⟧ AS (SELECT 1) SELECT * FROM users",
      "WITH a AS (SELECT 1), ⟦\"Event_Log\"⟧(x, y) AS NOT MATERIALIZED (SELECT 2) SELECT 1",
      "SELECT 1 AS users", "WITH u AS (SELECT * FROM users) SELECT * FROM u",
    ])
  func shadows(_ sql: String) throws {
    let source = Marked("---\nobject: user\nidentity: id\n---\n" + sql)
    let model = try Self.model(source.text)
    #expect(model.shadowedView?.range == source.places.first)
  }

  @Test("a file without an end in its comments and quotes is read to its end")
  func robust() {
    for text in ["'", "\"", "[", "`", "/*", "--", "/*/", "'\n", "é", ":", "-"] {
      let source = SourceText(path: "m.sql", text: text)
      let words = SQLWord.words(of: source, 0..<text.utf8.count)
      #expect(words.allSatisfy { $0.range.upperBound <= text.utf8.count })
    }
  }
}
