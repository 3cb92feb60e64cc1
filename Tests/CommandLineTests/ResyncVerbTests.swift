import Testing
import Values

@Suite("Telling a destination everything again")
struct ResyncVerbTests {
  private static func prepared() throws -> (Rollcall, RehearsalHeap) {
    let heap = try RehearsalHeap()
    let rollcall = try Rollcall.withOrders()
    rollcall.environment = heap.environment
    try rollcall.json("run", "--at", "2023-03-01")
    return (rollcall, heap)
  }

  @Test("with --yes it says how much that is, and sends it")
  func everything() throws {
    let (rollcall, heap) = try Self.prepared()
    let requests = heap.requests
    let outcome = try rollcall.run("resync", "heap", "--yes")
    #expect(outcome.ending == .code(0), "\(outcome.everything)")
    #expect(
      outcome.output == """
        everything to 'heap' again, with what is pending: 5 users, 13 values, 1 request
        heap: 13 values in 1 request

        """)
    #expect(heap.requests == requests + 1)
    #expect(heap.noOpWrites == 13)
    try heap.expectSnapshot(of: rollcall)
    #expect(try rollcall.json("run", "--at", "2023-03-01")["requests"] == .number(0))
  }

  @Test("one definition alone, as a document")
  func one() throws {
    let (rollcall, heap) = try Self.prepared()
    let document = try rollcall.json("resync", "heap", "recent", "--yes")
    #expect(document["destination"] == .string("heap") && document["key"] == .string("recent"))
    #expect(document["users"] == .number(4) && document["values"] == .number(4))
    #expect(document["requests"] == .number(1) && document["held"] == .number(0))
    #expect(document["delivery"][0]["sent"] == .number(4))
    #expect(heap.noOpWrites == 4)
  }

  @Test("what was told and has gone since is taken back")
  func gone() throws {
    let (rollcall, heap) = try Self.prepared()
    try rollcall.json("run", "--at", "2023-03-05", "--no-send")
    try rollcall.json("resync", "heap", "recent", "--yes")
    #expect(heap.properties["recent fay"] == .string("false"))
    try heap.expectSnapshot(of: rollcall)
    // What was taken back before is taken back again.
    let again = try rollcall.json("resync", "heap", "recent", "--yes")
    #expect(again["values"] == .number(4))
  }

  @Test("without a terminal and without --yes it does nothing")
  func refused() throws {
    let (rollcall, heap) = try Self.prepared()
    let before = try rollcall.contents()
    let requests = heap.requests
    for words in [["resync", "heap"], ["resync", "heap", "--json"]] {
      let outcome = try rollcall.run(words)
      #expect(outcome.ending == .code(2))
      #expect(
        outcome.errors == """
          error: nobody can be asked here, and nothing was done
            help: add --yes to do it

          """)
    }
    let isUntouched = try rollcall.contents() == before
    #expect(isUntouched && heap.requests == requests)
  }

  @Test(
    "at a terminal it asks, and takes nothing but yes for yes", arguments: ["y", "yes", "n", ""])
  func asked(_ answer: String) throws {
    let (rollcall, heap) = try Self.prepared()
    let terminal = try PseudoTerminal()
    rollcall.environment["TERMINAL"] = terminal.path
    try terminal.type(answer)
    try rollcall.write("rollcall resync heap recent <$TERMINAL 2>$TERMINAL\n", to: "ask")
    let output = try rollcall.shell("ask")
    #expect(output.contains("4 users, 4 values, 1 request\n"))
    #expect(heap.noOpWrites == (answer.hasPrefix("y") ? 4 : 0))
  }

  @Test("what is held stays held")
  func held() throws {
    let (rollcall, heap) = try Self.prepared()
    try rollcall.remove("audiences/spent.trait")
    try rollcall.json("run", "--at", "2023-03-01", exits: 3)
    let document = try rollcall.json("resync", "heap", "--yes", exits: 3)
    #expect(document["held"] == .number(5))
    #expect(document["values"] == .number(8))
    #expect(heap.properties["spent ann"] == .number(10.5))
  }

  @Test("names that there are not are refused with the nearest")
  func unknown() throws {
    let (rollcall, _) = try Self.prepared()
    for (words, errors) in [
      (["heaps"], "error: there is no destination 'heaps'\n  help: did you mean 'heap'?\n"),
      (
        ["heap", "recnt"],
        "error: there is no definition 'recnt'\n  help: did you mean 'recent'?\n"
      ),
    ] {
      let outcome = try rollcall.run(["resync", "--yes"] + words)
      #expect(outcome.ending == .code(2) && outcome.errors == errors, "\(outcome.errors)")
    }
    rollcall.environment["HEAP_APP_ID"] = "12"
    let other = try rollcall.run("resync", "heap", "--yes")
    #expect(other.ending == .code(2))
    #expect(other.errors.hasPrefix("error: the destination 'heap' was told nothing yet\n"))
    rollcall.environment["HEAP_APP_ID"] = nil
    let none = try rollcall.run("resync", "heap", "--yes")
    #expect(none.ending == .code(1))
    #expect(
      none.errors.hasPrefix(
        "error: the destination 'heap' cannot be talked to: there is no app id"))
  }
}
