import HeapSandbox
import Testing
import Values

/// Faults by what a request says, and those of the connection.
@Suite struct FaultScriptTests {
  private static func rehearsal(_ faults: Fault...) throws -> Rehearsal {
    try Rehearsal(HeapSandbox.Configuration(faults: faults))
  }

  @Test("a rule without a path counts the requests to all endpoints")
  func anyPath() throws {
    let heap = try Self.rehearsal(Fault(nth: 2, .status(503)))
    #expect(try heap.add(Rehearsal.user()).status == 200)
    #expect(try heap.post(Rehearsal.track, TrackTests.body("")).status == 503)
    #expect(try heap.post(Rehearsal.accounts, Rehearsal.account()).status == 200)
  }

  @Test("a rule with an identity meets every request that names it, and the rest goes through")
  func identity() throws {
    let heap = try Self.rehearsal(Fault(identity: "^poison-[0-9]$", .status(400)))
    func users(_ names: String...) throws -> Int {
      try heap.add(Rehearsal.users(names.map { Rehearsal.item($0) })).status
    }
    #expect(try users("a", "b") == 200)
    for _ in 0..<3 { #expect(try users("c", "poison-1", "d") == 400) }
    #expect(try users("c", "poison-10", "d") == 200)
    #expect(heap.properties("poison-1") == nil)
    #expect(
      try heap.post(Rehearsal.accounts, Rehearsal.account("\"poison-2\"")).body == "error message")
    #expect(
      try heap.post(
        Rehearsal.track, Rehearsal.events([#"{"event":"E","identity":"poison-3"}"#])
      ).status == 400)
    #expect(
      try heap.post(Rehearsal.identify, IdentifyTests.body("7", "poison-4")).status == 400)
    #expect(heap.count("faults") == 6)
    #expect(heap.count("rejected") == 0)
    // A request that breaks a rule names nobody.
    #expect(try heap.ruleBroken(Rehearsal.user("\"poison-1\"", "{}")) == "properties_empty")
  }

  @Test("one bad item of a thousand is found by halving in 21 requests, and the others arrive")
  func bisecting() throws {
    let heap = try Self.rehearsal(Fault(path: Rehearsal.users, identity: "^u777$", .status(400)))
    var batches = [Array(0..<1000)]
    var bad: [Int] = []
    while let batch = batches.popLast() {
      let body = Rehearsal.users(batch.map { Rehearsal.item("u\($0)") })
      if try heap.add(body).status == 200 { continue }
      if batch.count == 1 {
        bad += batch
      } else {
        let half = batch.count / 2
        batches += [Array(batch[..<half]), Array(batch[half...])]
      }
    }
    #expect(bad == [777])
    #expect(heap.count("requests") <= 21)
    #expect(heap.count("created_users", app: "11") == 999)
    #expect(heap.count("no_op_property_writes") == 0)
  }

  @Test("numbers count the requests that a rule is about, and an app is a condition too")
  func numbers() throws {
    let heap = try Self.rehearsal(
      Fault(from: 2, count: 1, identity: "ann", .status(500)),
      Fault(nth: 1, app: "12", .status(502))
    )
    #expect(try heap.add(Rehearsal.user("\"bob\"")).status == 200)
    #expect(try heap.add(Rehearsal.user("\"ann\"")).status == 200)
    #expect(try heap.add(Rehearsal.user("\"joann\"")).status == 500)
    #expect(try heap.add(Rehearsal.user("\"ann\"")).status == 200)
    let other = #"{"app_id":"12","identity":"bob","properties":{"k":1}}"#
    #expect(try heap.add(other).status == 502)
    #expect(try heap.add(other).status == 200)
  }

  @Test("the first rule that meets a request decides, and the others count it all the same")
  func firstRule() throws {
    let heap = try Self.rehearsal(
      Fault(nth: 1, .status(500)), Fault(from: 1, count: 2, .status(502)),
      Fault(nth: 3, .status(503))
    )
    let statuses = try (1...4).map { try heap.add(Rehearsal.user("\"u\($0)\"")).status }
    #expect(statuses == [500, 502, 503, 200])
  }

