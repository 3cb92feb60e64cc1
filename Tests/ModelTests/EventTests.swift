import Definitions
import Delivery
import Foundation
import HeapSandbox
import Operations
import Testing
import Values

@testable import Models

/// Models of events, up to a strict Heap.
@Suite struct EventTests {
  static let model = """
    ---
    object: event
    identity: user_id
    insert_id: message_id
    event: Purchase
    timestamp_column: timestamp
    columns: v
    ---
    SELECT user_id, message_id, timestamp, properties ->> '$.v' AS v FROM event_log
    WHERE event = 'Bought'
    """

  @Test("an event is sent once for its insert id, whatever becomes of its row")
  func events() throws {
    let shop = try Shop([("calls.sql", Self.model)])
    try shop.ingest([Shop.call("1", "ann", v: 5), Shop.call("2", "bob", v: 7, day: 2)])
    let first = try shop.run(day: 3)
    #expect(first.sent == 2 && first.requests == 1)
    #expect(
      shop.events == [
        #"Purchase ann 2026-01-01T00:00:00.000Z {"v":5}"#,
        #"Purchase bob 2026-01-02T00:00:00.000Z {"v":7}"#,
      ])
    try shop.write("calls.sql", Self.model.replacing("'$.v'", with: "'$.w'"))
    #expect(try shop.run(day: 4).requests == 0)
    try shop.write("calls.sql", Self.model.replacing("'Bought'", with: "'Nothing'"))
    #expect(try shop.run(day: 5).requests == 0)
    try shop.write("calls.sql", Self.model)
    try shop.ingest([Shop.call("3", "ann", v: 6, day: 3)])
    #expect(try shop.run(day: 6).sent == 1)
    #expect(shop.events.count == 3)
    #expect(shop.counter("duplicates") == 0 && shop.counter("conflicting_duplicates") == 0)
  }

  @Test("an event that was applied without an answer is repeated with its key, byte for byte")
  func repeated() throws {
    let shop = try Shop([("calls.sql", Self.model)])
    try shop.ingest([Shop.call("1", "ann", v: 5)])
    try shop.sandbox.setFaults([
      Fault(path: "/api/track", nth: 1, .status(503), applies: true)
    ])
    let failed = try shop.run(day: 3)
    #expect(failed.sent == 0 && failed.pending == 1 && failed.isUndelivered)
    #expect(try shop.rows("SELECT insert_id, in_doubt FROM model_events") == ["1 1"])
    #expect(try shop.session.status().pending == 1)
    #expect(try shop.session.status().destinations[0].inDoubt == 1)
    // The model gives something else meanwhile: what may be there already is said again as it was.
    try shop.write("calls.sql", Self.model.replacing("'$.v'", with: "'$.w'"))
    #expect(try shop.run(day: 4).sent == 1)
    #expect(shop.events == [#"Purchase ann 2026-01-01T00:00:00.000Z {"v":5}"#])
    #expect(shop.counter("duplicates") == 1 && shop.counter("conflicting_duplicates") == 0)
    #expect(try shop.run(day: 5).requests == 0)
  }

  @Test("an event is owed from the moment it was first given, also when its row vanishes")
  func owed() throws {
    let shop = try Shop([("calls.sql", Self.model)])
    try shop.ingest([Shop.call("1", "ann", v: 5)])
    let held = try shop.run(day: 3, sends: false)
    #expect(held.pending == 1 && held.requests == 0 && !held.isUndelivered)
    try shop.write("calls.sql", Self.model.replacing("'Bought'", with: "'Nothing'"))
    #expect(try shop.session.send(ignoresCadence: false)[0].sent == 1)
    #expect(shop.events.count == 1)
  }

  @Test("with 'backfill: from_now' only later events are sent")
  func fromNow() throws {
    let model = Self.model.replacing("columns: v", with: "columns: v\nbackfill: from_now")
    let shop = try Shop([("calls.sql", model)])
    try shop.ingest([Shop.call("1", "ann", v: 5)])
    #expect(try shop.run(day: 3).requests == 0)
    try shop.ingest([Shop.call("2", "ann", v: 6, day: 3)])
    #expect(try shop.run(day: 4).sent == 1)
    #expect(shop.events == [#"Purchase ann 2026-01-03T00:00:00.000Z {"v":6}"#])
  }

  @Test("a file gets track calls")
  func file() throws {
    let shop = try Shop([("calls.sql", Self.model)])
    let path = shop.folder.appendingPathComponent("out.ndjson").path
    try shop.write("heap.destination", "---\ntype: file\npath: \(path)\n---\n")
    try shop.ingest([Shop.call("1", "ann", v: 5)])
    #expect(try shop.run(day: 3).sent == 1)
    let line = try Value(json: String(contentsOfFile: path, encoding: .utf8))
    #expect(line["type"] == .string("track") && line["event"] == .string("Purchase"))
    #expect(line["userId"] == .string("ann"))
    #expect(line["timestamp"] == .string("2026-01-01T00:00:00.000Z"))
    #expect(line["properties"].json == #"{"v":5}"#)
    #expect(line["messageId"].textForm?.count == 64)
  }
}
