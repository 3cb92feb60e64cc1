import Foundation
import Testing

@testable import Definitions

/// The rules that hold among the files of a folder.
@Suite struct ProjectTests {
  struct Row: Sendable {
    let id: Diagnostic.ID
    let files: [(name: String, text: String)]
    let rendered: String
  }

  private static func project(_ files: [(name: String, text: String)]) -> Project {
    Project(files: files.map { Checked.file($0.name, $0.text) }, folder: "audiences")
  }

  private static func definition(_ name: String, _ query: String, _ more: String = "") -> (
    name: String, text: String
  ) {
    (name.lowercased() + ".audience", "---\nname: \(name)\n\(more)---\n\(query)\n")
  }

  private static func refers(to key: String) -> String { "trait('\(key)') = true" }

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
           = help: add a file that ends in .audience or .trait

        """),
    Row(
      id: .noDefinitions, files: [("h.destination", "---\ntype: heap\n---"), ("README.md", "")],
      rendered: """
        error[no-definitions]: the folder 'audiences' holds no definition
          --> audiences
           = help: add a file that ends in .audience or .trait

        """),
    Row(
      id: .unknownFile, files: [definition("A", "true = true"), ("a.audience.bak", "x")],
      rendered: """
        warning[unknown-file]: the file is not read
          --> audiences/a.audience.bak
           = help: definitions end in .audience or .trait, destinations in .destination

        """),
    Row(
      id: .notSupported, files: [definition("A", "true = true"), ("m.sql", "SELECT 1")],
      rendered: """
        error[not-supported]: this version reads no SQL models
          --> audiences/m.sql

        """),
    Row(
      id: .tooLarge,
      files: [
        definition("A", "true = true"),
        ("b.audience", String(repeating: " ", count: Project.sizeLimit + 1)),
      ],
      rendered: """
        error[too-large]: the file is larger than 16 MiB
          --> audiences/b.audience

        """),
    Row(
      id: .duplicateKey,
      files: [
        definition("Big Spenders", "true = true"),
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
        definition("A b", "true = true"), ("x.audience", "---\nname: a-B\n---\ntrue = true"),
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
        definition("A", "true = true"), ("a.destination", "---\ntype: file\npath: x\n---"),
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
        definition("A", refers(to: "b")), definition("B", "true = true", "enabled: false\n"),
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

  @Test("cycles of two and of many print the way around, a long one without its middle")
  func cycles() {
    let two = Self.project([
      Self.definition("A", Self.refers(to: "b")), Self.definition("B", Self.refers(to: "a")),
    ])
    #expect(two.diagnostics.map(\.message) == ["definitions refer to one another: a → b → a"])
    func circle(_ count: Int) -> Project {
      Self.project(
        (0..<count).map { Self.definition("D\($0)x", Self.refers(to: "d\(($0 + 1) % count)x")) })
    }
    let keys = (0..<20).map { "d\($0)x" } + ["d0x"]
    #expect(
      circle(20).diagnostics.map(\.message) == [
        "definitions refer to one another: " + keys.joined(separator: " → ")
      ])
    let long = circle(300)
    #expect(long.diagnostics.count == 1)
    #expect(long.diagnostics[0].message.contains("d11x → (278 more) → d290x"))
    #expect(long.diagnostics[0].message.hasSuffix("d299x → d0x"))
  }

  @Test("two cycles are two mistakes, and a definition that leads into one is none")
  func separateCycles() {
    let project = Self.project([
      Self.definition("A", Self.refers(to: "b")), Self.definition("B", Self.refers(to: "b")),
      Self.definition("C", Self.refers(to: "d") + " AND " + Self.refers(to: "b")),
      Self.definition("D", Self.refers(to: "c")),
    ])
    #expect(
      project.diagnostics.map(\.message) == [
        "definitions refer to one another: b → b", "definitions refer to one another: c → d → c",
      ])
  }

  @Test("a definition comes behind those it refers to, in any order of the files")
  func order() throws {
    for shift in 0..<7 {
      // Each refers to the next two, around the alphabet until the seventh.
      let files = (0..<7).map { index in
        let references = [index + 1, index + 2].filter { $0 < 7 }.map { Self.refers(to: "d\($0)") }
        return Self.definition(
          "D\(index)", (references + ["true = true"]).joined(separator: " OR "))
      }
      let project = Self.project(Array(files[shift...] + files[..<shift]))
      #expect(project.diagnostics.isEmpty)
      #expect(project.definitions.map(\.key) == (0..<7).reversed().map { "d\($0)" })
      #expect(project["d3"]?.references == ["d4", "d5"])
    }
  }

  @Test("a reference is a trait with the key as its whole name; other names are custom traits")
  func references() throws {
    let query = """
      trait('b') = true AND trait('b.x') = 1 AND trait('B') = 1 AND trait('b') = false
      AND event('E').where(property('p') >= trait('c')).count() = 1 AND context('b') = 1
      """
    let project = Self.project([
      Self.definition("A", query.replacing("AND context('b') = 1", with: "")),
      Self.definition("B", "true = true"),
      ("c.trait", "---\nname: C\n---\nevent('E').sum(trait('d'))"),
      ("d.trait", "---\nname: D\n---\ntrait('e')"),
    ])
    #expect(project.diagnostics.isEmpty, "\(project.diagnostics.map(\.rendered))")
    #expect(project["a"]?.references == ["b", "c"])
    #expect(project["c"]?.references == ["d"])
    #expect(project["d"]?.references == [])
  }

  @Test("definitions that are off may refer to one another, and a cycle among them is still one")
  func disabled() {
    let off = "enabled: false\n"
    let both = [
      Self.definition("A", Self.refers(to: "b"), off), Self.definition("B", "true = true", off),
    ]
    #expect(Self.project(both).isValid)
    let toEnabled = [
      Self.definition("A", Self.refers(to: "b"), off), Self.definition("B", "true = true"),
    ]
    #expect(Self.project(toEnabled).isValid)
    let cycle = [
      Self.definition("A", Self.refers(to: "a"), off), Self.definition("B", "true = true"),
    ]
    #expect(Self.project(cycle).diagnostics.map(\.id) == [.cycle])
  }

  @Test("a file that is wrong leaves the others, and diagnostics are sorted by file and place")
  func several() {
    let project = Self.project([
      Self.definition("C", "trait(x) = 1 AND trait(y) = 2"), Self.definition("A", "true"),
      Self.definition("B", "true = true"),
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
