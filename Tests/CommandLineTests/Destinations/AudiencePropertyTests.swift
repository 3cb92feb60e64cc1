import Testing
import Values

@Suite("What the four destinations do: audiences")
struct AudiencePropertyTests {
  private static let query = "event('Order Completed').within(30 days).count() >= 1"
  private static let key = "order_completed_last_30days"

  /// The orders, and one audience over them, of whom four users are members on 1 March.
  private static func prepared() throws -> (Rollcall, RehearsalHeap) {
    let heap = try RehearsalHeap()
    let rollcall = try Rollcall.withOrders()
    rollcall.environment = heap.environment
    for name in ["recent.audience", "spent.trait", "orders.trait"] {
      try rollcall.remove("audiences/" + name)
    }
    try rollcall.define("recent.audience", query, name: "Order Completed Last 30days")
    return (rollcall, heap)
  }

  @Test("Row 30, audiences: true for who enters, false for who leaves, with no new event")
  func membership() throws {
    let (rollcall, heap) = try Self.prepared()
    try rollcall.json("run", "--at", "2023-03-01")
    #expect(heap.user("cai") == #"{"order_completed_last_30days":"true"}"#)
    let writes = heap.count("property_writes")
    // 31 days later: only eve's order, of the 5th, is in the window.
    let run = try rollcall.json("run", "--at", "2023-04-01")
    #expect(run["entered"] == .number(1) && run["left"] == .number(4))
    #expect(heap.count("property_writes") == writes + 5)
    for user in ["ann", "bob", "cai", "fay"] {
      #expect(heap.user(user) == #"{"order_completed_last_30days":"false"}"#, "\(user)")
    }
    #expect(heap.user("eve") == #"{"order_completed_last_30days":"true"}"#)
    #expect(heap.noOpWrites == 0)
  }

  @Test("Row 31, names: snake_case, and one that would change is held unless the key is given")
  func names() throws {
    let (rollcall, heap) = try Self.prepared()
    for (file, name) in [
      ("a", "VIP (Gold)"), ("b", "bigSpender"), ("c", "30 days, 2 orders"), ("d", "  ÉTÉ--x_Y  "),
    ] {
      try rollcall.define(file + ".audience", Self.query, name: name)
    }
    try rollcall.json("run", "--at", "2023-03-01")
    #expect(
      heap.user("ann") == """
        {"30_days_2_orders":"true","big_spender":"true","order_completed_last_30days":"true",\
        "t_x_y":"true","vip_gold":"true"}
        """)
    let requests = heap.requests
    try rollcall.define(
      "recent.audience", Self.query, name: "Buyers", front: "key: \(Self.key)\n")
    #expect(try rollcall.json("run", "--at", "2023-03-01")["requests"] == .number(0))
    // Without its key, the property would be another one.
    try rollcall.define("recent.audience", Self.query, name: "Buyers")
    let plan = try rollcall.json("plan", "--at", "2023-03-01", exits: 3)
    #expect(
      plan["destinations"][0]["held"].elements.map(\.["reason"])
        == [.string("key_changed"), .string("key_changed")])
    #expect(try rollcall.json("run", "--at", "2023-03-01", exits: 3)["requests"] == .number(0))
    #expect(heap.requests == requests)
    try rollcall.json("approve", "buyers")
    try rollcall.json("send", "--at", "2023-03-01")
    let told = heap.properties
    #expect(told["buyers ann"] == .string("true") && told[Self.key + " ann"] == .string("false"))
    // Two with one key cannot be told apart.
    try rollcall.define("other.audience", Self.query, name: "BUYERS")
    let check = try rollcall.run("check")
    #expect(check.ending == .code(1) && check.output.contains("error[duplicate-key]"))
  }

  @Test("Row 32, first sync: every member, and nothing for anybody else")
  func first() throws {
    let (rollcall, heap) = try Self.prepared()
    let preview = try rollcall.json("preview", Self.key, "--at", "2023-03-01")
    let run = try rollcall.json("run", "--at", "2023-03-01")
    #expect(preview["size"] == .number(4) && preview["users"] == .number(5))
    #expect(run["sent"] == .number(4) && run["requests"] == .number(1))
    #expect(heap.count("items") == 4 && heap.count("created_users") == 4)
    let member = #"{"properties":{"order_completed_last_30days":"true"}}"#
    #expect(
      heap.users == #"{"ann":\#(member),"bob":\#(member),"cai":\#(member),"fay":\#(member)}"#)
  }

  @Test("Row 33, later syncs: a change of membership alone")
  func later() throws {
    let (rollcall, heap) = try Self.prepared()
    try rollcall.json("run", "--at", "2023-03-01")
    for instant in ["2023-03-01", "2023-03-02"] {
      let run = try rollcall.json("run", "--at", instant)
      #expect(run["sent"] == .number(0) && run["requests"] == .number(0))
    }
    // Another order of a member changes nothing, the first of dot's does, and fay's went by.
    try rollcall.add(
      Call.track("Order Completed", "bob", day: 4, id: "b", #"{"revenue":1}"#),
      Call.track("Order Completed", "dot", day: 4, id: "d", #"{"revenue":1}"#))
    let items = heap.count("items")
    let run = try rollcall.json("run", "--at", "2023-03-05")
    #expect(run["entered"] == .number(1) && run["left"] == .number(1))
    #expect(run["sent"] == .number(2) && run["requests"] == .number(1))
    #expect(heap.count("items") == items + 2)
    #expect(heap.user("dot") == #"{"order_completed_last_30days":"true"}"#)
    #expect(heap.user("fay") == #"{"order_completed_last_30days":"false"}"#)
    #expect(heap.noOpWrites == 0)
  }
}
