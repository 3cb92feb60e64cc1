import Foundation
import Testing
import Values

@Suite("While a request is on its way")
struct BesideTests {
  /// Starts a run whose one request Heap holds back until it is released, and waits until it has
  /// arrived there.
  private static func sending(
    _ rollcall: Rollcall, _ heap: RehearsalHeap
  ) throws -> Rollcall.Running {
    rollcall.environment = heap.environment
    try heap.setFaults([(1, .delay(milliseconds: 600_000), true)])
    let running = try rollcall.start(["run", "--at", "2023-03-01", "--timeout", "1h"])
    for _ in 0..<1000 where heap.requests == 0 { Thread.sleep(forTimeInterval: 0.02) }
    try #require(heap.requests == 1)
    return running
  }

  @Test("another run may change the snapshot, and what changed is sent afterwards")
  func run() throws {
    let heap = try RehearsalHeap()
    let rollcall = try Rollcall.withOrders()
    let sending = try Self.sending(rollcall, heap)
    // By then nobody is a member any more, and no count is more than 0.
    let run = try rollcall.json("run", "--no-send", "--at", "2023-06-01")
    #expect(run["left"] == .number(4))
    heap.sandbox.release()
    #expect(try sending.outcome().ending == .code(0))
    #expect(heap.properties["recent ann"] == .string("true"))
    let sent = try rollcall.json("send", "--at", "2023-06-01")
    #expect(sent["pending"] == .number(0))
    #expect(heap.properties["recent ann"] == .string("false"))
    #expect(heap.properties["orders ann"] == .number(0))
    #expect(heap.noOpWrites == 0)
    try heap.expectSnapshot(of: rollcall)
  }

  @Test("ingest goes on, and another sender waits its turn or says that it may not")
  func others() throws {
    let heap = try RehearsalHeap()
    let rollcall = try Rollcall.withOrders()
    let sending = try Self.sending(rollcall, heap)
    let calls = order("gus", at: "2023-02-25T00:00:00Z", id: "g")
    #expect(try rollcall.ingest(calls, as: "more.ndjson")["accepted"] == .number(1))
    let impatient = try rollcall.run("send", "--now", "--wait", "0s")
    #expect(impatient.ending == .code(4))
    #expect(
      impatient.errors.hasPrefix("error: sending to 'heap' by another process is going on\n"))
    let patient = try rollcall.start(["run", "--at", "2023-03-01", "--wait", "1h", "--json"])
    heap.sandbox.release()
    let document = try Value(json: patient.outcome().output)
    #expect(document["sent"] == .number(3))
    #expect(try sending.outcome().ending == .code(0))
    #expect(heap.requests == 2)
    #expect(heap.noOpWrites == 0)
    try heap.expectSnapshot(of: rollcall)
  }
}
