import Foundation
import Testing
import Values

@Suite("The sample of purchases, from its calls to Heap")
struct SampleTests {
  @Test("Every purchase is accepted once, and is a duplicate ever after")
  func ingest() throws {
    let rollcall = try Rollcall()
    let first = try rollcall.ingest(Purchases.calls(Purchases.all))
    #expect(first["accepted"] == .number(6919))
    #expect(first["duplicates"] == .number(0))
    let before = try rollcall.contents()
    let second = try rollcall.json("ingest", "calls.ndjson")
    #expect(second["accepted"] == .number(0))
    #expect(second["duplicates"] == .number(6919))
    #expect(second["conflicts"] == .number(0))
    #expect(second["rejected"] == .number(0))
    #expect(second["rejects_file"] == .absent)
    let isUnchanged = try rollcall.contents() == before
    #expect(isUnchanged)
    #expect(!rollcall.exists("rollcall.sqlite.rejects.ndjson"))
  }

  @Test("Every example definition is what plain loops over the purchases say, user by user")
  func examples() throws {
    let rollcall = try Rollcall.withSample()
    for day in [Purchases.day(1997, 4, 1), Purchases.day(1997, 10, 1), Purchases.day(1998, 7, 1)] {
      try rollcall.json("run", "--no-send", "--at", Purchases.instant(day))
      let expected = ExpectedValues(Purchases.all, on: day)
      for key in ExpectedValues.keys {
        let exported = try rollcall.run("export", key)
        #expect(exported.ending == .code(0))
        let isEqual = exported.output == expected.exports[key]
        #expect(isEqual, "\(key) at \(Purchases.instant(day))")
      }
    }
    let keys = try rollcall.json("check")["definitions"].elements.map(\.["key"])
    #expect(Set(keys) == Set(ExpectedValues.keys.map(Value.string)), "no definition is left out")
  }

  @Test("Exits are sent as false in a month without an event, and a third run has nothing to do")
  func quietMonth() throws {
    let rollcall = try Rollcall.withSample()
    let heap = try RehearsalHeap()
    rollcall.environment = heap.environment
    let july = Purchases.day(1998, 7, 1)
    let august = Purchases.day(1998, 8, 1)
    for day in [july, august] {
      let report = try rollcall.json("run", "--at", Purchases.instant(day))
      #expect(report["pending"] == .number(0))
      #expect(heap.noOpWrites == 0)
      try heap.expectSnapshot(of: rollcall)
    }
    let key = "order_completed_last_30days"
    let before = ExpectedValues(Purchases.all, on: july).users[key] ?? []
    let after = ExpectedValues(Purchases.all, on: august).users[key] ?? []
    let left = Set(before).subtracting(after)
    #expect(left.count > 100)
    let held = heap.properties
    #expect(left.allSatisfy { held["\(key) \($0)"] == .string("false") })

    let requests = heap.requests
    let members = try rollcall.rows(
      "SELECT definition || user_id || value || since FROM memberships")
    let third = try rollcall.json("run", "--at", Purchases.instant(august))
    for count in ["evaluated", "entered", "left", "changed", "sent", "pending", "requests"] {
      #expect(third[count] == .number(0), "\(count)")
    }
    #expect(heap.requests == requests)
    #expect(
      try rollcall.rows("SELECT definition || user_id || value || since FROM memberships")
        == members
    )
  }
}
