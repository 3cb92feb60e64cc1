import HeapSandbox
import Testing
import Values

/// `POST /api/v1/identify`: whose events go where, and what is dropped in silence.
@Suite struct IdentifyTests {
  static func body(_ userID: String, _ identity: String) -> String {
    #"{"app_id":"11","user_id":"\#(userID)","identity":"\#(identity)"}"#
  }

  /// Each body breaks the rule beside it and, where it can, the ones after it.
  static let ordered: [(fields: String, rule: String)] = [
    (#""users":[{"user_id":"7","identity":"a"}]"#, "neither_single_nor_bulk"),
    (#""user_id":7,"properties":{}"#, "unknown_field"),
    (#""identity":7"#, "user_id_missing"),
    (#""user_id":7,"identity":7"#, "user_id"),
    (#""user_id":"7","timestamp":7"#, "identity_missing"),
    (#""user_id":"7","identity":7,"timestamp":7"#, "identity_not_a_string"),
    (#""user_id":"7","identity":"","timestamp":7"#, "identity_blank"),
    (#""user_id":"7","identity":"a","timestamp":7"#, "timestamp"),
  ]

  @Test("the first rule that fails decides", arguments: ordered)
  func order(_ vector: (fields: String, rule: String)) throws {
    let heap = try Rehearsal()
    let body = Rehearsal.event(vector.fields)
    #expect(try heap.ruleBroken(body, at: Rehearsal.identify) == vector.rule)
    let reply = try heap.post(Rehearsal.identify, body)
    #expect(reply.status == 400)
    #expect(reply.body == "{}")
  }

  @Test("the events of the number go to the identity, earlier and later ones")
  func moving() throws {
    let heap = try Rehearsal()
    let event = Rehearsal.event(
      #""event":"E","user_id":"7","timestamp":"2026-01-01T00:00:00Z","idempotency_key":"12345678""#)
    try heap.post(Rehearsal.track, event)
    #expect(heap.count("created_users") == 0)
    let reply = try heap.post(Rehearsal.identify, Self.body("7", "ann"))
    #expect(reply.status == 200)
    #expect(reply.fields["content-type"] == "application/json")
    #expect(reply.body == "{}")
    try heap.post(Rehearsal.track, Rehearsal.event(#""event":"F","user_id":"7""#))
    try heap.post(Rehearsal.track, Rehearsal.event(#""event":"G","user_id":"8""#))
    guard case .object(let events) = try heap.page("events?app=11&identity=ann") else {
      Issue.record("no events")
      return
    }
    #expect(Set(events.map { $0.value["event"] }) == [.string("E"), .string("F")])
    #expect(events.allSatisfy { $0.value["user_id"] == .string("7") })
    #expect(heap.properties("ann") == "{}")
    #expect(heap.sandbox.state()["apps"]["11"]["identified"].json == #"{"7":"ann"}"#)
    // To send it once more is a duplicate, and no conflict: it was sent for the number then too.
    try heap.post(Rehearsal.track, event)
    #expect(heap.count("duplicates") == 1)
    #expect(heap.count("conflicting_duplicates") == 0)
  }

  @Test("a number keeps its first identity; another one is answered 200 and ignored")
  func oneIdentity() throws {
    let heap = try Rehearsal()
    for identity in ["ann", "ann", "bob"] {
      #expect(try heap.post(Rehearsal.identify, Self.body("7", identity)).status == 200)
    }
    #expect(heap.sandbox.state()["apps"]["11"]["identified"].json == #"{"7":"ann"}"#)
    #expect(heap.count("ignored_identifies", app: "11") == 1)
  }

  @Test("an identity gets ten numbers in thirty days; the eleventh is ignored")
  func tenNumbers() throws {
    let heap = try Rehearsal()
    for number in 1...10 { try heap.post(Rehearsal.identify, Self.body("\(number)", "ann")) }
    #expect(heap.count("ignored_identifies") == 0)
    #expect(try heap.post(Rehearsal.identify, Self.body("11", "ann")).status == 200)
    #expect(heap.count("ignored_identifies") == 1)
    try heap.post(Rehearsal.identify, Self.body("11", "bob"))
    #expect(heap.sandbox.state()["apps"]["11"]["identified"]["11"] == .string("bob"))
    heap.sandbox.advance(by: Duration(milliseconds: 30 * 86_400_000))
    try heap.post(Rehearsal.identify, Self.body("12", "ann"))
    #expect(heap.sandbox.state()["apps"]["11"]["identified"]["12"] == .string("ann"))
    #expect(heap.count("ignored_identifies") == 1)
  }
}
