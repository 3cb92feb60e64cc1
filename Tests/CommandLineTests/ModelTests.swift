import Foundation
import Testing
import Values

@Suite("SQL models, from the command line to Heap")
struct ModelTests {
  @Test("The example models say what plain loops over the purchases say, customer by customer")
  func examples() throws {
    let rollcall = try Rollcall.withSample(models: true)
    let heap = try RehearsalHeap()
    rollcall.environment = heap.environment
    for day in [Purchases.day(1997, 2, 1), Purchases.day(1997, 10, 1)] {
      try rollcall.json("run", "--at", Purchases.instant(day))
      let held = heap.properties
      let expected = Self.expected(on: day)
      let wrong = expected.filter { held[$0.key]?.json != $0.value }
      #expect(wrong.isEmpty, "\(wrong.count) of \(expected.count) differ")
      #expect(expected.count > 1000)
      let properties = Set(expected.keys.map { $0.prefix { $0 != " " } })
      let told = held.keys.filter { properties.contains($0.prefix { $0 != " " }) }
      #expect(told.count == expected.count)
    }
    #expect(heap.noOpWrites == 0)
  }

  /// `property customer` to JSON of the value.
  private static func expected(on day: Int) -> [String: String] {
    func time(_ day: Int) -> String {
      "\"" + Purchases.instant(day).replacing("Z", with: ".000Z") + "\""
    }
    var expected: [String: String] = [:]
    let purchases = Purchases.all.filter { $0.day <= day }
    for (customer, own) in Dictionary(grouping: purchases, by: \.customer) {
      let days = own.map(\.day).sorted()
      func set(_ property: String, _ value: String) { expected["\(property) \(customer)"] = value }
      set("customer_lifetime_value", Purchases.dollars(own.reduce(0) { $0 + $1.cents }))
      set("customer_orders", "\(own.count)")
      set("trial_ends_at", time(days[0] + 30))
      if days.count > 1 { set("became_active_at", time(days[1])) }
      set("activities_last_7days", "\(days.count { $0 >= day - 7 })")
      set("activities_last_30days", "\(days.count { $0 >= day - 30 })")
    }
    return expected
  }

  private static let front = """
    ---
    name: Spent
    object: user
    identity: user_id
    columns: spent as Spent
    ---

    """

  private static let model =
    front + """
      SELECT user_id, round(sum(properties ->> '$.revenue'), 2) AS spent FROM event_log GROUP BY 1
      UNION ALL SELECT NULL, 1
      """

  private static func withModel() throws -> Rollcall {
    let rollcall = try Rollcall()
    try rollcall.write(model, to: "audiences/spent.sql")
    try rollcall.write("---\ntype: file\npath: out.ndjson\n---\n", to: "audiences/f.destination")
    try rollcall.ingest(Purchases.calls(Purchases.all.prefix(12)))
    return rollcall
  }

  @Test("A model reads who is in an audience, settled or lately, and not the tables behind that")
  func memberships() throws {
    let rollcall = try Self.withModel()
    try rollcall.write(
      "---\nname: Buyers\n---\nevent('Order Completed').count() >= 1\n",
      to: "audiences/buyers.audience")
    try rollcall.write(
      Self.front + """
        SELECT u.user_id, count(m.value) AS spent FROM users AS u
          LEFT JOIN memberships AS m ON m.user_id = u.user_id AND m.definition = 'buyers'
        WHERE u.user_id IN (SELECT user_id FROM memberships WHERE definition = 'buyers')
        GROUP BY 1
        """, to: "audiences/spent.sql")
    #expect(try rollcall.run("check").ending == .code(0))
    for (settled, at) in [(false, "2023-03-01"), (true, "2023-03-02")] {
      if settled {
        try rollcall.connection().execute(
          """
          INSERT INTO settled_members(profile, definition, value, since)
            SELECT profile, definition, value, since FROM latest_members;
          DELETE FROM latest_members; DELETE FROM recent_rows WHERE name = 'latest_members';
          """)
      }
      try rollcall.json("run", "--no-send", "--at", at)
      let members = try rollcall.count("SELECT count(*) FROM memberships")
      #expect(members > 0)
      let plan = try rollcall.json("plan", "--at", at)
      let models = plan["destinations"].elements[0]["models"].json
      #expect(models.contains("\"owed\":\(members),"), "\(models)")
    }
    for table in ["members", "settled_members", "recent_members", "latest_members"] {
      try rollcall.write(
        Self.model.replacing("event_log", with: table), to: "audiences/spent.sql")
      let wrong = try rollcall.run("check")
      #expect(wrong.output.contains("a model may not read '\(table)'"))
    }
  }

