import HeapSandbox
import Testing
import Values

@Suite("Delivery when something goes wrong")
struct DeliveryFaultTests {
  /// The values to be sent on 2023-03-01: four members, five sums, and four counts that are not 0.
  private static let all = Value.number(13)

  /// A store with orders, and the Heap that it is to be sent to.
  private static func prepared() throws -> (Rollcall, RehearsalHeap) {
    let heap = try RehearsalHeap()
    let rollcall = try Rollcall.withOrders()
    rollcall.environment = heap.environment
    return (rollcall, heap)
  }

  @Test(
    "An answer of 503, no answer or half of one is asked for again, until all has arrived",
    arguments: [
      Fault.Action.status(503), .status(500), .status(408), .close, .reset, .truncate, .html,
    ])
  func repeated(_ action: Fault.Action) throws {
    let (rollcall, heap) = try Self.prepared()
    try heap.setFaults([(1, action, false), (2, action, false)])
    let report = try rollcall.json("run", "--at", "2023-03-01")
    #expect(report["requests"] == .number(3))
    #expect(report["sent"] == Self.all)
    #expect(report["pending"] == .number(0))
    #expect(heap.requests == 3)
    #expect(heap.noOpWrites == 0)
    try heap.expectSnapshot(of: rollcall)
    #expect(try rollcall.json("run", "--at", "2023-03-01")["requests"] == .number(0))
  }

  @Test("A request that was applied behind a 503 is repeated, and that one only")
  func applied() throws {
    let (rollcall, heap) = try Self.prepared()
    try heap.setFaults([(1, .status(503), true)])
    let report = try rollcall.json("run", "--at", "2023-03-01")
    #expect(report["requests"] == .number(2))
    #expect(report["pending"] == .number(0))
    #expect(heap.noOpWrites == 13)
    try heap.expectSnapshot(of: rollcall)
  }

  @Test("429 is waited out as long as Retry-After says")
  func retryAfter() throws {
    let (rollcall, heap) = try Self.prepared()
    try heap.setFaults([(1, .status(429, retryAfter: "2"), false)])
    #expect(try rollcall.json("run", "--at", "2023-03-01")["requests"] == .number(2))
    let times = heap.sandbox.requests().elements.compactMap { $0["at"].date }
    try #require(times.count == 2)
    #expect((times[1] - times[0]).milliseconds >= 1_990)
    try heap.expectSnapshot(of: rollcall)
  }

  @Test(
    "When it does not get better, everything stays pending, and the next run sends it",
    arguments: [Fault.Action.status(503), .status(429), .close, .reset, .truncate, .html])
  func unanswered(_ action: Fault.Action) throws {
    let (rollcall, heap) = try Self.prepared()
    try heap.setFault(action)
    let report = try rollcall.json("run", "--at", "2023-03-01", "--attempts", "2", exits: 3)
    #expect(report["requests"] == .number(2))
    #expect(report["sent"] == .number(0))
    #expect(report["pending"] == Self.all)
    #expect(report["destinations"][0]["problem"].isPresent)
    #expect(try rollcall.json("status")["destinations"][0]["in_doubt"] == Self.all)
    try heap.setFaults([])
    let next = try rollcall.json("run", "--at", "2023-03-01")
    #expect(next["evaluated"] == .number(0))
    #expect(next["sent"] == Self.all)
    try heap.expectSnapshot(of: rollcall)
  }

  @Test("What may have arrived is taken back, though the snapshot never showed it to be there")
  func takenBack() throws {
    let (rollcall, heap) = try Self.prepared()
    try heap.setFaults([(1, .close, true)])
    _ = try rollcall.run("run", "--at", "2023-03-01", "--attempts", "1")
    #expect(heap.properties["recent ann"] == .string("true"))
    // By then nobody is a member any more.
    try rollcall.json("run", "--at", "2023-06-01")
    #expect(heap.properties["recent ann"] == .string("false"))
    #expect(heap.properties["recent eve"] == nil)
    try heap.expectSnapshot(of: rollcall)
  }

