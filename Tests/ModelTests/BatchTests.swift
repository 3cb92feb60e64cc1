import Foundation
import Testing
import Values

/// How the rows of models become requests.
@Suite struct BatchTests {
  private static func model(_ count: Int, _ columns: String, _ front: String) -> String {
    """
    ---
    \(front)
    ---
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(count))
    SELECT 'u' || i AS id, \(columns) FROM n
    """
  }

  private static let user = "object: user\nidentity: id"
  private static let event = "object: event\nidentity: id\ninsert_id: id\nevent: Call"

  @Test("a request has a thousand users or events at most", arguments: [user, event])
  func items(_ front: String) throws {
    let shop = try Shop([("m.sql", Self.model(1001, "7 AS v", front))])
    let report = try shop.run(day: 2)
    #expect(report.sent == 1001 && report.requests == 2)
    #expect(shop.counter("rejected") == 0 && shop.counter("items") == 1001)
  }

  @Test("and a mebibyte at most", arguments: [user, event])
  func bytes(_ front: String) throws {
    let long = "printf('%.*c', 1000, 'x')"
    let shop = try Shop([("m.sql", Self.model(600, "\(long) AS a, \(long) AS b", front))])
    let report = try shop.run(day: 2)
    #expect(report.requests == 2 && report.pending == 0)
    #expect(shop.counter("rejected") == 0 && shop.counter("items") == 600)
  }

  @Test("users come before accounts, and accounts before events")
  func order() throws {
    let shop = try Shop(
      [
        ("a.sql", Self.model(1, "1 AS v", Self.event)),
        ("b.sql", Self.model(1, "1 AS v", "object: account\naccount_id: id")),
        ("c.sql", Self.model(1, "1 AS v", Self.user)),
      ], destination: "account_property: Company\n")
    #expect(try shop.run(day: 2).requests == 3)
    #expect(
      shop.sandbox.requests().elements.map { $0["path"].textForm } == [
        "/api/add_user_properties", "/api/add_account_properties", "/api/track",
      ])
  }

  @Test("an event's key is of its destination, its model and its insert id; its parts are sorted")
  func keys() throws {
    let columns = "2 AS b, 1 AS a"
    let shop = try Shop([
      ("m.sql", Self.model(1, columns, Self.event)), ("n.sql", Self.model(1, columns, Self.event)),
    ])
    let out = shop.folder.appendingPathComponent("out")
    for name in ["one", "two"] {
      try shop.write(
        name + ".destination", "---\ntype: file\npath: \(out.path).\(name)\n---\n")
    }
    #expect(try shop.run(day: 2).sent == 6)
    #expect(shop.events.count == 2 && shop.counter("duplicates") == 0)
    let lines = try ["one", "two"].flatMap { name in
      try String(contentsOfFile: out.path + "." + name, encoding: .utf8).split(separator: "\n")
    }
    let calls = try lines.map { try Value(json: String($0)) }
    #expect(Set(calls.compactMap { $0["messageId"].textForm }).count == 4)
    #expect(calls.allSatisfy { $0["properties"].json == #"{"a":1,"b":2}"# })
  }
}

extension Value {
  fileprivate var elements: [Value] {
    if case .array(let elements) = self { return elements }
    return []
  }
}
