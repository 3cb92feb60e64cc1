import HeapSandbox
import Testing
import Values

@Suite struct FaultTests {
  private static func rehearsal(_ faults: Fault...) throws -> Rehearsal {
    try Rehearsal(HeapSandbox.Configuration(faults: faults))
  }

  @Test("a status meets the request of its number, and no other")
  func nth() throws {
    let heap = try Self.rehearsal(
      Fault(path: Rehearsal.users, nth: 2, .status(503, retryAfter: "1")))
    #expect(try heap.add(Rehearsal.user("\"a\"")).status == 200)
    let reply = try heap.add(Rehearsal.user("\"b\""))
    #expect(reply.status == 503)
    #expect(reply.fields["retry-after"] == "1")
    #expect(reply.fields["content-type"] == "text/plain")
    #expect(try heap.add(Rehearsal.user("\"c\"")).status == 200)
    #expect(heap.properties("b") == nil)
    #expect(heap.count("requests", app: "11") == 3)
    #expect(heap.count("accepted", app: "11") == 2)
    #expect(heap.count("faults", app: "11") == 1)
    #expect(heap.count("not_applied", app: "11") == 1)
  }

  @Test("a fault that applies stores the request and hides the answer")
  func applied() throws {
    let heap = try Self.rehearsal(
      Fault(path: Rehearsal.users, nth: 1, .status(503), applies: true))
    #expect(try heap.add(Rehearsal.user()).status == 503)
    #expect(heap.properties("ann") == #"{"n":1}"#)
    #expect(try heap.add(Rehearsal.user()).status == 200)
    #expect(heap.count("no_op_property_writes") == 1)
    #expect(heap.count("not_applied") == 0)
  }

  @Test("from and count meet a range, and from alone all that follow")
  func ranges() throws {
    let heap = try Self.rehearsal(
      Fault(path: Rehearsal.users, from: 2, count: 2, .status(500)),
      Fault(path: Rehearsal.users, from: 5, .status(429)))
    let statuses = try (1...7).map { try heap.add(Rehearsal.user("\"u\($0)\"")).status }
    #expect(statuses == [200, 500, 500, 200, 429, 429, 429])
    #expect(heap.count("rate_limited") == 3)
  }

  @Test("a scripted 400 looks like Heap's own")
  func badRequest() throws {
    let heap = try Self.rehearsal(Fault(path: Rehearsal.users, nth: 1, .status(400)))
    let reply = try heap.add(Rehearsal.user())
    #expect(reply.status == 400)
    #expect(reply.fields["content-type"] == "application/json")
    #expect(reply.body == "{}")
    #expect(heap.count("rejected") == 0)
  }

  @Test("close ends the connection before the reply", arguments: [false, true])
  func close(_ applies: Bool) throws {
    let heap = try Self.rehearsal(
      Fault(path: Rehearsal.users, nth: 1, .close, applies: applies))
    #expect(throws: RawFailure.closed("")) { try heap.add(Rehearsal.user()) }
    #expect((heap.properties("ann") != nil) == applies)
    #expect(heap.sandbox.requests().json.contains(#""fault":"close","status":null"#))
  }

  @Test("reset resets the connection", arguments: [false, true])
  func reset(_ applies: Bool) throws {
    let heap = try Self.rehearsal(
      Fault(path: Rehearsal.users, nth: 1, .reset, applies: applies))
    #expect(throws: RawFailure.reset) { try heap.add(Rehearsal.user()) }
    #expect((heap.properties("ann") != nil) == applies)
  }

