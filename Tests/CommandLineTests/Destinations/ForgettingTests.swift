import HeapSandbox
import Testing
import Values

@Suite("Forgetting and telling again, with accounts and models")
struct ForgettingTests {
  /// Two users of one account; values of users and accounts from definitions and models; two events.
  private static func told() throws -> (Rollcall, RehearsalHeap) {
    let (rollcall, heap) = try Rollcall.withHeap(
      "account_property: Company\n", accountProperty: "Company")
    try rollcall.define("plan_name.trait", "trait('plan')")
    try rollcall.define("tier.trait", "trait('level')", front: "type: accounts\n")
    try rollcall.model(
      "seen", "object: user\nidentity: user_id\ncolumns: first_seen, null_once as once",
      "SELECT user_id, first_seen, iif(:now < '2023-03-04', 1, NULL) AS null_once FROM users")
    try rollcall.model(
      "seats", "object: account\naccount_id: account_id\ncolumns: users",
      "SELECT account_id, users FROM accounts")
    try rollcall.model(
      "calls",
      "object: event\nidentity: user_id\ninsert_id: message_id\nevent_column: event\n"
        + "timestamp_column: timestamp",
      "SELECT user_id, message_id, event, timestamp FROM event_log WHERE type = 'track'")
    try rollcall.add(
      Call.identify("ann", #"{"plan":"pro"}"#, day: 1),
      Call.group("ann", "acme", day: 1, #"{"level":"gold"}"#), Call.group("bob", "acme", day: 1),
      Call.track("Bought", "ann", day: 1, id: "1"), Call.track("Bought", "cai", day: 1, id: "2"))
    try rollcall.json("run", "--at", Call.time(2))
    return (rollcall, heap)
  }

  /// ann's plan, two companies, a tier, three times two values of the users' model, one of seats.
  private static let values = 11

  @Test("forget says how much of each kind it is, and leaves nothing of it behind")
  func forget() throws {
    let (rollcall, heap) = try Self.told()
    let text = try rollcall.read("audiences/heap.destination")
    let state = heap.state()
    try rollcall.remove("audiences/heap.destination")
    let asked = try rollcall.run("destination", "forget", "heap")
    #expect(asked.ending == .code(2))
    #expect(
      asked.output
        == "'heap' has no file; it was told 11 values of 3 users and 1 account, 2 events, "
        + "and 0 are pending\n")
    #expect(
      try rollcall.json("destination", "forget", "heap", "--yes").json == """
        {"forgotten":"heap","users":3,"accounts":1,"events":2,"values":11,"pending":0,\
        "quarantined":0}
        """)
    for table in [
      "destinations", "acknowledged", "pending", "quarantine", "guards", "encodings",
      "model_values", "model_events", "model_destinations",
    ] {
      #expect(try rollcall.count("SELECT count(*) FROM \(table)") == 0, "\(table)")
    }
    // It is sent everything, events too: Heap knows them by their keys.
    try rollcall.write(text, to: "audiences/heap.destination")
    #expect(try rollcall.json("run", "--at", Call.time(2))["sent"].count == Self.values + 2)
    #expect(heap.noOpWrites == Self.values && heap.count("duplicates") == 2)
    #expect(heap.count("conflicting_duplicates") == 0 && heap.state() == state)
  }

  @Test("what waits and what was refused of models is forgotten, and counted")
  func forgetPending() throws {
    let (rollcall, heap) = try Self.told()
    try heap.sandbox.setFaults([.init(identity: "cai", .status(400))])
    try rollcall.add(Call.track("Bought", "cai", day: 3, id: "3"))
    try rollcall.json("run", "--at", Call.time(3), exits: 3)
    try rollcall.add(Call.track("Bought", "bob", day: 3, id: "4"))
    try rollcall.json("run", "--no-send", "--at", Call.time(3))
    try rollcall.remove("audiences/heap.destination")
    let status = try rollcall.json("status")["destinations"][0]
    #expect(status["pending"] == .number(1) && status["quarantined"] == .number(1))
    let forgotten = try rollcall.json("destination", "forget", "heap", "--yes")
    #expect(forgotten["pending"] == .number(1) && forgotten["quarantined"] == .number(1))
    #expect(try rollcall.count("SELECT count(*) FROM model_events") == 0)
  }

  @Test("resync sends the values of models again and their events not, and counts each kind")
  func resync() throws {
    let (rollcall, heap) = try Self.told()
    let asked = try rollcall.run("resync", "heap")
    #expect(
      asked.output
        == "everything to 'heap' again, with what is pending: 3 users, 1 account, 11 values, "
        + "4 requests\n")
    #expect(heap.noOpWrites == 0)
    let document = try rollcall.json("resync", "heap", "--yes")
    #expect(document["users"] == .number(3) && document["accounts"] == .number(1))
    #expect(document["events"] == .number(0) && document["values"].count == Self.values)
    #expect(document["requests"] == .number(4))
    #expect(document["delivery"][0]["sent"].count == Self.values)
    #expect(heap.noOpWrites == Self.values)
    #expect(heap.count("duplicates") == 0 && heap.events.count == 2)
    #expect(try rollcall.json("run", "--at", Call.time(2))["requests"] == .number(0))
    // What was told to have gone is told again to have gone.
    #expect(try rollcall.json("run", "--at", Call.time(5))["sent"] == .number(3))
    #expect(try rollcall.json("resync", "heap", "seen", "--yes")["values"] == .number(6))
    #expect(heap.user("cai") == #"{"first_seen":"2023-03-01T00:00:00.000Z","once":""}"#)
  }

  @Test("resync of one model alone; one of events is refused")
  func resyncModel() throws {
    let (rollcall, heap) = try Self.told()
    let users = try rollcall.json("resync", "heap", "seen", "--yes")
    #expect(users["users"] == .number(3) && users["accounts"] == .number(0))
    #expect(users["values"] == .number(6) && users["requests"] == .number(1))
    let accounts = try rollcall.json("resync", "heap", "seats", "--yes")
    #expect(accounts["accounts"] == .number(1) && accounts["values"] == .number(1))
    #expect(heap.noOpWrites == 7)
    let events = try rollcall.run("resync", "heap", "calls", "--yes")
    #expect(events.ending == .code(2))
    #expect(
      events.errors == """
        error: 'calls' is a model of events, and each event is sent once
          help: give the model another 'key:' to send all its events again

        """)
    #expect(
      try rollcall.run("resync", "heap", "seat", "--yes").errors.contains(
        "help: did you mean 'seats'?"))
  }
}
