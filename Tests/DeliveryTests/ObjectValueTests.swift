import Delivery
import Testing
import Values

/// A definition whose value is an object, which makes several properties.
struct ObjectValueTests {
  private func properties(_ body: String?) throws -> String? {
    try body.map { try Value(json: $0)["users"].elements.first?["properties"].json ?? "" }
  }

  @Test("only the parts that changed are sent, and a part that vanished as absent")
  func changes() throws {
    let office = try Office()
    try office.set(1, 3, #"{"name":"Bern","zip":3000,"at":{"x":1}}"#)
    #expect(try office.send().sent == 3)
    #expect(
      try properties(office.transport.bodies.last)
        == #"{"city.at.x":1,"city.name":"Bern","city.zip":3000}"#)
    try office.set(1, 3, #"{"name":"Basel","zip":3000,"at":{}}"#)
    #expect(try office.send().sent == 2)
    #expect(
      try properties(office.transport.bodies.last) == #"{"city.at.x":"","city.name":"Basel"}"#)
    try office.set(1, 3, #"{"zip":3000,"name":"Basel"}"#)
    #expect(try office.send().requests == 0)
    #expect(try office.count("pending") == 0)
  }

  @Test("a value that becomes an object, and one that is one no more, leaves nothing behind")
  func shapes() throws {
    let office = try Office()
    try office.set(1, 3, "\"Bern\"")
    try office.send()
    try office.set(1, 3, #"{"name":"Bern"}"#)
    try office.send()
    #expect(try properties(office.transport.bodies.last) == #"{"city":"","city.name":"Bern"}"#)
    try office.set(1, 3, "7")
    try office.send()
    #expect(try properties(office.transport.bodies.last) == #"{"city":7,"city.name":""}"#)
    try office.set(1, 3, nil)
    try office.send()
    #expect(try properties(office.transport.bodies.last) == #"{"city":""}"#)
    #expect(try office.count("pending") == 0)
  }

  @Test("with absent: keep a vanished part is not sent")
  func keep() throws {
    let office = try Office(absent: .keep)
    try office.set(1, 3, #"{"a":1,"b":2}"#)
    try office.send()
    try office.set(1, 3, #"{"a":1}"#)
    #expect(try office.send().requests == 0)
    #expect(try office.count("pending") == 0)
  }

  @Test("parts with one name, and names that are too long, are put aside; the others arrive")
  func impossible() throws {
    let office = try Office()
    let long = String(repeating: "x", count: 600)
    try office.set(1, 3, #"{"a.b":1,"a":{"b":2},"\#(long)":3,"c":4}"#)
    let report = try office.send()
    #expect(report.sent == 1 && report.quarantined == 2 && report.requests == 1)
    #expect(try properties(office.transport.bodies.last) == #"{"city.c":4}"#)
    #expect(
      try office.count("quarantine", where: "status IS NULL AND reason LIKE 'two parts%'") == 1)
    #expect(try office.count("pending") == 0)
    try office.set(1, 3, #"{"a":{"b":2}}"#)
    try office.send()
    // What could not be sent before goes alone.
    #expect(
      try office.transport.bodies.suffix(2).map(properties) == [
        #"{"city.c":""}"#, #"{"city.a.b":2}"#,
      ])
    #expect(try office.count("quarantine", where: "property = 'city.a.b'") == 0)
  }

  @Test("texts that were cut are counted; with long_values: reject they are put aside")
  func longTexts() throws {
    let long = "\"" + String(repeating: "x", count: 1500) + "\""
    let office = try Office()
    try office.set(1, 3, long)
    let report = try office.send()
    #expect(report.sent == 1 && report.shortened == 1)
    let strict = try Office(longValues: .reject)
    try strict.set(1, 3, long)
    let refused = try strict.send()
    #expect(refused.requests == 0 && refused.quarantined == 1)
    #expect(try strict.send().quarantined == 0)
    try strict.set(1, 3, "\"short\"")
    #expect(try strict.send().sent == 1)
    #expect(try strict.count("quarantine") == 0)
  }
}

extension Value {
  var elements: [Value] {
    if case .array(let elements) = self { return elements }
    return []
  }
}
