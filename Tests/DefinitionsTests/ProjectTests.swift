import Testing

@testable import Definitions

/// The rules that hold among the files of a folder.
@Suite struct ProjectTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let id: Diagnostic.ID
    let files: [(name: String, text: String)]
    let rendered: String

    /// Not the files, one of which has sixteen megabytes.
    var testDescription: String { id.rawValue }
  }

  static func project(_ files: [(name: String, text: String)]) -> Project {
    Project(files: files.map { Checked.file($0.name, $0.text) }, folder: "audiences")
  }

  static func definition(_ name: String, _ query: String, _ more: String = "") -> (
    name: String, text: String
  ) {
    (name.lowercased() + ".audience", "---\nname: \(name)\n\(more)---\n\(query)\n")
  }

  static func refers(to key: String) -> String { "trait('\(key)') = true" }

  @Test("a mistake among files is shown to the letter", arguments: mistakes)
  func shows(_ row: Row) {
    let diagnostics = Self.project(row.files).diagnostics
    #expect(diagnostics.map(\.id) == [row.id])
    #expect(diagnostics.map(\.rendered) == [row.rendered])
  }

  static let mistakes: [Row] = [
    Row(
      id: .noDefinitions, files: [],
      rendered: """
        error[no-definitions]: the folder 'audiences' holds no definition
          --> audiences
           = help: add a file that ends in .audience, .trait or .sql

        """),
    Row(
      id: .noDefinitions, files: [("h.destination", "---\ntype: heap\n---"), ("README.md", "")],
      rendered: """
        error[no-definitions]: the folder 'audiences' holds no definition
          --> audiences
           = help: add a file that ends in .audience, .trait or .sql

        """),
    Row(
      id: .unknownFile, files: [definition("A", "trait('x') = 1"), ("a.audience.bak", "x")],
      rendered: """
        warning[unknown-file]: the file is not read
          --> audiences/a.audience.bak
           = help: definitions end in .audience, .trait or .sql, destinations in .destination

        """),
    Row(
      id: .missingFrontMatter, files: [definition("A", "trait('x') = 1"), ("m.sql", "SELECT 1")],
      rendered: """
        error[missing-front-matter]: the front matter is missing
          --> audiences/m.sql:1:1
         1 | SELECT 1
           | ^^^^^^^^ expected '---' here
           = help: begin the file with '---', a line 'object: user', and '---'

        """),
    Row(
      id: .tooLarge,
      files: [
        definition("A", "trait('x') = 1"),
        ("b.audience", String(repeating: " ", count: Project.sizeLimit + 1)),
      ],
      rendered: """
        error[too-large]: the file is larger than 16 MiB
          --> audiences/b.audience

        """),
    Row(
      id: .duplicateKey,
      files: [
        definition("Big Spenders", "trait('x') = 1"),
        ("z.trait", "---\nname: Z\nkey: BIG_spenders\n---\n1"),
      ],
      rendered: """
        error[duplicate-key]: two definitions have the key 'big_spenders'
          --> audiences/z.trait:3:6
         3 | key: BIG_spenders
           |      ^^^^^^^^^^^^ this makes 'BIG_spenders'
           = help: audiences/big spenders.audience has it too: give one of them another 'key:'

        """),
    Row(
      id: .duplicateKey,
      files: [
        definition("A b", "trait('x') = 1"), ("x.audience", "---\nname: a-B\n---\ntrait('x') = 1"),
      ],
      rendered: """
        error[duplicate-key]: two definitions have the key 'a_b'
          --> audiences/x.audience:2:7
         2 | name: a-B
           |       ^^^ this makes 'a_b'
           = help: audiences/a b.audience has it too: give one of them another 'key:'

        """),
    Row(
      id: .duplicateDestination,
      files: [
        definition("A", "trait('x') = 1"), ("a.destination", "---\ntype: file\npath: x\n---"),
        ("b.destination", "---\ntype: file\npath: x\n---"),
      ],
      rendered: """
        error[duplicate-destination]: two destinations talk to the same place
          --> audiences/b.destination
           = help: audiences/a.destination does too: remove one of them

        """),
    Row(
      id: .disabledReference,
      files: [
        definition("A", refers(to: "b")), definition("B", "trait('x') = 1", "enabled: false\n"),
      ],
      rendered: """
        error[disabled-reference]: 'b' is not enabled
          --> audiences/a.audience:4:1
         4 | trait('b') = true
           | ^^^^^^^^^^ a definition that is off has no current value
           = help: enable it, or disable this definition too

        """),
    Row(
      id: .cycle, files: [definition("A", "trait('x') = 1 AND " + refers(to: "a"))],
      rendered: """
        error[cycle]: definitions refer to one another: a → a
          --> audiences/a.audience:4:20
         4 | trait('x') = 1 AND trait('a') = true
           |                    ^^^^^^^^^^ this closes the circle
           = help: remove one of the references

        """),
    Row(
      id: .cycle,
      files: [
        definition("A", refers(to: "b")), definition("B", refers(to: "c")),
        definition("C", refers(to: "a")),
      ],
      rendered: """
        error[cycle]: definitions refer to one another: a → b → c → a
          --> audiences/c.audience:4:1
         4 | trait('a') = true
           | ^^^^^^^^^^ this closes the circle
           = help: remove one of the references

        """),
  ]

  /// What needs bytes or a folder, and has tests of its own below.
  static let onDisk: [Diagnostic.ID] = [.notUTF8, .missingFolder, .unreadableFile]

  @Test("a file that is wrong leaves the others, and diagnostics are sorted by file and place")
  func several() {
    let project = Self.project([
      Self.definition("C", "trait(x) = 1 AND trait(y) = 2"), Self.definition("A", "true"),
      Self.definition("B", "trait('x') = 1"),
    ])
    #expect(!project.isValid)
    #expect(project.definitions.map(\.key) == ["b"])
    #expect(
      project.diagnostics.map(\.path) == [
        "audiences/a.audience", "audiences/c.audience", "audiences/c.audience",
      ])
    #expect(project.diagnostics.map(\.column) == [1, 7, 24])
  }
}
