import Foundation
import HeapSandbox
import Testing
import Values

@Suite("A service")
struct ServeTests {
  private static func prepared(_ heap: RehearsalHeap) throws -> Rollcall {
    let rollcall = try Rollcall.withOrders()
    rollcall.environment = heap.environment
    return rollcall
  }

  /// The JSON lines of a log.
  private static func records(_ errors: String) throws -> [Value] {
    try errors.split(separator: "\n").map { try Value(json: String($0)) }
  }

  @Test(
    "runs at once, tells each thing in a line, and ends with 0 on a signal",
    arguments: [
      SIGTERM, SIGINT,
    ])
  func signals(_ number: Int32) throws {
    let heap = try RehearsalHeap()
    let rollcall = try Self.prepared(heap)
    let running = try rollcall.start(["serve", "--every", "1d"])
    _ = try running.errors(holding: "evaluated")
    running.send(signal: number)
    let outcome = try running.outcome()
    #expect(outcome.ending == .code(0))
    #expect(outcome.output == "")
    let lines = outcome.errors.split(separator: "\n").map { line in
      line.drop { $0 != " " }.dropFirst().replacing(/in [0-9]+ ms/, with: "in N ms")
    }
    #expect(
      lines == [
        "serving 3 definitions every 1d",
        "run 1: 6 evaluated, 0 entered, 0 left, 12 changed in N ms; 6 sent, 0 pending, 0 held",
        "stopped",
      ])
    #expect(heap.requests == 1)
  }

  @Test("as JSON lines; SIGHUP reads the definitions again, and keeps the good ones")
  func log() throws {
    let heap = try RehearsalHeap()
    let rollcall = try Self.prepared(heap)
    let running = try rollcall.start(["serve", "--every", "1d", "--log", "json"])
    _ = try running.errors(holding: "\"run\"")
    try rollcall.define("wrong.audience", "event('A').contains() = ")
    running.send(signal: SIGHUP)
    _ = try running.errors(holding: "\"kept\"")
    try rollcall.remove("audiences/wrong.audience")
    try rollcall.define("fine.audience", "event('A').count() >= 1")
    running.send(signal: SIGHUP)
    _ = try running.errors(holding: "\"reread\"")
    running.send(signal: SIGTERM)
    let outcome = try running.outcome()
    #expect(outcome.ending == .code(0))
    let records = try Self.records(outcome.errors)
    #expect(
      records.map { $0["event"].json } == [
        "\"started\"", "\"run\"", "\"kept\"", "\"reread\"", "\"stopped\"",
      ])
    guard records.count == 5 else { return }
    #expect(records.allSatisfy { $0["at"].isPresent })
    #expect(records[0]["every"] == .string("1d") && records[0]["definitions"] == .number(3))
    #expect(records[1]["sent"] == .number(6) && records[1]["held"] == .number(0))
    #expect(records[1]["milliseconds"].count >= 0)
    #expect(records[2]["message"] == .string("the definitions in 'audiences' are wrong"))
    #expect(records[2]["diagnostics"][0]["file"] == .string("audiences/wrong.audience"))
    #expect(records[3]["definitions"] == .number(4))
  }

  @Test("asked to end while a request is under way, it finishes that one and sends no other")
  func requestUnderWay() throws {
    let heap = try RehearsalHeap()
    let rollcall = try Rollcall()
    rollcall.environment = heap.environment
    try rollcall.ingest(
      (0..<2500).map { order("u\($0)", at: "2023-02-01T00:00:00Z", id: "\($0)") }.joined())
    try rollcall.define("ever.audience", "event('Order Completed').count() >= 1")
    try rollcall.addHeap()
    try heap.setFault(.delay(milliseconds: 1500))
    let running = try rollcall.start(["serve", "--every", "1d"])
    var patience = 6000
    while heap.requests == 0, patience > 0 {
      Thread.sleep(forTimeInterval: 0.01)
      patience -= 1
    }
    running.send(signal: SIGTERM)
    let outcome = try running.outcome()
    #expect(outcome.ending == .code(0))
    #expect(
      outcome.errors.contains(
        "1,000 sent, 1,500 pending, 0 held; heap stopped: stopped before everything was sent\n"),
      "\(outcome.errors)")
    #expect(heap.requests == 1)
    #expect(try rollcall.count("SELECT count(*) FROM acknowledged WHERE in_doubt") == 0)
    #expect(try rollcall.count("SELECT count(*) FROM acknowledged") == 1000)
  }

  @Test("what it says names nobody")
  func privacy() throws {
    let heap = try RehearsalHeap()
    let rollcall = try Rollcall()
    rollcall.environment = heap.environment
    try rollcall.ingest(
      order("ann.secret@example.com", at: "2023-02-01T00:00:00Z", id: "1", revenue: "8472.33"))
    try rollcall.define("spent.trait", "event('Order Completed').sum(property('revenue'))")
    try rollcall.addHeap()
    try heap.setFault(.status(400))
    for format in ["text", "json"] {
      let running = try rollcall.start(["serve", "--every", "1d", "--log", format])
      let started = try running.errors(holding: format == "text" ? "serving" : "started")
      #expect(!started.isEmpty)
      _ = format == "text" ? try running.errors(holding: "evaluated") : ""
      running.send(signal: SIGTERM)
      let everything = try running.outcome().everything
      for secret in ["secret", "8472"] { #expect(!everything.contains(secret)) }
    }
  }

  @Test("what makes no sense is refused, with what would")
  func refused() throws {
    let rollcall = try Rollcall.withOrders()
    for (words, errors) in [
      (
        [], "error: 'serve' needs the time between two runs\n  help: add --every 2h\n"
      ),
      (
        ["--every", "0s"],
        "error: 'serve' needs the time between two runs\n  help: add --every 2h\n"
      ),
      (
        ["--every", "2 hours"],
        "error: '--every' is a duration such as 90s, 30m, 2h or 400d\n"
      ),
      (["--every", "2h", "--log", "xml"], "error: '--log' is text or json\n"),
      (
        ["--every", "2h", "--at", "2023-03-01"],
        "error: 'serve' goes by the clock, and takes no --at\n"
      ),
    ] {
      let outcome = try rollcall.run(["serve"] + words)
      #expect(outcome.ending == .code(2) && outcome.errors == errors, "\(outcome.errors)")
    }
    try rollcall.define("wrong.audience", "event(")
    #expect(try rollcall.run("serve", "--every", "2h").ending == .code(1))
  }
}
