import Definitions
import Foundation
import Operations
import Testing
import Values

/// What `rollcall test` and `rollcall check` say of examples.
struct ReportTests {
  private let window = "event('X').within(30 days).count() >= 1"

  private func folder() throws -> Folder {
    let folder = try Folder()
    try folder.write(
      definition("A", window, examples: "true: X 30 days ago\nfalse: X 29 days 12 hours ago"),
      to: "a.audience")
    try folder.write(
      definition("B", "event('X').count()", examples: "= 2: X now\n= 0: nothing"), to: "b.trait")
    try folder.write(definition("C", window, examples: ""), to: "c.audience")
    try folder.write(
      definition("D", window, examples: "true: nothing", front: "enabled: false"), to: "d.audience")
    return folder
  }

  @Test func `The report holds what failed, what has no examples and what is off`() throws {
    let folder = try folder()
    let report = try folder.test()
    #expect(report.at.description == "2026-01-01T00:00:00.000Z")
    #expect(report.passed == 2)
    #expect(report.failures.map(\.key) == ["a", "b"])
    #expect(report.failures.map(\.line) == [7, 6])
    #expect(report.withoutExamples == ["c"])
    #expect(report.disabled == ["d"])
  }

  @Test func `Keys choose what is tested`() throws {
    let folder = try folder()
    let report = try folder.test(["b", "c", "b"])
    #expect((report.passed, report.failed) == (1, 1))
    #expect(report.withoutExamples == ["c"])
    #expect(throws: OperationError.self) { try folder.test(["e"]) }
    #expect(throws: OperationError.self) { try folder.test(["d"]) }
  }

  @Test func `A failure shows the example, what was expected and found, and the next change`()
    throws
  {
    let folder = try folder()
    let (code, output) = try folder.run("--audiences", ".", "test")
    #expect(code == 1)
    #expect(
      output == """
        failed: a
          --> ./a.audience:7
         7 | false: X 29 days 12 hours ago
           | expected false, found true
           = next change: 12 hours 1 millisecond after now, at 2026-01-01T12:00:00.001Z

             ✓ event('X').within(30 days).count() >= 1
                 found 1, asked for >= 1
                 1 of 1 event, window 2025-12-02T00:00:00.000Z to 2026-01-01T00:00:00.000Z
                 2025-12-02T12:00:00.000Z  X 29 days 12 hours ago

        failed: b
          --> ./b.trait:6
         6 | = 2: X now
           | expected 2, found 1
           = next change: never

             · event('X').count()
                 1
                 1 of 1 event
                 2026-01-01T00:00:00.000Z  X now

        2 failed of 4 examples
          without examples: c
          not enabled, left out: d

        """)
  }

  @Test func `The document holds the failures`() throws {
    let folder = try folder()
    let (code, output) = try folder.run("test", "a", "c", "--json", "--audiences", ".")
    #expect(code == 1)
    #expect(
      output == """
        {"at":"2026-01-01T00:00:00.000Z","passed":1,"failed":1,"failures":[{"key":"a",\
        "file":"./a.audience","line":7,"example":"false: X 29 days 12 hours ago",\
        "expected":false,"found":true,"next_change":"2026-01-01T12:00:00.001Z","explanation":{\
        "condition":"event('X').within(30 days).count() >= 1","truth":true,\
        "until":"2026-01-01T12:00:00.001Z","found":1,"comparator":">=","asked":1,\
        "window":{"from":"2025-12-02T00:00:00.000Z","to":"2026-01-01T00:00:00.000Z"},\
        "kept":1,"named":1,"events":[{"time":"2025-12-02T12:00:00.000Z","event":"X",\
        "message_id":null,"row":null,"words":"X 29 days 12 hours ago","properties":{}}],\
        "children":[]}}],\
        "without_examples":["c"],"disabled":[]}

        """)
  }

  @Test func `When all pass it exits 0, and one instant can be given`() throws {
    let folder = try Folder(["a.audience": definition("A", window, examples: "true: X now")])
    let (code, output) = try folder.run("test", "--audiences", ".", "--at", "2030-05-05")
    #expect(code == 0)
    #expect(output == "good: 1 example passed\n")
  }

  @Test func `A mistake in an example is shown, and nothing is tested`() throws {
    let folder = try Folder(["a.audience": definition("A", window, examples: "true: X")])
    #expect(try folder.run("test", "--audiences", ".").code == 1)
    let (code, output) = try folder.run("check", "--audiences", ".")
    #expect(code == 1)
    #expect(output.contains("error[bad-time]") && output.contains("./a.audience:6:8"))
  }

  @Test func `Check says which definitions have no examples, and stays good`() throws {
    let folder = try folder()
    let (code, output) = try folder.run("check", "--audiences", ".")
    #expect(code == 0)
    #expect(output == "good: 3 audiences, 1 trait, 0 destinations\n  without examples: c\n")
    let document = try Value(json: folder.run("check", "--audiences", ".", "--json").output)
    guard case .array(let definitions) = document["definitions"] else {
      Issue.record("no definitions")
      return
    }
    #expect(definitions.map { $0["examples"] } == [2, 2, 0, 1].map { .number($0) })
  }

  @Test func `The project that comes with Rollcall has examples everywhere, and they pass`() throws
  {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let folder = root.appendingPathComponent("audiences").path
    let report = try Session(storePath: "none.sqlite", folder: folder).test()
    #expect(report.failures.map { "\($0.path):\($0.line)" } == [])
    #expect(report.withoutExamples == [])
    #expect(report.passed > 2 * 13)
  }
}
