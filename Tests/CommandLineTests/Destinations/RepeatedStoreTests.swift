import Testing
import Values

@Suite("The same events and definitions in two folders")
struct RepeatedStoreTests {
  /// Path and hash of the body of each request so far.
  private static func requests(_ heap: RehearsalHeap) -> [String] {
    heap.sandbox.requests().elements.map {
      ($0["path"].textForm ?? "") + " " + ($0["sha256"].textForm ?? "")
    }
  }

  /// A new store in a new folder, told to the Heap at two instants.
  private static func tell(_ heap: RehearsalHeap) throws {
    let rollcall = try Rollcall.withSample(models: true)
    rollcall.environment = heap.environment
    try rollcall.addHeap("account_property: Region\n")
    try rollcall.define(
      "active.audience", "event('Order Completed').within(90 days).count() >= 30",
      front: "type: accounts\nsend: both\nguard: off\n")
    try rollcall.model(
      "orders",
      """
      object: event
      identity: user_id
      insert_id: message_id
      event_column: event
      timestamp_column: timestamp
      columns: revenue, quantity as "How Many"
      """,
      """
      SELECT user_id, message_id, event, timestamp, properties ->> '$.revenue' AS revenue,
        properties ->> '$.quantity' AS quantity
      FROM event_log WHERE type = 'track' AND timestamp <= :now
      """)
    try rollcall.model(
      "seats", "object: account\naccount_id: account_id\ncolumns: users as Seats",
      "SELECT account_id, users FROM accounts")
    let customers = Set(Purchases.all.map(\.customer)).sorted()
    try rollcall.add(
      customers.enumerated().map { number, customer in
        """
        {"type":"group","messageId":"g\(customer)","userId":"\(customer)",\
        "groupId":"region \(number % 20)","timestamp":"1997-01-01T00:00:00Z"}
        """
      })
    for instant in ["1997-03-01", "1997-04-01"] {
      #expect(try rollcall.json("run", "--at", instant)["pending"] == .number(0))
    }
  }

  @Test("send the same bodies in the same order, byte for byte: users, accounts and events")
  func bodies() throws {
    let heap = try RehearsalHeap(accountProperty: "Region")
    try Self.tell(heap)
    let first = Self.requests(heap)
    let state = heap.state()
    heap.sandbox.reset()
    try Self.tell(heap)
    let isSame = Self.requests(heap) == first
    #expect(isSame && heap.state() == state)
    #expect(Set(heap.paths).count == 3 && first.count > 10)
    #expect(heap.count("rejected") == 0 && heap.noOpWrites == 0)
  }
}
