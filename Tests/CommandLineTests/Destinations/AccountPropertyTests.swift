import Testing
import Values

@Suite("What the four destinations do: accounts")
struct AccountPropertyTests {
  @Test("Row 6, account properties: in bulk, from definitions and models, and only what changed")
  func properties() throws {
    let (rollcall, heap) = try Rollcall.withHeap(
      "account_property: Company\n", accountProperty: "Company")
    try rollcall.define("tier.trait", "trait('level')", front: "type: accounts\n")
    try rollcall.define(
      "active.audience", "ANY (event('Used').within(30 days).count() >= 1)",
      front: "type: accounts\n")
    try rollcall.model(
      "seats", "object: account\naccount_id: account_id\ncolumns: users as Seats",
      "SELECT account_id, users FROM accounts")
    try rollcall.add(
      Call.group("ann", "acme", day: 1, #"{"level":"gold"}"#), Call.group("bob", "acme", day: 1),
      Call.group("cai", "zeta", day: 1, #"{"level":"tin"}"#),
      Call.track("Used", "ann", day: 1, id: "1"))
    let run = try rollcall.json("run", "--at", Call.time(2))
    #expect(run["pending"] == .number(0))
    #expect(
      heap.accounts == """
        {"acme":{"properties":{"Seats":2,"active":"true","tier":"gold"}},\
        "zeta":{"properties":{"Seats":1,"tier":"tin"}}}
        """)
    #expect(
      heap.users == """
        {"ann":{"properties":{"Company":"acme"}},"bob":{"properties":{"Company":"acme"}},\
        "cai":{"properties":{"Company":"zeta"}}}
        """)
    #expect(
      heap.paths == [
        "/api/add_user_properties", "/api/add_account_properties", "/api/add_account_properties",
      ])
    #expect(heap.count("orphan_accounts") == 0)
    #expect(try rollcall.json("run", "--at", Call.time(3))["requests"] == .number(0))
    try rollcall.add(Call.group("dot", "zeta", day: 3, #"{"level":"tin"}"#))
    let writes = heap.count("property_writes")
    try rollcall.json("run", "--at", Call.time(4))
    // Dot's account, and zeta's seats.
    #expect(heap.count("property_writes") == writes + 2)
    #expect(heap.accounts.contains(#""zeta":{"properties":{"Seats":2,"tier":"tin"}}"#))
    #expect(heap.noOpWrites == 0 && heap.count("rejected") == 0)
  }
}