  @Test("A redirect is not followed, and ends the delivery", arguments: [302, 307, 308])
  func redirect(_ status: Int) throws {
    let (rollcall, heap) = try Self.prepared()
    let elsewhere = try RehearsalHeap()
    let location = elsewhere.sandbox.url + "/api/add_user_properties"
    try heap.setFault(status == 302 ? .redirect(location: location) : .status(status))
    let outcome = try rollcall.run("run", "--at", "2023-03-01")
    #expect(outcome.ending == .code(3))
    #expect(
      outcome.output.contains(
        "heap: 0 values in 1 request; stopped: status \(status): the destination's address or app "
          + "id is wrong; 13 pending\n"))
    #expect(elsewhere.sandbox.requests() == .array([]))
    #expect(heap.properties.isEmpty)
  }

  @Test("A refused user is found and kept apart, and the others arrive")
  func refused() throws {
    let (rollcall, heap) = try Self.prepared()
    // Five users: the whole is refused, then the first two, then the first alone, then its first
    // property, the other two, and each of them.
    try heap.setFaults((1...7).map { ($0, .status(400), false) })
    let outcome = try rollcall.run("run", "--at", "2023-03-01")
    #expect(outcome.ending == .code(3))
    #expect(outcome.output.contains("heap: 10 values in 9 requests; 3 refused and kept apart\n"))
    let held = heap.properties
    #expect(held["recent ann"] == nil)
    for user in ["bob", "cai", "fay"] { #expect(held["recent \(user)"] == .string("true")) }
    #expect(held["spent dot"] == .number(40))
    let status = try rollcall.json("status", exits: 3)
    #expect(status["quarantined"] == .number(3))
    #expect(status["pending"] == .number(0))
    #expect(
      try rollcall.rows("SELECT DISTINCT status FROM quarantine") == ["400"])

    // What is kept apart is not tried again, until it has another value.
    #expect(try rollcall.json("run", "--at", "2023-03-02")["requests"] == .number(0))
    try rollcall.ingest(order("ann", at: "2023-03-02T12:00:00Z", id: "a"), as: "more.ndjson")
    let later = try rollcall.json("run", "--at", "2023-03-03")
    #expect(later["sent"] == .number(2))
    #expect(heap.properties["orders ann"] == .number(2))
    #expect(heap.properties["spent ann"] == .number(20.5))
  }

  @Test("Five refused users in one batch end the delivery")
  func allRefused() throws {
    let (rollcall, heap) = try Self.prepared()
    try heap.setFault(.status(400))
    let report = try rollcall.json("run", "--at", "2023-03-01", exits: 3)
    #expect(
      report["destinations"][0]["problem"]
        == .string(
          "5 users of one batch were refused with status 400: the definitions or the destination "
            + "are wrong, and nothing more is sent"))
    #expect(heap.properties.isEmpty)
  }

  @Test("A user whose id Heap cannot take is kept apart without a request")
  func impossible() throws {
    let (rollcall, heap) = try Self.prepared()
    let long = String(repeating: "x", count: 256)
    try rollcall.ingest(
      order(long, at: "2023-02-27T12:00:00Z", id: "l")
        + order(" ", at: "2023-02-27T12:00:00Z", id: "b"),
      as: "more.ndjson")
    let outcome = try rollcall.run("run", "--at", "2023-03-01")
    #expect(outcome.ending == .code(3))
    #expect(outcome.output.contains("heap: 13 values in 1 request; 6 refused and kept apart\n"))
    #expect(!outcome.everything.contains(long))
    #expect(heap.count("rejected") == 0)
    #expect(heap.properties["recent ann"] == .string("true"))
    #expect(try rollcall.run("run", "--at", "2023-03-01").ending == .code(0))
  }

  @Test("Without an app id the roll is called and kept, and no request is made")
  func noAppID() throws {
    let (rollcall, heap) = try Self.prepared()
    rollcall.environment["HEAP_APP_ID"] = nil
    let plan = try rollcall.json("plan", "--at", "2023-03-01")
    let problem = "there is no app id: set app_id in the destination's file, or HEAP_APP_ID"
    #expect(plan["destinations"][0]["problem"] == .string(problem))
    let outcome = try rollcall.run("run", "--at", "2023-03-01")
    #expect(outcome.ending == .code(3))
    #expect(outcome.output.contains("heap: stopped: \(problem)\n"))
    #expect(heap.requests == 0)
    rollcall.environment["HEAP_APP_ID"] = RehearsalHeap.app
    #expect(try rollcall.json("send")["sent"] == Self.all)
    try heap.expectSnapshot(of: rollcall)
  }

  @Test("An app id that is no number is refused before any request")
  func badAppID() throws {
    let (rollcall, heap) = try Self.prepared()
    rollcall.environment["HEAP_APP_ID"] = "eleven"
    let outcome = try rollcall.run("run", "--at", "2023-03-01")
    #expect(outcome.ending == .code(3))
    #expect(outcome.output.contains("heap: stopped: the app id is not a number: "))
    #expect(heap.requests == 0)
    // Where Heap listens, a well-formed one of nobody is answered 200: the sandbox tells.
    rollcall.environment["HEAP_APP_ID"] = "12"
    #expect(try rollcall.json("send")["sent"] == Self.all)
    #expect(heap.count("unknown_app") == 1)
    // It is another destination, so nothing of it is taken for sent to the right one.
    rollcall.environment["HEAP_APP_ID"] = RehearsalHeap.app
    #expect(try rollcall.json("send")["sent"] == Self.all)
    try heap.expectSnapshot(of: rollcall)
  }

  @Test("More users than Heap takes at once are two requests")
  func split() throws {
    let users = 1001
    let rollcall = try Rollcall()
    let heap = try RehearsalHeap()
    rollcall.environment = heap.environment
    try rollcall.ingest(
      (1...users).map { order("user \($0)", at: "2023-02-01T00:00:00Z", id: "\($0)") }.joined())
    try rollcall.define("ever.audience", "event('Order Completed').count() >= 1")
    try rollcall.addHeap()
    #expect(try rollcall.json("plan", "--at", "2023-03-01")["requests"] == .number(2))
    #expect(try rollcall.json("run", "--at", "2023-03-01")["requests"] == .number(2))
    #expect(heap.count("rejected") == 0)
    #expect(heap.count("items") == users)
  }

  @Test("A reply after the time-out: the request is repeated, and nothing is lost or doubled")
  func lateReply() throws {
    let (rollcall, heap) = try Self.prepared()
    try heap.setFaults([(1, .delay(milliseconds: 4000), true)])
    let report = try rollcall.json("run", "--at", "2023-03-01", "--timeout", "1s")
    #expect(report["requests"] == .number(2))
    #expect(report["pending"] == .number(0))
    try heap.expectSnapshot(of: rollcall)
    #expect(try rollcall.json("run", "--at", "2023-03-01")["requests"] == .number(0))
  }

  @Test("A connection that ends in the middle of a later request is noticed before the time-out")
  func laterCut() throws {
    let rollcall = try Rollcall()
    let heap = try RehearsalHeap()
    rollcall.environment = heap.environment
    try rollcall.ingest(
      (1...1001).map { order("user \($0)", at: "2023-02-01T00:00:00Z", id: "\($0)") }.joined())
    try rollcall.define("ever.audience", "event('Order Completed').count() >= 1")
    try rollcall.addHeap()
    try heap.setFaults([(2, .cut, false)])
    let report = try rollcall.json(
      "run", "--at", "2023-03-01", "--attempts", "1", "--timeout", "20s", exits: 3)
    #expect(report["sent"] == .number(1000) && report["pending"] == .number(1))
    // NSURLErrorTimedOut is -1001.
    let problem = report["destinations"][0]["problem"].textForm ?? ""
    #expect(problem.hasPrefix("no complete answer (error ") && !problem.contains("-1001"))
    #expect(try rollcall.json("send", "--now")["sent"] == .number(1))
    #expect(heap.noOpWrites == 0)
  }

  @Test("Retry-After may be a date: one that is past is no wait, one far ahead ends the run")
  func retryAfterDate() throws {
    let (rollcall, heap) = try Self.prepared()
    try heap.setFaults([
      (1, .status(429, retryAfter: "Sun, 06 Nov 1994 08:49:37 GMT"), false),
      (2, .status(429, retryAfter: "Wed, 21 Oct 2399 07:28:00 GMT"), false),
    ])
    let report = try rollcall.json("run", "--at", "2023-03-01", exits: 3)
    #expect(report["requests"] == .number(2))
    let problem = report["destinations"][0]["problem"].textForm ?? ""
    #expect(problem.hasPrefix("status 429: it asks to come back in "))
    #expect(problem.hasSuffix(" s, and a run waits 300 s at most"))
    #expect(report["pending"] == Self.all)
  }

  @Test("A run without answers ends when its patience does, and says so")
  func patience() throws {
    let (rollcall, heap) = try Self.prepared()
    try heap.setFault(.status(503))
    let report = try rollcall.json(
      "run", "--at", "2023-03-01", "--attempts", "20", "--patience", "1s", exits: 3)
    #expect(
      report["destinations"][0]["problem"]
        == .string("status 503: no definite answer in 1 s of trying"))
    #expect(report["requests"].count < 5)
    #expect(try rollcall.run("send", "--patience", "0s").ending == .code(2))
  }

  @Test("What was refused is sent once more when that is asked for")
  func retryQuarantined() throws {
    let (rollcall, heap) = try Self.prepared()
    try heap.setFaults((1...7).map { ($0, .status(400), false) })
    _ = try rollcall.run("run", "--at", "2023-03-01")
    #expect(try rollcall.json("send")["requests"] == .number(0))
    let report = try rollcall.json("send", "--retry-quarantined")
    #expect(report["sent"] == .number(3) && report["requests"] == .number(1))
    #expect(try rollcall.json("status")["quarantined"] == .number(0))
    try heap.expectSnapshot(of: rollcall)
  }

  @Test("An edited encoding is announced and held, and the values stay as they are")
  func encodingChange() throws {
    let (rollcall, heap) = try Self.prepared()
    try rollcall.json("run", "--at", "2023-03-01")
    try rollcall.addHeap("booleans: json\n")
    let plan = try rollcall.run("plan", "--at", "2023-03-01")
    let words = "encoding changes for 4 values, held until approved"
    #expect(plan.output.contains("heap: nothing to send; \(words)\n"))
    let document = try rollcall.json("plan", "--at", "2023-03-01", exits: 3)
    #expect(
      document["destinations"][0]["encoding_changes"].json == #"[{"key":"recent","values":4}]"#)
    let run = try rollcall.run("run", "--at", "2023-03-01")
    #expect(run.ending == .code(3) && run.output.contains(words))
    #expect(
      run.output.contains(
        """
          held: recent: 4 changes of 4 members: another encoding, sent as before until then
          'rollcall approve recent' lets it go, up to this number
        Run: 0 users evaluated, 0 entered, 0 left, 0 values changed; 0 sent, 0 pending

        """))
    #expect(heap.requests == 1)
    try heap.expectSnapshot(of: rollcall)
    try rollcall.json("approve", "recent")
    let approved = try rollcall.json("plan", "--at", "2023-03-01")
    #expect(approved["destinations"][0]["values"] == .number(4))
    #expect(approved["destinations"][0]["encoding_changes"].elements.isEmpty)
  }
}
