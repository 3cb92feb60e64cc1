import Foundation
import Testing
import Values

@Suite("The demo")
struct DemoTests {
  @Test("It calls eighteen rolls, leaves no difference, and nothing behind")
  func demo() throws {
    let rollcall = try Rollcall()
    try rollcall.copyExamples()
    try rollcall.write("", to: "tmp/keep")
    rollcall.environment["TMPDIR"] = rollcall.path("tmp")
    let report = try rollcall.json("demo")
    #expect(report["differences"] == .array([]))
    #expect(report["compared"].count > 10_000)
    let months = report["months"].elements
    #expect(months.count == 18)
    #expect(months.first?["at"] == .string("1997-02-01T00:00:00.000Z"))
    #expect(months.last?["at"] == .string("1998-07-01T00:00:00.000Z"))
    #expect(months.allSatisfy { $0["requests"].count > 0 })
    // The last month is the one that the loops over the purchases can be held against.
    let expected = ExpectedValues(Purchases.all, on: Purchases.day(1998, 7, 1))
    for key in ExpectedValues.keys {
      let members = months.last?["definitions"].definition(key)["members"].count
      #expect(members == expected.users[key]?.count, "\(key)")
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: rollcall.path("tmp"))
    #expect(left == ["keep"])
    #expect(!rollcall.exists("rollcall.sqlite"))
  }

  @Test("It does not touch a store that is there")
  func keepsStore() throws {
    let rollcall = try Rollcall.withOrders()
    let before = try rollcall.contents()
    let outcome = try rollcall.run("demo", "--store", "rollcall.sqlite")
    #expect(outcome.ending == .code(2))
    #expect(
      outcome.errors.hasPrefix(
        "error: the demo begins with a new store, and 'rollcall.sqlite' is there already\n"))
    let isUntouched = try rollcall.contents() == before
    #expect(isUntouched)
  }
}
