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
