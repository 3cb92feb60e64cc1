import Testing
import Values

/// What is stored, and what is counted of it.
@Suite struct StateTests {
  @Test("each key keeps its last value, and keys that are not sent stay")
  func merging() throws {
    let heap = try Rehearsal()
    try heap.add(Rehearsal.user("\"ann\"", #"{"a":1,"b":"x"}"#))
    try heap.add(Rehearsal.user("\"ann\"", #"{"c":"","b":"y"}"#))
    #expect(heap.properties("ann") == #"{"a":1,"b":"y","c":""}"#)
    #expect(heap.count("created_users", app: "11") == 1)
    #expect(heap.count("property_writes", app: "11") == 4)
  }

  @Test("apps do not share users")
  func apps() throws {
    let heap = try Rehearsal()
    try heap.add(#"{"app_id":"1","identity":"ann","properties":{"k":1}}"#)
    try heap.add(#"{"app_id":"01","identity":"ann","properties":{"k":2}}"#)
    #expect(heap.properties("ann", app: "1") == #"{"k":1}"#)
    #expect(heap.properties("ann", app: "01") == #"{"k":2}"#)
    #expect(heap.count("created_users") == 2)
  }

  @Test("a write that changes nothing is counted, and only such a one")
  func noOps() throws {
    let heap = try Rehearsal()
    try heap.add(Rehearsal.user("\"ann\"", #"{"a":1,"b":"x"}"#))
    #expect(heap.count("no_op_property_writes") == 0)
    try heap.add(Rehearsal.user("\"ann\"", #"{"a":1.0,"b":"y"}"#))
    #expect(heap.count("no_op_property_writes") == 1)
    try heap.add(Rehearsal.user("\"ann\"", #"{"a":1,"b":"y"}"#))
    #expect(heap.count("no_op_property_writes") == 3)
    try heap.add(Rehearsal.user("\"bob\"", #"{"a":1,"b":"y"}"#))
    #expect(heap.count("no_op_property_writes") == 3)
    #expect(heap.count("no_op_property_writes", app: "11") == 3)
    let requests = heap.sandbox.requests(from: 2).json
    #expect(requests.contains(#""property_writes":2,"no_op_property_writes":1}"#))
    #expect(requests.contains(#""property_writes":2,"no_op_property_writes":2}"#))
  }

  @Test("a number that becomes a string, or the other way, is a type flip and no no-op")
  func typeFlips() throws {
    let heap = try Rehearsal()
    try heap.add(Rehearsal.user("\"ann\"", #"{"a":42}"#))
    try heap.add(Rehearsal.user("\"ann\"", #"{"a":"42"}"#))
    #expect(heap.count("type_flips") == 1)
    #expect(heap.properties("ann") == #"{"a":"42"}"#)
    try heap.add(Rehearsal.user("\"ann\"", #"{"a":42}"#))
    #expect(heap.count("type_flips", app: "11") == 2)
    #expect(heap.count("no_op_property_writes") == 0)
    try heap.add(Rehearsal.user("\"ann\"", #"{"a":43}"#))
    #expect(heap.count("type_flips") == 2)
  }

  @Test("only the lower-case email is the built-in one")
  func email() throws {
    let heap = try Rehearsal()
    try heap.add(
      Rehearsal.users([
        Rehearsal.item("a", #"{"email":"a@example.com","Email":"b@example.com"}"#),
        Rehearsal.item("b", #"{"Email":"b@example.com"}"#),
      ]))
    #expect(
      heap.sandbox.state().json == #"{"apps":{"11":{"users":{"#
        + #""a":{"builtin":{"email":"a@example.com"},"#
        + #""properties":{"Email":"b@example.com","email":"a@example.com"}},"#
        + #""b":{"properties":{"Email":"b@example.com"}}}}}}"#)
  }

  @Test("the same writes in another order give the same state, byte by byte")
  func canonical() throws {
    let bodies = [
      #"{"app_id":"9","identity":"z","properties":{"b":1,"a":"é"}}"#,
      #"{"app_id":"10","users":[{"identity":"\#u{FF5E}","properties":{"k":1}},"#
        + #"{"identity":"😀","properties":{"k":1}},{"identity":"é","properties":{"k":1}}]}"#,
      #"{"app_id":"9","identity":"y","properties":{"a":1,"f":1,"\#u{E9}":1,"e\#u{301}":1}}"#,
    ]
    let first = try Rehearsal()
    for body in bodies { #expect(try first.add(body).status == 200) }
    let second = try Rehearsal()
    for body in bodies.reversed() { #expect(try second.add(body).status == 200) }
    let state = try first.get("/__/state.json")
    #expect(try second.get("/__/state.json").body == state.body)
    #expect(
      state.body == #"{"apps":{"10":{"users":{"é":{"properties":{"k":1}},"#
        + #""\#u{FF5E}":{"properties":{"k":1}},"😀":{"properties":{"k":1}}}},"#
        + #""9":{"users":{"y":{"properties":{"a":1,"e\#u{301}":1,"f":1,"\#u{E9}":1}},"#
        + #""z":{"properties":{"a":"é","b":1}}}}}}"#
        + "\n")
    #expect(state.body == first.sandbox.state().json + "\n")
  }

  @Test("events with keys and accounts are sorted too, whatever order they came in")
  func canonicalEvents() throws {
    let requests = [
      (
        Rehearsal.track,
        Rehearsal.events(
          ["key-0002", "key-0001"].map {
            #"{"event":"E","identity":"ann","idempotency_key":"\#($0)","#
              + #""timestamp":"2026-01-01T00:00:00Z","properties":{"b":1,"a":2}}"#
          })
      ),
      (Rehearsal.accounts, Rehearsal.account("\"zeta\"")),
      (Rehearsal.accounts, Rehearsal.account("\"acme\"", #"{"z":1,"y":2}"#)),
      (Rehearsal.identify, IdentifyTests.body("9", "ann")),
      (Rehearsal.identify, IdentifyTests.body("10", "bob")),
    ]
    let first = try Rehearsal()
    for (path, body) in requests { #expect(try first.post(path, body).status == 200) }
    let second = try Rehearsal()
    for (path, body) in requests.reversed() { #expect(try second.post(path, body).status == 200) }
    #expect(try first.get("/__/state.json").body == second.get("/__/state.json").body)
    let app = first.sandbox.state()["apps"]["11"]
    #expect(
      app["accounts"].json
        == #"{"acme":{"properties":{"y":2,"z":1}},"zeta":{"properties":{"n":1}}}"#)
    #expect(app["identified"].json == #"{"10":"bob","9":"ann"}"#)
    guard case .object(let events) = app["events"] else { return }
    #expect(events.map(\.key) == events.map(\.key).sorted { $0.precedesByScalars($1) })
    #expect(events.count == 2)
    #expect(events.allSatisfy { $0.value["properties"].json == #"{"a":2,"b":1}"# })
  }

  @Test("concurrent connections lose nothing")
  func concurrency() async throws {
    let heap = try Rehearsal()
    let port = heap.sandbox.port
    try await withThrowingTaskGroup(of: Void.self) { group in
      for worker in 0..<4 {
        group.addTask {
          let client = try RawClient(port: port)
          for number in 0..<25 {
            let body = Rehearsal.user("\"u\(number)\"", "{\"w\(worker)\":\(number)}")
            client.send(Rehearsal.request("POST", Rehearsal.users, body: body))
            #expect(try client.reply().status == 200)
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(heap.count("accepted", app: "11") == 100)
    #expect(heap.count("created_users") == 25)
    #expect(heap.count("no_op_property_writes") == 0)
    #expect(heap.properties("u7") == #"{"w0":7,"w1":7,"w2":7,"w3":7}"#)
  }
}
