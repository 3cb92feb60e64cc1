import HeapSandbox
import Testing
import Values

@Suite("Accounts, from group calls to a strict Heap")
struct AccountDeliveryTests {
  private static func group(_ user: String, _ account: String, plan: String) -> String {
    """
    {"type":"group","userId":"\(user)","groupId":"\(account)","timestamp":"2023-01-01T00:00:00Z",\
    "messageId":"g-\(user)-\(account)","traits":{"plan":"\(plan)"}}

    """
  }

  private static func prepared(_ settings: String = "") throws -> (Rollcall, RehearsalHeap) {
    let heap = try RehearsalHeap()
    let rollcall = try Rollcall.withOrders()
    rollcall.environment = heap.environment
    try rollcall.addHeap("account_property: account_id\n" + settings)
    try rollcall.define(
      "plan_name.trait", "trait('plan')", front: "type: accounts\nsend: both\n")
    try rollcall.define(
      "buys.audience", "event('Order Completed').count() >= 1", front: "type: accounts\n")
    try rollcall.ingest(
      group("ann", "acme", plan: "pro") + group("bob", "acme", plan: "pro"), as: "groups.ndjson")
    return (rollcall, heap)
  }

  private static func accounts(_ heap: RehearsalHeap) -> Value {
    heap.sandbox.state()["apps"][RehearsalHeap.app]["accounts"]
  }

  @Test("Row 7, account id: users get it first, then accounts their properties; later only changes")
  func delivery() throws {
    let (rollcall, heap) = try Self.prepared()
    let plan = try rollcall.json("plan", "--at", "2023-03-01")
    let run = try rollcall.json("run", "--at", "2023-03-01")
    #expect(plan["requests"] == .number(2) && run["requests"] == .number(2))
    #expect(run["pending"] == .number(0))
    #expect(
      heap.sandbox.requests().elements.map(\.["path"]) == [
        .string("/api/add_user_properties"), .string("/api/add_account_properties"),
      ])
    #expect(heap.count("rejected") == 0)
    let held = heap.properties
    #expect(held["account_id ann"] == .string("acme") && held["plan_name bob"] == .string("pro"))
    let acme = Self.accounts(heap)["acme"]["properties"]
    #expect(acme["buys"] == .string("true") && acme["plan_name"] == .string("pro"))
    #expect(try rollcall.json("run", "--at", "2023-03-01")["requests"] == .number(0))
    try rollcall.ingest(Self.group("cai", "zeta", plan: "free"), as: "more.ndjson")
    let next = try rollcall.json("run", "--at", "2023-03-01")
    #expect(next["requests"] == .number(2) && next["sent"] == .number(4))
    #expect(heap.noOpWrites == 0)
    #expect(try rollcall.json("verify")["difference"] == .absent)
  }

  @Test(
    "Whatever becomes of an accounts' request, nothing is lost or doubled",
    arguments: [Fault.Action.status(503), .close, .reset, .truncate, .html])
  func faults(_ action: Fault.Action) throws {
    let (rollcall, heap) = try Self.prepared()
    try heap.sandbox.setFaults([
      Fault(path: "/api/add_account_properties", nth: 1, action, applies: false)
    ])
    let failed = try rollcall.json("run", "--at", "2023-03-01", "--attempts", "1", exits: 3)
    #expect(failed["pending"] == .number(2))
    #expect(try rollcall.json("status")["destinations"][0]["in_doubt"] == .number(2))
    #expect(try rollcall.json("send")["sent"] == .number(2))
    #expect(Self.accounts(heap)["acme"]["properties"]["buys"] == .string("true"))
    #expect(heap.noOpWrites == 0)
  }

  @Test("Row 7, account id: without 'account_property' accounts are refused, with the place")
  func missing() throws {
    let (rollcall, heap) = try Self.prepared()
    try rollcall.addHeap()
    let outcome = try rollcall.run("check")
    #expect(outcome.ending == .code(1))
    #expect(
      outcome.output.hasPrefix(
        """
        error[missing-setting]: accounts are sent, and Heap cannot tell whose they are
          --> audiences/heap.destination:2:7
        """))
    #expect(try rollcall.run("run", "--at", "2023-03-01").ending == .code(1))
    #expect(heap.requests == 0)
  }

  @Test("Users known by a trait are told under it, and who has none is counted")
  func identity() throws {
    let (rollcall, heap) = try Self.prepared("identity: trait email\n")
    func identify(_ user: String, _ email: String, _ id: String) -> String {
      """
      {"type":"identify","userId":"\(user)","traits":{"email":\(email)},\
      "timestamp":"2023-02-0\(id)T00:00:00Z","messageId":"i-\(user)-\(id)"}

      """
    }
    try rollcall.ingest(
      identify("ann", "\"ann@x\"", "1") + identify("bob", "\"b@x\"", "1")
        + identify("cai", "\"b@x\"", "1"), as: "mails.ndjson")
    let run = try rollcall.json("run", "--at", "2023-03-01", exits: 3)
    #expect(run["destinations"][0]["shared_identity"] == .number(2))
    #expect(run["destinations"][0]["without_identity"].count > 0)
    #expect(heap.properties["account_id ann@x"] == .string("acme"))
    #expect(heap.properties["account_id b@x"] == nil)
    let text = try rollcall.run("status").output
    #expect(text.contains("2 users held with an identity of more than one"))
    #expect(!text.contains("@"))
    try rollcall.ingest(identify("ann", "\"ann@y\"", "2"), as: "new.ndjson")
    try rollcall.json("run", "--at", "2023-03-01", exits: 3)
    #expect(heap.properties["recent ann@y"] == .string("true"))
    #expect(heap.properties["recent ann@x"] == .string("false"))
    #expect(heap.noOpWrites == 0)
  }
}
