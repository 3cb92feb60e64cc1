import HeapSandbox
import Testing
import Values

/// The limits, at the request that is within them and at the one that is not.
@Suite struct RateLimitTests {
  private static let start = Instant(milliseconds: 1_700_000_000_000)

  /// A sandbox whose clock stands still until it is put forward.
  private static func rehearsal(
    _ change: (inout HeapSandbox.Configuration) -> Void = { _ in }
  ) throws -> Rehearsal {
    var configuration = HeapSandbox.Configuration(clock: { start })
    change(&configuration)
    return try Rehearsal(configuration)
  }

  private static func user(_ number: Int) -> String {
    Rehearsal.user("\"ann\"", "{\"k\":\(number)}")
  }

  private static func events(_ count: Int, _ identity: (Int) -> String) -> String {
    Rehearsal.events((0..<count).map { #"{"event":"E","identity":"\#(identity($0))"}"# })
  }

  private static func milliseconds(_ count: Int64) -> Duration { Duration(milliseconds: count) }

  @Test("an identity gets 30 single requests in any 30 seconds, and the refused one costs nothing")
  func singles() throws {
    let heap = try Self.rehearsal()
    for number in 1...30 { #expect(try heap.add(Self.user(number)).status == 200) }
    for _ in 0..<2 {
      let reply = try heap.add(Self.user(31))
      #expect(reply.status == 429)
      #expect(reply.fields["content-type"] == "text/plain")
      #expect(reply.fields["retry-after"] == "30")
    }
    #expect(heap.properties("ann") == #"{"k":30}"#)
    #expect(heap.count("rejected_by_limit", app: "11") == 2)
    #expect(heap.count("rate_limited", app: "11") == 2)
    #expect(heap.count("rejected") == 0)
    #expect(heap.sandbox.requests().json.contains(#""decision":"rejected_by_limit","status":429"#))
    heap.sandbox.advance(by: Self.milliseconds(29_999))
    let last = try heap.add(Self.user(31))
    #expect(last.status == 429)
    #expect(last.fields["retry-after"] == "1")
    heap.sandbox.advance(by: Self.milliseconds(1))
    for number in 31...60 { #expect(try heap.add(Self.user(number)).status == 200) }
    #expect(try heap.add(Self.user(61)).status == 429)
  }

  @Test("the window slides: what is old enough counts no more, the rest does")
  func sliding() throws {
    let heap = try Self.rehearsal {
      $0.limits[.singlePerIdentity] = .init(2, per: Self.milliseconds(10_000))
    }
    #expect(try heap.add(Self.user(1)).status == 200)
    heap.sandbox.advance(by: Self.milliseconds(6000))
    #expect(try heap.add(Self.user(2)).status == 200)
    let refused = try heap.add(Self.user(3))
    #expect(refused.fields["retry-after"] == "4")
    heap.sandbox.advance(by: Self.milliseconds(4000))
    #expect(try heap.add(Self.user(3)).status == 200)
    #expect(try heap.add(Self.user(4)).fields["retry-after"] == "6")
  }

  @Test("other identities, apps, endpoints and bulk requests are counted for themselves")
  func separate() throws {
    let heap = try Self.rehearsal {
      $0.limits[.singlePerIdentity] = .init(1, per: Self.milliseconds(1000))
    }
    #expect(try heap.add(Self.user(1)).status == 200)
    #expect(try heap.add(Self.user(2)).status == 429)
    #expect(try heap.add(Rehearsal.user("\"bob\"")).status == 200)
    #expect(
      try heap.add(#"{"app_id":"12","identity":"ann","properties":{"k":1}}"#).status == 200)
    #expect(try heap.add(Rehearsal.users([Rehearsal.item("ann")])).status == 200)
    #expect(try heap.post(Rehearsal.track, TrackTests.body("")).status == 200)
    #expect(try heap.post(Rehearsal.track, TrackTests.body("")).status == 429)
    #expect(try heap.post(Rehearsal.identify, IdentifyTests.body("7", "ann")).status == 200)
    #expect(try heap.post(Rehearsal.accounts, Rehearsal.account("\"ann\"")).status == 200)
    #expect(try heap.post(Rehearsal.accounts, Rehearsal.account("\"ann\"")).status == 200)
  }

  @Test("with a shared counter events and user properties are counted together")
  func shared() throws {
    let heap = try Self.rehearsal { $0.limits.shareSingles = true }
    for number in 1...15 {
      #expect(try heap.add(Self.user(number)).status == 200)
      #expect(try heap.post(Rehearsal.track, TrackTests.body("")).status == 200)
    }
    #expect(try heap.add(Self.user(16)).status == 429)
    #expect(try heap.post(Rehearsal.track, TrackTests.body("")).status == 429)
  }

  @Test("an identity gets 1000 bulk events a minute; a batch that would cross is refused whole")
  func bulkPerIdentity() throws {
    let heap = try Self.rehearsal()
    #expect(try heap.post(Rehearsal.track, Self.events(999) { _ in "ann" }).status == 200)
    let crossing = try heap.post(Rehearsal.track, Self.events(2) { _ in "ann" })
    #expect(crossing.status == 429)
    #expect(crossing.fields["retry-after"] == "60")
    #expect(heap.count("created_events") == 999)
    #expect(try heap.post(Rehearsal.track, Self.events(1) { _ in "ann" }).status == 200)
    #expect(try heap.post(Rehearsal.track, Self.events(1) { _ in "ann" }).status == 429)
    #expect(try heap.post(Rehearsal.track, Self.events(1) { _ in "bob" }).status == 200)
    heap.sandbox.advance(by: Self.milliseconds(60_000))
    #expect(try heap.post(Rehearsal.track, Self.events(1000) { _ in "ann" }).status == 200)
  }

  @Test("an app gets 15,000 bulk events a minute, which is fifteen full requests")
  func bulkPerApp() throws {
    let heap = try Self.rehearsal()
    func send(_ batch: Int, _ count: Int = 1000) throws -> Int {
      try heap.post(Rehearsal.track, Self.events(count) { "u\(batch)-\($0)" }).status
    }
    for batch in 1...15 { #expect(try send(batch) == 200) }
    #expect(try send(16, 1) == 429)
    #expect(heap.count("created_events", app: "11") == 15_000)
    heap.sandbox.advance(by: Self.milliseconds(60_000))
    #expect(try send(16) == 200)
  }

  @Test(
    "bulk requests with users and accounts have no limit until one is set",
    arguments: [Rehearsal.users, Rehearsal.accounts])
  func bulkRequests(_ path: String) throws {
    let body =
      path == Rehearsal.users
      ? Rehearsal.users([Rehearsal.item("a")])
      : Rehearsal.accounts([#"{"account_id":"a","properties":{"k":1}}"#])
    let free = try Self.rehearsal()
    for _ in 0..<50 { #expect(try free.post(path, body).status == 200) }
    let name: HeapSandbox.RateLimits.Name =
      path == Rehearsal.users ? .bulkUserRequests : .bulkAccountRequests
    let heap = try Self.rehearsal { $0.limits[name] = .init(2, per: Self.milliseconds(1000)) }
    #expect(try (0..<3).map { _ in try heap.post(path, body).status } == [200, 200, 429])
    heap.sandbox.advance(by: Self.milliseconds(1000))
    #expect(try heap.post(path, body).status == 200)
  }

  @Test("a limit that is off lets everything through")
  func off() throws {
    let heap = try Self.rehearsal { $0.limits[.singlePerIdentity] = nil }
    for number in 1...40 { #expect(try heap.add(Self.user(number)).status == 200) }
  }

  @Test("what can never be within a limit is told to wait for a whole window")
  func never() throws {
    let heap = try Self.rehearsal {
      $0.limits[.bulkEventsPerApp] = .init(1, per: Self.milliseconds(1500))
    }
    let reply = try heap.post(Rehearsal.track, Self.events(2) { "u\($0)" })
    #expect(reply.status == 429)
    #expect(reply.fields["retry-after"] == "2")
  }

  @Test("Retry-After may be absent, or a date by the sandbox's clock")
  func retryAfter() throws {
    func reply(_ form: HeapSandbox.RetryAfter) throws -> RawReply {
      let heap = try Self.rehearsal {
        $0.retryAfter = form
        $0.limits[.singlePerIdentity] = .init(1, per: Self.milliseconds(1500))
      }
      heap.sandbox.advance(by: Self.milliseconds(3_600_000))
      #expect(try heap.add(Self.user(1)).status == 200)
      return try heap.add(Self.user(2))
    }
    #expect(try reply(.absent).fields["retry-after"] == nil)
    #expect(try reply(.date).fields["retry-after"] == "Tue, 14 Nov 2023 23:13:22 GMT")
    #expect(try reply(.seconds).fields["retry-after"] == "2")
  }

  @Test("in drop mode the excess is discarded item by item, and the answer is 200")
  func drop() throws {
    let heap = try Self.rehearsal {
      $0.limitMode = .drop
      $0.limits[.bulkEventsPerIdentity] = .init(2, per: Self.milliseconds(1000))
      $0.limits[.bulkEventsPerApp] = .init(4, per: Self.milliseconds(1000))
      $0.limits[.singlePerIdentity] = .init(1, per: Self.milliseconds(1000))
      $0.limits[.bulkUserRequests] = .init(1, per: Self.milliseconds(1000))
    }
    let identities = ["a", "a", "a", "b", "b", "c"]
    let reply = try heap.post(Rehearsal.track, Self.events(6) { identities[$0] })
    #expect(reply.status == 200)
    #expect(heap.count("created_events", app: "11") == 4)
    #expect(heap.count("dropped_by_limit", app: "11") == 2)
    #expect(heap.properties("c") == nil)
    #expect(heap.sandbox.requests().json.contains(#""dropped_by_limit":2,"status":200"#))
    #expect(try heap.add(Self.user(1)).status == 200)
    #expect(try heap.add(Self.user(2)).status == 200)
    #expect(heap.properties("ann") == #"{"k":1}"#)
    for number in 1...2 {
      let users = [Rehearsal.item("u\(number)"), Rehearsal.item("v\(number)")]
      #expect(try heap.add(Rehearsal.users(users)).status == 200)
    }
    #expect(heap.properties("u2") == nil)
    #expect(heap.count("dropped_by_limit", app: "11") == 5)
    #expect(heap.count("rejected_by_limit") == 0)
  }

  @Test("refused, unknown and faulted requests use up nothing")
  func free() throws {
    let heap = try Self.rehearsal {
      $0.limits[.singlePerIdentity] = .init(1, per: Self.milliseconds(1000))
    }
    #expect(try heap.add(Rehearsal.user("\"ann\"", "{}")).status == 400)
    try heap.sandbox.setFaults([Fault(nth: 1, .status(503))])
    #expect(try heap.add(Self.user(1)).status == 503)
    #expect(try heap.add(Self.user(1)).status == 200)
    heap.sandbox.reset()
    #expect(try heap.add(Self.user(1)).status == 200)
  }

  @Test("letting go of windows that are over loses nothing that still counts")
  func sweep() throws {
    let heap = try Self.rehearsal {
      $0.limits[.bulkEventsPerIdentity] = .init(1, per: Self.milliseconds(1000))
    }
    for batch in 0..<5 {
      #expect(
        try heap.post(Rehearsal.track, Self.events(1000) { "u\(batch)-\($0)" }).status == 200)
      #expect(try heap.post(Rehearsal.track, Self.events(1) { _ in "u\(batch)-0" }).status == 429)
      heap.sandbox.advance(by: Self.milliseconds(1000))
      #expect(try heap.post(Rehearsal.track, Self.events(1) { _ in "u\(batch)-0" }).status == 200)
    }
  }
}