  @Test("truncate promises more bytes than come", arguments: [false, true])
  func truncate(_ applies: Bool) throws {
    let heap = try Self.rehearsal(
      Fault(path: Rehearsal.users, nth: 1, .truncate, applies: applies))
    let error = #expect(throws: RawFailure.self) { try heap.add(Rehearsal.user()) }
    guard case .closed(let partial) = error else {
      Issue.record("the connection did not end in good order")
      return
    }
    #expect(partial.hasPrefix("HTTP/1.1 200 OK\r\n"))
    #expect(partial.contains("Content-Length: 66\r\n"))
    #expect(partial.hasSuffix("\r\n\r\n{}"))
    #expect((heap.properties("ann") != nil) == applies)
  }

  @Test("html is a page where JSON was expected")
  func html() throws {
    let heap = try Self.rehearsal(Fault(path: Rehearsal.users, nth: 1, .html))
    let reply = try heap.add(Rehearsal.user())
    #expect(reply.status == 200)
    #expect(reply.fields["content-type"] == "text/html")
    #expect(reply.body.hasPrefix("<!doctype html>"))
    #expect(heap.properties("ann") == nil)
  }

  @Test("redirect names another place, and who follows it is seen")
  func redirect() throws {
    let heap = try Self.rehearsal(
      Fault(path: Rehearsal.users, nth: 1, .redirect()),
      Fault(path: Rehearsal.users, nth: 2, .redirect(location: "https://example.com/")))
    let reply = try heap.add(Rehearsal.user())
    #expect(reply.status == 302)
    #expect(reply.fields["location"] == "/elsewhere")
    #expect(try heap.add(Rehearsal.user()).fields["location"] == "https://example.com/")
    #expect(try heap.get("/elsewhere").status == 404)
    #expect(heap.sandbox.requests().json.contains(#""method":"GET","path":"/elsewhere""#))
  }

  @Test("delay applies the request and holds its reply back")
  func delay() throws {
    let heap = try Self.rehearsal(
      Fault(path: Rehearsal.users, nth: 1, .delay(milliseconds: 60)))
    let start = ContinuousClock.now
    let reply = try heap.add(Rehearsal.user())
    #expect(ContinuousClock.now - start >= .milliseconds(60))
    #expect(reply.status == 200)
    #expect(heap.properties("ann") == #"{"n":1}"#)
  }

  @Test("what is held back is released, and the next one is held back again")
  func release() throws {
    let heap = try Self.rehearsal(
      Fault(path: Rehearsal.users, from: 1, .delay(milliseconds: 600_000)))
    let client = try heap.connect()
    for number in 1...2 {
      client.send(Rehearsal.request("POST", Rehearsal.users, body: Rehearsal.user()))
      while heap.count("requests") < number { _ = try heap.get("/__/counters") }
      if number == 1 {
        heap.sandbox.release()
        #expect(try client.reply().status == 200)
      }
    }
    heap.sandbox.stop()
    #expect(throws: RawFailure.closed("")) { try client.reply() }
  }

  @Test("stop does not wait for a delayed reply")
  func stopDuringDelay() throws {
    let heap = try Self.rehearsal(
      Fault(path: Rehearsal.users, nth: 1, .delay(milliseconds: 600_000)))
    let client = try heap.connect()
    client.send(Rehearsal.request("POST", Rehearsal.users, body: Rehearsal.user()))
    while heap.count("requests") == 0 { _ = try heap.get("/__/counters") }
    heap.sandbox.stop()
    #expect(throws: RawFailure.closed("")) { try client.reply() }
  }

