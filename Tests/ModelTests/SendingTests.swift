import Definitions
import Delivery
import Foundation
import HeapSandbox
import Operations
import Testing
import Values

@testable import Models

/// Models from their rows to what a strict Heap holds.
@Suite struct SendingTests {
  static let users = """
    ---
    object: user
    identity: id
    columns: total as Total, n
    ---
    SELECT user_id AS id, sum(properties ->> '$.v') AS total, count(*) AS n,
      max(timestamp) AS unmapped
    FROM event_log WHERE event = 'Bought' AND timestamp <= :now GROUP BY 1
    """

  @Test("users are told once, later only values that changed, and what vanishes stays")
  func upserts() throws {
    let shop = try Shop([("m.sql", Self.users)])
    try shop.ingest([Shop.call("1", "ann", v: 5), Shop.call("2", "bob", v: 7)])
    let plan = try { () throws -> PlanReport in
      shop.session.at = Shop.day(2)
      return try shop.session.plan()
    }()
    #expect(plan.requests == 1 && plan.destinations[0].sent == 4)
    #expect(plan.destinations[0].models[0].isNew && plan.destinations[0].models[0].rows == 2)
    #expect(shop.counter("requests") == 0)
    #expect(try shop.rows("SELECT count(*) FROM model_values") == ["0"])

    let first = try shop.run(day: 2)
    #expect(first.sent == 4 && first.requests == 1 && first.pending == 0)
    #expect(shop.held("ann") == #"{"Total":5,"n":1}"#)
    #expect(try shop.run(day: 2).requests == 0)
    // An unmapped column alone is no change, nor is an equal sum.
    try shop.ingest([Shop.call("3", "ann", "Looked", day: 2)])
    #expect(try shop.run(day: 3).requests == 0)
    try shop.ingest([Shop.call("4", "ann", v: 0, day: 3)])
    let changed = try shop.run(day: 4)
    #expect(changed.sent == 1 && changed.requests == 1)
    #expect(shop.held("ann") == #"{"Total":5,"n":2}"#)
    try shop.write("m.sql", Self.users.replacing("'Bought'", with: "'Nothing'"))
    #expect(try shop.run(day: 5).requests == 0)
    #expect(shop.held("bob") == #"{"Total":7,"n":1}"#)
    try shop.write("m.sql", Self.users)
    #expect(try shop.run(day: 6).requests == 0)
    #expect(shop.counter("no_op_property_writes") == 0)
  }

  @Test("a value that goes away is told as the destination says, and one never told is not")
  func absent() throws {
    let model = """
      ---
      object: user
      identity: id
      ---
      SELECT user_id AS id, nullif(max(properties ->> '$.v'), 9) AS v, NULL AS never
      FROM event_log GROUP BY 1
      """
    for (setting, expected) in [("", #"{"v":""}"#), ("absent: keep\n", #"{"v":5}"#)] {
      let shop = try Shop([("m.sql", model)], destination: setting)
      try shop.ingest([Shop.call("1", "ann", v: 5)])
      #expect(try shop.run(day: 2).sent == 1)
      try shop.ingest([Shop.call("2", "ann", v: 9)])
      #expect(try shop.run(day: 3).pending == 0)
      #expect(shop.held("ann") == expected)
    }
  }

  @Test("accounts are told by their ids")
  func accounts() throws {
    let model = """
      ---
      object: account
      account_id: id
      ---
      SELECT 'acme' AS id, 3 AS seats
      """
    let shop = try Shop([("m.sql", model)], destination: "account_property: account_id\n")
    #expect(try shop.run(day: 2).sent == 1)
    #expect(shop.held("acme", in: "accounts") == #"{"seats":3}"#)
    #expect(try shop.run(day: 3).sent == 0)
  }

  @Test("a value that was never attempted is not sent once its row vanished")
  func cancelled() throws {
    let shop = try Shop([("m.sql", Self.users)])
    try shop.ingest([Shop.call("1", "ann", v: 5)])
    #expect(try shop.run(day: 2, sends: false).pending == 2)
    try shop.write("m.sql", Self.users.replacing("'Bought'", with: "'Nothing'"))
    #expect(try shop.run(day: 3).requests == 0)
    #expect(try shop.rows("SELECT count(*) FROM model_values WHERE wanted IS NOT NULL") == ["0"])
  }

  @Test("a refused row is found, kept apart, and sent again when it is another")
  func refused() throws {
    let shop = try Shop([("m.sql", Self.users), ("calls.sql", EventTests.model)])
    try shop.ingest((1...9).map { Shop.call("\($0)", "u\($0)", v: $0) })
    try shop.sandbox.setFaults([
      Fault(identity: "u4", .status(400))
    ])
    let report = try shop.run(day: 3)
    #expect(report.isUndelivered && report.destinations[0].quarantined == 3)
    #expect(shop.events.count == 8 && report.pending == 0)
    #expect(try shop.session.status().quarantined == 3)
    let again = try shop.run(day: 4)
    #expect(again.requests == 0 && !again.isUndelivered)
    try shop.sandbox.setFaults([])
    try shop.ingest([Shop.call("x", "u4", v: 1, day: 4)])
    #expect(try shop.run(day: 5).sent == 3)
    #expect(shop.held("u4") == #"{"Total":5,"n":2}"#)
    #expect(
      try shop.session.send(ignoresCadence: true, retriesQuarantined: true)[0].sent == 1)
    #expect(shop.events.count == 10)
    #expect(try shop.session.status().quarantined == 0)
  }

