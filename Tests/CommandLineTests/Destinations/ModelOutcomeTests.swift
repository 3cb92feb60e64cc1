import Foundation
import HeapSandbox
import Testing
import Values

@Suite("What the four destinations do: models")
struct ModelOutcomeTests {
  @Test("Row 3, models: the four examples give what was worked out by hand")
  func examples() throws {
    let (rollcall, heap) = try Rollcall.withHeap()
    let names = ["customer_lifetime_value", "trial_end", "active_date", "key_activities"]
    for name in names {
      let file = URL(fileURLWithPath: rollcall.examples).appendingPathComponent(name + ".sql")
      try rollcall.write(Data(contentsOf: file), to: "audiences/\(name).sql")
    }
    try rollcall.ingest(
      order("ann", at: "2023-01-01T00:00:00Z", id: "1", revenue: "10.50")
        + order("ann", at: "2023-02-10T12:00:00Z", id: "2", revenue: "20")
        + order("ann", at: "2023-02-25T00:00:00Z", id: "3", revenue: "5.25")
        + order("bob", at: "2023-02-27T08:00:00Z", id: "4", revenue: "80")
        + order("cai", at: "2022-06-01T00:00:00Z", id: "5", revenue: "0.1")
        + order("cai", at: "2022-07-01T00:00:00Z", id: "6", revenue: "0.2")
        // To come on the 5th of March.
        + order("dot", at: "2023-03-05T00:00:00Z", id: "7", revenue: "9"))
    try rollcall.json("run", "--at", "2023-03-01")
    #expect(
      heap.users == """
        {"ann":{"properties":{"activities_last_30days":2,"activities_last_7days":1,\
        "became_active_at":"2023-02-10T12:00:00.000Z","customer_lifetime_value":35.75,\
        "customer_orders":3,"trial_ends_at":"2023-01-31T00:00:00.000Z"}},\
        "bob":{"properties":{"activities_last_30days":1,"activities_last_7days":1,\
        "customer_lifetime_value":80,"customer_orders":1,\
        "trial_ends_at":"2023-03-29T08:00:00.000Z"}},\
        "cai":{"properties":{"activities_last_30days":0,"activities_last_7days":0,\
        "became_active_at":"2022-07-01T00:00:00.000Z","customer_lifetime_value":0.3,\
        "customer_orders":2,"trial_ends_at":"2022-07-01T00:00:00.000Z"}}}
        """)
    // A week later ann's last order is no activity of the week, and dot is a customer.
    let writes = heap.count("property_writes")
    try rollcall.json("run", "--at", "2023-03-08")
    #expect(
      heap.user("ann") == """
        {"activities_last_30days":2,"activities_last_7days":0,\
        "became_active_at":"2023-02-10T12:00:00.000Z","customer_lifetime_value":35.75,\
        "customer_orders":3,"trial_ends_at":"2023-01-31T00:00:00.000Z"}
        """)
    // One of ann's, one of bob's, five of dot's.
    #expect(heap.count("property_writes") == writes + 7)
    #expect(heap.noOpWrites == 0)
  }

  @Test(
    "Row 15, matching: rows with a null, blank or double key are reported and never sent",
    arguments: ["user", "account", "event"])
  func keys(_ object: String) throws {
    let (rollcall, heap) = try Rollcall.withHeap("account_property: Company\n")
    let front =
      switch object {
      case "user": "object: user\nidentity: id\ncolumns: v"
      case "account": "object: account\naccount_id: id\ncolumns: v"
      default: "object: event\nidentity: who\ninsert_id: id\nevent: Call\ncolumns: v"
      }
    let long = String(repeating: "x", count: 256)
    try rollcall.model(
      "m", front,
      """
      SELECT column1 AS id, column2 AS v, 'somebody' AS who FROM (VALUES
        ('good', 1), (NULL, 2), (NULL, 3), ('', 4), (' ', 5), ('double', 6), ('double', 7),
        (x'00', 8), (7, 9)\(object == "event" ? "" : ", ('\(long)', 10)"))
      """)
    let invalid =
      #"{"null_key":2,"blank_key":2,\#(object == "event" ? "" : #""long_key":1,"#)"#
      + #""bad_key":1,"duplicate_key":2}"#
    for verb in ["plan", "run"] {
      let document = try rollcall.json(verb, "--at", Call.time(2))
      let model = document["destinations"][0]["models"][0]
      #expect(model["invalid"].json == invalid, "\(verb)")
      #expect(model["owed"] == .number(2))
    }
    let text = try rollcall.run("plan", "--at", Call.time(2)).output
    #expect(text.contains("2 without a key, 2 with a blank key"))
    #expect(text.contains("2 with a key of more than one row"))
    #expect(heap.count("items") == 2 && heap.count("rejected") == 0)
    switch object {
    case "user": #expect(heap.user("good") == #"{"v":1}"# && heap.user("7") == #"{"v":9}"#)
    case "account":
      #expect(heap.accounts == #"{"7":{"properties":{"v":9}},"good":{"properties":{"v":1}}}"#)
    default:
      #expect(heap.events.count == 2)
      #expect(heap.events.allSatisfy { $0.contains(#"{"v":1}"#) || $0.contains(#"{"v":9}"#) })
    }
    // The column that matches is needed.
    let needed = object == "account" ? "account_id" : "identity"
    let bare = front.split(separator: "\n").filter { !$0.hasPrefix(needed) }
    try rollcall.model("m", bare.joined(separator: "\n"), "SELECT 'a' AS id, 1 AS v")
    #expect(try rollcall.run("check").output.contains("error[missing-setting]"))
  }

  @Test("Row 23, preview: a plan counts rows, values and requests, and the run does just that")
  func plan() throws {
    let (rollcall, heap) = try Rollcall.withHeap("account_property: Company\n")
    try rollcall.define("plan_name.trait", "trait('plan')")
    try rollcall.model(
      "users", "object: user\nidentity: user_id\ncolumns: first_seen",
      "SELECT user_id, first_seen FROM users UNION ALL SELECT NULL, 'x'")
    try rollcall.model(
      "accounts", "object: account\naccount_id: account_id\ncolumns: users",
      "SELECT account_id, users FROM accounts")
    try rollcall.model(
      "calls", "object: event\nidentity: user_id\ninsert_id: message_id\nevent_column: type",
      "SELECT user_id, message_id, type FROM event_log")
    try rollcall.add(
      Call.identify("ann", #"{"plan":"pro"}"#, day: 1), Call.group("ann", "acme", day: 1),
      Call.track("Bought", "bob", day: 1, id: "1"))
    func compare(at instant: String, requests: Int, values: Int) throws {
      let before = try rollcall.contents()
      let sent = heap.paths.count
      let plan = try rollcall.json("plan", "--at", instant)
      let isUntouched = try rollcall.contents() == before
      #expect(isUntouched && heap.paths.count == sent)
      #expect(plan["requests"].count == requests && plan["minutes"] == .number(0))
      #expect(plan["destinations"][0]["values"].count == values)
      let run = try rollcall.json("run", "--at", instant)
      #expect(run["requests"] == plan["requests"])
      #expect(run["sent"] == plan["destinations"][0]["values"])
      #expect(run["destinations"][0]["models"] == plan["destinations"][0]["models"])
      #expect(heap.paths.count == sent + requests)
    }
    let text = try rollcall.run("plan", "--at", Call.time(2)).output
    #expect(text.contains("plan_name\n  + ann\n"), "a sample")
    let users = "  users: 3 rows; 1 row invalid: 1 without a key; 2 values to send (new)\n"
    #expect(text.contains(users), "\(text)")
    #expect(text.contains("  calls: 3 rows; 3 events to send (new)"))
    try compare(at: Call.time(2), requests: 4, values: 8)
    try compare(at: Call.time(3), requests: 0, values: 0)
    try rollcall.add(Call.group("bob", "acme", day: 3))
    // Bob's account, the account's users, and the call itself.
    try compare(at: Call.time(4), requests: 3, values: 3)
    #expect(heap.noOpWrites == 0 && heap.count("rejected") == 0)
  }

  @Test("Row 21, answers: of each refused row the status and the body are kept as they came")
  func answers() throws {
    let (rollcall, heap) = try Rollcall.withHeap("account_property: Company\n")
    try rollcall.define("tier.trait", "trait('level')", front: "type: accounts\n")
    try rollcall.model(
      "seats", "object: account\naccount_id: account_id\ncolumns: users",
      "SELECT account_id, users FROM accounts")
    try rollcall.model(
      "calls", "object: event\nidentity: user_id\ninsert_id: message_id\nevent_column: type",
      "SELECT user_id, message_id, type FROM event_log")
    try rollcall.add(
      Call.group("ann", "acme", day: 1, #"{"level":"gold"}"#),
      Call.group("bob", "zeta", day: 1, #"{"level":"tin"}"#))
    try heap.sandbox.setFaults([.init(identity: "acme|ann", .status(400))])
    let run = try rollcall.json("run", "--at", Call.time(2), exits: 3)
    #expect(run["destinations"][0]["quarantined"] == .number(4))
    // Heap's documented answers: `{}` for users and events, a text for accounts.
    #expect(
      try rollcall.rows(
        "SELECT identity || ' ' || status || ' ' || body FROM quarantine ORDER BY 1")
        == ["acme 400 error message", "ann 400 {}"])
    #expect(
      try rollcall.rows(
        "SELECT status || ' ' || body FROM model_values WHERE refused IS NOT NULL")
        == ["400 error message"])
    #expect(
      try rollcall.rows("SELECT status || ' ' || body FROM model_events WHERE reason = 'refused'")
        == ["400 {}"])
    #expect(try rollcall.json("status", exits: 3)["quarantined"] == .number(4))
    #expect(heap.accounts == #"{"zeta":{"properties":{"tier":"tin","users":1}}}"#)
  }
}
