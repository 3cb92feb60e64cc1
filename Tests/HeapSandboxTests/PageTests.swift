import HeapSandbox
import Testing
import Values

/// The pages that tell the sandbox something: clock, snapshots and what differs from them.
@Suite struct PageTests {
  private static let clock: @Sendable () -> Instant = {
    Instant(milliseconds: 1_700_000_000_000)
  }

  @Test("the clock is put forward, and requests arrive at the time that it shows")
  func clock() throws {
    let heap = try Rehearsal(HeapSandbox.Configuration(clock: Self.clock))
    let first = try heap.send("POST", "/__/clock", body: #"{"advance_s":60}"#)
    #expect(first.status == 200)
    #expect(first.body == #"{"now":"2023-11-14T22:14:20.000Z"}"# + "\n")
    let second = try heap.send("POST", "/__/clock", body: #"{"advance_s":0.5}"#)
    #expect(second.body == #"{"now":"2023-11-14T22:14:20.500Z"}"# + "\n")
    try heap.add(Rehearsal.user())
    #expect(heap.sandbox.requests().json.contains(#""at":"2023-11-14T22:14:20.500Z""#))
    heap.sandbox.reset()
    #expect(
      heap.sandbox.advance(by: Duration(milliseconds: 0))
        == Instant(milliseconds: 1_700_000_000_000)
    )
  }

  @Test("the clock goes a hundred years at most, however often it is told")
  func far() throws {
    let heap = try Rehearsal(HeapSandbox.Configuration(clock: Self.clock))
    let end = Self.clock() + Duration.longest
    #expect(heap.sandbox.advance(by: .longest) == end)
    #expect(heap.sandbox.advance(by: .longest) == end)
    #expect(heap.sandbox.advance(by: Duration(milliseconds: .max)) == end)
  }

  @Test(
    "the clock is told nothing else",
    arguments: [
      "", "[]", "{}", #"{"advance_s":-1}"#, #"{"advance_s":"60"}"#, #"{"advance_s":1e99}"#,
      #"{"advance_s":60,"x":1}"#,
    ])
  func clockFlaws(_ body: String) throws {
    #expect(try Rehearsal().send("POST", "/__/clock", body: body).status == 400)
  }

  @Test("a snapshot is compared with: what came and what changed, sorted by path")
  func differences() throws {
    let heap = try Rehearsal()
    try heap.add(Rehearsal.user("\"ann\"", #"{"a":1,"b":"x"}"#))
    #expect(try heap.send("POST", "/__/snapshot").body == #"{"snapshot":1}"# + "\n")
    #expect(try heap.get("/__/diff?from=1").body == "[]\n")
    try heap.add(Rehearsal.user("\"ann\"", #"{"b":"y","c":2}"#))
    try heap.add(Rehearsal.user("\"bob\""))
    try heap.post(Rehearsal.accounts, Rehearsal.account())
    let path = #"[{"path":["apps","11""#
    #expect(
      try heap.get("/__/diff?from=1").body == path + #","accounts"],"#
        + #""after":{"acme":{"properties":{"n":1}}}},"#
        + path.dropFirst() + #","users","ann","properties","b"],"before":"x","after":"y"},"#
        + path.dropFirst() + #","users","ann","properties","c"],"after":2},"#
        + path.dropFirst() + #","users","bob"],"after":{"properties":{"n":1}}}]"# + "\n")
    #expect(heap.sandbox.snapshot() == 2)
    #expect(heap.sandbox.differences(from: 2)?.json == "[]")
    try heap.post(Rehearsal.identify, IdentifyTests.body("7", "ann"))
    #expect(
      heap.sandbox.differences(from: 2)?.json
        == #"[{"path":["apps","11","identified"],"after":{"7":"ann"}}]"#)
  }

  @Test("an event that goes to an identity differs in that field alone")
  func movedEvent() throws {
    let heap = try Rehearsal()
    try heap.post(Rehearsal.track, Rehearsal.event(#""event":"E","user_id":"7""#))
    try heap.add(Rehearsal.user("\"ann\""))
    let number = heap.sandbox.snapshot()
    try heap.post(Rehearsal.identify, IdentifyTests.body("7", "ann"))
    #expect(
      heap.sandbox.differences(from: number)?.json
        == #"[{"path":["apps","11","events","keyless-1","identity"],"after":"ann"},"#
        + #"{"path":["apps","11","identified"],"after":{"7":"ann"}}]"#)
  }

  @Test("a snapshot that is not there, or not any more, is 404")
  func unknownSnapshot() throws {
    let heap = try Rehearsal()
    #expect(try heap.get("/__/diff?from=1").status == 404)
    #expect(try heap.get("/__/diff?from=x").status == 400)
    #expect(try heap.get("/__/diff").status == 400)
    for _ in 0..<17 { _ = heap.sandbox.snapshot() }
    #expect(heap.sandbox.differences(from: 1) == nil)
    #expect(heap.sandbox.differences(from: 2) == .array([]))
    #expect(heap.sandbox.differences(from: 17) == .array([]))
    heap.sandbox.reset()
    #expect(heap.sandbox.differences(from: 17) == nil)
    #expect(heap.sandbox.snapshot() == 1)
  }

  @Test("each page has its method")
  func methods() throws {
    let heap = try Rehearsal()
    for page in ["clock", "snapshot", "reset", "faults"] {
      let reply = try heap.get("/__/" + page)
      #expect(reply.status == 405)
      #expect(reply.fields["allow"] == "POST")
    }
    for page in [
      "accounts", "counters", "diff", "events", "rejects", "requests", "state.json", "users",
    ] {
      let reply = try heap.send("POST", "/__/" + page)
      #expect(reply.status == 405)
      #expect(reply.fields["allow"] == "GET")
    }
    #expect(try heap.get("/__/nothing").status == 404)
    #expect(heap.sandbox.requests() == .array([]))
  }

  @Test("reset forgets accounts, events, identities and what was used of the limits")
  func reset() throws {
    var configuration = HeapSandbox.Configuration(clock: Self.clock)
    configuration.limits[.singlePerIdentity] = .init(1, per: Duration(milliseconds: 1000))
    let heap = try Rehearsal(configuration)
    func fill() throws -> [Int] {
      try EndpointTests.bodies.map { try heap.post($0.path, $0.body).status }
    }
    #expect(try fill() == [200, 200, 200, 200])
    let state = heap.sandbox.state()
    #expect(try fill() == [429, 429, 200, 200])
    heap.sandbox.reset()
    #expect(heap.sandbox.state().json == #"{"apps":{}}"#)
    #expect(try fill() == [200, 200, 200, 200])
    #expect(heap.sandbox.state() == state)
  }
}
