import Operations
import Testing
import Values

struct CadenceTests {
  private static func at(_ text: String) throws -> Instant { try #require(Instant(iso8601: text)) }

  @Test(
    "beats lie on the clock, whenever one asks",
    arguments: [
      ("2h", "2026-03-01T01:59:59.999Z", "2026-03-01T00:00:00Z", "2026-03-01T02:00:00Z"),
      ("2h", "2026-03-01T02:00:00.000Z", "2026-03-01T02:00:00Z", "2026-03-01T04:00:00Z"),
      ("2h", "2026-03-01T02:00:00.001Z", "2026-03-01T02:00:00Z", "2026-03-01T04:00:00Z"),
      ("5m", "2026-03-01T02:04:00Z", "2026-03-01T02:00:00Z", "2026-03-01T02:05:00Z"),
      ("1d", "2026-03-01T23:00:00Z", "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"),
      ("1d", "1969-12-31T23:00:00Z", "1969-12-31T00:00:00Z", "1970-01-01T00:00:00Z"),
    ])
  func beats(_ every: String, _ now: String, _ before: String, _ after: String) throws {
    let cadence = Cadence(every: try #require(Duration(short: every)))
    #expect(cadence.beat(atOrBefore: try Self.at(now)) == (try Self.at(before)))
    #expect(cadence.beat(after: try Self.at(now)) == (try Self.at(after)))
  }
}
