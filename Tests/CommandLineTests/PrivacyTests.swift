import Foundation
import HeapSandbox
import Testing
import Values

@Suite("No identity and no property value in what is logged")
struct PrivacyTests {
  private static let user = "ann.secret@example.com"
  private static let value = "8472.33"

  private static func prepared() throws -> (Rollcall, RehearsalHeap) {
    let heap = try RehearsalHeap()
    let rollcall = try Rollcall()
    rollcall.environment = heap.environment
    try rollcall.ingest(
      order(user, at: "2023-02-01T00:00:00Z", id: "1", revenue: value)
        + order("\(user)\(String(repeating: "x", count: 256))", at: "2023-02-01T00:00:00Z", id: "2")
    )
    try rollcall.define("spent.trait", "event('Order Completed').sum(property('revenue'))")
    try rollcall.define("ever.audience", "trait('spent') > 0")
    try rollcall.addHeap()
    return (rollcall, heap)
  }

  private static func expectNothing(
    of outcome: Rollcall.Outcome, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for secret in [user, "secret", value] {
      let isShown = outcome.everything.contains(secret)
      #expect(!isShown, "\(secret)", sourceLocation: sourceLocation)
    }
  }

  @Test(
    "A run says nothing of them, whatever becomes of its delivery",
    arguments: [
      nil, Fault.Action.status(400), .status(503), .status(429), .close, .reset, .truncate, .html,
      .redirect(),
    ])
  func run(_ fault: Fault.Action?) throws {
    let (rollcall, heap) = try Self.prepared()
    if let fault { try heap.setFault(fault) }
    for words in [
      ["run", "--at", "2023-03-01", "--attempts", "1"], ["send", "--now", "--attempts", "1"],
      ["status"], ["status", "--json"],
      ["run", "--at", "2023-03-02", "--attempts", "1", "--json"],
    ] {
      Self.expectNothing(of: try rollcall.run(words))
    }
    // The identity that is too long for Heap is in quarantine, whatever else happens.
    #expect(try rollcall.json("status", exits: 3)["quarantined"].count > 0)
  }

  @Test("A rejected line is told by its number, and its text is in the rejects file alone")
  func ingest() throws {
    let (rollcall, _) = try Self.prepared()
    try rollcall.write(
      "{\"type\":\"track\",\"userId\":\"\(Self.user)\",\"\(Self.value)\":}\n", to: "bad.ndjson")
    let outcome = try rollcall.run("ingest", "--strict", "bad.ndjson")
    #expect(outcome.ending == .code(1))
    Self.expectNothing(of: outcome)
    #expect(try rollcall.read("rollcall.sqlite.rejects.ndjson").contains(Self.user))
  }

  @Test("A plan shows ids, and values only with --show-values")
  func plan() throws {
    let (rollcall, _) = try Self.prepared()
    for words in [
      ["plan"], ["plan", "--json"], ["preview", "spent"], ["preview", "spent", "--json"],
    ] {
      let plain = try rollcall.run(words + ["--at", "2023-03-01"]).output
      #expect(plain.contains(Self.user))
      #expect(!plain.contains(Self.value))
      let shown = try rollcall.run(words + ["--at", "2023-03-01", "--show-values"]).output
      #expect(shown.contains(Self.value))
    }
  }

  @Test("A damaged store is told without what is in it, and exits with 4")
  func damaged() throws {
    let (rollcall, _) = try Self.prepared()
    try rollcall.json("run", "--at", "2023-03-01", "--no-send")
    let page = try rollcall.count(
      "SELECT rootpage FROM sqlite_schema WHERE name = 'latest_members'")
    let size = try rollcall.count("PRAGMA page_size")
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: rollcall.store))
    try file.seek(toOffset: UInt64((page - 1) * size))
    try file.write(contentsOf: Data(repeating: 0xFF, count: size))
    try file.close()
    for words in [["run", "--full", "--at", "2023-04-01"], ["verify"], ["export", "spent"]] {
      let outcome = try rollcall.run(words)
      #expect(outcome.ending == .code(4), "\(words)")
      #expect(outcome.errors.hasPrefix("error: the store 'rollcall.sqlite' is damaged ("))
      Self.expectNothing(of: outcome)
    }
  }
}
