import Testing
import Values

@Suite("What the four destinations do: users")
struct UserPropertyTests {
  /// What each user bought, how often, and in which shop last: the shop is not sent.
  private static let select = """
    SELECT canonical_user_id AS id, sum(properties ->> '$.v') AS total, count(*) AS n,
      max(properties ->> '$.shop') AS shop
    FROM event_log WHERE event = 'Bought' AND timestamp <= :now GROUP BY 1
    """

  private static let front = "object: user\nidentity: id\ncolumns: total as Total, n"

  private static func bought(
    _ user: String, _ v: Int, day: Int, id: String, shop: String = "Bern"
  ) -> String {
    Call.track("Bought", user, day: day, id: id, #"{"v":\#(v),"shop":"\#(shop)"}"#)
  }

  /// What a run did at the sandbox.
  private struct Traffic: Equatable {
    var requests = 0
    var users = 0
    var keys = 0
  }

  private static func traffic(
    _ rollcall: Rollcall, _ heap: RehearsalHeap, at instant: String
  ) throws -> Traffic {
    let before = (heap.requests, heap.count("items"), heap.count("property_writes"))
    try rollcall.json("run", "--at", instant)
    return Traffic(
      requests: heap.requests - before.0, users: heap.count("items") - before.1,
      keys: heap.count("property_writes") - before.2)
  }

  @Test("Row 5, user properties: in bulk, and merged for each user")
  func properties() throws {
    let rollcall = try Rollcall.withOrders()
    let heap = try RehearsalHeap()
    rollcall.environment = heap.environment
    try rollcall.model(
      "first", "object: user\nidentity: id\ncolumns: first as \"First Order\"",
      """
      SELECT canonical_user_id AS id, min(timestamp) AS first FROM event_log
      WHERE timestamp <= :now GROUP BY 1
      """)
    try rollcall.json("run", "--at", "2023-03-01")
    #expect(
      heap.users == """
        {"ann":{"properties":{"First Order":"2023-02-10T12:00:00.000Z","orders":1,"recent":"true",\
        "spent":10.5}},\
        "bob":{"properties":{"First Order":"2023-02-20T12:00:00.000Z","orders":1,"recent":"true",\
        "spent":20}},\
        "cai":{"properties":{"First Order":"2023-02-28T12:00:00.000Z","orders":1,"recent":"true",\
        "spent":30}},\
        "dot":{"properties":{"First Order":"2022-12-24T12:00:00.000Z","spent":40}},\
        "fay":{"properties":{"First Order":"2023-01-02T12:00:00.000Z","orders":1,"recent":"true",\
        "spent":60.25}}}
        """)
    // One request for the definitions, one for the model, with each user once.
    #expect(heap.paths == ["/api/add_user_properties", "/api/add_user_properties"])
    #expect(heap.count("items") == 10 && heap.count("rejected") == 0)
    #expect(heap.noOpWrites == 0)
  }

  @Test("Row 9, upsert: a second run sends nothing, a changed row one key")
  func upsert() throws {
    let (rollcall, heap) = try Rollcall.withHeap()
    try rollcall.model("m", Self.front, Self.select)
    try rollcall.add(
      Self.bought("ann", 5, day: 1, id: "1"), Self.bought("bob", 7, day: 1, id: "2"))
    let first = try Self.traffic(rollcall, heap, at: Call.time(2))
    #expect(first == Traffic(requests: 1, users: 2, keys: 4))
    #expect(try Self.traffic(rollcall, heap, at: Call.time(3)) == Traffic())
    // An order of nothing changes the count alone.
    try rollcall.add(Self.bought("ann", 0, day: 3, id: "3"))
    let next = try Self.traffic(rollcall, heap, at: Call.time(4))
    #expect(next == Traffic(requests: 1, users: 1, keys: 1))
    #expect(heap.user("ann") == #"{"Total":5,"n":2}"#)
    #expect(heap.user("bob") == #"{"Total":7,"n":1}"#)
    #expect(heap.noOpWrites == 0)
  }

  @Test("Row 10, update or create: who is unknown is created, who is known is updated")
  func create() throws {
    let (rollcall, heap) = try Rollcall.withHeap()
    try rollcall.model("m", Self.front, Self.select)
    try rollcall.add(Self.bought("ann", 5, day: 1, id: "1"))
    try rollcall.json("run", "--at", Call.time(2))
    #expect(heap.user("new") == nil && heap.count("created_users") == 1)
    try rollcall.add(
      Self.bought("new", 9, day: 2, id: "2"), Self.bought("ann", 1, day: 2, id: "3"))
    try rollcall.json("run", "--at", Call.time(3))
    #expect(heap.user("new") == #"{"Total":9,"n":1}"#)
    #expect(heap.user("ann") == #"{"Total":6,"n":2}"#)
    #expect(heap.count("created_users") == 2 && heap.noOpWrites == 0)
    // A row that goes away deletes nobody.
    try rollcall.model("m", Self.front, Self.select.replacing("'Bought'", with: "'Nothing'"))
    #expect(try Self.traffic(rollcall, heap, at: Call.time(4)) == Traffic())
    #expect(heap.user("new") == #"{"Total":9,"n":1}"#)
  }

