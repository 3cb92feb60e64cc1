import Testing
import Values

@Suite("Plan and run")
struct PlanTests {
  /// What a plan and a run say of each definition.
  private static func tallies(_ document: Value) -> [String] {
    document["definitions"].elements.map { definition in
      ["key", "kind", "status", "members", "enter", "leave", "change"]
        .map { definition[$0].json }.joined(separator: " ")
    }
  }

  /// Plans and runs at an instant, expects that both say the same and that the plan did nothing.
  @discardableResult
  private static func expectAgreement(
    _ rollcall: Rollcall, _ heap: RehearsalHeap, at instant: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Value {
    let before = try rollcall.contents()
    let requests = heap.requests
    let plan = try rollcall.json("plan", "--at", instant)
    let isUntouched = try rollcall.contents() == before
    #expect(isUntouched, "a plan writes nothing", sourceLocation: sourceLocation)
    #expect(heap.requests == requests, "a plan sends nothing", sourceLocation: sourceLocation)
    let run = try rollcall.json("run", "--at", instant)
    #expect(tallies(plan) == tallies(run), sourceLocation: sourceLocation)
    for key in ["at", "kind", "evaluated", "requests"] {
      #expect(plan[key] == run[key], "\(key)", sourceLocation: sourceLocation)
    }
    #expect(
      plan["destinations"].elements.map(\.["values"])
        == run["destinations"].elements.map(\.["sent"]), sourceLocation: sourceLocation)
    #expect(heap.requests - requests == run["requests"].count, sourceLocation: sourceLocation)
    try heap.expectSnapshot(of: rollcall, sourceLocation: sourceLocation)
    #expect(heap.noOpWrites == 0, sourceLocation: sourceLocation)
    return plan
  }

