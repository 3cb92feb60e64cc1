import HeapSandbox
import Testing
import Values

@Suite("What was refused for an identity that changes")
struct FormerIdentityTests {
  private let heap: RehearsalHeap
  private let rollcall: Rollcall

  init() throws {
    heap = try RehearsalHeap()
    rollcall = try Rollcall()
    rollcall.environment = heap.environment
    try rollcall.define("city.trait", "trait('town')")
    try rollcall.addHeap("identity: trait email\n")
  }

  /// Ann says something of herself on a day of 2023, and a run or a send follows.
  private func identify(_ day: Int, _ traits: String) throws {
    try rollcall.ingest(
      #"{"type":"identify","messageId":"\#(day)","userId":"ann","#
        + #""timestamp":"2023-01-0\#(day)T00:00:00Z","traits":\#(traits)}"# + "\n")
  }

  private func quarantined() throws -> Int {
    try rollcall.count("SELECT count(*) FROM quarantine")
  }

  @Test("once it is somebody's again, its refused taking back is not asked for")
  func comesBack() throws {
    try identify(1, #"{"email":"a@x","town":"Bern"}"#)
    try rollcall.json("run", "--at", "2023-01-01")
    try identify(2, #"{"email":"b@x"}"#)
    try heap.sandbox.setFaults([Fault(identity: "a@x", .status(400))])
    try rollcall.json("run", "--at", "2023-01-02", exits: 3)
    #expect(try quarantined() == 1)
    try heap.sandbox.setFaults([])
    try identify(3, #"{"email":"a@x"}"#)
    try rollcall.json("run", "--at", "2023-01-03", "--no-send")
    try rollcall.json("send", "--at", "2023-01-03", "--now", "--retry-quarantined")
    #expect(heap.properties == ["city a@x": .string("Bern"), "city b@x": .string("")])
    #expect(try quarantined() == 0)
    #expect(heap.noOpWrites == 0)
  }

  @Test("once it is nobody's, what it never was told waits no longer")
  func neverTold() throws {
    try heap.sandbox.setFaults([Fault(identity: "a@x", .status(400))])
    try identify(1, #"{"email":"a@x","town":"Bern"}"#)
    try rollcall.json("run", "--at", "2023-01-01", exits: 3)
    #expect(try quarantined() == 1)
    try identify(2, #"{"email":"b@x"}"#)
    try rollcall.json("run", "--at", "2023-01-02")
    #expect(try quarantined() == 0)
    #expect(heap.properties == ["city b@x": .string("Bern")])
  }

  @Test("what is taken back alone, since another value was refused, ends the matter")
  func takenBackAlone() throws {
    try identify(1, #"{"email":"a@x","town":"Bern"}"#)
    try rollcall.json("run", "--at", "2023-01-01")
    try heap.sandbox.setFaults([Fault(.status(400))])
    try identify(2, #"{"town":"Chur"}"#)
    try rollcall.json("run", "--at", "2023-01-02", exits: 3)
    try heap.sandbox.setFaults([])
    // Ann is nobody there now, and held.
    try identify(3, #"{"email":null}"#)
    try rollcall.json("run", "--at", "2023-01-03", exits: 3)
    #expect(heap.properties == ["city a@x": .string("")])
    #expect(try rollcall.count("SELECT count(*) FROM former_identities") == 0)
    #expect(try quarantined() == 0)
  }
}
