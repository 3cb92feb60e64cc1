import Testing
import Values

@Suite("Why somebody is in, from the command line")
struct ExplainVerbTests {
  private static func prepared() throws -> Rollcall {
    let rollcall = try Rollcall.withOrders()
    try rollcall.define(
      "worth.audience", "trait('recent') = true\nAND trait('spent') >= 30 -- dollars",
      name: "Worth a Letter", front: "key: worth\n")
    try rollcall.json("run", "--at", "2023-03-01", "--no-send")
    return rollcall
  }

  @Test("An audience is a tree with marks, windows, and the events that made it")
  func audience() throws {
    let rollcall = try Self.prepared()
    #expect(
      try rollcall.run("explain", "worth", "fay", "--at", "2023-03-01T12:00:00Z").output == """
        worth  Worth a Letter
          user         fay
          at           2023-03-01T12:00:00.000Z
          value        true
          next change  false at 2023-03-04T12:00:00.001Z, with no new event
          snapshot     the same since 2023-03-01T00:00:00.000Z, by the run at 2023-03-01T00:00:00.000Z

          ✓ trait('recent') = true AND trait('spent') >= 30
            ✓ trait('recent') = true
                found true, asked for = true
                the definition recent:
              ✓ event('Order Completed').within(30 days).count() >= 1
                  found 1, asked for >= 1
                  1 of 2 events, window 2023-01-30T12:00:00.000Z to 2023-03-01T12:00:00.000Z
                  2023-02-02T12:00:00.000Z  Order Completed  7
            ✓ trait('spent') >= 30
                found a value, asked for >= 30
                the definition spent:
              · event('Order Completed').sum(property('revenue'))
                  a value
                  2 of 2 events
                  2023-02-02T12:00:00.000Z  Order Completed  7
                  2023-01-02T12:00:00.000Z  Order Completed  6

          '--show-values' shows the values of properties and traits

        """)
  }

  @Test("Of many events ten are shown, with their values where these are asked for")
  func trait() throws {
    let rollcall = try Self.prepared()
    try rollcall.ingest(
      (10...20).map { order("old", at: "2023-02-\($0)T00:00:00Z", id: "o\($0)", revenue: "1") }
        .joined() + """
          {"type":"alias","userId":"gus","previousId":"old","timestamp":"2023-02-01T00:00:00Z"}

          """, as: "more.ndjson")
    let outcome = try rollcall.run(
      "explain", "spent", "old", "--at", "2023-02-19T12:00:00Z", "--show-values")
    #expect(outcome.ending == .code(0))
    #expect(
      outcome.output == """
        spent  spent
          user         gus (old is merged into it)
          at           2023-02-19T12:00:00.000Z
          value        10
          next change  11 at 2023-02-20T00:00:00.000Z, with no new event
          snapshot     nothing, by the run at 2023-03-01T00:00:00.000Z

          · event('Order Completed').sum(property('revenue'))
              10
              10 of 10 events
              2023-02-19T00:00:00.000Z  Order Completed  o19  {"revenue":1}
              2023-02-18T00:00:00.000Z  Order Completed  o18  {"revenue":1}
              2023-02-17T00:00:00.000Z  Order Completed  o17  {"revenue":1}
              2023-02-16T00:00:00.000Z  Order Completed  o16  {"revenue":1}
              2023-02-15T00:00:00.000Z  Order Completed  o15  {"revenue":1}
              2023-02-14T00:00:00.000Z  Order Completed  o14  {"revenue":1}
              2023-02-13T00:00:00.000Z  Order Completed  o13  {"revenue":1}
              2023-02-12T00:00:00.000Z  Order Completed  o12  {"revenue":1}
              2023-02-11T00:00:00.000Z  Order Completed  o11  {"revenue":1}
              2023-02-10T00:00:00.000Z  Order Completed  o10  {"revenue":1}

        """)
    let later = try rollcall.run("explain", "spent", "old", "--at", "2023-02-21")
    #expect(later.output.contains("\n      o10") == false)
    #expect(later.output.contains("  11 of 11 events\n"))
    #expect(later.output.contains("\n      … and 1 more\n"))
    #expect(later.output.contains("\n  value        a value\n"))
  }

  @Test("The document has the answer, the next change, the snapshot and the tree")
  func document() throws {
    let rollcall = try Self.prepared()
    let document = try rollcall.json("explain", "recent", "fay", "--at", "2023-03-01T12:00:00Z")
    #expect(
      document.json
        == #"{"key":"recent","kind":"audience","user_id":"fay","anonymous_id":null,"#
        + #""account_id":null,"asked_id":"fay","at":"2023-03-01T12:00:00.000Z","exists":true,"value":true,"#
        + #""next_change":"2023-03-04T12:00:00.001Z","next_value":false,"#
        + #""snapshot":{"value":true,"since":"2023-03-01T00:00:00.000Z","#
        + #""at":"2023-03-01T00:00:00.000Z","agrees":true,"edited":false},"#
        + #""tree":{"condition":"event('Order Completed').within(30 days).count() >= 1","#
        + #""truth":true,"until":"2023-03-04T12:00:00.001Z","found":1,"comparator":">=","#
        + #""asked":1,"window":{"from":"2023-01-30T12:00:00.000Z","#
        + #""to":"2023-03-01T12:00:00.000Z"},"kept":1,"named":2,"#
        + #""events":[{"time":"2023-02-02T12:00:00.000Z","event":"Order Completed","#
        + #""message_id":"7","row":7}],"children":[]}}"#)
    let worth = try rollcall.json("explain", "worth", "fay", "--at", "2023-03-01T12:00:00Z")
    let parts = worth["tree"]["children"]
    #expect(parts[0]["reference"] == .string("recent"))
    #expect(parts[0]["children"][0] == document["tree"])
    #expect(parts[1]["asked"] == .number(30))
  }

  @Test("Values of properties and traits are shown with --show-values only")
  func values() throws {
    let rollcall = try Self.prepared()
    let at = ["--at", "2023-03-01"]
    for words in [["explain", "worth", "fay"], ["explain", "spent", "fay"]] {
      for form in [[], ["--json"]] {
        let plain = try rollcall.run(words + at + form).output
        // The document's one value is what was asked for, as an export gives it.
        let isAsked = words[1] == "spent" && !form.isEmpty
        #expect(plain.contains("60.25") == isAsked, "\(words)")
        #expect(!plain.contains(#""revenue":60"#), "\(words)")
        let shown = try rollcall.run(words + at + form + ["--show-values"]).output
        #expect(shown.contains("60.25") && shown.contains(#"{"revenue":60}"#), "\(words)")
      }
    }
    let spent = try rollcall.json("explain", "spent", "fay", "--at", "2023-03-01")
    #expect(spent["value"] == .number(60.25) && !spent["tree"].keys.contains("value"))
    let orders = try rollcall.json("explain", "orders", "fay", "--at", "2023-03-01")
    #expect(orders["value"] == .number(1), "a count is no property's value")
    let eve = try rollcall.json("explain", "spent", "eve", "--at", "2023-03-01")
    #expect(eve.keys.contains("value") && eve["value"] == .absent, "there is none to hide")
    #expect(eve["exists"] == .boolean(false) && eve["tree"] == .absent)
    #expect(eve["next_change"] == .string("2023-03-05T12:00:00.000Z"))
    #expect(!eve.keys.contains("next_value"))
  }

  @Test("An id that no event has is a mistake of the call, and nothing is ever written")
  func unknown() throws {
    let rollcall = try Self.prepared()
    let before = try rollcall.contents()
    let outcome = try rollcall.run("explain", "recent", "zoe")
    #expect(outcome.ending == .code(2))
    #expect(outcome.output == "")
    #expect(
      outcome.errors == """
        error: no event has the id 'zoe'
          help: an id is written as in the events; 'rollcall preview KEY' shows some

        """)
    #expect(try rollcall.run("explain", "recent").ending == .code(2))
    #expect(try rollcall.run("explain", "recent", "ann").ending == .code(0), "now is the clock's")
    let isUntouched = try rollcall.contents() == before
    #expect(isUntouched)
  }
}
