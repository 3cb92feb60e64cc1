import Testing
import Values

@testable import Operations

@Suite("Definitions that come back as others, and values that hardly differ")
struct ReturnedDefinitionTests {
  private static let day: Int64 = 86_400_000

  @Test("an audience of accounts that was off and is about users now leaves the accounts")
  func fromAccountsToUsers() throws {
    func definition(_ front: String) -> String {
      "---\nname: Active\n\(front)\n---\nevent('Used').count() >= 1\n"
    }
    let place = try Workplace([("active.audience", definition("type: accounts"))])
    let rest = "\"timestamp\":\"1970-01-02T00:00:00.000Z\"}\n"
    try place.ingest(
      "{\"type\":\"group\",\"messageId\":\"1\",\"userId\":\"ann\",\"groupId\":\"acme\",\(rest)"
        + "{\"type\":\"track\",\"messageId\":\"2\",\"userId\":\"ann\",\"event\":\"Used\",\(rest)")
    try place.run(at: 2 * Self.day)
    #expect(try place.memberships() == [["active", "account acme", "true"]])
    try place.write("active.audience", definition("type: accounts\nenabled: false"))
    try place.run(at: 3 * Self.day)
    #expect(try place.memberships() == [["active", "account acme", "true"]])
    try place.write("active.audience", definition("type: users"))
    try place.run(at: 4 * Self.day)
    #expect(try place.memberships() == [["active", "user ann", "true"]])
    #expect(try place.session.verify().difference == nil)
  }

  @Test("definitions that are new or edited behind a rebuild find everybody")
  func behindRebuild() throws {
    func definition(_ name: String, _ event: String) -> String {
      "---\nname: \(name)\n---\nevent('\(event)').count() >= 1\n"
    }
    let place = try Workplace([
      ("edited.audience", definition("Edited", "Bought")),
      ("same.audience", definition("Same", "Bought")),
    ])
    try place.ingest(
      ["Bought", "Asked"].map { event in
        """
        {"type":"track","messageId":"\(event)","userId":"\(event)","event":"\(event)",\
        "timestamp":"1970-01-02T00:00:00.000Z"}

        """
      }.joined())
    try place.run(at: 2 * Self.day)
    _ = try place.session.rebuild()
    try place.write("edited.audience", definition("Edited", "Asked"))
    try place.write("added.audience", definition("Added", "Bought"))
    let report = try place.run(at: 3 * Self.day)
    #expect(report.method != .tick && report.run.entered == 2 && report.run.left == 1)
    #expect(
      try place.memberships() == [
        ["added", "user Bought", "true"], ["edited", "user Asked", "true"],
        ["same", "user Bought", "true"],
      ])
    #expect(try place.session.verify().difference == nil)
  }

  @Test("a text that is the same only to the eye is another value")
  func composition() throws {
    let place = try Workplace([
      ("town.trait", "---\nname: Town\n---\ntrait('city')\n")
    ])
    for (number, city) in ["Orl\u{E9}ans", "Orle\u{301}ans"].enumerated() {
      try place.ingest(
        """
        {"type":"identify","messageId":"\(number)","userId":"ann","traits":{"city":"\(city)"},\
        "timestamp":"1970-01-0\(2 + number)T00:00:00.000Z"}

        """)
      #expect(try place.run(at: (4 + Int64(number)) * Self.day).run.changed == 1)
      let value = try place.memberships().first?[2] ?? ""
      #expect(Array(value.utf8) == Array("\"\(city)\"".utf8))
      #expect(try place.session.verify().difference == nil)
    }
  }
}
