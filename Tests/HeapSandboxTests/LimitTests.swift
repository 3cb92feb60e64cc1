import HeapSandbox
import Testing

/// One vector that is accepted and one that is refused at each limit.
@Suite struct LimitTests {
  private static func text(_ count: Int) -> String { String(repeating: "x", count: count) }

  @Test("an identity has 1 to 255 characters")
  func identity() throws {
    let heap = try Rehearsal()
    #expect(try heap.ruleBroken(Rehearsal.user("\"x\"")) == nil)
    #expect(try heap.ruleBroken(Rehearsal.user("\"\"")) == "identity_blank")
    #expect(try heap.ruleBroken(Rehearsal.user("\"\(Self.text(255))\"")) == nil)
    #expect(try heap.ruleBroken(Rehearsal.user("\"\(Self.text(256))\"")) == "identity_too_long")
  }

  @Test("a property's name has 1 to 511 characters")
  func key() throws {
    let heap = try Rehearsal()
    func body(_ key: String) -> String { Rehearsal.user("\"ann\"", "{\"\(key)\":1}") }
    #expect(try heap.ruleBroken(body("k")) == nil)
    #expect(try heap.ruleBroken(body("")) == "key_empty")
    #expect(try heap.ruleBroken(body(Self.text(511))) == nil)
    #expect(try heap.ruleBroken(body(Self.text(512))) == "key_too_long")
  }

  @Test("a string value has at most 1023 characters")
  func value() throws {
    let heap = try Rehearsal()
    func body(_ value: String) -> String { Rehearsal.user("\"ann\"", "{\"k\":\"\(value)\"}") }
    #expect(try heap.ruleBroken(body("")) == nil)
    #expect(try heap.ruleBroken(body(Self.text(1023))) == nil)
    #expect(try heap.ruleBroken(body(Self.text(1024))) == "value_too_long")
  }

  @Test("characters are counted as UTF-16 units")
  func units() throws {
    let heap = try Rehearsal()
    func identity(_ text: String) -> String { Rehearsal.user("\"\(text)\"") }
    func value(_ text: String) -> String { Rehearsal.user("\"ann\"", "{\"k\":\"\(text)\"}") }
    let faces = String(repeating: "😀", count: 511)
    #expect(try heap.ruleBroken(value(faces + "x")) == nil)
    #expect(try heap.ruleBroken(value(faces + "xx")) == "value_too_long")
    let short = String(repeating: "😀", count: 127)
    #expect(try heap.ruleBroken(identity(short + "x")) == nil)
    #expect(try heap.ruleBroken(identity(short + "xx")) == "identity_too_long")
    #expect(try heap.ruleBroken(value(String(repeating: "é", count: 1023))) == nil)
  }

  @Test("a list holds 1 to 1000 users")
  func count() throws {
    let heap = try Rehearsal()
    func body(_ count: Int) -> String {
      Rehearsal.users((0..<count).map { Rehearsal.item("u\($0)") })
    }
    #expect(try heap.ruleBroken(body(0)) == "item_count")
    #expect(try heap.ruleBroken(body(1)) == nil)
    #expect(try heap.ruleBroken(body(1000)) == nil)
    #expect(try heap.ruleBroken(body(1001)) == "item_count")
    #expect(heap.count("items", app: "11") == 1001)
    #expect(heap.count("created_users", app: "11") == 1000)
  }

  @Test("an account's id has 1 to 255 characters")
  func account() throws {
    let heap = try Rehearsal()
    func broken(_ id: String) throws -> String? {
      try heap.ruleBroken(Rehearsal.account("\"\(id)\""), at: Rehearsal.accounts)
    }
    #expect(try broken("x") == nil)
    #expect(try broken("") == "account_id_blank")
    #expect(try broken(Self.text(255)) == nil)
    #expect(try broken(Self.text(256)) == "account_id_too_long")
  }

  /// The rule that an event breaks, whose fields are given as JSON.
  private static func broken(_ heap: Rehearsal, _ fields: String) throws -> String? {
    try heap.ruleBroken(Rehearsal.event(fields), at: Rehearsal.track)
  }

