import HeapSandbox
import Testing
import Values

/// The rules of the strict profile and their order.
@Suite struct ValidationTests {
  /// Each body breaks the rule beside it and, where it can, the ones after it.
  static let ordered: [(body: String, rule: String)] = [
    (#"{"app_id":"#, "not_json"),
    (#"{"app_id":11,"app_id":11}"#, "not_json"),
    (#"[{"app_id":11}]"#, "not_an_object"),
    (#"{"app_id":11,"event":"x"}"#, "app_id"),
    (#"{"app_id":"11","event":"x"}"#, "neither_single_nor_bulk"),
    (#"{"app_id":"11","users":{},"identity":7}"#, "single_and_bulk"),
    (#"{"app_id":"11","users":{},"event":"x"}"#, "unknown_field"),
    (#"{"app_id":"11","users":{"identity":7}}"#, "items_not_an_array"),
    (#"{"app_id":"11","users":[]}"#, "item_count"),
    (#"{"app_id":"11","users":[{"identity":7},8]}"#, "item_not_an_object"),
    (#"{"app_id":"11","users":[{"identity":7},{"user_id":"8"}]}"#, "unknown_field"),
    (#"{"app_id":"11","identity":7,"user_id":"8"}"#, "unknown_field"),
    (#"{"app_id":"11","properties":{"id":true}}"#, "identity_missing"),
    (#"{"app_id":"11","identity":7,"properties":{"id":true}}"#, "identity_not_a_string"),
    (#"{"app_id":"11","identity":" ","properties":{"id":true}}"#, "identity_blank"),
    (#"{"app_id":"11","identity":"a"}"#, "properties_missing"),
    (#"{"app_id":"11","identity":"a","properties":[]}"#, "properties_not_an_object"),
    (#"{"app_id":"11","identity":"a","properties":{}}"#, "properties_empty"),
    (#"{"app_id":"11","identity":"a","properties":{"":true}}"#, "key_empty"),
    (#"{"app_id":"11","identity":"a","properties":{"id":true}}"#, "key_forbidden"),
    (#"{"app_id":"11","identity":"a","properties":{"k":true}}"#, "value_kind"),
    (#"{"app_id":"11","identity":"a","properties":{"k":1e999}}"#, "value_not_finite"),
  ]

  @Test("the first rule that fails decides", arguments: ordered)
  func order(_ vector: (body: String, rule: String)) throws {
    let heap = try Rehearsal()
    #expect(try heap.ruleBroken(vector.body) == vector.rule)
    #expect(heap.sandbox.state().json == #"{"apps":{}}"#)
  }

  @Test("a bad request gets an empty object and no reason")
  func reply() throws {
    let heap = try Rehearsal()
    let reply = try heap.add(Rehearsal.user("7"))
    #expect(reply.status == 400)
    #expect(reply.fields["content-type"] == "application/json")
    #expect(reply.body == "{}")
  }

  @Test("the content type comes before the size, and the size before the JSON")
  func sizeInOrder() throws {
    let heap = try Rehearsal(HeapSandbox.Configuration(maxBodyBytes: 10))
    let long = "not JSON, and too long"
    #expect(try heap.ruleBroken(long, type: "text/plain") == "content_type")
    #expect(try heap.ruleBroken(long) == "body_too_large")
    #expect(try heap.ruleBroken("not JSON") == "not_json")
  }

  @Test(
    "another content type is answered in plain text",
    arguments: [nil, "text/plain", "application/jsonl", "application/x-www-form-urlencoded"])
  func contentType(_ type: String?) throws {
    let heap = try Rehearsal()
    let reply = try heap.add(Rehearsal.user(), type: type)
    #expect(reply.status == 400)
    #expect(reply.fields["content-type"] == "text/plain")
    #expect(reply.body == "Bad request")
    #expect(heap.count("rejected") == 1)
  }

  @Test(
    "JSON's content type may have parameters and any case",
    arguments: ["application/json", "application/json; charset=utf-8", "Application/JSON;x=y"])
  func jsonType(_ type: String) throws {
    #expect(try Rehearsal().add(Rehearsal.user(), type: type).status == 200)
  }

  @Test("bytes that are not UTF-8 are refused")
  func utf8() throws {
    let heap = try Rehearsal()
    let client = try heap.connect()
    let body = Array(#"{"app_id":"11","identity":"a"#.utf8) + [0xFF, 0x22, 0x7D]
    let head = "POST \(Rehearsal.users) HTTP/1.1\r\nContent-Type: application/json\r\n"
    client.send(Array("\(head)Content-Length: \(body.count)\r\n\r\n".utf8) + body)
    #expect(try client.reply().status == 400)
    #expect(heap.sandbox.rejects().json.contains(#""rule":"not_json""#))
  }

  @Test(
    "a key that stands twice is refused at every depth",
    arguments: [
      #"{"app_id":"11","app_id":"11","identity":"a","properties":{"k":1}}"#,
      #"{"app_id":"11","identity":"a","properties":{"k":1,"k":1}}"#,
      #"{"app_id":"11","identity":"a","properties":{"k":1,"\u006b":1}}"#,
    ])
  func duplicateKeys(_ body: String) throws {
    #expect(try Rehearsal().ruleBroken(body) == "not_json")
  }

  @Test(
    "an app id is a string of ASCII digits",
    arguments: ["", "null", "11", "\"\"", "\"x\"", "\"11 \"", "\"-1\"", "\"١١\"", "[\"11\"]"])
  func appID(_ id: String) throws {
    let start = id.isEmpty ? "{" : "{\"app_id\":\(id),"
    let body = start + #""identity":"a","properties":{"k":1}}"#
    #expect(try Rehearsal().ruleBroken(body) == "app_id")
  }

  @Test(
    "names that Heap keeps for itself are refused, and others are not",
    arguments: ["id", "ID", "Id", "iD", "user_id", "identity"])
  func forbidden(_ key: String) throws {
    let heap = try Rehearsal()
    #expect(
      try heap.ruleBroken(Rehearsal.user("\"a\"", "{\"k\":1,\"\(key)\":1}")) == "key_forbidden")
    #expect(try heap.ruleBroken(Rehearsal.user("\"a\"", "{\"\(key)s\":1}")) == nil)
  }

  @Test(
    "a value is a number or a string",
    arguments: ["true", "false", "null", "{}", "{\"a\":1}", "[]", "[1]"])
  func kinds(_ value: String) throws {
    let heap = try Rehearsal()
    #expect(try heap.ruleBroken(Rehearsal.user("\"a\"", "{\"k\":\(value)}")) == "value_kind")
    #expect(try heap.ruleBroken(Rehearsal.user("\"a\"", "{\"k\":-1.5e3,\"s\":\"\"}")) == nil)
  }

  @Test("an identity twice in one request is refused, and flagged")
  func duplicates() throws {
    let heap = try Rehearsal()
    let twice = Rehearsal.users([
      Rehearsal.item("a"), Rehearsal.item("b"), Rehearsal.item("a"),
    ])
    #expect(try heap.ruleBroken(twice) == "duplicate_in_batch")
    #expect(heap.count("duplicate_in_batch", app: "11") == 1)
    #expect(heap.sandbox.rejects().json.contains(#""item":2"#))
    // The rules of the items come first, even when the bad item is after the duplicate.
    let worse = Rehearsal.users([
      Rehearsal.item("a"), Rehearsal.item("a"), Rehearsal.item("b", "{}"),
    ])
    #expect(try heap.ruleBroken(worse) == "properties_empty")
    #expect(heap.count("duplicate_in_batch", app: "11") == 1)
  }

  @Test("identities that only look the same are two")
  func scalars() throws {
    let heap = try Rehearsal()
    let composed = "\u{E9}"
    let decomposed = "e\u{301}"
    let users = [composed, decomposed, "Ann", "ann", "ann ", " ann"].map { Rehearsal.item($0) }
    #expect(try heap.ruleBroken(Rehearsal.users(users)) == nil)
    #expect(heap.count("created_users") == 6)
  }

  @Test("one bad item refuses the whole request")
  func allOrNothing() throws {
    let heap = try Rehearsal()
    var users = (0..<999).map { Rehearsal.item("u\($0)") }
    users.append(Rehearsal.item("u999", #"{"k":null}"#))
    #expect(try heap.ruleBroken(Rehearsal.users(users)) == "value_kind")
    #expect(heap.sandbox.state().json == #"{"apps":{}}"#)
    #expect(heap.sandbox.rejects().json.contains(#""item":999,"key":"k""#))
  }

  @Test("an app that nobody has is answered 200 and kept nothing of, whatever the rest says")
  func unknownApp() throws {
    let heap = try Rehearsal(HeapSandbox.Configuration(knownApps: ["11"]))
    let reply = try heap.add(#"{"app_id":"12","identity":"a","properties":{"k":1}}"#)
    #expect(reply.status == 200)
    #expect(reply.body == "{}")
    #expect(try heap.add(#"{"app_id":"12"}"#).status == 200)
    #expect(try heap.add(Rehearsal.user()).status == 200)
    #expect(heap.count("unknown_app", app: "12") == 2)
    #expect(heap.count("unknown_app") == 2)
    #expect(heap.count("items", app: "12") == 0)
    #expect(heap.sandbox.properties(app: "12", identity: "a") == nil)
    #expect(heap.properties("ann") == #"{"n":1}"#)
  }
}
