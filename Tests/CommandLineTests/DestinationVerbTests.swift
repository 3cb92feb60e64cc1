import Testing
import Values

@Suite("A destination whose file is gone")
struct DestinationVerbTests {
  private static func prepared() throws -> (Rollcall, RehearsalHeap) {
    let heap = try RehearsalHeap()
    let rollcall = try Rollcall.withOrders()
    rollcall.environment = heap.environment
    try rollcall.json("run", "--at", "2023-03-01")
    return (rollcall, heap)
  }

  @Test("it is paused: it is owed what changes, and gets it when the file is back")
  func paused() throws {
    let (rollcall, heap) = try Self.prepared()
    let text = try rollcall.read("audiences/heap.destination")
    try rollcall.remove("audiences/heap.destination")
    let requests = heap.requests
    try rollcall.json("run", "--at", "2023-03-05")
    #expect(heap.requests == requests)
    let status = try rollcall.json("status", "--at", "2023-03-05")
    let destination = status["destinations"][0]
    #expect(destination["name"] == .string("heap") && destination["paused"] == .boolean(true))
    #expect(destination["pending"] == .number(2))
    #expect(
      try rollcall.run("status", "--at", "2023-03-05").output.contains(
        "heap: paused, its file is gone; about 2 pending\n"))
    try rollcall.write(text, to: "audiences/heap.destination")
    try rollcall.json("run", "--at", "2023-03-05")
    #expect(try rollcall.json("status", "--at", "2023-03-05")["destinations"].elements.count == 1)
    try heap.expectSnapshot(of: rollcall)
  }

  @Test("its state is forgotten on demand, and should it come back, it is sent everything")
  func forget() throws {
    let (rollcall, heap) = try Self.prepared()
    let text = try rollcall.read("audiences/heap.destination")
    try rollcall.remove("audiences/heap.destination")
    let outcome = try rollcall.run("destination", "forget", "heap", "--yes")
    #expect(outcome.ending == .code(0), "\(outcome.everything)")
    #expect(
      outcome.output == """
        'heap' has no file; it was told 13 values of 5 users, and 0 are pending
        forgotten: should it come back, it is sent everything

        """)
    for table in ["destinations", "acknowledged", "pending", "quarantine", "guards"] {
      #expect(try rollcall.count("SELECT count(*) FROM \(table)") == 0, "\(table)")
    }
    #expect(try rollcall.json("status")["destinations"].elements.isEmpty)
    try rollcall.write(text, to: "audiences/heap.destination")
    #expect(try rollcall.json("run", "--at", "2023-03-01")["sent"] == .number(13))
    #expect(heap.noOpWrites == 13)
  }

  @Test("as a document")
  func document() throws {
    let (rollcall, _) = try Self.prepared()
    try rollcall.remove("audiences/heap.destination")
    try rollcall.json("run", "--at", "2023-03-05")
    #expect(
      try rollcall.json("destination", "forget", "heap", "--yes").json
        == #"{"forgotten":"heap","users":5,"accounts":0,"events":0,"values":13,"pending":2,"quarantined":0}"#
    )
  }

  @Test("without --yes nothing is forgotten, unless somebody at a terminal says so")
  func asked() throws {
    let (rollcall, _) = try Self.prepared()
    try rollcall.remove("audiences/heap.destination")
    let refused = try rollcall.run("destination", "forget", "heap")
    #expect(refused.ending == .code(2))
    #expect(refused.errors.contains("nobody can be asked here, and nothing was done"))
    let terminal = try PseudoTerminal()
    rollcall.environment["TERMINAL"] = terminal.path
    try rollcall.write("rollcall destination forget heap <$TERMINAL 2>$TERMINAL\n", to: "ask")
    for (answer, left) in [("no", 1), ("yes", 0)] {
      try terminal.type(answer)
      _ = try rollcall.shell("ask")
      #expect(try rollcall.count("SELECT count(*) FROM destinations") == left, "\(answer)")
    }
  }

  @Test("what has a file is not forgotten, and nor is what was never met")
  func refused() throws {
    let (rollcall, _) = try Self.prepared()
    for (words, errors) in [
      (
        ["forget", "heap"],
        """
        error: the destination 'heap' has a file
          help: remove 'heap.destination' from 'audiences' first

        """
      ),
      (
        ["forget", "other"],
        "error: the store knows no destination 'other' whose file is gone\n"
      ),
      (
        ["forgt", "heap"],
        "error: 'destination' cannot 'forgt'\n  help: did you mean 'forget'?\n"
      ),
    ] {
      let outcome = try rollcall.run(["destination"] + words + ["--yes"])
      #expect(outcome.ending == .code(2) && outcome.errors == errors, "\(outcome.errors)")
    }
    #expect(try rollcall.count("SELECT count(*) FROM acknowledged") == 13)
  }

  @Test("a file that talks to something else, or does not say what, keeps what it talked to before")
  func changed() throws {
    let (rollcall, _) = try Self.prepared()
    let other = try RehearsalHeap()
    rollcall.environment = other.environment
    try rollcall.json("run", "--at", "2023-03-01")
    let status = try rollcall.json("status", "--at", "2023-03-01")
    #expect(
      status["destinations"].elements.map { $0["paused"] } == [.boolean(false), .boolean(true)])
    #expect(
      status["destinations"][1]["problem"] == .string("its file talks to something else now"))
    for environment in [other.environment, [:]] {
      rollcall.environment = environment
      let outcome = try rollcall.run("destination", "forget", "heap", "--yes")
      #expect(outcome.ending == .code(2))
      #expect(outcome.errors.hasPrefix("error: the destination 'heap' has a file\n"))
    }
    #expect(try rollcall.json("status")["destinations"].elements.count == 1)
    #expect(try rollcall.count("SELECT count(*) FROM destinations") == 2)
  }
}
