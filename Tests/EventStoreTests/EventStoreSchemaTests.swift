import EventStore
import SQLite
import Testing
import Values

@Suite final class EventStoreSchemaTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  @Test func `the event log reads like the calls`() throws {
    try bench.take(
      #"{"messageId":"m1","type":"track","event":"Order Completed","userId":"u1","#
        + #""timestamp":"2026-01-02T03:04:05.678+01:00","properties":{"total": 12.50},"#
        + #""context":{"source_id":"s"}}"#,
      #"{"type":"identify","anonymousId":"a1","timestamp":"1969-12-31T23:59:59.999Z","#
        + #""traits":{"plan":"pro"},"properties":null}"#,
      #"{"messageId":7,"type":"group","userId":"u1","groupId":"g1","timestamp":"2026-01-02"}"#)
    func log(_ column: String) throws -> [String?] {
      try bench.connection().prepareFresh("SELECT \(column) FROM event_log ORDER BY seq")
        .all { $0.optionalText(0) }
    }
    #expect(try log("type") == ["track", "identify", "group"])
    #expect(try log("event") == ["Order Completed", nil, nil])
    #expect(try log("user_id") == ["u1", nil, "u1"])
    #expect(try log("anonymous_id") == [nil, "a1", nil])
    #expect(try log("account_id") == [nil, nil, "g1"])
    #expect(try log("message_id") == ["m1", nil, "7"])
    #expect(
      try log("timestamp") == [
        "2026-01-02T02:04:05.678Z", "1969-12-31T23:59:59.999Z", "2026-01-02T00:00:00.000Z",
      ])
    #expect(try log("properties") == [#"{"total":12.50}"#, nil, nil])
    #expect(try log("traits") == [nil, #"{"plan":"pro"}"#, nil])
    #expect(try log("context") == [#"{"source_id":"s"}"#, nil, nil])
    #expect(
      try bench.rows("SELECT seq FROM event_log WHERE event = 'Order Completed'") == ["1"])
  }

  @Test func `users and accounts have the time they were first seen`() throws {
    func group(_ user: String, _ day: Int) -> String {
      #"{"type":"group","userId":"\#(user)","groupId":"g1","timestamp":"2026-01-0\#(day)"}"#
    }
    try bench.take(
      track(user: "u1", at: "2026-01-05"), track(user: "u1", at: "2026-01-04"), group("u1", 6),
      group("u2", 7), group("u2", 8),
      #"{"type":"page","anonymousId":"u3","timestamp":"2026-01-02"}"#)
    #expect(
      try bench.rows("SELECT user_id || ' ' || first_seen FROM users ORDER BY user_id")
        == ["u1 2026-01-04T00:00:00.000Z", "u2 2026-01-07T00:00:00.000Z"])
    #expect(
      try bench.rows("SELECT account_id || ' ' || first_seen || ' ' || users FROM accounts")
        == ["g1 2026-01-06T00:00:00.000Z 2"])
  }

  @Test func `the view's times are those of the engine`() throws {
    let connection = try bench.connection()
    var state: UInt64 = 7
    for _ in 0..<500 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      // From 1653 to 2286.
      let time = Int64(state >> 20) % 10_000_000_000_000
      try connection.run(
        "INSERT INTO events(type, time, message_hash, body) VALUES (0, ?1, 0, '{}')",
        .integer(time))
    }
    let rows = try connection.prepareFresh(
      "SELECT e.time, l.timestamp FROM events AS e JOIN event_log AS l USING (seq)"
    ).all { (Instant(milliseconds: $0.int(0)), $0.text(1)) }
    #expect(rows.count == 500)
    for (instant, text) in rows { #expect(text == instant.description) }
  }
}