  @Test("Row 22, chosen columns: one that is not mapped is never sent, and changes nothing")
  func mapped() throws {
    let (rollcall, heap) = try Rollcall.withHeap()
    try rollcall.model("m", Self.front, Self.select.replacing("count(*)", with: "7"))
    try rollcall.add(Self.bought("ann", 5, day: 1, id: "1"))
    try rollcall.json("run", "--at", Call.time(2))
    try rollcall.add(Self.bought("ann", 0, day: 2, id: "2", shop: "Zug"))
    let preview = try rollcall.run("preview", "m", "--at", Call.time(3), "--show-values")
    #expect(preview.output.contains("ann  Total=5  n=7\n"))
    #expect(try Self.traffic(rollcall, heap, at: Call.time(3)) == Traffic())
    #expect(heap.user("ann") == #"{"Total":5,"n":7}"#)
    // The column does differ: mapped, it is sent.
    try rollcall.model(
      "m", Self.front + ", shop", Self.select.replacing("count(*)", with: "7"))
    let added = try Self.traffic(rollcall, heap, at: Call.time(4))
    #expect(added == Traffic(requests: 1, users: 1, keys: 1))
    #expect(heap.user("ann") == #"{"Total":5,"n":7,"shop":"Zug"}"#)
    #expect(heap.noOpWrites == 0)
  }

  @Test("Row 20, mapped names: free ones, by case, and lower-case email is Heap's own")
  func names() throws {
    let (rollcall, heap) = try Rollcall.withHeap("account_property: Company\n")
    let columns = """
      columns: rep as "Sales Rep, regional", mail as email, old as Email, size as größe
      """
    let select = """
      SELECT 'one' AS id, 'Call' AS name, 'n' AS number, 'Joe Smith' AS rep, 'a@x' AS mail,
        'b@x' AS old, 3 AS size
      """
    try rollcall.model("users", "object: user\nidentity: id\n\(columns)", select)
    try rollcall.model("accounts", "object: account\naccount_id: id\n\(columns)", select)
    try rollcall.model(
      "events",
      "object: event\nidentity: id\nevent_column: name\ninsert_id: number\n\(columns)", select)
    let properties =
      #"{"Email":"b@x","Sales Rep, regional":"Joe Smith","email":"a@x","größe":3}"#
    try rollcall.json("run", "--at", Call.time(2))
    #expect(heap.users == #"{"one":{"builtin":{"email":"a@x"},"properties":\#(properties)}}"#)
    #expect(heap.accounts == #"{"one":{"properties":\#(properties)}}"#)
    let event = try Value(json: try #require(heap.events.first))
    #expect(event["event"] == .string("Call") && event["properties"].json == properties)
    // What is there is updated, what is new is created.
    let more = select.replacing("3 AS size", with: "4 AS size, 'x' AS more")
    try rollcall.model("users", "object: user\nidentity: id\n\(columns), more", more)
    try rollcall.json("run", "--at", Call.time(3))
    #expect(heap.user("one") == properties.replacing("3}", with: #"4,"more":"x"}"#))
    #expect(heap.noOpWrites == 0 && heap.count("rejected") == 0)
  }

  @Test("Row 24, identify: the traits of an identify call become user properties")
  func identify() throws {
    let (rollcall, heap) = try Rollcall.withHeap()
    try rollcall.define("plan_name.trait", "trait('plan')")
    try rollcall.define("logins.trait", "trait('login count')", name: "Login Count")
    try rollcall.add(
      Call.identify("ann", #"{"plan":"pro","login count":7,"other":1}"#, day: 1),
      Call.identify("bob", #"{"plan":null}"#, day: 1))
    try rollcall.json("run", "--at", Call.time(2))
    #expect(heap.users == #"{"ann":{"properties":{"login_count":7,"plan_name":"pro"}}}"#)
    try rollcall.add(Call.identify("ann", #"{"plan":"free"}"#, day: 2))
    #expect(
      try Self.traffic(rollcall, heap, at: Call.time(3))
        == Traffic(requests: 1, users: 1, keys: 1))
    #expect(heap.users == #"{"ann":{"properties":{"login_count":7,"plan_name":"free"}}}"#)
  }

  @Test("Row 29, computed traits: a value is sent when it changes, and not before")
  func computed() throws {
    let (rollcall, heap) = try Rollcall.withHeap()
    try rollcall.define("spent.trait", "event('Bought').sum(property('v'))")
    try rollcall.define("best.trait", "event('Bought').max(property('v'))")
    try rollcall.add(
      Self.bought("ann", 5, day: 1, id: "1"), Self.bought("bob", 7, day: 1, id: "2"))
    let first = try Self.traffic(rollcall, heap, at: Call.time(2))
    #expect(first == Traffic(requests: 1, users: 2, keys: 4))
    #expect(try Self.traffic(rollcall, heap, at: Call.time(3)) == Traffic())
    try rollcall.add(Self.bought("ann", 3, day: 3, id: "3"))
    let next = try Self.traffic(rollcall, heap, at: Call.time(4))
    #expect(next == Traffic(requests: 1, users: 1, keys: 1))
    #expect(heap.user("ann") == #"{"best":5,"spent":8}"#)
    #expect(heap.noOpWrites == 0)
  }
}
