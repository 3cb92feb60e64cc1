import Testing
import Values

/// Only a debug build has crash points.
private let hasCrashPoints: Bool = {
  #if DEBUG
    true
  #else
    false
  #endif
}()

@Suite("After a SIGKILL", .enabled(if: hasCrashPoints))
struct CrashTests {
  private static let killed = Rollcall.Ending.signal(9)

  @Test("in the middle of a file, ingest goes on where the last batch ended")
  func ingestFile() throws {
    // More than fits in one batch.
    let total = 60_000
    let rollcall = try Rollcall()
    var calls = ""
    for number in 0..<total {
      calls += order("\(number % 500)", at: "2023-02-01T00:00:00Z", id: "\(number)")
    }
    try rollcall.write(calls, to: "calls.ndjson")
    #expect(try rollcall.run("ingest", "calls.ndjson", crash: "ingest:2").ending == Self.killed)
    let stored = try rollcall.json("status", "--audiences", rollcall.examples)["events"].count
    #expect(stored > 0 && stored < total)
    let next = try rollcall.json("ingest", "calls.ndjson")
    #expect(next["accepted"].count == total)
    #expect(next["duplicates"] == .number(0))
    #expect(try rollcall.count("SELECT count(*) FROM events") == total)
    #expect(try rollcall.count("SELECT count(DISTINCT message_hash) FROM events") == total)
    #expect(try rollcall.count("SELECT count(*) FROM ingests") == 0)
  }

