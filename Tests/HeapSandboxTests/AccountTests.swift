import HeapSandbox
import Testing
import Values

/// `POST /api/add_account_properties`: rules, replies in plain text, and who belongs to an account.
@Suite struct AccountTests {
  /// Each body breaks the rule beside it and, where it can, the ones after it.
  static let ordered: [(fields: String, rule: String)] = [
    (#""users":[]"#, "neither_single_nor_bulk"),
    (#""accounts":[],"properties":{}"#, "single_and_bulk"),
    (#""accounts":[],"x":1"#, "unknown_field"),
    (#""accounts":7"#, "items_not_an_array"),
    (#""accounts":[]"#, "item_count"),
    (#""accounts":[[]]"#, "item_not_an_object"),
    (#""account_id":7,"identity":"a""#, "unknown_field"),
    (#""properties":{}"#, "account_id_missing"),
    (#""account_id":7,"properties":{}"#, "account_id_not_a_string"),
    (#""account_id":" ","properties":{}"#, "account_id_blank"),
    (#""account_id":"a""#, "properties_missing"),
    (#""account_id":"a","properties":[]"#, "properties_not_an_object"),
    (#""account_id":"a","properties":{}"#, "properties_empty"),
    (#""account_id":"a","properties":{"k":[1]}"#, "value_kind"),
    (#""account_id":"a","properties":{"k":true}"#, "value_kind"),
  ]

  @Test("the first rule that fails decides, and the reply is plain text", arguments: ordered)
  func order(_ vector: (fields: String, rule: String)) throws {
    let heap = try Rehearsal()
    let body = Rehearsal.event(vector.fields)
    #expect(try heap.ruleBroken(body, at: Rehearsal.accounts) == vector.rule)
    #expect(heap.sandbox.state().json == #"{"apps":{}}"#)
    let reply = try heap.post(Rehearsal.accounts, body)
    #expect(reply.status == 400)
    #expect(reply.fields["content-type"] == "text/plain")
    #expect(reply.body == "error message")
  }

  @Test("a good request is answered OK, and each key keeps its last value")
  func merging() throws {
    let heap = try Rehearsal()
    let reply = try heap.post(
      Rehearsal.accounts, Rehearsal.account("\"acme\"", #"{"a":1,"b":"x"}"#))
    #expect(reply.status == 200)
    #expect(reply.fields["content-type"] == "text/plain")
    #expect(reply.body == "OK")
    try heap.post(Rehearsal.accounts, Rehearsal.account("\"acme\"", #"{"a":1,"b":2,"id":"7"}"#))
    #expect(
      heap.sandbox.state().json == #"{"apps":{"11":{"accounts":{"acme":{"properties":"#
        + #"{"a":1,"b":2,"id":"7"}}},"users":{}}}}"#)
    #expect(heap.count("created_accounts", app: "11") == 1)
    #expect(heap.count("property_writes", app: "11") == 5)
    #expect(heap.count("no_op_property_writes", app: "11") == 1)
    #expect(heap.count("type_flips", app: "11") == 1)
    #expect(heap.count("created_users") == 0)
  }

  @Test("an account twice in one request is refused, and flagged")
  func duplicates() throws {
    let heap = try Rehearsal()
    let item = #"{"account_id":"a","properties":{"k":1}}"#
    let body = Rehearsal.accounts([item, item])
    #expect(try heap.ruleBroken(body, at: Rehearsal.accounts) == "duplicate_in_batch")
    #expect(heap.count("duplicate_in_batch", app: "11") == 1)
  }

  @Test("without the setting accounts are orphans, and counted")
  func orphans() throws {
    let heap = try Rehearsal()
    try heap.add(Rehearsal.user("\"ann\"", #"{"account_id":"acme"}"#))
    for _ in 0..<2 { try heap.post(Rehearsal.accounts, Rehearsal.account()) }
    #expect(
      try heap.page("accounts?app=11").json
        == #"{"accounts":{},"orphan_accounts":{"acme":{"properties":{"n":1}}}}"#)
    #expect(heap.count("orphan_accounts", app: "11") == 2)
  }

  @Test("with the setting an account has the users whose property is its id, as a string")
  func attached() throws {
    var configuration = HeapSandbox.Configuration()
    configuration.accountIDProperty = "company"
    let heap = try Rehearsal(configuration)
    try heap.add(
      Rehearsal.users([
        Rehearsal.item("zoe", #"{"company":"42"}"#), Rehearsal.item("ann", #"{"company":"42"}"#),
        Rehearsal.item("bob", #"{"company":42}"#), Rehearsal.item("cid", #"{"Company":"42"}"#),
      ]))
    try heap.post(
      Rehearsal.accounts,
      Rehearsal.accounts(["42", "43"].map { #"{"account_id":"\#($0)","properties":{"k":1}}"# }))
    #expect(
      try heap.page("accounts?app=11").json
        == #"{"accounts":{"42":{"attached_users":["ann","zoe"],"properties":{"k":1}},"#
        + #""43":{"attached_users":[],"properties":{"k":1}}},"orphan_accounts":{}}"#)
    #expect(
      try heap.page("accounts?app=11&account_id=43").json
        == #"{"attached_users":[],"properties":{"k":1}}"#)
    #expect(heap.count("orphan_accounts") == 0)
  }

  @Test("the page of accounts needs an app, and an id that there is")
  func page() throws {
    let heap = try Rehearsal()
    #expect(try heap.get("/__/accounts").status == 400)
    #expect(try heap.get("/__/accounts?app=11&account_id=x").status == 404)
    #expect(try heap.page("accounts?app=11").json == #"{"accounts":{},"orphan_accounts":{}}"#)
  }
}
