import HeapSandbox
import Testing
import Values

/// `POST /api/track`: what an event may say, and what is stored of it.
@Suite struct TrackTests {
  /// The parts of an event that each test leaves as they are.
  static func body(_ fields: String) -> String {
    Rehearsal.event(#""event":"E","identity":"ann""# + (fields.isEmpty ? "" : ",") + fields)
  }

  /// Each body breaks the rule beside it and, where it can, the ones after it.
  static let ordered: [(fields: String, rule: String)] = [
    (#""users":[],"x":1"#, "neither_single_nor_bulk"),
    (#""event":"E","events":[],"x":1"#, "single_and_bulk"),
    (#""events":[],"x":1"#, "unknown_field"),
    (#""events":{}"#, "items_not_an_array"),
    (#""events":[]"#, "item_count"),
    (#""events":[{"x":1},7]"#, "item_not_an_object"),
    (#""events":[{"identity":7},{"account_id":"8"}]"#, "unknown_field"),
    (#""identity":7"#, "event_missing"),
    (#""event":7,"identity":7"#, "event_not_a_string"),
    (#""event":"","identity":7"#, "event_length"),
    (#""event":"E","identity":7,"user_id":8"#, "identity_and_user_id"),
    (#""event":"E","timestamp":7"#, "identity_missing"),
    (#""event":"E","identity":7,"timestamp":7"#, "identity_not_a_string"),
    (#""event":"E","identity":"\t","timestamp":7"#, "identity_blank"),
    (#""event":"E","user_id":8,"timestamp":7"#, "user_id"),
    (#""event":"E","identity":"a","timestamp":7,"idempotency_key":"7"#, "not_json"),
    (#""event":"E","identity":"a","timestamp":7,"idempotency_key":"7""#, "timestamp"),
    (#""event":"E","identity":"a","idempotency_key":"7","session_id":7"#, "idempotency_key"),
    (#""event":"E","identity":"a","session_id":7,"properties":7"#, "session_id"),
    (#""event":"E","identity":"a","properties":7"#, "properties_not_an_object"),
    (#""event":"E","identity":"a","properties":{"":true}"#, "key_empty"),
    (#""event":"E","identity":"a","properties":{"k":true}"#, "value_kind"),
    (#""event":"E","identity":"a","properties":{"k":1e999}"#, "value_not_finite"),
  ]

  @Test("the first rule that fails decides", arguments: ordered)
  func order(_ vector: (fields: String, rule: String)) throws {
    let heap = try Rehearsal()
    #expect(
      try heap.ruleBroken(Rehearsal.event(vector.fields), at: Rehearsal.track) == vector.rule)
    #expect(heap.sandbox.state().json == #"{"apps":{}}"#)
  }

  @Test("a bad request gets an empty object and no reason")
  func refusal() throws {
    let reply = try Rehearsal().post(Rehearsal.track, Self.body(#""timestamp":7"#))
    #expect(reply.status == 400)
    #expect(reply.fields["content-type"] == "application/json")
    #expect(reply.body == "{}")
  }

  @Test(
    "a timestamp has a date, a time and a zone",
    arguments: [
      (#""2017-03-10T22:21:56+00:00""#, true), (#""2017-03-10T22:21:56.789Z""#, true),
      (#""2017-03-10T22:21-05:30""#, true), (#""2017-03-10T22:21:56""#, false),
      (#""2017-03-10""#, false), (#""2017-03-10T22:21:56+0000""#, false),
      (#""2017-03-10T22:21:56+00""#, false), (#""2017-03-10T22:21""#, false),
      (#""2017-02-30T22:21:56Z""#, false), (#""1489184516000""#, false), (#""""#, false),
      ("1489184516000", false), ("null", false),
    ])
  func timestamps(_ text: String, _ isGood: Bool) throws {
    let heap = try Rehearsal()
    let rule = try heap.ruleBroken(Self.body(#""timestamp":\#(text)"#), at: Rehearsal.track)
    #expect(rule == (isGood ? nil : "timestamp"))
  }

  @Test(
    "a user_id is a string of digits up to 2^53 - 1",
    arguments: [
      (#""0""#, true), (#""9007199254740991""#, true), (#""9007199254740992""#, false),
      (#""99999999999999999999999""#, false), (#""-1""#, false), (#""1.5""#, false),
      (#""""#, false), ("7", false), ("null", false),
    ])
  func userID(_ id: String, _ isGood: Bool) throws {
    let heap = try Rehearsal()
    let body = Rehearsal.event(#""event":"E","user_id":\#(id)"#)
    #expect(try heap.ruleBroken(body, at: Rehearsal.track) == (isGood ? nil : "user_id"))
    #expect(heap.count("created_users") == 0)
  }

  @Test("an event creates its user, who has no properties")
  func createsUser() throws {
    let heap = try Rehearsal()
    try heap.post(Rehearsal.track, Self.body(""))
    try heap.post(Rehearsal.track, Self.body(""))
    #expect(heap.properties("ann") == "{}")
    #expect(heap.count("created_users", app: "11") == 1)
    #expect(heap.count("created_events", app: "11") == 2)
  }

  @Test("an event without a timestamp has the time of arrival, and says so")
  func arrival() throws {
    let heap = try Rehearsal(
      HeapSandbox.Configuration(clock: { Instant(milliseconds: 1_700_000_000_000) }))
    try heap.post(Rehearsal.track, Self.body(#""session_id":"s""#))
    #expect(
      try heap.page("events?app=11").json == #"{"keyless-1":{"defaulted_timestamp":true,"#
        + #""event":"E","identity":"ann","properties":{},"session_id":"s","#
        + #""timestamp":"2023-11-14T22:13:20.000Z"}}"#)
    #expect(heap.count("defaulted_timestamps", app: "11") == 1)
  }

  @Test("an event of a known idempotency key is a duplicate, and the stored one stays")
  func duplicates() throws {
    let heap = try Rehearsal()
    let time = #""timestamp":"2026-01-01T00:00:00Z""#
    func event(_ more: String) -> String {
      Self.body(#""idempotency_key":"12345678",\#(more)"#)
    }
    try heap.post(Rehearsal.track, event(#"\#(time),"properties":{"a":1,"b":2}"#))
    let before = heap.sandbox.state()
    // The same event in another form: other order of keys, another zone.
    try heap.post(
      Rehearsal.track,
      event(#""properties":{"b":2,"a":1.0},"timestamp":"2026-01-01T01:00:00+01:00""#))
    #expect(heap.count("duplicates", app: "11") == 1)
    #expect(heap.count("conflicting_duplicates") == 0)
    for other in [
      #"\#(time),"properties":{"a":1,"b":3}"#, #""properties":{"a":1,"b":2}"#,
      #"\#(time),"properties":{"a":1,"b":2},"session_id":"s""#,
    ] {
      #expect(try heap.post(Rehearsal.track, event(other)).status == 200)
    }
    #expect(heap.count("duplicates", app: "11") == 4)
    #expect(heap.count("conflicting_duplicates", app: "11") == 3)
    #expect(heap.count("created_events", app: "11") == 1)
    #expect(heap.sandbox.state() == before)
  }

  @Test("an event's id is the SHA-256 of the app and the key, so apps do not share keys")
  func ids() throws {
    let heap = try Rehearsal()
    for app in ["1", "2"] {
      try heap.post(
        Rehearsal.track,
        #"{"app_id":"\#(app)","events":[{"event":"E","identity":"a","idempotency_key":"12345678"},"#
          + #"{"event":"E","identity":"a","idempotency_key":"12345678"}]}"#)
    }
    #expect(heap.count("duplicates") == 2)
    #expect(heap.count("conflicting_duplicates") == 0)
    let id = SHA256.digest(of: (Array("2".utf8) + [0] + Array("12345678".utf8)).span).hex
    #expect(try heap.page("events?app=2")[id]["idempotency_key"] == .string("12345678"))
  }

  @Test("an array is joined and cut at 1024 characters; its elements are numbers and strings")
  func arrays() throws {
    let heap = try Rehearsal()
    func stored(_ value: String) throws -> Value {
      heap.sandbox.reset()
      try heap.post(Rehearsal.track, Self.body(#""properties":{"k":\#(value)}"#))
      return try heap.page("events?app=11")["keyless-1"]["properties"]["k"]
    }
    #expect(try stored(#"["a",1.5,"b"]"#) == .string("a||1.5||b"))
    #expect(try stored("[]") == .string(""))
    let long = String(repeating: "x", count: 1020)
    #expect(try stored(#"["\#(long)","yz"]"#) == .string(long + "||yz"))
    #expect(heap.count("truncated_values") == 0)
    #expect(try stored(#"["\#(long)","yzz"]"#) == .string(long + "||yz"))
    #expect(heap.count("truncated_values", app: "11") == 1)
    // Half a character is not kept.
    #expect(try stored(#"["\#(long)","y😀"]"#) == .string(long + "||y"))
    for bad in ["[true]", "[null]", "[[1]]", "[{}]"] {
      let body = Self.body(#""properties":{"k":\#(bad)}"#)
      #expect(try heap.ruleBroken(body, at: Rehearsal.track) == "value_kind")
    }
  }

  @Test("the page of events filters by identity and by name")
  func page() throws {
    let heap = try Rehearsal()
    try heap.post(
      Rehearsal.track,
      Rehearsal.events([
        #"{"event":"A","identity":"ann"}"#, #"{"event":"B","identity":"ann"}"#,
        #"{"event":"A","user_id":"7"}"#,
      ]))
    func ids(_ query: String) throws -> [String] {
      guard case .object(let events) = try heap.page("events?app=11" + query) else { return [] }
      return events.map(\.key)
    }
    #expect(try ids("") == ["keyless-1", "keyless-2", "keyless-3"])
    #expect(try ids("&identity=ann") == ["keyless-1", "keyless-2"])
    #expect(try ids("&event=A") == ["keyless-1", "keyless-3"])
    #expect(try ids("&identity=7&event=A") == ["keyless-3"])
    #expect(try ids("&identity=bob") == [])
    #expect(try heap.page("events?app=12").json == "{}")
    #expect(try heap.get("/__/events").status == 400)
  }

  @Test("one bad event refuses the whole request")
  func allOrNothing() throws {
    let heap = try Rehearsal()
    let events = [#"{"event":"A","identity":"ann"}"#, #"{"event":"","identity":"ann"}"#]
    #expect(try heap.ruleBroken(Rehearsal.events(events), at: Rehearsal.track) == "event_length")
    #expect(heap.sandbox.state().json == #"{"apps":{}}"#)
    #expect(heap.sandbox.rejects().json.contains(#""item":1"#))
  }
}
