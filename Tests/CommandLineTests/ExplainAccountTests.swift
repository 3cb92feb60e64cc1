import Testing
import Values

@Suite("Why an account is in, from the command line")
struct ExplainAccountTests {
  private static func group(_ user: String, _ account: String, traits: String = "{}") -> String {
    """
    {"type":"group","userId":"\(user)","groupId":"\(account)","timestamp":"2023-01-01T00:00:00Z",\
    "messageId":"g-\(user)-\(account)","traits":\(traits)}

    """
  }

  /// Fay ordered twice and belongs to two accounts; twelve more users of acme did not order.
  private static func prepared() throws -> Rollcall {
    let rollcall = try Rollcall.withOrders()
    try rollcall.ingest(
      group("idle1", "acme", traits: #"{"plan":"secret-plan"}"#)
        + (2...12).map { group("idle\($0)", "acme") }.joined()
        + group("fay", "acme") + group("fay", "zeta"), as: "groups.ndjson")
    try rollcall.addHeap("account_property: account_id\n")
    let accounts = "type: accounts\n"
    try rollcall.define("some.audience", "ANY trait('recent') = true", front: accounts)
    try rollcall.define("all.audience", "ALL NOT trait('recent') = true", front: accounts)
    try rollcall.define(
      "pro.audience", "event('Order Completed').count() = 2 AND trait('plan').exists()",
      front: accounts)
    try rollcall.define("plan_name.trait", "trait('plan')", front: accounts)
    try rollcall.define("in_some.audience", "trait('some') = true")
    try rollcall.define("on_plan.audience", "trait('plan_name') = 'other'")
    try rollcall.json("run", "--at", "2023-03-01", "--no-send")
    return rollcall
  }

  @Test("Users who decide come first, ten are shown, and the rest are counted")
  func users() throws {
    let rollcall = try Self.prepared()
    let output = try rollcall.run("explain", "some", "acme", "--at", "2023-03-01T12:00:00Z").output
    let beginning = """
      some  some
        account      acme
        at           2023-03-01T12:00:00.000Z
        value        true
        next change  false at 2023-03-04T12:00:00.001Z, with no new event
        snapshot     the same since 2023-03-01T00:00:00.000Z, by the run at 2023-03-01T00:00:00.000Z

        ✓ ANY trait('recent') = true
            1 of 13 users
          ✓ user fay: trait('recent') = true
              found true, asked for = true
              the definition recent:
            ✓ event('Order Completed').within(30 days).count() >= 1
                found 1, asked for >= 1
                1 of 2 events, window 2023-01-30T12:00:00.000Z to 2023-03-01T12:00:00.000Z
                2023-02-02T12:00:00.000Z  Order Completed  7
          ✗ user idle1: trait('recent') = true
              found false, asked for = true
              the definition recent:
            ✗ event('Order Completed').within(30 days).count() >= 1
                found 0, asked for >= 1
                0 of 0 events, window 2023-01-30T12:00:00.000Z to 2023-03-01T12:00:00.000Z
          ✗ user idle2: trait('recent') = true

      """
    #expect(output.hasPrefix(beginning))
    #expect(output.contains("    ✗ user idle9: ") && !output.contains("user idle10"))
    #expect(output.contains("\n    … and 3 more\n"))
    let all = try rollcall.json("explain", "all", "acme", "--at", "2023-03-01")
    #expect(all["tree"]["users"].json == #"{"count":13,"holding":12,"more":3}"#)
    #expect(all["tree"]["children"].elements.count == 10)
    #expect(all["tree"]["children"][0]["user_id"] == .string("fay"))
    #expect(all["tree"]["children"][0]["truth"] == .boolean(false))
  }

  @Test("The document names the account, pools its users' events and names the group call")
  func document() throws {
    let rollcall = try Self.prepared()
    let document = try rollcall.json("explain", "pro", "acme", "--at", "2023-03-01")
    #expect(document["account_id"] == .string("acme") && document["user_id"] == .absent)
    #expect(document["snapshot"]["agrees"] == .boolean(true))
    #expect(document["value"] == .boolean(true) && document["next_change"] == .absent)
    let parts = document["tree"]["children"]
    #expect(parts[0]["events"].elements.map { $0["message_id"].json } == [#""7""#, #""6""#])
    #expect(parts[1]["origin"]["message_id"] == .string("g-idle1-acme"))
    let text = try rollcall.run("explain", "pro", "acme", "--at", "2023-03-01").output
    #expect(
      text.contains("        by the group call at 2023-01-01T00:00:00.000Z  g-idle1-acme\n"))
    #expect(try rollcall.run("explain", "pro", "zeta").output.contains("no group call has it\n"))
  }

  @Test("A user is explained through accounts, or without any")
  func throughAccounts() throws {
    let rollcall = try Self.prepared()
    let fay = try rollcall.run("explain", "in_some", "fay", "--at", "2023-03-01").output
    #expect(
      fay.contains(
        """
          ✓ trait('some') = true
              found true, asked for = true
              the definition some: 2 of 2 accounts
            ✓ account acme: ANY trait('recent') = true
                1 of 13 users
              ✓ user fay: trait('recent') = true

        """))
    #expect(fay.contains("\n    ✓ account zeta: ANY trait('recent') = true\n        1 of 1 user\n"))
    let document = try rollcall.json("explain", "in_some", "fay", "--at", "2023-03-01")
    let tree = document["tree"]
    #expect(document["next_change"] == .string("2023-03-04T12:00:00.001Z"))
    #expect(tree["accounts"].json == #"{"count":2,"holding":2,"more":0}"#)
    #expect(tree["reference"] == .string("some"))
    #expect(tree["children"].elements.map { $0["account_id"].json } == [#""acme""#, #""zeta""#])
    let cai = try rollcall.run("explain", "in_some", "cai", "--at", "2023-03-01").output
    #expect(cai.contains("      the definition some: the user belongs to no account\n"))
  }

  @Test("An account's traits are shown with --show-values only")
  func values() throws {
    let rollcall = try Self.prepared()
    for words in [
      ["explain", "pro", "acme"], ["explain", "on_plan", "fay"], ["explain", "plan_name", "acme"],
    ] {
      for form in [[], ["--json"]] {
        let call = words + ["--at", "2023-03-01"] + form
        // The document's one value is what was asked for, as an export gives it.
        let isAsked = words[1] == "plan_name" && !form.isEmpty
        #expect(try rollcall.run(call).output.contains("secret-plan") == isAsked, "\(call)")
        let shown = try rollcall.run(call + ["--show-values"]).output
        #expect(shown.contains("secret-plan"), "\(call)")
      }
    }
    let shown = try rollcall.run(
      "explain", "on_plan", "fay", "--at", "2023-03-01", "--show-values"
    ).output
    #expect(shown.contains(#"found ["secret-plan"], asked for = "other""#))
  }

  @Test("An id that is no account is a mistake of the call, with the help to go on")
  func unknown() throws {
    let rollcall = try Self.prepared()
    for (key, id, message) in [
      ("some", "nowhere", "no group call has the account 'nowhere'"),
      ("some", "fay", "'fay' is no account, and 'some' is about accounts"),
      ("recent", "acme", "'acme' is an account, and 'recent' is about users"),
    ] {
      let outcome = try rollcall.run("explain", key, id)
      #expect(outcome.ending == .code(2))
      #expect(outcome.output == "")
      #expect(outcome.errors.hasPrefix("error: \(message)\n  help: "))
      #expect(outcome.errors.contains("'rollcall preview \(key)' shows some\n"))
    }
  }
}
