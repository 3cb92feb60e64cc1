import Delivery
import HeapSandbox
import Membership
import SQLite
import Testing
import Values

/// Values and events of models whose requests got no definite answer, or were refused.
@Suite struct DoubtTests {
  /// What each user has, out of the calls: the latest number, none for 9.
  private static let users = """
    ---
    object: user
    identity: id
    ---
    SELECT user_id AS id, nullif(properties ->> '$.v', 9) AS v FROM event_log
    WHERE event = 'Set' GROUP BY 1 HAVING seq = max(seq)
    """

  private static func set(_ user: String, _ v: Int, _ id: String) -> String {
    Shop.call(id, user, "Set", v: v)
  }

  /// A shop whose first request is answered so.
  private static func shop(
    _ action: Fault.Action, applies: Bool = true, model: String = users, destination: String = ""
  ) throws -> Shop {
    let shop = try Shop([("m.sql", model)], destination: destination)
    try shop.ingest([set("ann", 5, "1")])
    try shop.sandbox.setFaults([
      Fault(path: "/api/add_user_properties", nth: 1, action, applies: applies)
    ])
    return shop
  }

  @Test("a value that may have arrived is taken back when it goes away, one never sent is not")
  func goesAway() throws {
    let shop = try Self.shop(.status(503))
    #expect(try shop.run(day: 2).sent == 0 && shop.held("ann") == #"{"v":5}"#)
    try shop.ingest([Self.set("ann", 9, "2")])
    #expect(try shop.run(day: 3).sent == 1)
    #expect(shop.held("ann") == #"{"v":""}"#)

    let other = try Self.shop(.status(503))
    #expect(try other.run(day: 2, sends: false).pending == 1)
    try other.ingest([Self.set("ann", 9, "2")])
    #expect(try other.run(day: 3).pending == 0)
    #expect(other.counter("requests") == 0)
  }

  @Test("a value that may have arrived is sent again, though its row or its value is gone")
  func stays() throws {
    let shop = try Self.shop(.status(503), applies: false)
    #expect(try shop.run(day: 2).sent == 0)
    try shop.write("m.sql", Self.users.replacing("'Set'", with: "'Nothing'"))
    #expect(try shop.run(day: 3).sent == 1)
    #expect(shop.held("ann") == #"{"v":5}"#)

    let keeping = try Self.shop(.status(503), applies: false, destination: "absent: keep\n")
    #expect(try keeping.run(day: 2).sent == 0)
    try keeping.ingest([Self.set("ann", 9, "2")])
    #expect(try keeping.run(day: 3).sent == 1)
    #expect(keeping.held("ann") == #"{"v":5}"#)
  }

  @Test("a value that goes back to the one accepted, with another in doubt, is sent")
  func goesBack() throws {
    let shop = try Self.shop(.delay(milliseconds: 0))
    #expect(try shop.run(day: 2).sent == 1)
    try shop.sandbox.setFaults([Fault(nth: 1, .status(503), applies: true)])
    try shop.ingest([Self.set("ann", 6, "2")])
    #expect(try shop.run(day: 3).sent == 0 && shop.held("ann") == #"{"v":6}"#)
    try shop.ingest([Self.set("ann", 5, "3")])
    #expect(try shop.run(day: 4).sent == 1)
    #expect(shop.held("ann") == #"{"v":5}"#)
  }

  @Test("an answer that is definite ends no doubt of before", arguments: ["user", "event"])
  func doubtStays(_ object: String) throws {
    let model =
      object == "user" ? Self.users : EventTests.model.replacing("'Bought'", with: "'Set'")
    let doubt =
      "SELECT (SELECT count(*) FROM model_values WHERE in_doubt)"
      + " + (SELECT count(*) FROM model_events WHERE in_doubt)"
    let shop = try Shop([("m.sql", model)])
    try shop.ingest([Self.set("ann", 5, "1")])
    try shop.sandbox.setFaults([
      Fault(path: "/api/track", from: 1, .status(404)),
      Fault(path: "/api/add_user_properties", from: 1, .status(404)),
    ])
    #expect(try shop.run(day: 2).isUndelivered)
    #expect(try shop.rows(doubt) == ["0"])
    for status in [503, 404] {
      try shop.sandbox.setFaults([
        Fault(path: "/api/track", from: 1, .status(status)),
        Fault(path: "/api/add_user_properties", from: 1, .status(status)),
      ])
      #expect(try shop.run(day: 3).isUndelivered)
      #expect(try shop.rows(doubt) == ["1"], "\(status)")
    }
  }

  @Test("what was refused is sent alone, with another value or when that is asked for")
  func refused() throws {
    let shop = try Shop([("m.sql", Self.users)])
    try shop.ingest(["ann", "bob", "cai"].map { Self.set($0, 5, "1 \($0)") })
    try shop.sandbox.setFaults([Fault(identity: "bob", .status(400))])
    #expect(try shop.run(day: 2).sent == 2)
    try shop.sandbox.setFaults([])
    try shop.ingest(["ann", "bob", "cai"].map { Self.set($0, 6, "2 \($0)") })
    let report = try shop.run(day: 3)
    #expect(report.sent == 3 && report.requests == 2)

    try shop.sandbox.setFaults([Fault(identity: "bob", .status(400))])
    try shop.ingest([Self.set("bob", 7, "3")])
    #expect(try shop.run(day: 4).sent == 0)
    try shop.sandbox.setFaults([])
    #expect(try shop.run(day: 5).requests == 0)
    let retried = try shop.session.send(ignoresCadence: true, retriesQuarantined: true)
    #expect(retried[0].sent == 1 && shop.held("bob") == #"{"v":7}"#)
  }

  @Test("an event of which a part cannot be sent is kept apart as a whole, and not tried again")
  func impossible() throws {
    let model = """
      ---
      object: event
      identity: user_id
      insert_id: message_id
      event: Set
      ---
      SELECT user_id, message_id, printf('%.*c', 1024, 'x') AS long, 'k' AS short FROM event_log
      """
    let shop = try Shop([("m.sql", model)], destination: "long_values: reject\n")
    try shop.ingest([Self.set("ann", 5, "1")])
    let report = try shop.run(day: 2)
    #expect(report.requests == 0 && report.destinations[0].models[0].impossible == 1)
    #expect(try shop.session.send(ignoresCadence: true, retriesQuarantined: true)[0].requests == 0)
    #expect(try shop.session.status().quarantined == 1 && shop.events.isEmpty)
  }

  /// Accepts what it gets, after something else has happened.
  private struct Busy: Transport {
    let meanwhile: () throws -> Void

    func send(_ request: Request) throws -> Answer {
      try meanwhile()
      return .accepted
    }
  }

  @Test("a value that changes while its request is under way is left to be sent")
  func changedMeanwhile() throws {
    let shop = try Self.shop(.delay(milliseconds: 0))
    try shop.run(day: 2, sends: false)
    let project = shop.session.check().project
    let definition = try #require(project.destinations.first)
    let connection = try Connection(path: shop.session.storePath, mode: .readWrite)
    let state = try #require(
      try DestinationState.find(definition.fingerprint ?? "", definition.name, connection))
    let transport = Busy {
      try Connection(path: shop.session.storePath, mode: .readWrite)
        .execute("UPDATE model_values SET wanted = '6'")
    }
    var sender = Sender(connection, state, definition, transport, at: Shop.day(3))
    _ = try sender.send(retriesQuarantined: false)
    #expect(try shop.rows("SELECT wanted, told, in_doubt FROM model_values") == ["6 5 0"])
  }
}
