import Foundation
import Operations
import Testing
import Values

/// The guard at a destination that knows users by a trait.
struct GuardedIdentityTests {
  /// A place with users who ordered on the first day, most of them with an address.
  private func shop(_ known: Range<Int>, unknown: Range<Int>) throws -> GuardedPlace {
    let shop = try GuardedPlace()
    let calls = shop.place.folder.appendingPathComponent("identify.ndjson").path
    try shop.place.write(
      "file.destination", "---\ntype: file\npath: \(calls)\nidentity: trait email\n---\n")
    try shop.order(known, day: 0)
    try shop.order(unknown, day: 0)
    try name(known, "a", day: 0, shop)
    return shop
  }

  private func name(_ users: Range<Int>, _ host: String, day: Int64, _ shop: GuardedPlace) throws {
    let time = Instant(milliseconds: GuardedPlace.start + day * GuardedPlace.day)
    try shop.place.ingest(
      users.map { user in
        "{\"type\":\"identify\",\"messageId\":\"\(user) \(host)\",\"userId\":\"u\(user)\","
          + "\"timestamp\":\"\(time)\",\"traits\":{\"email\":\"u\(user)@\(host)\"}}\n"
      }.joined())
  }

  private func guards(_ column: String, _ shop: GuardedPlace) throws -> String? {
    try shop.place.rows(
      """
      SELECT ifnull(g.\(column), 'none') || '' FROM guards AS g
        JOIN definitions AS d ON d.id = g.definition WHERE d.key = 'buyers'
      """
    ).first?.first
  }

  @Test("users without an identity do not keep a definition from being right, and guarded")
  func without() throws {
    let shop = try shop(0..<120, unknown: 120..<125)
    let report = try shop.run(day: 0)
    #expect(report.sent == 120 && report.destinations[0].withoutIdentity == 5)
    #expect(try guards("baseline", shop) == "120")
    #expect(try guards("right_at", shop) == "\(GuardedPlace.start)")
    // Back to nothing within the window: past the guard.
    #expect(shop.held(try shop.run(day: 40)) == ["buyers swing 120"])
  }

  @Test("identities that change for many are held on both sides, and sent once approved")
  func changed() throws {
    let shop = try shop(0..<120, unknown: 0..<0)
    try shop.run(day: 0)
    try name(0..<25, "b", day: 1, shop)
    let report = try shop.run(day: 1)
    #expect(shop.held(report) == ["buyers swing 50"])
    #expect(report.sent == 0 && report.pending == 50)
    #expect(try shop.place.rows("SELECT count(*) FROM former_identities") == [["25"]])
    #expect(try shop.told() == 120)
    _ = try shop.place.session.approve("buyers")
    let next = try shop.run(day: 1, minute: 1)
    #expect(next.sent == 50 && next.pending == 0 && shop.held(next) == [])
    #expect(try shop.place.rows("SELECT count(*) FROM former_identities") == [["0"]])
    #expect(try shop.told() == 120)
  }
}