  @Test("They agree at every instant, and the plan writes and sends nothing")
  func agreement() throws {
    let heap = try RehearsalHeap()
    let rollcall = try Rollcall.withOrders()
    rollcall.environment = heap.environment
    let first = try Self.expectAgreement(rollcall, heap, at: "2023-03-01T00:00:00Z")
    #expect(first["kind"] == .string("full"))
    #expect(first["requests"] == .number(1))
    #expect(
      Self.tallies(first) == [
        #""orders" "trait" "added" 5 0 0 5"#, #""recent" "audience" "added" 4 4 0 0"#,
        #""spent" "trait" "added" 5 0 0 5"#,
      ])
    // Fay's order of 2 February, at noon, is 30 days old at noon of 4 March.
    let still = try Self.expectAgreement(rollcall, heap, at: "2023-03-04T12:00:00Z")
    #expect(still["evaluated"].count <= 1)
    #expect(still["requests"] == .number(0))
    let left = try Self.expectAgreement(rollcall, heap, at: "2023-03-04T12:00:00.001Z")
    #expect(left["kind"] == .string("tick"))
    #expect(left["evaluated"] == .number(1))
    #expect(left["definitions"].definition("recent")["leave"] == .number(1))
    #expect(left["definitions"].definition("recent")["sample"][0]["user_id"] == .string("fay"))
    let entered = try Self.expectAgreement(rollcall, heap, at: "2023-03-05T12:00:00Z")
    #expect(entered["definitions"].definition("recent")["enter"] == .number(1))
  }

  @Test("They agree over the sample, at the first roll and a month later")
  func sample() throws {
    let heap = try RehearsalHeap()
    let rollcall = try Rollcall.withSample()
    rollcall.environment = heap.environment
    let plan = try Self.expectAgreement(rollcall, heap, at: "1997-09-01T00:00:00Z")
    #expect(plan["requests"] == .number(3))
    try Self.expectAgreement(rollcall, heap, at: "1997-10-01T00:00:00Z")
  }

  @Test("A removed definition is announced, and its values are taken away")
  func removed() throws {
    let heap = try RehearsalHeap()
    let rollcall = try Rollcall.withOrders()
    rollcall.environment = heap.environment
    try rollcall.json("run", "--at", "2023-03-01")
    #expect(heap.properties["recent ann"] == .string("true"))
    #expect(heap.properties["spent ann"] == .number(10.5))
    try rollcall.remove("audiences/recent.audience")
    try rollcall.remove("audiences/spent.trait")

    let text = try rollcall.run("plan", "--at", "2023-03-01").output
    #expect(
      text.contains(
        "  recent            0      ·     -4       ·  removed: its values are taken away\n"))
    #expect(
      text.contains(
        "  spent             0      ·      ·       5  removed: its values are taken away\n"))
    #expect(text.contains("  held: recent: 4 changes of 4 members: its file is gone\n"))
    let plan = try rollcall.json("plan", "--at", "2023-03-01", exits: 3)
    #expect(plan["definitions"].definition("recent")["status"] == .string("removed"))
    #expect(plan["requests"] == .number(0))
    try rollcall.json("run", "--at", "2023-03-01", exits: 3)
    for key in ["recent", "spent"] { try rollcall.json("approve", key) }
    try rollcall.json("run", "--at", "2023-03-01")
    #expect(heap.properties["recent ann"] == .string("false"))
    #expect(heap.properties["spent ann"] == .string(""))
    #expect(try rollcall.rows("SELECT DISTINCT definition FROM memberships") == ["orders"])

    let after = try Self.expectAgreement(rollcall, heap, at: "2023-03-01")
    #expect(after["definitions"].elements.map(\.["key"]) == [.string("orders")])
    #expect(after["requests"] == .number(0))
  }

  @Test("A definition that comes back is sent again")
  func back() throws {
    let heap = try RehearsalHeap()
    let rollcall = try Rollcall.withOrders()
    rollcall.environment = heap.environment
    let text = try rollcall.read("audiences/recent.audience")
    try rollcall.json("run", "--at", "2023-03-01")
    try rollcall.remove("audiences/recent.audience")
    try rollcall.json("run", "--at", "2023-03-02", exits: 3)
    try rollcall.json("approve", "recent")
    try rollcall.json("send")
    try rollcall.write(text, to: "audiences/recent.audience")
    let plan = try Self.expectAgreement(rollcall, heap, at: "2023-03-03")
    #expect(plan["definitions"].definition("recent")["status"] == .string("added"))
    #expect(heap.properties["recent ann"] == .string("true"))
  }

  @Test("An edited definition is evaluated for everyone, and the plan says so")
  func edited() throws {
    let heap = try RehearsalHeap()
    let rollcall = try Rollcall.withOrders()
    rollcall.environment = heap.environment
    try rollcall.json("run", "--at", "2023-03-01")
    try rollcall.define("recent.audience", "event('Order Completed').within(10 days).count() >= 1")
    let text = try rollcall.run("plan", "--at", "2023-03-01").output
    #expect(text.contains("  evaluates 6 users: every user\n"))
    #expect(
      text.contains(
        "  recent            2      ·     -2       ·  edited: evaluated for everyone\n"))
    let plan = try Self.expectAgreement(rollcall, heap, at: "2023-03-01")
    #expect(plan["kind"] == .string("full"))
    #expect(plan["definitions"].definition("recent")["status"] == .string("edited"))
    #expect(heap.properties["recent ann"] == .string("false"))

    // Comments and spelling are no edit.
    try rollcall.define(
      "recent.audience", "-- ten\nevent(\"Order Completed\").within(10 day).count().at_least(1)")
    let again = try Self.expectAgreement(rollcall, heap, at: "2023-03-01")
    #expect(again["kind"] == .string("tick"))
    #expect(again["evaluated"] == .number(0))
  }

  @Test("A definition that is off is frozen, and compared with what was sent when it is on again")
  func frozen() throws {
    let heap = try RehearsalHeap()
    let rollcall = try Rollcall.withOrders()
    rollcall.environment = heap.environment
    let query = "event('Order Completed').within(30 days).count() >= 1"
    try rollcall.json("run", "--at", "2023-03-01")
    try rollcall.define("recent.audience", query, front: "enabled: false\n")
    let off = try rollcall.json("run", "--at", "2023-05-01")
    #expect(off["definitions"].definition("recent")["leave"] == .number(0))
    #expect(heap.properties["recent ann"] == .string("true"))
    try rollcall.define("recent.audience", query)
    let plan = try Self.expectAgreement(rollcall, heap, at: "2023-05-01")
    #expect(plan["definitions"].definition("recent")["leave"] == .number(4))
    #expect(heap.properties["recent ann"] == .string("false"))
  }

  @Test("A plan is read by people: sizes, who enters and leaves, a sample, the requests")
  func text() throws {
    let rollcall = try Rollcall.withOrders()
    let heap = try RehearsalHeap()
    rollcall.environment = heap.environment
    try rollcall.remove("audiences/spent.trait")
    try rollcall.remove("audiences/orders.trait")
    #expect(
      try rollcall.run("plan", "--at", "2023-03-01").output == """
        Plan for a run at 2023-03-01T00:00:00.000Z
          evaluates 6 users: every user

          definition  members  enter  leave  change
          recent            4     +4      ·       ·  new

        recent
          + ann
          + bob
          + cai
          + fay

        heap: 4 values in 1 request (new: everything is sent)
        Plan: 4 enter, 0 leave, 0 values change; 1 request

        """)
  }
}
