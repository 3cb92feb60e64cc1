import Testing
import Values

@Suite("The guard on the command line")
struct GuardVerbTests {
  /// 120 users who ordered in February 2023, told to a sandbox.
  private static func prepared(_ heap: RehearsalHeap) throws -> Rollcall {
    let rollcall = try Rollcall()
    rollcall.environment = heap.environment
    try rollcall.ingest(
      (0..<120).map { order("secret \($0)", at: "2023-02-01T00:00:00Z", id: "\($0)") }.joined())
    try rollcall.define(
      "recent.audience", "event('Order Completed').within(30 days).count() >= 1")
    try rollcall.define("orders.trait", "event('Order Completed').count()")
    try rollcall.addHeap()
    try rollcall.json("run", "--at", "2023-02-02")
    return rollcall
  }

  @Test("plan, run, send and status say what is held, and exit with 3 until it is approved")
  func held() throws {
    let heap = try RehearsalHeap()
    let rollcall = try Self.prepared(heap)
    let requests = heap.requests
    for words in [["plan"], ["run"], ["run", "--no-send"], ["send"]] {
      let outcome = try rollcall.run(words + ["--at", "2023-04-01"])
      #expect(outcome.ending == .code(3), "\(words)")
      #expect(
        outcome.output.contains(
          """
            held: recent: 120 changes of 120 members: past its guard
            'rollcall approve recent' lets it go, up to this number

          """), "\(words)\n\(outcome.output)")
      if words != ["plan"] { #expect(!outcome.everything.contains("secret"), "\(words)") }
    }
    let held = """
      [{"key":"recent","reason":"swing","changes":120,"members":120,"counterpart":null}]
      """
    for words in [["plan"], ["run"], ["send"]] {
      let outcome = try rollcall.run(words + ["--at", "2023-04-01", "--json"])
      let document = try Value(json: outcome.output)
      #expect(document["held"] == .number(120))
      #expect(document["destinations"][0]["held"].json == held)
      #expect(document["destinations"][0]["pending"] == .number(120))
    }
    let status = try rollcall.run("status", "--at", "2023-04-01")
    #expect(status.ending == .code(3))
    #expect(status.output.contains("  held: recent: 120 changes of 120 members: past its guard\n"))
    #expect(
      try rollcall.json("status", "--at", "2023-04-01", exits: 3)["held"] == .number(120))
    #expect(heap.requests == requests)
    let approval = try rollcall.run("approve", "recent")
    #expect(approval.ending == .code(0))
    #expect(
      approval.output == "heap: 120 changes of 'recent' may go out with the next run or send\n")
    let report = try rollcall.json("run", "--at", "2023-04-01")
    #expect(report["sent"] == .number(120) && report["held"] == .number(0))
    #expect(heap.properties["recent secret 7"] == .string("false"))
    try heap.expectSnapshot(of: rollcall)
  }

  @Test("a run that holds one definition sends the others")
  func others() throws {
    let heap = try RehearsalHeap()
    let rollcall = try Self.prepared(heap)
    try rollcall.ingest(
      order("new", at: "2023-02-20T00:00:00Z", id: "new"), as: "more.ndjson")
    let report = try rollcall.json("run", "--at", "2023-03-10", exits: 3)
    #expect(report["sent"] == .number(1))
    #expect(report["pending"] == .number(121))
    #expect(heap.properties["orders new"] == .number(1))
    #expect(heap.properties["recent new"] == nil)
  }

  @Test("a first sync that breaks off goes on unheld, however much of it is left")
  func interrupted() throws {
    let heap = try RehearsalHeap()
    let rollcall = try Rollcall()
    rollcall.environment = heap.environment
    try rollcall.ingest(
      (0..<2500).map { order("u\($0)", at: "2023-02-01T00:00:00Z", id: "\($0)") }.joined())
    try rollcall.define("ever.audience", "event('Order Completed').count() >= 1")
    try rollcall.addHeap()
    try heap.setFaults([(number: 2, action: .status(503), applies: false)])
    let first = try rollcall.json("run", "--at", "2023-03-01", "--attempts", "1", exits: 3)
    #expect(first["sent"] == .number(1000) && first["pending"] == .number(1500))
    let second = try rollcall.json("run", "--at", "2023-03-01")
    #expect(second["sent"] == .number(1500) && second["held"] == .number(0))
  }

  @Test("a count that is not what was acknowledged is found by verify, and mended by rebuild")
  func counts() throws {
    let heap = try RehearsalHeap()
    let rollcall = try Self.prepared(heap)
    #expect(try rollcall.run("verify").ending == .code(0))
    try rollcall.connection().execute("UPDATE guards SET members = members + 7")
    let outcome = try rollcall.run("verify")
    #expect(outcome.ending == .code(1))
    #expect(
      outcome.output.contains(
        "'heap' acknowledged 120 of 'orders', and 127 are counted; 'rollcall rebuild'"))
    try rollcall.json("rebuild")
    #expect(try rollcall.run("verify").ending == .code(0))
  }

  @Test("a renamed audience is shown by the plan as a key change")
  func renamed() throws {
    let heap = try RehearsalHeap()
    let rollcall = try Self.prepared(heap)
    try rollcall.remove("audiences/recent.audience")
    try rollcall.define(
      "late.audience", "event('Order Completed').within(30 days).count() >= 1")
    let plan = try rollcall.run("plan", "--at", "2023-02-03")
    #expect(plan.ending == .code(3))
    #expect(
      plan.output.contains(
        """
        heap: nothing to send
          held: late: 120 changes of 0 members: its key was 'recent'
          held: recent: 120 changes of 120 members: its key is now 'late'
          'rollcall approve late' lets it go, up to this number
        Plan: 120 enter, 120 leave, 0 values change; 0 requests; 240 changes held

        """), "\(plan.output)")
    try rollcall.json("run", "--at", "2023-02-03", exits: 3)
    let approved = try rollcall.json("approve", "late", "--destination", "heap")
    #expect(
      approved.json == """
        {"approved":[{"destination":"heap","key":"late","reason":"key_changed","changes":120},\
        {"destination":"heap","key":"recent","reason":"key_changed","changes":120}]}
        """)
    try rollcall.json("send", "--at", "2023-02-03")
    #expect(heap.properties["recent secret 7"] == .string("false"))
    #expect(heap.properties["late secret 7"] == .string("true"))
  }

  @Test("what cannot be approved is refused with what could")
  func refused() throws {
    let heap = try RehearsalHeap()
    let rollcall = try Self.prepared(heap)
    try rollcall.json("run", "--at", "2023-04-01", exits: 3)
    for (words, message) in [
      (["approve"], "error: 'rollcall approve' is called with KEY\n"),
      (
        ["approve", "recnt"],
        "error: nothing of 'recnt' is held\n  help: did you mean 'recent'?\n"
      ),
      (
        ["approve", "orders"],
        "error: nothing of 'orders' is held\n  help: what is held: recent\n"
      ),
      (
        ["approve", "recent", "--destination", "hea"],
        "error: the store knows no destination 'hea'\n  help: did you mean 'heap'?\n"
      ),
    ] {
      let outcome = try rollcall.run(words)
      #expect(outcome.ending == .code(2), "\(words)")
      #expect(outcome.errors.hasPrefix(message), "\(outcome.errors)")
    }
  }
}
