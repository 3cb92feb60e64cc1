import Definitions
import Foundation
import Operations
import Testing

@Suite("What stands in an imported file")
struct FileTests {
  @Test("a plain audience has a name and its query")
  func plain() throws {
    let work = try Import()
    try work.take(entry())
    #expect(
      work.text("big_spenders.audience")
        == "---\nname: Big Spenders\n---\nevent('Order Completed').count() >= 2\n")
  }

  @Test("a key that is not the snake_case of the name is written out")
  func explicitKey() throws {
    let work = try Import()
    try work.take(entry(["key": #""j_o_spend""#, "enabled": "false"]))
    #expect(
      work.text("j_o_spend.audience")?.hasPrefix(
        "---\nname: Big Spenders\nkey: j_o_spend\nenabled: false\n---\n") == true)
    #expect(work.checked.definitions.map(\.key) == ["j_o_spend"])
    #expect(work.checked.definitions.map(\.isEnabled) == [false])
  }

  @Test("an entry without a key has the one of its name")
  func keyFromName() throws {
    let work = try Import()
    try work.take(entry(["key": nil]))
    #expect(work.names == ["big_spenders.audience"])
    #expect(work.text("big_spenders.audience")?.contains("key:") == false)
  }

  @Test("a description and a name over several lines are folded to one")
  func folded() throws {
    let work = try Import()
    try work.take(
      entry([
        "name": #""Big\nSpenders ""#,
        "description": #""  bought twice,\r\n\r\n\tor more: \"gold\"\u2028---\n""#,
      ]))
    #expect(
      work.text("big_spenders.audience")?.hasPrefix(
        "---\nname: Big Spenders\ndescription: bought twice, or more: \"gold\" ---\n---\n") == true)
  }

  @Test("line ends of other systems and trailing space are tidied")
  func lineEnds() throws {
    let work = try Import()
    try work.take(
      entry([
        "definition": definition("\r\nevent('A').count() >= 1\r\nAND\revent('B').count() = 0 \n")
      ]))
    #expect(
      work.text("big_spenders.audience")
        == "---\nname: Big Spenders\n---\n\nevent('A').count() >= 1\nAND\nevent('B').count() = 0\n")
  }

  @Test("line ends inside a text stay as they are")
  func lineEndsInText() throws {
    let work = try Import()
    try work.take(entry(["definition": definition("trait('a') = 'x\r\ny'\r\nOR trait('b') = 'z'")]))
    #expect(work.text("big_spenders.audience")?.contains("'x\r\ny'\r\nOR") == true)
    #expect(work.checked.isValid)
  }

  @Test("a line '---' of a query does not end its section")
  func fence() throws {
    let work = try Import()
    try work.take(
      entry([
        "definition": definition("event('A').count() >= 1\n--- \r\nAND event('B').count() = 0")
      ]))
    #expect(work.text("big_spenders.audience")?.contains("\n ---\u{20}\nAND") == true)
    let other = try Import()
    try other.take(
      entry(["definition": definition("event('A').count() >= 1 AND event('B').count() = 0")]))
    #expect(
      work.checked["big_spenders"]?.canonicalText == other.checked["big_spenders"]?.canonicalText)
    #expect(work.checked["big_spenders"] != nil)
  }

  @Test("a line '---' inside a text is refused, for it would be another text")
  func fenceInText() throws {
    let work = try Import()
    let report = try work.take(entry(["definition": definition("trait('a') = 'x\n---\ny'")]))
    #expect(report.failed.first?.reason.contains("holds a line '---'") == true)
    #expect(work.names == [])
  }

  @Test(
    "types are read in any case, and audienceType where there is no other",
    arguments: [
      ["definition": definition("event('A').count() >= 1", type: "USERS")],
      ["definition": definition("event('A').count() >= 1", type: nil)],
      [
        "definition": #"{"query": "event('A').count() >= 1", "targetEntity": "profile"}"#,
        "audienceType": #""LINKED""#,
      ],
    ])
  func types(_ fields: [String: String]) throws {
    let work = try Import()
    #expect(try work.take(entry(fields)).failed.map(\.reason) == [])
    #expect(work.text("big_spenders.audience")?.contains("type:") == false)
  }

  @Test("options without a counterpart are named, and those that say what holds anyway are not")
  func options() throws {
    let work = try Import()
    let report = try work.take(
      "["
        + entry([
          "options": #"""
          {"includeAnonymousUsers": true, "includeHistoricalData": false,
           "filterByExternalIds": ["user_id", "email"], "backfillEventDataDays": 7,
           "backfillDurationDays": null, "syncSpeed": "fast"}
          """#
        ]) + ","
        + entry([
          "name": #""Others""#, "key": #""others""#,
          "options": #"""
          {"includeAnonymousUsers": false, "includeHistoricalData": true,
           "filterByExternalIds": ["user_id"]}
          """#,
        ]) + "]")
    #expect(report.failed.isEmpty)
    #expect(
      report.notPortable.map(\.name).sorted() == [
        "backfillEventDataDays", "filterByExternalIds", "includeHistoricalData", "syncSpeed",
      ])
    #expect(report.notPortable.allSatisfy { $0.key == "big_spenders" && !$0.reason.isEmpty })
    #expect(work.text("big_spenders.audience")?.contains("include_anonymous: true") == true)
    #expect(work.text("others.audience")?.contains("include_anonymous") == false)
    #expect(work.checked.isValid)
  }

  @Test("an account has no anonymous profiles: that option is named there")
  func anonymousAccounts() throws {
    let work = try Import()
    let report = try work.take(
      entry([
        "definition": definition("ANY event('A').count() >= 1", type: "ACCOUNTS"),
        "options": #"{"includeAnonymousUsers": true}"#,
      ]))
    #expect(report.notPortable.map(\.name) == ["includeAnonymousUsers"])
    #expect(work.text("big_spenders.audience")?.contains("type: accounts") == true)
    #expect(work.checked.isValid)
  }
}
