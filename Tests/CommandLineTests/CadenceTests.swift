import Testing
import Values

@Suite("A destination with a cadence")
struct CadenceTests {
  /// Quarter-hours of 2023-03-01, from midnight to the next one.
  private static let instants = (0...96).map { instant(minute: 15 * $0) }

  private static func instant(minute: Int) -> String {
    func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
    let day = 1 + minute / 1440
    return "2023-03-0\(day)T\(two(minute / 60 % 24)):\(two(minute % 60)):00Z"
  }

  /// Orders with a window of half an hour over them, and a Heap that is sent to every two hours.
  private static func prepared(_ heap: RehearsalHeap, _ calls: String) throws -> Rollcall {
    let rollcall = try Rollcall()
    rollcall.environment = heap.environment
    try rollcall.ingest(calls)
    try rollcall.define(
      "just_now.audience", "event('Order Completed').within(30 minutes).count() >= 1")
    try rollcall.addHeap("every: 2h\n")
    return rollcall
  }

  @Test("Row 34, cadence: a day of runs, one a quarter of an hour, sends 13 batches of net changes")
  func batches() throws {
    let heap = try RehearsalHeap()
    // Each quarter of an hour has a customer of its own.
    let calls = (0..<96).map { quarter in
      order("user \(quarter)", at: Self.instant(minute: 15 * quarter), id: "\(quarter)")
    }
    let rollcall = try Self.prepared(heap, calls.joined())
    var batches: [String] = []
    for instant in Self.instants {
      let before = heap.requests
      let report = try rollcall.json("run", "--at", instant)
      #expect(heap.requests - before == report["requests"].count)
      guard heap.requests > before else {
        #expect(report["destinations"][0]["due"].isPresent)
        continue
      }
      batches.append(instant)
      #expect(report["pending"] == .number(0))
      try heap.expectSnapshot(of: rollcall)
    }
    #expect(batches == (0...12).map { Self.instant(minute: 120 * $0) })
    #expect(heap.requests == 13)
    #expect(heap.noOpWrites == 0)
    // A member of half an hour is one at a batch when it began at most that long before it.
    let told = Set((0..<96).filter { [0, 7, 6].contains($0 % 8) })
    let held = heap.properties
    for quarter in 0..<96 {
      let value = held["just_now user \(quarter)"]
      let isLast = quarter >= 94
      #expect(value == (told.contains(quarter) ? .string(isLast ? "true" : "false") : nil))
    }
  }

  @Test("Who goes in and out between two batches causes no call")
  func cancelled() throws {
    let heap = try RehearsalHeap()
    let rollcall = try Self.prepared(
      heap,
      order("ann", at: "2023-03-01T00:00:00Z", id: "1")
        + order("bob", at: "2023-03-01T00:20:00Z", id: "2")
        + order("cai", at: "2023-03-01T01:45:00Z", id: "3"))
    for quarter in 0...8 { try rollcall.json("run", "--at", Self.instants[quarter]) }
    #expect(heap.requests == 2)
    #expect(
      heap.properties == ["just_now ann": .string("false"), "just_now cai": .string("true")])
    #expect(
      try rollcall.count(
        """
        SELECT count(*) FROM changes JOIN identities AS i ON i.id = changes.profile
        WHERE i.external_id = 'bob'
        """) == 2, "he did go in and out")
  }

  @Test("What is due later is left pending, and 'send --now' sends it")
  func sendNow() throws {
    let heap = try RehearsalHeap()
    let rollcall = try Self.prepared(
      heap,
      order("ann", at: "2023-03-01T00:00:00Z", id: "1")
        + order("bob", at: "2023-03-01T00:15:00Z", id: "2"))
    try rollcall.json("run", "--at", Self.instants[0])
    let plan = try rollcall.json("plan", "--at", Self.instants[1])
    #expect(plan["requests"] == .number(0))
    let run = try rollcall.run("run", "--at", Self.instants[1])
    #expect(run.ending == .code(0))
    #expect(run.output.contains("heap: 1 pending; due at 2023-03-01T02:00:00.000Z\n"))
    #expect(try rollcall.json("send", "--at", Self.instants[1])["pending"] == .number(1))
    #expect(heap.requests == 1)
    let sent = try rollcall.json("send", "--now", "--at", Self.instants[1])
    #expect(sent["sent"] == .number(1))
    #expect(heap.requests == 2)
    try heap.expectSnapshot(of: rollcall)
    // The cadence goes on from there.
    let next = try rollcall.json("run", "--at", Self.instants[8])
    #expect(next["destinations"][0]["due"] == .string("2023-03-01T02:15:00.000Z"))
  }

  @Test("'every' that is no duration is shown with its place")
  func wrong() throws {
    let rollcall = try Rollcall.withOrders()
    try rollcall.addHeap("every: 2 hours\n")
    #expect(
      try rollcall.run("check").output == """
        error[bad-setting]: 'every' must be a duration such as 30m, 2h or 1d
          --> audiences/heap.destination:3:8
         3 | every: 2 hours
           |        ^^^^^^^ not allowed here

        1 error

        """)
  }
}