  @Test("a script over HTTP takes the place of the one before, and counts anew")
  func overHTTP() throws {
    let heap = try Self.rehearsal(Fault(path: Rehearsal.users, from: 1, .status(500)))
    #expect(try heap.add(Rehearsal.user("\"a\"")).status == 500)
    let script = """
      [{"path":"\(Rehearsal.users)","nth":1,"do":"status","status":429,"retry_after":"7"},
       {"path":"\(Rehearsal.users)","from":2,"count":1,"do":"html","apply":true},
       {"path":"\(Rehearsal.users)","nth":3,"do":"delay","ms":1}]
      """
    let reply = try heap.send("POST", "/__/faults", body: script)
    #expect(reply.status == 200)
    #expect(reply.body == "{\"faults\":3}\n")
    #expect(try heap.add(Rehearsal.user("\"b\"")).fields["retry-after"] == "7")
    #expect(try heap.add(Rehearsal.user("\"c\"")).fields["content-type"] == "text/html")
    #expect(try heap.add(Rehearsal.user("\"d\"")).body == "{}")
    #expect(heap.properties("b") == nil)
    #expect(heap.properties("c") != nil)
    #expect(try heap.send("POST", "/__/faults", body: "[]").status == 200)
    #expect(try heap.add(Rehearsal.user("\"e\"")).status == 200)
  }

  @Test(
    "a rule that is none is refused with the reason, and the old script stays",
    arguments: [
      (#"{}"#, "fault 0: the script is not an array of rules"),
      (#"[{"path":7,"nth":1,"do":"close"}]"#, "fault 1: path is not a string"),
      (#"[{"path":"/x","nth":1,"do":"close"}]"#, "fault 1: path is not one of "),
      (#"[{"path":"P","do":"close"}]"#, "fault 1: exactly one of nth and from is needed"),
      (#"[{"path":"P","nth":1,"from":1,"do":"close"}]"#, "fault 1: exactly one of nth and from"),
      (#"[{"path":"P","nth":1,"count":2,"do":"close"}]"#, "fault 1: count goes with from"),
      (#"[{"path":"P","nth":0,"do":"close"}]"#, "fault 1: requests are counted from 1"),
      (#"[{"path":"P","nth":1.5,"do":"close"}]"#, "fault 1: nth is not a whole number"),
      (#"[{"path":"P","from":1,"count":0,"do":"close"}]"#, "fault 1: count is not at least 1"),
      (#"[{"path":"P","nth":1,"do":"explode"}]"#, "fault 1: do is not one of status, close"),
      (#"[{"path":"P","nth":1,"do":"status"}]"#, "fault 1: status is missing"),
      (#"[{"path":"P","nth":1,"do":"status","status":99}]"#, "fault 1: status is not one of"),
      (#"[{"path":"P","nth":1,"do":"delay"}]"#, "fault 1: ms is missing"),
      (
        #"[{"path":"P","nth":1,"do":"delay","ms":1,"apply":false}]"#,
        "fault 1: a delayed request is always applied"
      ),
      (
        #"[{"path":"P","nth":1,"do":"redirect","location":"/\r\nX: y"}]"#,
        "fault 1: location does not fit in a header"
      ),
      (
        #"[{"path":"P","nth":1,"do":"close"},{"path":"P","nth":2,"do":"close","ms":1}]"#,
        "fault 2: there is a field that this rule does not have"
      ),
      ("[", "the JSON ends too early, at byte 2"),
    ])
  func flaws(_ script: String, _ reason: String) throws {
    let heap = try Self.rehearsal(Fault(path: Rehearsal.users, nth: 1, .status(502)))
    let body = script.split(separator: "\"P\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\(Rehearsal.users)\"")
    let reply = try heap.send("POST", "/__/faults", body: body)
    #expect(reply.status == 400)
    #expect(reply.body.hasPrefix(reason))
    #expect(try heap.add(Rehearsal.user()).status == 502)
  }

  @Test("a script is also checked when it is set in the program")
  func inProcess() throws {
    let wrong = Fault(path: "/api/nothing", nth: 1, .close)
    #expect(throws: SandboxError.self) {
      try HeapSandbox(HeapSandbox.Configuration(faults: [wrong]))
    }
    let heap = try Rehearsal()
    #expect(throws: SandboxError.self) { try heap.sandbox.setFaults([wrong]) }
    try heap.sandbox.setFaults([Fault(path: Rehearsal.users, nth: 1, .status(500))])
    #expect(try heap.add(Rehearsal.user()).status == 500)
  }
}
