import Foundation
import Testing
import Values

@Suite("A file as destination")
struct FileDestinationTests {
  private static func prepared() throws -> Rollcall {
    let rollcall = try Rollcall.withOrders()
    try rollcall.remove("audiences/heap.destination")
    try rollcall.write(
      "---\ntype: file\npath: calls-out.ndjson\n---\n",
      to: "audiences/copy.destination")
    return rollcall
  }

  private static let march = """
    {"type":"identify","userId":"ann","traits":{"orders":1,"recent":true,"spent":10.5},\
    "timestamp":"2023-03-01T00:00:00.000Z"}
    {"type":"identify","userId":"bob","traits":{"orders":1,"recent":true,"spent":20},\
    "timestamp":"2023-03-01T00:00:00.000Z"}
    {"type":"identify","userId":"cai","traits":{"orders":1,"recent":true,"spent":30},\
    "timestamp":"2023-03-01T00:00:00.000Z"}
    {"type":"identify","userId":"dot","traits":{"spent":40},\
    "timestamp":"2023-03-01T00:00:00.000Z"}
    {"type":"identify","userId":"fay","traits":{"orders":1,"recent":true,"spent":60.25},\
    "timestamp":"2023-03-01T00:00:00.000Z"}

    """

  private static let change = """
    {"type":"identify","userId":"fay","traits":{"orders":0,"recent":false},\
    "timestamp":"2023-03-05T00:00:00.000Z"}

    """

  @Test("Identify calls are appended, one a line, and only what changed")
  func calls() throws {
    let rollcall = try Self.prepared()
    let report = try rollcall.json("run", "--at", "2023-03-01")
    #expect(report["sent"] == .number(13))
    #expect(report["pending"] == .number(0))
    #expect(try rollcall.read("calls-out.ndjson") == Self.march)
    try rollcall.json("run", "--at", "2023-03-05")
    #expect(try rollcall.read("calls-out.ndjson") == Self.march + Self.change)
    try rollcall.json("run", "--at", "2023-03-05")
    #expect(try rollcall.read("calls-out.ndjson") == Self.march + Self.change)
  }

  @Test("They are calls that ingest takes")
  func roundTrip() throws {
    let rollcall = try Self.prepared()
    try rollcall.json("run", "--at", "2023-03-01")
    let report = try rollcall.json("ingest", "calls-out.ndjson", "--store", "other.sqlite")
    #expect(report["accepted"] == .number(5))
    #expect(report["rejected"] == .number(0))
  }

  @Test("A torn last line is cut off")
  func tornLine() throws {
    let rollcall = try Self.prepared()
    try rollcall.write("{\"a\":1}\n{\"type\":\"iden", to: "calls-out.ndjson")
    try rollcall.json("run", "--at", "2023-03-01")
    #expect(try rollcall.read("calls-out.ndjson") == "{\"a\":1}\n" + Self.march)
  }

  @Test("A file with nothing but a torn line longer than a block is emptied first")
  func longTornLine() throws {
    let rollcall = try Self.prepared()
    try rollcall.write(String(repeating: "x", count: 10_000), to: "calls-out.ndjson")
    try rollcall.json("run", "--at", "2023-03-01")
    #expect(try rollcall.read("calls-out.ndjson") == Self.march)
  }

  @Test("A file that cannot be written is named, and everything stays pending")
  func unwritable() throws {
    let rollcall = try Self.prepared()
    try rollcall.write("", to: "calls-out.ndjson/inner")
    let report = try rollcall.json("run", "--at", "2023-03-01", exits: 3)
    #expect(report["pending"] == .number(13))
    let problem = report["destinations"][0]["problem"].textForm ?? ""
    #expect(problem.hasSuffix("/calls-out.ndjson' cannot be written: Is a directory"))
    try rollcall.remove("calls-out.ndjson")
    #expect(try rollcall.json("send")["sent"] == .number(13))
    #expect(try rollcall.read("calls-out.ndjson").split(separator: "\n").count == 5)
  }

  @Test("It stands beside Heap, and each gets everything", arguments: ["a", "z"])
  func beside(_ name: String) throws {
    let rollcall = try Self.prepared()
    try rollcall.addHeap()
    let heap = try RehearsalHeap()
    rollcall.environment = heap.environment
    try rollcall.write(
      "---\ntype: file\npath: \(name).ndjson\nbooleans: string\n---\n",
      to: "audiences/\(name).destination")
    // What one of them has no part in, it is not told twice for.
    try heap.setFault(.status(503))
    let report = try rollcall.json("run", "--at", "2023-03-01", "--attempts", "1", exits: 3)
    #expect(report["sent"] == .number(26))
    #expect(report["pending"] == .number(13))
    #expect(try rollcall.read("calls-out.ndjson") == Self.march)
    #expect(
      try rollcall.read("\(name).ndjson")
        == Self.march.replacing("\"recent\":true", with: "\"recent\":\"true\""))
    try heap.setFaults([])
    #expect(try rollcall.json("send")["sent"] == .number(13))
    try heap.expectSnapshot(of: rollcall)
  }
}
