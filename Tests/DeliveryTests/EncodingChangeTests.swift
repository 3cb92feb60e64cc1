import Delivery
import Membership
import Testing
import Values

/// An edited `booleans` or `absent`.
struct EncodingChangeTests {
  private func waiting(_ office: Office) throws -> [String] {
    try EncodingChange.waiting(office.connection, office.state, office.destination)
      .map { "\($0.key) \($0.values)" }
  }

  private func approve(_ definition: Int64, _ office: Office) throws {
    try office.connection.transaction("approve") {
      try EncodingChange.approve(definition, office.connection, office.state, office.destination)
    }
  }

  /// Two members and one who left, and a trait of two.
  private func told() throws -> Office {
    let office = try Office()
    for user in 1...3 as ClosedRange<Int64> { try office.set(user, 1, "true") }
    try office.set(1, 3, "true")
    try office.set(2, 3, "\"Bern\"")
    try office.send()
    try office.set(3, 1, nil)
    try office.send()
    return office
  }

  @Test("what was acknowledged is counted, and not sent before it is approved")
  func counted() throws {
    let office = try told()
    #expect(try waiting(office) == [])
    try office.edit(booleans: .json)
    #expect(try waiting(office) == ["city 1", "vip 3"])
    let requests = office.transport.bodies.count
    #expect(try office.outbox.count() == 0)
    try office.send()
    #expect(office.transport.bodies.count == requests)
    try approve(1, office)
    #expect(try waiting(office) == ["city 1"])
    #expect(try office.outbox.count() == 3)
    try office.send()
    #expect(
      office.transport.bodies.last == """
        {"app_id":"11","users":[{"identity":"user-1","properties":{"vip":true}},\
        {"identity":"user-2","properties":{"vip":true}},\
        {"identity":"user-3","properties":{"vip":false}}]}
        """)
    #expect(try office.count("pending") == 0)
  }

  @Test("until then new values of the definition go out in the form of the others")
  func consistent() throws {
    let office = try told()
    try office.edit(booleans: .json)
    try office.set(4, 1, "true")
    try office.set(1, 1, nil)
    try office.send()
    #expect(
      office.transport.bodies.last == """
        {"app_id":"11","users":[{"identity":"user-1","properties":{"vip":"false"}},\
        {"identity":"user-4","properties":{"vip":"true"}}]}
        """)
    #expect(try waiting(office) == ["city 1", "vip 4"])
  }

  @Test("changed back, there is nothing to approve")
  func changedBack() throws {
    let office = try told()
    try office.edit(booleans: .json)
    try office.edit()
    #expect(try waiting(office) == [])
    try office.set(4, 1, "true")
    try office.send()
    #expect(office.transport.bodies.last?.contains("\"vip\":\"true\"") == true)
  }

  @Test("where nothing would be another, the new encoding is taken on at once")
  func harmless() throws {
    let office = try told()
    try office.edit(absent: .keep)
    #expect(try waiting(office) == [])
    try office.set(2, 3, nil)
    let requests = office.transport.bodies.count
    try office.send()
    #expect(office.transport.bodies.count == requests)
    // Now a value that went away would be sent.
    try office.edit()
    #expect(try waiting(office) == ["city 1"])
    try approve(3, office)
    try office.send()
    #expect(office.transport.bodies.last?.contains("\"city\":\"\"") == true)
    #expect(try waiting(office) == [])
  }

  @Test("what is to be sent anyway is no encoding change")
  func pendingAnyway() throws {
    let office = try told()
    try office.set(1, 1, nil)
    try office.edit(booleans: .json)
    #expect(try waiting(office) == ["city 1", "vip 2"])
  }

  @Test("an object that a store of version 2 sent as text waits for approval, too")
  func formOfVersion2() throws {
    let office = try Office()
    try office.set(1, 3, #"{"a":1}"#)
    try office.connection.execute(
      """
      INSERT INTO encodings VALUES (\(office.state.id), 3, 'string empty 1');
      INSERT INTO acknowledged
        VALUES (\(office.state.id), 0, 'user-1', 3, 'city', '"{\\"a\\":1}"', 0);
      """)
    try office.edit()
    #expect(try office.send().requests == 0)
    #expect(try waiting(office) == ["city 2"])
    try approve(3, office)
    try office.send()
    #expect(office.transport.bodies.last?.contains(#"{"city":"","city.a":1}"#) == true)
  }
}