  @Test("an event's name has 1 to 1024 characters")
  func event() throws {
    let heap = try Rehearsal()
    func broken(_ name: String) throws -> String? {
      try Self.broken(heap, #""identity":"a","event":"\#(name)""#)
    }
    #expect(try broken("x") == nil)
    #expect(try broken("") == "event_length")
    #expect(try broken(Self.text(1024)) == nil)
    #expect(try broken(Self.text(1025)) == "event_length")
    #expect(try broken(String(repeating: "😀", count: 512)) == nil)
    #expect(try broken(String(repeating: "😀", count: 512) + "x") == "event_length")
  }

  @Test("the identity of an event has 1 to 255 characters")
  func eventIdentity() throws {
    let heap = try Rehearsal()
    func broken(_ identity: String) throws -> String? {
      try Self.broken(heap, #""event":"E","identity":"\#(identity)""#)
    }
    #expect(try broken(Self.text(255)) == nil)
    #expect(try broken(Self.text(256)) == "identity_too_long")
  }

  @Test("an idempotency key has 8 to 255 characters")
  func idempotencyKey() throws {
    let heap = try Rehearsal()
    func broken(_ key: String) throws -> String? {
      try Self.broken(heap, #""event":"E","identity":"a","idempotency_key":"\#(key)""#)
    }
    #expect(try broken(Self.text(7)) == "idempotency_key")
    #expect(try broken(Self.text(8)) == nil)
    #expect(try broken(Self.text(255)) == nil)
    #expect(try broken(Self.text(256)) == "idempotency_key")
    #expect(
      try Self.broken(heap, #""event":"E","identity":"a","idempotency_key":12345678"#)
        == "idempotency_key")
  }

  @Test(
    "names and values of events and accounts have the limits of users'",
    arguments: [Rehearsal.track, Rehearsal.accounts])
  func otherProperties(_ path: String) throws {
    let heap = try Rehearsal()
    func broken(_ properties: String) throws -> String? {
      let start =
        path == Rehearsal.track ? #""event":"E","identity":"a""# : #""account_id":"a""#
      return try heap.ruleBroken(
        Rehearsal.event(start + #","properties":{\#(properties)}"#), at: path)
    }
    #expect(try broken("\"\(Self.text(511))\":1") == nil)
    #expect(try broken("\"\(Self.text(512))\":1") == "key_too_long")
    #expect(try broken("\"k\":\"\(Self.text(1023))\"") == nil)
    #expect(try broken("\"k\":\"\(Self.text(1024))\"") == "value_too_long")
  }

  @Test("a list holds 1 to 1000 events or accounts")
  func otherCounts() throws {
    let heap = try Rehearsal()
    for (path, list) in [
      (
        Rehearsal.track,
        { (count: Int) in
          Rehearsal.events((0..<count).map { #"{"event":"E","identity":"u\#($0)"}"# })
        }
      ),
      (
        Rehearsal.accounts,
        { (count: Int) in
          Rehearsal.accounts((0..<count).map { #"{"account_id":"a\#($0)","properties":{"k":1}}"# })
        }
      ),
    ] {
      #expect(try heap.ruleBroken(list(0), at: path) == "item_count")
      #expect(try heap.ruleBroken(list(1), at: path) == nil)
      #expect(try heap.ruleBroken(list(1000), at: path) == nil)
      #expect(try heap.ruleBroken(list(1001), at: path) == "item_count")
    }
    #expect(heap.count("created_events", app: "11") == 1001)
    #expect(heap.count("created_accounts", app: "11") == 1000)
  }

  @Test("a body has at most 1 MiB")
  func body() throws {
    let heap = try Rehearsal()
    func body(_ size: Int) -> String {
      let user = Rehearsal.user()
      return user + String(repeating: " ", count: size - user.utf8.count)
    }
    #expect(try heap.add(body(1 << 20)).status == 200)
    let reply = try heap.add(body(1 << 20 + 1))
    #expect(reply.status == 413)
    #expect(reply.fields["connection"] == "close")
    #expect(try heap.ruleBroken(body(1 << 20 + 1)) == "body_too_large")
  }

  @Test("the limit of the body can be set")
  func bodyLimit() throws {
    let heap = try Rehearsal(HeapSandbox.Configuration(maxBodyBytes: 53))
    #expect(Rehearsal.user().utf8.count == 53)
    #expect(try heap.add(Rehearsal.user()).status == 200)
    #expect(try heap.add(Rehearsal.user("\"anna\"")).status == 413)
  }
}
