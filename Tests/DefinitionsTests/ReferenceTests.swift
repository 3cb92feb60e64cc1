import Testing

@testable import Definitions

/// How definitions refer to one another.
@Suite struct ReferenceTests {
  @Test("cycles of two and of many print the way around, a long one without its middle")
  func cycles() {
    let two = ProjectTests.project([
      ProjectTests.definition("A", ProjectTests.refers(to: "b")),
      ProjectTests.definition("B", ProjectTests.refers(to: "a")),
    ])
    #expect(two.diagnostics.map(\.message) == ["definitions refer to one another: a → b → a"])
    func circle(_ count: Int) -> Project {
      ProjectTests.project(
        (0..<count).map {
          ProjectTests.definition("D\($0)x", ProjectTests.refers(to: "d\(($0 + 1) % count)x"))
        })
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
    let project = ProjectTests.project([
      ProjectTests.definition("A", ProjectTests.refers(to: "b")),
      ProjectTests.definition("B", ProjectTests.refers(to: "b")),
      ProjectTests.definition(
        "C", ProjectTests.refers(to: "d") + " AND " + ProjectTests.refers(to: "b")),
      ProjectTests.definition("D", ProjectTests.refers(to: "c")),
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
        let references = [index + 1, index + 2].filter { $0 < 7 }.map {
          ProjectTests.refers(to: "d\($0)")
        }
        return ProjectTests.definition(
          "D\(index)", (references + ["trait('x') = 1"]).joined(separator: " OR "))
      }
      let project = ProjectTests.project(Array(files[shift...] + files[..<shift]))
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
    let project = ProjectTests.project([
      ProjectTests.definition("A", query.replacing("AND context('b') = 1", with: "")),
      ProjectTests.definition("B", "trait('x') = 1"),
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
      ProjectTests.definition("A", ProjectTests.refers(to: "b"), off),
      ProjectTests.definition("B", "trait('x') = 1", off),
    ]
    #expect(ProjectTests.project(both).isValid)
    let toEnabled = [
      ProjectTests.definition("A", ProjectTests.refers(to: "b"), off),
      ProjectTests.definition("B", "trait('x') = 1"),
    ]
    #expect(ProjectTests.project(toEnabled).isValid)
    let cycle = [
      ProjectTests.definition("A", ProjectTests.refers(to: "a"), off),
      ProjectTests.definition("B", "trait('x') = 1"),
    ]
    #expect(ProjectTests.project(cycle).diagnostics.map(\.id) == [.cycle])
  }
}
