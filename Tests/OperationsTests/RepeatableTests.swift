import Definitions
import Delivery
import Foundation
import Membership
import Operations
import SQLite
import Testing
import Values

/// The same events and definitions, twice.
struct RepeatableTests {
  /// Notes requests and accepts them.
  private final class Notebook: Transport {
    var requests: [Request] = []
    /// Breaks off after so many requests.
    var limit = Int.max

    func send(_ request: Request) -> Answer {
      guard requests.count < limit else { return .unusable(reason: "status 404") }
      requests.append(request)
      return .accepted
    }
  }

  private static let heap = DestinationDefinition(
    name: "heap", target: .heap(appID: "11", url: "http://127.0.0.1"),
    accountProperty: "account_id", path: "heap.destination")

  /// A store with some thousand users and a hundred accounts.
  private func place(threads: Int) throws -> Workplace {
    let place = try Workplace([
      ("vip.audience", "---\nname: VIP\n---\nevent('Bought').count() >= 2\n"),
      ("bought.trait", "---\nname: Bought\n---\nevent('Bought').sum(property('price'))\n"),
      ("last.trait", "---\nname: Last\n---\nevent('Bought').last(property('item'))\n"),
      (
        "big.audience",
        "---\nname: Big\ntype: accounts\nsend: both\n---\nevent('Bought').count() >= 60\n"
      ),
    ])
    var lines = ""
    for number in 0..<6000 {
      let user = (number * 7919) % 2500
      lines += """
        {"type":"track","event":"Bought","messageId":"\(number)","userId":"user \(user)",\
        "timestamp":"1970-01-01T00:00:00Z",\
        "properties":{"price":\(number % 97).1,"item":{"b":\(number % 5),"a":["é",\(number)]}}}
        {"type":"group","messageId":"g\(number)","userId":"user \(user)",\
        "groupId":"account \(user % 100)","timestamp":"1970-01-01T00:00:00Z"}

        """
    }
    try place.ingest(lines)
    try place.run(at: 86_400_000, threads: threads)
    return place
  }

  /// Sends what is pending in requests of a hundred. Returns what went wrong.
  private func send(_ place: Workplace, _ notebook: Notebook) throws -> String? {
    let connection = try Connection(path: place.session.storePath, mode: .readWrite)
    let state = try connection.transaction("register") {
      try DestinationState.register(Self.heap, connection)
    }
    var sender = Sender(
      connection, try #require(state), Self.heap, notebook, at: Instant(milliseconds: 86_400_000))
    sender.limits.items = 100
    return try sender.send().failure
  }

  @Test("two stores in two folders send the same requests in the same order, byte for byte")
  func twice() throws {
    let notebooks = [Notebook(), Notebook()]
    for (place, notebook) in notebooks.enumerated() {
      #expect(try send(try self.place(threads: place + 1), notebook) == nil)
    }
    #expect(notebooks[0].requests.count > 20)
    let isSame = notebooks[0].requests == notebooks[1].requests
    #expect(isSame)
    let users = notebooks[0].requests.prefix { $0.path.hasSuffix("user_properties") }
    #expect(users.count == notebooks[0].requests.count - 1)
  }

  @Test("Row 34, first sync: one that breaks off goes on where it was, and sends the same in all")
  func resumed() throws {
    let whole = Notebook()
    let place = try place(threads: 1)
    let other = try self.place(threads: 1)
    #expect(try send(place, whole) == nil)
    let parts = Notebook()
    for limit in [3, 11, 12] {
      parts.limit = limit
      #expect(try send(other, parts)?.hasPrefix("status 404") == true)
      #expect(parts.requests.count == limit)
    }
    parts.limit = .max
    #expect(try send(other, parts) == nil)
    let isSame = parts.requests == whole.requests
    #expect(isSame)
    #expect(try send(other, parts) == nil)
    #expect(parts.requests.count == whole.requests.count)
  }
}