  @Test("an event whose answer was lost is a duplicate when it is sent again")
  func appliedEvent() throws {
    let heap = try Self.rehearsal(
      Fault(path: Rehearsal.track, nth: 1, .status(503), applies: true))
    let body = TrackTests.body(#""idempotency_key":"12345678","timestamp":"2026-01-01T00:00:00Z""#)
    #expect(try heap.post(Rehearsal.track, body).status == 503)
    #expect(try heap.post(Rehearsal.track, body).status == 200)
    #expect(heap.count("created_events") == 1)
    #expect(heap.count("duplicates") == 1)
    #expect(heap.count("conflicting_duplicates") == 0)
  }

  @Test("an account's request that was applied is hidden behind its own form of a refusal")
  func appliedAccount() throws {
    let heap = try Self.rehearsal(
      Fault(path: Rehearsal.accounts, nth: 1, .status(400), applies: true),
      Fault(path: Rehearsal.accounts, nth: 2, .status(200)))
    let reply = try heap.post(Rehearsal.accounts, Rehearsal.account())
    #expect(reply.status == 400)
    #expect(reply.body == "error message")
    #expect(heap.count("created_accounts") == 1)
    #expect(try heap.post(Rehearsal.accounts, Rehearsal.account()).body == "OK")
    #expect(heap.count("not_applied") == 1)
  }

  @Test(
    "every status of a fault reaches the client", arguments: [400, 408, 429, 500, 502, 503])
  func statuses(_ status: Int) throws {
    for applies in [false, true] {
      let heap = try Self.rehearsal(Fault(nth: 1, .status(status), applies: applies))
      #expect(try heap.add(Rehearsal.user()).status == status)
      #expect((heap.properties("ann") != nil) == applies)
    }
  }

  @Test("a redirect has the status that it is given", arguments: [301, 302, 303, 307, 308])
  func redirects(_ status: Int) throws {
    let heap = try Self.rehearsal(
      Fault(nth: 1, .redirect(status: status, location: "/there")))
    let reply = try heap.add(Rehearsal.user())
    #expect(reply.status == status)
    #expect(reply.fields["location"] == "/there")
  }

  @Test("a dripped reply comes whole, a byte at a time", arguments: [false, true])
  func drip(_ applies: Bool) throws {
    let heap = try Self.rehearsal(Fault(nth: 1, .drip(milliseconds: 1), applies: applies))
    let client = try heap.connect()
    client.send(Rehearsal.request("POST", Rehearsal.users, body: Rehearsal.user()))
    let reply = try client.reply()
    #expect(reply.status == 200)
    #expect(reply.body == "{}")
    #expect((heap.properties("ann") != nil) == applies)
    client.send(Rehearsal.request("POST", Rehearsal.users, body: Rehearsal.user()))
    #expect(try client.reply().status == 200)
  }

  @Test("stop does not wait for a dripped reply")
  func stopDuringDrip() throws {
    let heap = try Self.rehearsal(Fault(nth: 1, .drip(milliseconds: 600_000)))
    let client = try heap.connect()
    client.send(Rehearsal.request("POST", Rehearsal.users, body: Rehearsal.user()))
    while heap.count("requests") == 0 { _ = try heap.get("/__/counters") }
    heap.sandbox.stop()
    #expect(throws: RawFailure.closed("")) { try client.reply() }
  }

  @Test("a cut ends the connection before the body is whole, and counts as the request it met")
  func cut() throws {
    let heap = try Self.rehearsal(Fault(path: Rehearsal.users, nth: 2, .cut))
    #expect(try heap.add(Rehearsal.user()).status == 200)
    let client = try heap.connect()
    let request = Rehearsal.request("POST", Rehearsal.users, body: Rehearsal.user("\"bob\""))
    // The client holds the last bytes back, and is not waited for.
    client.send(String(request.dropLast(10)))
    let failure = #expect(throws: RawFailure.self) { try client.reply() }
    #expect(failure == .closed("") || failure == .reset)
    #expect(try heap.add(Rehearsal.user("\"cid\"")).status == 200)
    #expect(heap.properties("bob") == nil)
    #expect(heap.count("requests") == 3)
    #expect(heap.count("faults") == 1)
    #expect(heap.count("not_applied") == 1)
    #expect(
      heap.sandbox.requests().json.contains(
        #""bytes":0,"decision":"not_applied","fault":"cut","status":null"#))
  }

  @Test("a cut does not count the requests that it passes over")
  func cutCounting() throws {
    let heap = try Self.rehearsal(
      Fault(path: Rehearsal.users, nth: 3, .cut), Fault(path: Rehearsal.users, nth: 4, .status(500))
    )
    #expect(try heap.add(Rehearsal.user("\"a\"")).status == 200)
    #expect(try heap.post(Rehearsal.track, TrackTests.body("")).status == 200)
    #expect(try heap.add(Rehearsal.user("\"b\"")).status == 200)
    #expect(throws: RawFailure.self) { try heap.add(Rehearsal.user("\"c\"")) }
    #expect(try heap.add(Rehearsal.user("\"d\"")).status == 500)
    #expect(try heap.add(Rehearsal.user("\"e\"")).status == 200)
  }

  @Test("conditions may stand in an object of their own")
  func when() throws {
    let heap = try Rehearsal()
    let script = """
      [{"when":{"path":"\(Rehearsal.track)","nth":1},"do":"redirect","status":301},
       {"when":{"app":"11","identity":"^bob$"},"do":"status","status":400},
       {"when":{"from":3,"count":1},"do":"drip","ms":0,"apply":true},
       {"path":"\(Rehearsal.accounts)","nth":1,"do":"cut"}]
      """
    #expect(try heap.send("POST", "/__/faults", body: script).body == "{\"faults\":4}\n")
    #expect(try heap.post(Rehearsal.track, TrackTests.body("")).status == 301)
    #expect(try heap.add(Rehearsal.user("\"bob\"")).status == 400)
    #expect(try heap.add(Rehearsal.user("\"ann\"")).status == 200)
    #expect(heap.properties("ann") == #"{"n":1}"#)
    #expect(heap.sandbox.requests().json.contains(#""fault":"drip""#))
    #expect(throws: RawFailure.self) { try heap.post(Rehearsal.accounts, Rehearsal.account()) }
  }

  @Test(
    "a rule that is none is refused with the reason",
    arguments: [
      (#"[{"when":7,"do":"close"}]"#, "fault 1: when is not an object"),
      (#"[{"when":{"path":"/api/track"},"do":"close"}]"#, "fault 1: exactly one of nth and from"),
      (#"[{"count":2,"do":"close"}]"#, "fault 1: exactly one of nth and from"),
      (#"[{"when":{"nth":1,"x":1},"do":"close"}]"#, "fault 1: there is a field that this rule"),
      (#"[{"when":{"nth":1},"nth":1,"do":"close"}]"#, "fault 1: there is a field that this rule"),
      (#"[{"identity":"(","do":"close"}]"#, "fault 1: identity is no regular expression"),
      (#"[{"identity":7,"do":"close"}]"#, "fault 1: identity is not a string"),
      (#"[{"app":11,"do":"close"}]"#, "fault 1: app is not a string"),
      (#"[{"app":"11","do":"cut"}]"#, "fault 1: cut comes before the body"),
      (#"[{"nth":1,"do":"cut","apply":true}]"#, "fault 1: a request that is cut is never applied"),
      (#"[{"nth":1,"do":"redirect","status":304}]"#, "fault 1: status is not one of 301, 302, 303"),
      (#"[{"nth":1,"do":"drip"}]"#, "fault 1: ms is missing"),
      (#"[{"nth":1,"do":"drip","ms":-1}]"#, "fault 1: ms is not one of 0 to 600000"),
    ])
  func flaws(_ script: String, _ reason: String) throws {
    let reply = try Rehearsal().send("POST", "/__/faults", body: script)
    #expect(reply.status == 400)
    #expect(reply.body.hasPrefix(reason))
  }
}