  @Test(
    "what was refused and is not asked for any more is not sent when the refused is sent again",
    arguments: ["the value that was told", "nothing", "no row"])
  func refusedAndGone(_ next: String) throws {
    let model = """
      ---
      object: user
      identity: id
      columns: v
      ---
      SELECT user_id AS id, nullif(properties ->> '$.v', 9) AS v, max(seq) FROM event_log
      WHERE event <> 'Gone' GROUP BY 1
      """
    let shop = try Shop([("m.sql", model)], destination: "absent: keep\n")
    try shop.ingest([Shop.call("1", "ann", v: 5)])
    #expect(try shop.run(day: 2).sent == 1)
    try shop.sandbox.setFaults([Fault(.status(400))])
    try shop.ingest([Shop.call("2", "ann", v: 7)])
    #expect(try shop.run(day: 3).destinations[0].quarantined == 1)
    try shop.sandbox.setFaults([])
    switch next {
    case "nothing": try shop.ingest([Shop.call("3", "ann", v: 9)])
    case "no row":
      try shop.write("m.sql", model.replacing("<> 'Gone'", with: "= 'Gone'"))
    default: try shop.ingest([Shop.call("3", "ann", v: 5)])
    }
    #expect(try shop.run(day: 4).requests == 0)
    #expect(try shop.session.status().quarantined == 0)
    #expect(
      try shop.session.send(ignoresCadence: true, retriesQuarantined: true)[0].requests == 0)
    #expect(shop.held("ann") == #"{"v":5}"#)
  }

  @Test("invalid rows are counted and never sent; a model that fails stops no other")
  func invalid() throws {
    let bad = """
      ---
      object: user
      identity: id
      columns: x
      ---
      SELECT value AS id, 1 AS x FROM json_each('["a", null, "", "b", "b"]')
      """
    let broken = """
      ---
      object: user
      identity: id
      columns: y
      ---
      SELECT user_id AS id, json_extract('{}', user_id) AS y FROM event_log
      """
    let shop = try Shop([("bad.sql", bad), ("broken.sql", broken)])
    try shop.ingest([Shop.call("1", "ann")])
    let report = try shop.run(day: 2)
    #expect(shop.state["users"].json.contains("\"a\""))
    #expect(shop.held("b") == "null")
    let models = report.destinations[0].models
    #expect(models.map(\.key) == ["bad", "broken"])
    #expect(models[0].invalid == [.nullKey: 1, .blankKey: 1, .duplicateKey: 2])
    #expect(models[1].problem == "SQLite stopped it: SQLite's code 1")
    #expect(report.sent == 1 && report.isUndelivered)
  }

  @Test("a model runs when its destination is due, and not before")
  func due() throws {
    let shop = try Shop([("m.sql", Self.users)], destination: "every: 2d\n")
    try shop.ingest([Shop.call("1", "ann", v: 5)])
    #expect(try shop.run(day: 2).sent == 2)
    try shop.ingest([Shop.call("2", "ann", v: 5, day: 2)])
    let early = try shop.run(day: 3)
    #expect(early.destinations[0].models.isEmpty && early.pending == 0)
    #expect(try shop.run(day: 4).sent == 2)
  }

  @Test("a model that is off, or gone, is not run, and nothing of it is sent")
  func disabled() throws {
    let shop = try Shop([("m.sql", Self.users), ("calls.sql", EventTests.model)])
    try shop.ingest([Shop.call("1", "ann", v: 5)])
    #expect(try shop.run(day: 2, sends: false).pending == 3)
    try shop.write("m.sql", Self.users.replacing("columns", with: "enabled: false\ncolumns"))
    #expect(try shop.run(day: 3).sent == 1)
    #expect(shop.held("ann") == "{}")
    try shop.write("m.sql", Self.users)
    #expect(try shop.run(day: 4).sent == 2)
  }

  @Test("texts past the limit are cut and counted, or refused, as the destination says")
  func longTexts() throws {
    let model = """
      ---
      object: user
      identity: id
      ---
      SELECT 'ann' AS id, printf('%.*c', 1024, 'x') AS long, 'k' AS short
      """
    let cut = try Shop([("m.sql", model)])
    let report = try cut.run(day: 2)
    #expect(report.sent == 2 && report.destinations[0].models[0].shortened == 1)
    let strict = try Shop([("m.sql", model)], destination: "long_values: reject\n")
    let refused = try strict.run(day: 2)
    #expect(refused.sent == 1 && refused.destinations[0].models[0].impossible == 1)
    #expect(strict.held("ann") == #"{"short":"k"}"#)
    #expect(try strict.run(day: 3).requests == 0)
  }

  @Test("what is wrong with a SELECT is told before anything happens")
  func checked() throws {
    let shop = try Shop([("m.sql", Self.users.replacing("count(*)", with: "random()"))])
    #expect(throws: OperationError.self) { try shop.run(day: 2) }
    let diagnostics = shop.session.check().diagnostics
    #expect(
      diagnostics.map(\.rendered) == [
        """
        error[not-allowed]: a model may not use 'random'
          --> \(shop.session.folder)/m.sql:6:59
         6 | SELECT user_id AS id, sum(properties ->> '$.v') AS total, random() AS n,
           |                                                           ^^^^^^ not among its functions
           = help: a run gives the same rows for the same events

        """
      ])
    try shop.write("m.sql", Self.users.replacing("event_log", with: "event_lg"))
    #expect(shop.session.check().diagnostics.map(\.id) == [.badSQL])
    try shop.write("m.sql", Self.users.replacing("total as", with: "totl as"))
    #expect(shop.session.check().diagnostics.map(\.id) == [.missingColumn])
    try shop.write("m.sql", Self.users)
    #expect(shop.session.check().diagnostics.isEmpty)
  }

  @Test("a preview counts and shows rows, and writes nothing")
  func preview() throws {
    let shop = try Shop([("m.sql", Self.users)])
    try shop.ingest([Shop.call("1", "ann", v: 5), Shop.call("2", "bob", v: 7)])
    shop.session.at = Shop.day(3)
    let report = try #require(try shop.session.modelPreview("m", sampleSize: 1))
    #expect(report.rows == 2 && report.sample.count == 1 && report.properties == ["Total", "n"])
    #expect(
      report.sample[0].identity == "ann" && report.sample[0].properties[0].value == .number(5))
    #expect(try shop.session.modelPreview("n") == nil)
    #expect(try shop.rows("SELECT count(*) FROM models") == ["0"])
  }
}
