import Testing
import Values

@Suite("A destination's state belongs to what it talks to")
struct DestinationFileTests {
  /// The two apps of one Heap, and a store with definitions, and models of users and events.
  private static func prepared() throws -> (Rollcall, RehearsalHeap) {
    let heap = try RehearsalHeap(apps: ["11", "12"])
    let rollcall = try Rollcall.withOrders()
    rollcall.environment = heap.environment
    try rollcall.model(
      "seen", "object: user\nidentity: user_id\ncolumns: first_seen",
      "SELECT user_id, first_seen FROM users WHERE first_seen <= :now")
    try rollcall.model(
      "calls",
      "object: event\nidentity: user_id\ninsert_id: message_id\nevent_column: event\n"
        + "timestamp_column: timestamp",
      "SELECT user_id, message_id, event, timestamp FROM event_log WHERE timestamp <= :now")
    return (rollcall, heap)
  }

  /// Nobody was told anything twice.
  private static func expectNothingTwice(
    _ heap: RehearsalHeap, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(heap.noOpWrites == 0, sourceLocation: sourceLocation)
    #expect(heap.count("duplicates") == 0, sourceLocation: sourceLocation)
    #expect(heap.count("rejected") == 0, sourceLocation: sourceLocation)
  }

  @Test("a file that gets another name loses and doubles nothing")
  func renamed() throws {
    let (rollcall, heap) = try Self.prepared()
    try rollcall.json("run", "--at", "2023-03-01")
    // What is pending goes on under the new name, too.
    try rollcall.json("run", "--no-send", "--at", "2023-03-06")
    let text = try rollcall.read("audiences/heap.destination")
    try rollcall.remove("audiences/heap.destination")
    try rollcall.write(text, to: "audiences/main.destination")
    let plan = try rollcall.json("plan", "--at", "2023-03-06")
    #expect(plan["destinations"][0]["new"] == .boolean(false))
    // Eve's three values, fay's two, and of the models eve and her order.
    let run = try rollcall.json("run", "--at", "2023-03-06")
    #expect(run["sent"] == .number(7) && run["pending"] == .number(0))
    try heap.expectSnapshot(of: rollcall)
    #expect(heap.events.count == 7)
    Self.expectNothingTwice(heap)
    let status = try rollcall.json("status", "--at", "2023-03-06")
    #expect(status["destinations"].elements.map(\.["name"]) == [.string("main")])
  }

  @Test(
    "a rehearsal against a sandbox marks nothing as told to Heap, and is told everything itself")
  func rehearsed() throws {
    let (rollcall, heap) = try Self.prepared()
    try rollcall.json("run", "--at", "2023-03-01")
    let told = heap.state()
    let requests = heap.requests
    let rehearsal = try RehearsalHeap()
    rollcall.environment = rehearsal.environment
    let plan = try rollcall.run("plan", "--at", "2023-03-06")
    #expect(plan.output.contains("(new: everything is sent)"))
    try rollcall.json("run", "--at", "2023-03-06")
    try rehearsal.expectSnapshot(of: rollcall)
    #expect(rehearsal.events.count == 7)
    Self.expectNothingTwice(rehearsal)
    #expect(heap.state() == told && heap.requests == requests)
    // Heap gets what changed since it was told, and nothing else.
    rollcall.environment = heap.environment
    #expect(try rollcall.json("run", "--at", "2023-03-06")["sent"] == .number(7))
    try heap.expectSnapshot(of: rollcall)
    #expect(heap.state()["users"] == rehearsal.state()["users"].replacingFay())
    #expect(heap.events == rehearsal.events)
    Self.expectNothingTwice(heap)
  }

  @Test("a file with another app id is another destination, and the first one is not forgotten")
  func otherApp() throws {
    let (rollcall, heap) = try Self.prepared()
    try rollcall.addHeap("app_id: 11\n")
    try rollcall.json("run", "--at", "2023-03-01")
    let told = heap.state(app: "11")
    try rollcall.addHeap("app_id: 12\n")
    let plan = try rollcall.json("plan", "--at", "2023-03-01")
    #expect(plan["destinations"][0]["new"] == .boolean(true))
    try rollcall.json("run", "--at", "2023-03-01")
    #expect(heap.state(app: "12")["users"] == told["users"])
    #expect(heap.state(app: "11") == told)
    #expect(try rollcall.json("run", "--at", "2023-03-01")["requests"] == .number(0))
    // Back again: what changed meanwhile, and only that.
    try rollcall.json("run", "--at", "2023-03-06")
    try rollcall.addHeap("app_id: 11\n")
    #expect(try rollcall.json("run", "--at", "2023-03-06")["sent"] == .number(7))
    #expect(heap.state(app: "11")["users"] == heap.state(app: "12")["users"])
    try heap.expectSnapshot(of: rollcall)
    Self.expectNothingTwice(heap)
  }
}

extension Value {
  /// The users of one who was told of fay before: of her leaving there is something to take back.
  fileprivate func replacingFay() -> Value {
    guard case .object(var users) = self,
      let place = users.firstIndex(where: { $0.key == "fay" }),
      case .object(let fields) = users[place].value
    else { return self }
    users[place] = Member(
      "fay",
      .object(
        fields.map { field in
          guard case .object(var properties) = field.value else { return field }
          properties += [Member("orders", .number(0)), Member("recent", .string("false"))]
          properties.sort { $0.key < $1.key }
          return Member(field.key, .object(properties))
        }))
    return .object(users)
  }
}
