import HeapSandbox
import Testing
import Values

/// A bulk request of which the good items are applied.
@Suite struct PartialBatchTests {
  private static func rehearsal() throws -> Rehearsal {
    var configuration = HeapSandbox.Configuration()
    configuration.partial = .applyValid
    return try Rehearsal(configuration)
  }

  @Test("good items are applied, bad ones counted, and the reply says nothing of them")
  func items() throws {
    let heap = try Self.rehearsal()
    let reply = try heap.add(
      Rehearsal.users([
        Rehearsal.item("a"), Rehearsal.item("b", #"{"k":true}"#),
        #"{"identity":"c","properties":{"n":1},"x":1}"#, Rehearsal.item("a", #"{"n":2}"#),
        Rehearsal.item("d"),
      ]))
    #expect(reply.status == 200)
    #expect(reply.body == "{}")
    #expect(heap.properties("a") == #"{"n":1}"#)
    #expect(heap.properties("b") == nil)
    #expect(heap.properties("c") == nil)
    #expect(heap.properties("d") == #"{"n":1}"#)
    #expect(heap.count("accepted", app: "11") == 1)
    #expect(heap.count("items", app: "11") == 2)
    #expect(heap.count("rejected") == 0)
    #expect(heap.count("rejected_items", app: "11") == 3)
    #expect(heap.count("duplicate_in_batch", app: "11") == 1)
    guard case .array(let rejects) = heap.sandbox.rejects() else { return }
    #expect(
      rejects.map { $0["rule"].textForm } == ["value_kind", "unknown_field", "duplicate_in_batch"])
    #expect(rejects.map { $0["item"] } == [.number(1), .number(2), .number(3)])
    #expect(
      heap.sandbox.requests().json.contains(
        #""decision":"accepted","rejected_items":3,"status":200"#))
  }

  @Test("events and accounts too, and a request without a good item is answered 200 all the same")
  func endpoints() throws {
    let heap = try Self.rehearsal()
    #expect(
      try heap.post(Rehearsal.track, Rehearsal.events([#"{"event":"E"}"#])).status == 200)
    let reply = try heap.post(
      Rehearsal.accounts,
      Rehearsal.accounts([
        #"{"account_id":"","properties":{"k":1}}"#, #"{"account_id":"a","properties":{"k":1}}"#,
      ]))
    #expect(reply.body == "OK")
    #expect(heap.count("rejected_items") == 2)
    #expect(heap.count("created_events") == 0)
    #expect(heap.count("created_accounts") == 1)
  }

  @Test("what is wrong with the request refuses all of it, and so does a single bad item")
  func whole() throws {
    let heap = try Self.rehearsal()
    #expect(
      try heap.ruleBroken(Rehearsal.users([Rehearsal.item("a"), "7"])) == "item_not_an_object")
    #expect(try heap.ruleBroken(Rehearsal.users([])) == "item_count")
    #expect(try heap.ruleBroken(Rehearsal.user("\"a\"", #"{"k":true}"#)) == "value_kind")
    #expect(heap.sandbox.state().json == #"{"apps":{}}"#)
  }
}
