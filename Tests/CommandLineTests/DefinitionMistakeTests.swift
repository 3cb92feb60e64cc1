import Testing
import Values

@Suite("Wrong definitions")
struct DefinitionMistakeTests {
  /// A store that was rolled and sent once, whose folder is then replaced by a wrong one.
  private static func rolled(_ heap: RehearsalHeap, _ mistake: DefinitionMistake) throws -> Rollcall
  {
    let rollcall = try Rollcall.withOrders()
    rollcall.environment = heap.environment
    try rollcall.json("run", "--at", "2023-03-01")
    try rollcall.remove("audiences")
    if let files = mistake.files {
      try rollcall.write("", to: "audiences/notes.md")
      for (name, bytes) in files { try rollcall.write(bytes, to: "audiences/" + name) }
    }
    return rollcall
  }

  @Test(
    "Each is shown with its place by every verb that reads it, and changes nothing",
    arguments: DefinitionMistake.all)
  func refused(_ mistake: DefinitionMistake) throws {
    let heap = try RehearsalHeap()
    let rollcall = try Self.rolled(heap, mistake)
    let before = try rollcall.contents()
    let requests = heap.requests

    let check = try rollcall.run("check")
    #expect(check.ending == .code(1))
    #expect(check.output == mistake.rendered + "\n1 error\n")
    #expect(check.errors == "")
    for words in [
      ["plan", "--at", "2023-04-01"], ["run", "--at", "2023-04-01"], ["send", "--now"],
      ["status"], ["verify"], ["preview", "big"],
    ] {
      let outcome = try rollcall.run(words)
      #expect(outcome.ending == .code(1), "\(words)")
      #expect(outcome.output == "", "\(words)")
      #expect(
        outcome.errors
          == mistake.rendered + "\nerror: the definitions in 'audiences' are wrong\n", "\(words)")
    }
    let isUnchanged = try rollcall.contents() == before
    #expect(isUnchanged)
    #expect(heap.requests == requests)
  }

  @Test("A document of them has file, line, column, severity, id and message")
  func document() throws {
    let rollcall = try Rollcall()
    try rollcall.define("big.audience", "event('A').withn(30 days).count() >= 1")
    let diagnostics = """
      [{"file":"audiences/big.audience","line":4,"column":12,"severity":"error",\
      "id":"unknown-function","message":"there is no function 'withn'",\
      "help":"did you mean 'within'?"}]
      """
    let check = try rollcall.json("check", exits: 1)
    #expect(check["diagnostics"].json == diagnostics)
    try rollcall.ingest("")
    for verb in ["plan", "run"] {
      let document = try rollcall.json(verb, exits: 1)
      #expect(document["diagnostics"].json == diagnostics)
      #expect(document["error"]["message"] == .string("the definitions in 'audiences' are wrong"))
    }
  }

  @Test("All mistakes of all files are shown at once, by file and place")
  func all() throws {
    let rollcall = try Rollcall()
    try rollcall.define(
      "a.audience", "event('A').withn(3 days).count() >= 1 AND trait('x')", front: "nmae: x\n")
    try rollcall.define("b.trait", "event('A').count() > 1")
    let places = try rollcall.json("check", exits: 1)["diagnostics"].elements.map { mistake in
      [mistake["file"], mistake["line"], mistake["column"], mistake["id"]].map(\.json)
    }
    #expect(
      places == [
        ["\"audiences/a.audience\"", "3", "1", "\"unknown-setting\""],
        ["\"audiences/a.audience\"", "5", "12", "\"unknown-function\""],
        ["\"audiences/a.audience\"", "5", "43", "\"condition-expected\""],
        ["\"audiences/b.trait\"", "4", "20", "\"scalar-expected\""],
      ])
  }
}
