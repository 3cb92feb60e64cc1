import Testing
import Values

@Suite("What the four destinations do: events")
struct EventDeliveryTests {
  private static let front = """
    object: event
    identity: who
    insert_id: number
    event: Purchase
    timestamp_column: at
    columns: v as Amount
    """

  private static let select = """
    SELECT canonical_user_id AS who, message_id AS number, timestamp AS at,
      properties ->> '$.v' AS v
    FROM event_log WHERE event = 'Bought' AND timestamp <= :now
    """

  private static func bought(_ user: String, _ v: Int, day: Int, id: String) -> String {
    Call.track("Bought", user, day: day, id: id, #"{"v":\#(v)}"#)
  }

  /// A purchase as the sandbox keeps it.
  private static func purchase(_ user: String, _ v: Int, day: Int) -> String {
    let time = Call.time(day).replacing("Z", with: ".000Z")
    return
      #"{"event":"Purchase","identity":"\#(user)","properties":{"Amount":\#(v)},"timestamp":"\#(time)"}"#
  }

  private static func prepared(_ front: String = front) throws -> (Rollcall, RehearsalHeap) {
    let (rollcall, heap) = try Rollcall.withHeap()
    try rollcall.model("purchases", front, select)
    try rollcall.add(bought("ann", 5, day: 1, id: "1"), bought("bob", 7, day: 1, id: "2"))
    return (rollcall, heap)
  }

  @Test("Row 8, events: in bulk, with name, identity, time and properties")
  func events() throws {
    let (rollcall, heap) = try Self.prepared()
    let run = try rollcall.json("run", "--at", Call.time(2))
    #expect(run["sent"] == .number(2) && run["requests"] == .number(1))
    #expect(heap.paths == ["/api/track"])
    #expect(heap.events == [Self.purchase("ann", 5, day: 1), Self.purchase("bob", 7, day: 1)])
    #expect(heap.count("rejected") == 0)
  }

  @Test("Row 11, insert: a new key is sent; an edited or deleted row sends nothing")
  func insert() throws {
    let (rollcall, heap) = try Self.prepared()
    try rollcall.json("run", "--at", Call.time(2))
    let sent = heap.events
    for edited in [
      Self.select.replacing("properties ->> '$.v'", with: "99"),
      Self.select.replacing("'Bought'", with: "'Nothing'"),
    ] {
      try rollcall.model("purchases", Self.front, edited)
      #expect(try rollcall.json("run", "--at", Call.time(3))["requests"] == .number(0))
    }
    try rollcall.model("purchases", Self.front, Self.select)
    try rollcall.add(Self.bought("ann", 5, day: 3, id: "3"))
    #expect(try rollcall.json("run", "--at", Call.time(4))["sent"] == .number(1))
    #expect(heap.events == (sent + [Self.purchase("ann", 5, day: 3)]).sorted())
    #expect(heap.count("duplicates") == 0)
  }

  @Test(
    "Row 12, append, and Row 13, send: as insert, with what was there before or without",
    arguments: [("all", 2), ("from_now", 0)])
  func append(_ backfill: String, _ first: Int) throws {
    let (rollcall, heap) = try Self.prepared(Self.front + "\nbackfill: \(backfill)")
    #expect(try rollcall.json("run", "--at", Call.time(2))["sent"].count == first)
    #expect(heap.events.count == first)
    try rollcall.add(Self.bought("cai", 3, day: 2, id: "3"))
    #expect(try rollcall.json("run", "--at", Call.time(3))["sent"] == .number(1))
    #expect(heap.events.count == first + 1)
    #expect(heap.events.contains(Self.purchase("cai", 3, day: 2)))
    #expect(try rollcall.json("run", "--at", Call.time(4))["requests"] == .number(0))
    #expect(heap.count("duplicates") == 0)
  }

  @Test("Row 17, event names: a fixed text or a column; what is blank or too long is invalid")
  func names() throws {
    let (rollcall, heap) = try Rollcall.withHeap()
    let long = String(repeating: "x", count: 1025)
    let select = """
      SELECT column1 AS number, column2 AS name, 'ann' AS who FROM (VALUES
        (1, 'Phone Call'), (2, ' '), (3, ''), (4, NULL), (5, '\(long)'), (6, '\(long.dropLast())'))
      """
    let common = "object: event\nidentity: who\ninsert_id: number"
    try rollcall.model("calls", common + "\nevent_column: name", select)
    let column = try rollcall.json("run", "--at", Call.time(2))
    #expect(column["destinations"][0]["models"][0]["invalid"].json == #"{"bad_event":4}"#)
    #expect(column["sent"] == .number(2) && heap.events.count == 2)
    #expect(heap.events.contains { $0.contains(#""event":"Phone Call""#) })

    try rollcall.remove("audiences/calls.sql")
    try rollcall.model("fixed", common + "\nevent: 'Phone Call'\ncolumns: name", select)
    let fixed = try rollcall.json("run", "--at", Call.time(2))
    #expect(fixed["sent"] == .number(6))
    #expect(heap.events.count { $0.contains(#""event":"Phone Call""#) } == 7)
    let items = heap.count("items")
    for name in ["' '", "''", "'\(long)'"] {
      try rollcall.model("fixed", common + "\nevent: \(name)", select)
      #expect(try rollcall.run("check").ending == .code(1))
      #expect(try rollcall.run("run", "--at", Call.time(3)).ending == .code(1))
    }
    #expect(heap.count("items") == items && heap.count("rejected") == 0)
  }

  @Test("Row 18, time: that of the column; of a row without one, the time of arrival")
  func times() throws {
    let (rollcall, heap) = try Rollcall.withHeap()
    let select = """
      SELECT column1 AS number, column2 AS at, 'u' || column1 AS who FROM (VALUES
        (1, '2023-02-28T23:30:00.5-01:00'), (2, '2023-02-28 08:00:00'), (3, NULL))
      """
    let common = "object: event\nidentity: who\ninsert_id: number\nevent: Call"
    try rollcall.model("calls", common + "\ntimestamp_column: at\ncolumns: number", select)
    try rollcall.json("run", "--at", Call.time(2))
    #expect(
      heap.events.prefix(1).contains { $0.contains(#""defaulted_timestamp":true"#) }
        && heap.events.allSatisfy { $0.contains(#""event":"Call""#) })
    #expect(
      heap.events.dropFirst() == [
        #"{"event":"Call","identity":"u1","properties":{"number":1},"timestamp":"2023-03-01T00:30:00.500Z"}"#,
        #"{"event":"Call","identity":"u2","properties":{"number":2},"timestamp":"2023-02-28T08:00:00.000Z"}"#,
      ])
    #expect(heap.count("defaulted_timestamps") == 1)
    // Without the setting every event has the time of its arrival.
    try rollcall.model("other", common + "\ncolumns: number", select)
    try rollcall.json("run", "--at", Call.time(2))
    #expect(heap.count("defaulted_timestamps") == 4)
  }

  @Test("Row 19, identity of an event: needed, and one that is unknown creates the user")
  func identity() throws {
    let (rollcall, heap) = try Self.prepared()
    try rollcall.json("run", "--at", Call.time(2))
    #expect(heap.user("ann") == "{}" && heap.user("cai") == nil)
    try rollcall.add(Self.bought("cai", 1, day: 2, id: "3"))
    try rollcall.json("run", "--at", Call.time(3))
    #expect(heap.user("cai") == "{}" && heap.count("created_users") == 3)
    let front = Self.front.replacing("identity: who\n", with: "")
    try rollcall.model("purchases", front, Self.select)
    let check = try rollcall.run("check")
    #expect(check.ending == .code(1) && check.output.contains("error[missing-setting]"))
  }

  @Test("Row 26, track: a call becomes an event of the same name and properties")
  func track() throws {
    let (rollcall, heap) = try Rollcall.withHeap()
    try rollcall.model(
      "calls",
      """
      object: event
      identity: user_id
      insert_id: message_id
      event_column: event
      timestamp_column: timestamp
      columns: color as "Shoe Color", size
      """,
      """
      SELECT user_id, message_id, event, timestamp, properties ->> '$."Shoe Color"' AS color,
        properties ->> '$.size' AS size
      FROM event_log WHERE type = 'track'
      """)
    try rollcall.add(
      Call.track("Bought", "ann", day: 1, id: "1", #"{"Shoe Color":"red","size":38.5}"#),
      Call.track("Tried On", "ann", day: 1, id: "2", #"{"size":39}"#),
      Call.identify("ann", #"{"size":1}"#, day: 1))
    try rollcall.json("run", "--at", Call.time(2))
    let time = #""timestamp":"2023-03-01T00:00:00.000Z""#
    #expect(
      heap.events == [
        #"{"event":"Bought","identity":"ann","properties":{"Shoe Color":"red","size":38.5},\#(time)}"#,
        #"{"event":"Tried On","identity":"ann","properties":{"size":39},\#(time)}"#,
      ])
  }

  @Test("Row 27, nobody's events: a call without an id is rejected, one of no user is not sent")
  func nobodys() throws {
    let (rollcall, heap) = try Rollcall.withHeap()
    try rollcall.model("purchases", Self.front, Self.select)
    let nobody = Self.bought("ann", 5, day: 1, id: "1").replacing(#""userId":"ann","#, with: "")
    let report = try rollcall.ingest(nobody, as: "nobody.ndjson")
    #expect(report["accepted"] == .number(0) && report["rejected"] == .number(1))
    let stranger = Self.bought("x", 5, day: 1, id: "2").replacing("userId", with: "anonymousId")
    try rollcall.add(stranger)
    let run = try rollcall.json("run", "--at", Call.time(2))
    #expect(run["destinations"][0]["models"][0]["invalid"].json == #"{"null_key":1}"#)
    #expect(run["requests"] == .number(0) && heap.paths.isEmpty)
    // Claimed, they are somebody's.
    try rollcall.add(
      Call.identify("ann", "{}", day: 2)
        .replacing(#""userId":"ann""#, with: #""userId":"ann","anonymousId":"x""#))
    try rollcall.json("run", "--at", Call.time(3))
    #expect(heap.events == [Self.purchase("ann", 5, day: 1)])
  }
}