  @Test("Check counts models, and lists them")
  func check() throws {
    let rollcall = try Self.withModel()
    let outcome = try rollcall.run("check")
    #expect(outcome.output == "good: 0 audiences, 0 traits, 1 model, 1 destination\n")
    #expect(
      try rollcall.json("check")["models"].json
        == #"[{"key":"spent","object":"user","file":"audiences/spent.sql","enabled":true}]"#)
    try rollcall.write(Self.model.replacing("event_log", with: "events"), to: "audiences/spent.sql")
    let wrong = try rollcall.run("check")
    #expect(wrong.ending == .code(1))
    #expect(
      wrong.output == """
        error[not-allowed]: a model may not read 'events'
          --> audiences/spent.sql:7:73
         7 | SELECT user_id, round(sum(properties ->> '$.revenue'), 2) AS spent FROM events GROUP BY 1
           |                                                                         ^^^^^^ not one of the store's views
           = help: the views are event_log, users, accounts, memberships, canonical_ids

        1 error

        """)
  }

  @Test("Preview shows values only when asked, and plan and run what came of the rows")
  func verbs() throws {
    let rollcall = try Self.withModel()
    let plain = try rollcall.run("preview", "spent", "--at", "1999-01-01")
    #expect(
      plain.output == """
        spent  Spent
          6 users, at 1999-01-01T00:00:00.000Z
          1 row invalid: 1 without a key
            111
            21
            4
            50
            71
            86

        """)
    let shown = try rollcall.run("preview", "spent", "--at", "1999-01-01", "--show-values")
    #expect(shown.output.contains("4  Spent=100.5"))
    let json = try rollcall.json("preview", "spent", "--at", "1999-01-01")
    #expect(json["kind"] == .string("model") && json["invalid"].json == #"{"null_key":1}"#)
    #expect(!json.json.contains("100.5"))

    let plan = try rollcall.json("plan", "--at", "1999-01-01")
    let count = json["size"].count
    #expect(plan["destinations"].elements[0]["models"].json.contains("\"owed\":\(count),"))
    let run = try rollcall.run("run", "--at", "1999-01-01")
    #expect(
      run.output.contains(
        "  spent: \(count + 1) rows; 1 row invalid: 1 without a key; \(count) values to send (new)\n"
      ))
    #expect(try rollcall.read("out.ndjson").split(separator: "\n").count == count)
    let again = try rollcall.run("run", "--at", "1999-01-02")
    #expect(again.output.contains("; nothing to send\n"))
  }

  @Test("Row 16, insert id: a crash between Heap's answer and its mark sends an event once")
  func crash() throws {
    let rollcall = try Rollcall()
    let heap = try RehearsalHeap()
    rollcall.environment = heap.environment
    try rollcall.write(
      """
      ---
      object: event
      identity: user_id
      insert_id: message_id
      event: Bought
      columns: message_id as id
      ---
      SELECT user_id, message_id FROM event_log
      """, to: "audiences/bought.sql")
    try rollcall.write("---\ntype: heap\n---\n", to: "audiences/heap.destination")
    try rollcall.ingest(Purchases.calls(Purchases.all.prefix(5)))
    for step in ["models", "doubt", "acknowledge"] {
      let crashed = try rollcall.run(["run", "--at", "1999-01-01"], crash: step)
      #expect(crashed.ending == .signal(9), "\(step)")
    }
    #expect(try rollcall.run("run", "--at", "1999-01-01").ending == .code(0))
    #expect(try rollcall.run("run", "--at", "1999-01-02").ending == .code(0))
    #expect(heap.count("duplicates") == 5 && heap.count("conflicting_duplicates") == 0)
    guard case .object(let events) = heap.sandbox.state()["apps"]["11"]["events"] else {
      Issue.record("no event arrived")
      return
    }
    #expect(events.count == 5)
  }
}
