import Foundation
import HeapSandbox
import Testing
import Values

/// The life of a sandbox, its pages and its journal.
@Suite struct SandboxTests {
  @Test("a port is picked, and the address names it")
  func address() throws {
    let heap = try Rehearsal()
    #expect(heap.sandbox.port > 0)
    #expect(heap.sandbox.url == "http://127.0.0.1:\(heap.sandbox.port)")
  }

  @Test("a port that is taken is a clear error")
  func taken() throws {
    let heap = try Rehearsal()
    let error = #expect(throws: SandboxError.self) {
      try HeapSandbox(HeapSandbox.Configuration(port: heap.sandbox.port))
    }
    #expect(error == .portTaken(heap.sandbox.port))
    #expect(
      error?.description
        == "port \(heap.sandbox.port) is taken; choose another, or 0 to have one picked")
  }

  @Test("stop ends the connections and frees the port, as often as one likes")
  func stopping() throws {
    let heap = try Rehearsal()
    let client = try heap.connect()
    client.send(Rehearsal.request("POST", Rehearsal.users, body: Rehearsal.user()))
    #expect(try client.reply().status == 200)
    heap.sandbox.stop()
    #expect(try client.isEnded())
    #expect(throws: RawFailure.refused) { try heap.connect() }
    heap.sandbox.stop()
    heap.sandbox.start()
    #expect(throws: RawFailure.refused) { try heap.connect() }
    #expect(heap.properties("ann") == #"{"n":1}"#)
    let next = try Rehearsal(HeapSandbox.Configuration(port: heap.sandbox.port))
    #expect(try next.add(Rehearsal.user()).status == 200)
  }

  @Test("one that was never started gives its port back")
  func neverStarted() throws {
    let first = try HeapSandbox(HeapSandbox.Configuration())
    first.stop()
    let second = try HeapSandbox(HeapSandbox.Configuration(port: first.port))
    #expect(second.port == first.port)
  }

  @Test("the page of users shows one, or all of an app")
  func users() throws {
    let heap = try Rehearsal()
    try heap.add(
      Rehearsal.users([
        Rehearsal.item("b+1@example.com", #"{"email":"b@example.com"}"#), Rehearsal.item("é&="),
      ]))
    let one = try heap.get("/__/users?app=11&identity=b+1@example.com")
    #expect(
      one.body
        == #"{"builtin":{"email":"b@example.com"},"properties":{"email":"b@example.com"}}"# + "\n")
    #expect(
      try heap.get("/__/users?identity=%C3%A9%26%3d&app=11").body == #"{"properties":{"n":1}}"#
        + "\n")
    #expect(
      try heap.get("/__/users?app=11").body.hasPrefix(#"{"b+1@example.com":{"builtin":"#))
    #expect(try heap.get("/__/users?app=12").body == "{}\n")
    #expect(try heap.get("/__/users?app=11&identity=c").status == 404)
    #expect(try heap.get("/__/users").status == 400)
    #expect(try heap.get("/__/users?app=11&identity=%C3").status == 400)
    #expect(try heap.get("/__/users?app=11&identity=%4").status == 400)
  }

  @Test("the page of counters names every counter, for each app and in total")
  func counters() throws {
    let heap = try Rehearsal()
    try heap.add(Rehearsal.user())
    try heap.add("{}")
    let names = [
      "accepted", "arrays_joined", "bytes", "conflicting_duplicates", "created_accounts",
      "created_events", "created_users", "defaulted_timestamps", "dropped_by_limit",
      "dropped_values", "duplicate_in_batch", "duplicates", "faults", "ignored_identifies", "items",
      "journal_failures", "malformed", "misrouted", "no_op_property_writes", "not_applied",
      "orphan_accounts", "property_writes", "rate_limited", "rejected", "rejected_by_limit",
      "rejected_items", "requests", "truncated_values", "type_flips", "unknown_app",
    ]
    func page(_ counts: [String: Int]) -> String {
      "{" + names.map { "\"\($0)\":\(counts[$0] ?? 0)" }.joined(separator: ",") + "}"
    }
    let app = [
      "accepted": 1, "bytes": 53, "created_users": 1, "items": 1, "property_writes": 1,
      "requests": 1,
    ]
    let total = app.merging(["bytes": 55, "rejected": 1, "requests": 2]) { $1 }
    #expect(
      try heap.get("/__/counters").body
        == #"{"apps":{"11":\#(page(app))},"total":\#(page(total))}"# + "\n")
    #expect(try heap.get("/__/counters").body == heap.sandbox.counters().json + "\n")
  }

  private static let clock: @Sendable () -> Instant = {
    Instant(milliseconds: 1_700_000_000_000)
  }

  @Test("the page of requests says what became of each, and nothing of its body")
  func requests() throws {
    let heap = try Rehearsal(HeapSandbox.Configuration(clock: Self.clock))
    let bodies = [
      Rehearsal.user("\"secret\""), Rehearsal.user("\"secret\"", #"{"secret":{}}"#),
    ]
    for body in bodies { try heap.add(body) }
    let hashes = bodies.map { SHA256.digest(of: Array($0.utf8).span).hex }
    let headers = #""headers":["Host","Content-Type","Content-Length"]"#
    let start =
      #""at":"2023-11-14T22:13:20.000Z","method":"POST","#
      + #""path":"/api/add_user_properties",\#(headers),"#
    let second =
      #"{"number":2,\#(start)"bytes":62,"sha256":"\#(hashes[1])","app":"11","decision":"rejected","#
      + #""rule":"value_kind","status":400}]"# + "\n"
    #expect(
      try heap.get("/__/requests").body
        == #"[{"number":1,\#(start)"bytes":56,"sha256":"\#(hashes[0])","app":"11","#
        + #""decision":"accepted","status":200,"property_writes":1,"no_op_property_writes":0},"#
        + second)
    #expect(try heap.get("/__/requests?from=2").body == "[" + second)
    #expect(try heap.get("/__/requests?from=x").status == 400)
    #expect(
      try heap.get("/__/rejects").body
        == #"[{"number":2,"path":"/api/add_user_properties","app":"11","rule":"value_kind","#
        + #""key":"secret","message":"a property is neither a number nor a string"}]"# + "\n")
  }

  @Test("reset forgets everything and puts the first faults back")
  func reset() throws {
    let fault = Fault(path: Rehearsal.users, nth: 2, .status(500))
    let heap = try Rehearsal(HeapSandbox.Configuration(faults: [fault]))
    let fresh = try heap.get("/__/counters").body
    try heap.add(Rehearsal.user())
    try heap.sandbox.setFaults([])
    try heap.add("{}")
    #expect(try heap.send("POST", "/__/reset").body == "{}\n")
    #expect(heap.sandbox.state().json == #"{"apps":{}}"#)
    #expect(try heap.get("/__/counters").body == fresh)
    #expect(heap.sandbox.requests() == .array([]))
    #expect(heap.sandbox.rejects() == .array([]))
    #expect(try heap.add(Rehearsal.user()).status == 200)
    #expect(try heap.add(Rehearsal.user()).status == 500)
    heap.sandbox.reset()
    #expect(heap.count("requests") == 0)
  }

  @Test("the journal has a line for each request, without identities and properties")
  func journal() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "journal.ndjson").path
    let heap = try Rehearsal(HeapSandbox.Configuration(journal: path, clock: Self.clock))
    try heap.add(Rehearsal.user("\"secret\"", #"{"secret":"secret"}"#))
    try heap.add(Rehearsal.user("\"secret\"", #"{"secret":null}"#))
    _ = try heap.get("/nothing")
    _ = try heap.get("/__/counters")
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines.count == 3)
    #expect(!text.contains("secret"))
    #expect(try lines.map { try Value(json: $0) } == heap.sandbox.requests().elements)
    #expect(lines.last?.contains(#""decision":"not_found","status":404"#) == true)
    #expect(heap.count("journal_failures") == 0)
  }

  @Test("a journal that cannot be opened is a clear error")
  func journalError() {
    let error = #expect(throws: SandboxError.self) {
      try HeapSandbox(HeapSandbox.Configuration(journal: "/nowhere/journal"))
    }
    #expect(
      error?.description == "cannot write the journal /nowhere/journal: No such file or directory")
  }
}

extension Value {
  fileprivate var elements: [Value] { if case .array(let elements) = self { elements } else { [] } }
}
