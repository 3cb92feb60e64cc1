import HeapSandbox
import Testing
import Values

/// What the lenient profile takes that the strict one refuses, and what it refuses all the same.
@Suite struct LenientTests {
  private static func rehearsal() throws -> Rehearsal {
    var configuration = HeapSandbox.Configuration()
    configuration.profile = .lenient
    return try Rehearsal(configuration)
  }

  private static func text(_ count: Int) -> String { String(repeating: "x", count: count) }

  @Test("an app id may be a whole number, and is the same app as its digits")
  func appID() throws {
    let heap = try Self.rehearsal()
    try heap.add(#"{"app_id":11,"identity":"ann","properties":{"a":1}}"#)
    try heap.add(#"{"app_id":"11","identity":"ann","properties":{"b":1}}"#)
    #expect(heap.properties("ann") == #"{"a":1,"b":1}"#)
    for id in ["-1", "1.5", "true", "\"x\"", "null"] {
      let body = #"{"app_id":\#(id),"identity":"ann","properties":{"a":1}}"#
      #expect(try heap.ruleBroken(body) == "app_id")
    }
  }

  @Test("fields that Heap does not know are passed over, in the request and in its items")
  func unknownFields() throws {
    let heap = try Self.rehearsal()
    let body = #"{"app_id":"11","x":1,"users":[{"identity":"a","y":1,"properties":{"k":1}}]}"#
    #expect(try heap.ruleBroken(body) == nil)
    #expect(heap.properties("a") == #"{"k":1}"#)
    let mixed = #"{"app_id":"11","identity":"b","users":[{"identity":"a","properties":{"k":1}}]}"#
    #expect(try heap.ruleBroken(mixed) == "single_and_bulk")
  }

  @Test("a timestamp may be whole milliseconds")
  func timestamps() throws {
    let heap = try Self.rehearsal()
    func broken(_ timestamp: String) throws -> String? {
      try heap.ruleBroken(TrackTests.body(#""timestamp":\#(timestamp)"#), at: Rehearsal.track)
    }
    #expect(try broken("1489184516000") == nil)
    #expect(
      try heap.page("events?app=11")["keyless-1"]["timestamp"]
        == .string("2017-03-10T22:21:56.000Z"))
    #expect(try broken("1489184516000.5") == "timestamp")
    #expect(try broken("1e30") == "timestamp")
    #expect(try broken(#""2017-03-10T22:21:56""#) == "timestamp")
  }

  @Test("booleans become strings; null and objects are dropped and counted")
  func values() throws {
    let heap = try Self.rehearsal()
    try heap.add(
      Rehearsal.user("\"ann\"", #"{"t":true,"f":false,"n":null,"o":{"a":1},"k":1}"#))
    #expect(heap.properties("ann") == #"{"f":"false","k":1,"t":"true"}"#)
    #expect(heap.count("dropped_values", app: "11") == 2)
    try heap.post(
      Rehearsal.track, TrackTests.body(#""properties":{"a":["x",true,null,{},[1],2]}"#))
    #expect(
      try heap.page("events?app=11")["keyless-1"]["properties"].json == #"{"a":"x||true||2"}"#)
    #expect(heap.count("dropped_values", app: "11") == 5)
  }

  @Test("a name has 1024 characters at most, and a longer string is cut there")
  func lengths() throws {
    let heap = try Self.rehearsal()
    #expect(try heap.ruleBroken(Rehearsal.user("\"a\"", "{\"\(Self.text(1024))\":1}")) == nil)
    #expect(
      try heap.ruleBroken(Rehearsal.user("\"a\"", "{\"\(Self.text(1025))\":1}")) == "key_too_long")
    for count in [1023, 1024, 1025] {
      #expect(
        try heap.ruleBroken(Rehearsal.user("\"b\"", "{\"k\":\"\(Self.text(count))\"}")) == nil)
      #expect(heap.properties("b") == "{\"k\":\"\(Self.text(min(count, 1024)))\"}")
    }
    #expect(heap.count("truncated_values", app: "11") == 1)
  }

  @Test("one identity twice in a request is written twice, in order")
  func duplicates() throws {
    let heap = try Self.rehearsal()
    let body = Rehearsal.users([Rehearsal.item("a", #"{"k":1}"#), Rehearsal.item("a", #"{"k":2}"#)])
    #expect(try heap.ruleBroken(body) == nil)
    #expect(heap.properties("a") == #"{"k":2}"#)
    #expect(heap.count("duplicate_in_batch") == 0)
  }

  @Test(
    "the rest is refused as ever",
    arguments: [
      (Rehearsal.users, #""identity":7,"properties":{"k":1}"#, "identity_not_a_string"),
      (Rehearsal.users, #""identity":"a","properties":{"k":[1]}"#, "value_kind"),
      (Rehearsal.users, #""identity":"a","properties":{"ID":1}"#, "key_forbidden"),
      (Rehearsal.users, #""identity":"a","properties":{"k":1e999}"#, "value_not_finite"),
      (Rehearsal.users, #""identity":"a","properties":{}"#, "properties_empty"),
      (Rehearsal.accounts, #""account_id":"a","properties":{"k":[]}"#, "value_kind"),
      (Rehearsal.track, #""event":"E","identity":"a","user_id":"7""#, "identity_and_user_id"),
      (Rehearsal.track, #""event":"E","identity":7"#, "identity_not_a_string"),
      (Rehearsal.identify, #""identity":"a","user_id":7"#, "user_id"),
    ])
  func refused(_ path: String, _ fields: String, _ rule: String) throws {
    #expect(try Self.rehearsal().ruleBroken(Rehearsal.event(fields), at: path) == rule)
  }
}