  @Test(
    "before each commit of an ingest, the next one stores what is missing",
    arguments: ["migrate", "ingest:1", "ingest:2", "ingest:3"])
  func ingest(_ crash: String) throws {
    let rollcall = try Rollcall()
    let files = ["1.ndjson", "2.ndjson", "3.ndjson"]
    for (number, file) in files.enumerated() {
      let calls = (0..<10).map {
        order("u\($0)", at: "2023-02-01T00:00:00Z", id: "\(number) \($0)")
      }
      try rollcall.write(calls.joined() + "no call\n", to: file)
    }
    #expect(try rollcall.run(["ingest"] + files, crash: crash).ending == Self.killed)
    let stored = crash == "migrate" ? 0 : 10 * ((Int(crash.suffix(1)) ?? 0) - 1)
    if crash != "migrate" { #expect(try rollcall.count("SELECT count(*) FROM events") == stored) }
    let next = try Value(json: try rollcall.run(["ingest", "--json"] + files).output)
    #expect(next["accepted"].count == 30 - stored)
    #expect(next["duplicates"].count == stored)
    #expect(next["rejected"] == .number(3))
    #expect(try rollcall.count("SELECT count(*) FROM events") == 30)
  }

  @Test("while standard input is read, the same input can be sent again")
  func standardInput() throws {
    let rollcall = try Rollcall()
    let calls = order("ann", at: "2023-02-01T00:00:00Z", id: "1")
    #expect(try rollcall.run("ingest", "-", input: calls, crash: "ingest").ending == Self.killed)
    #expect(try rollcall.run("ingest", "-", input: calls).output.hasPrefix("1 accepted, 0 dup"))
  }

  @Test("before a run's commit, the store is as before it, and the next run does the whole")
  func run() throws {
    let heap = try RehearsalHeap()
    let rollcall = try Rollcall.withSample()
    rollcall.environment = heap.environment
    try rollcall.json("run", "--at", "1997-09-01")
    let before = try rollcall.contents()
    let requests = heap.requests
    let crashed = try rollcall.run("run", "--at", "1997-10-01", crash: "run")
    #expect(crashed.ending == Self.killed)
    #expect(heap.requests == requests)
    let isAsBefore = try rollcall.contents() == before
    #expect(isAsBefore)
    let next = try rollcall.json("run", "--at", "1997-10-01")
    #expect(next["run"] == .number(2))
    #expect(next["pending"] == .number(0))
    #expect(heap.noOpWrites == 0)
    try heap.expectSnapshot(of: rollcall)
    #expect(try rollcall.json("verify")["difference"] == .absent)
  }

  @Test(
    "before parts of histories are folded, the store is as before it, and the next run folds them")
  func fold() throws {
    let rollcall = try Rollcall.withOrders()
    rollcall.environment = ["HEAP_URL": "http://127.0.0.1:9", "HEAP_APP_ID": "11"]
    try rollcall.json("run", "--no-send", "--at", "2023-03-01")
    try rollcall.ingest(order("ann", at: "2023-03-01T01:00:00Z", id: "part"), as: "part.ndjson")
    try rollcall.json("run", "--no-send", "--at", "2023-03-02")
    #expect(try rollcall.count("SELECT sum(parts) FROM part_runs") == 1)
    // As many as make a run fold them.
    try rollcall.connection().execute("UPDATE part_runs SET parts = 1000000")
    let before = try rollcall.contents()
    let crashed = try rollcall.run(
      "run", "--no-send", "--at", "2023-03-03", crash: "fold")
    #expect(crashed.ending == Self.killed)
    let isAsBefore = try rollcall.contents() == before
    #expect(isAsBefore)
    #expect(try rollcall.json("verify")["difference"] == .absent)
    try rollcall.json("run", "--no-send", "--at", "2023-03-03")
    #expect(try rollcall.count("SELECT count(*) FROM part_runs") == 0)
    #expect(try rollcall.json("verify")["difference"] == .absent)
  }

  @Test(
    "between an accepted request and its mark, the next call repeats that request alone",
    arguments: [(1, "run"), (2, "send"), (3, "run")])
  func acknowledgement(_ number: Int, _ verb: String) throws {
    let heap = try RehearsalHeap()
    let rollcall = try Rollcall.withSample()
    rollcall.environment = heap.environment
    let instant = "1997-10-01T00:00:00Z"
    // A request that a busy machine answers late would be repeated, and counted.
    let crashed = try rollcall.run(
      "run", "--at", instant, "--timeout", "10m", crash: "acknowledge:\(number)")
    #expect(crashed.ending == Self.killed)
    #expect(heap.count("accepted") == number)
    let writes = heap.count("property_writes")
    let status = try rollcall.json("status")
    let inDoubt = status["destinations"][0]["in_doubt"].count
    #expect(inDoubt > 0 && inDoubt <= writes)
    #expect(status["last_run"]["at"] == .string("1997-10-01T00:00:00.000Z"))

    let next = try rollcall.json(verb, "--at", instant, "--timeout", "10m")
    #expect(next["pending"] == .number(0))
    #expect(next["requests"].count == 4 - number)
    #expect(heap.noOpWrites == inDoubt)
    try heap.expectSnapshot(of: rollcall)
    #expect(try rollcall.json("status")["destinations"][0]["in_doubt"] == .number(0))
    #expect(try rollcall.json("run", "--at", instant)["requests"] == .number(0))
  }

  @Test(
    "before any other commit of a delivery, the next call delivers it",
    arguments: ["register", "doubt", "settle", "batch"])
  func delivery(_ label: String) throws {
    let heap = try RehearsalHeap()
    let rollcall = try Rollcall.withOrders()
    rollcall.environment = heap.environment
    let crashed = try rollcall.run("run", "--at", "2023-03-01", crash: label)
    #expect(crashed.ending == Self.killed)
    let told = heap.count("property_writes")
    #expect(told == (label == "batch" ? 13 : 0))
    try rollcall.json("run", "--at", "2023-03-01")
    #expect(heap.noOpWrites == 0)
    try heap.expectSnapshot(of: rollcall)
    #expect(try rollcall.json("status")["pending"] == .number(0))
  }

  @Test("between an accepted request and its mark, what changed meanwhile is sent as it is then")
  func changedMeanwhile() throws {
    let heap = try RehearsalHeap()
    let rollcall = try Rollcall.withOrders()
    rollcall.environment = heap.environment
    _ = try rollcall.run("run", "--at", "2023-03-01", crash: "acknowledge")
    #expect(heap.properties["recent ann"] == .string("true"))
    try rollcall.json("run", "--at", "2023-06-01")
    let held = heap.properties
    for user in ["ann", "bob", "cai", "fay"] {
      #expect(held["recent \(user)"] == .string("false"))
      #expect(held["orders \(user)"] == .number(0))
    }
    #expect(heap.noOpWrites <= 13)
    try heap.expectSnapshot(of: rollcall)
  }

  @Test("before it is noted that all has arrived, the next call notes it")
  func arrival() throws {
    let heap = try RehearsalHeap()
    let rollcall = try Rollcall.withOrders()
    rollcall.environment = heap.environment
    let crashed = try rollcall.run("run", "--at", "2023-03-01", crash: "guard")
    #expect(crashed.ending == Self.killed)
    let known = "SELECT count(*) FROM guards WHERE right_at IS NOT NULL AND baseline = members"
    #expect(try rollcall.count(known) == 0)
    try rollcall.json("send", "--at", "2023-03-01")
    #expect(try rollcall.count(known) == 3)
    #expect(heap.requests == 1)
  }

  @Test(
    "before a refused user is put aside, the next call puts it aside",
    arguments: ["refuse", "quarantine"])
  func quarantine(_ label: String) throws {
    let heap = try RehearsalHeap()
    let rollcall = try Rollcall.withOrders()
    rollcall.environment = heap.environment
    // The whole, the first two, the first alone and its properties are refused, before and after.
    try heap.setFaults((1...7).map { ($0, .status(400), false) })
    let crashed = try rollcall.run("run", "--at", "2023-03-01", crash: label)
    #expect(crashed.ending == Self.killed)
    try heap.setFaults((1...7).map { ($0, .status(400), false) })
    let next = try rollcall.json("run", "--at", "2023-03-01", exits: 3)
    #expect(next["sent"] == .number(10))
    #expect(try rollcall.json("status", exits: 3)["quarantined"] == .number(3))
    #expect(heap.properties["recent ann"] == nil)
    #expect(heap.noOpWrites == 0)
  }
}
