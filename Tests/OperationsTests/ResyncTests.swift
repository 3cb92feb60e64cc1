import Foundation
import Operations
import Testing
import Values

/// Telling a destination everything again, where it has accounts and former identities.
struct ResyncTests {
  private static let day: Int64 = 86_400_000

  private func call(_ type: String, _ user: String, _ rest: String, day: Int64 = 1) -> String {
    "{\"type\":\"\(type)\",\"messageId\":\"\(type) \(user) \(day)\",\"userId\":\"\(user)\","
      + "\"timestamp\":\"\(Instant(milliseconds: day * Self.day))\",\(rest)}\n"
  }

  /// Two users of one account, by their addresses, one of whom then has another address.
  private func told() throws -> Workplace {
    let place = try Workplace(
      [
        ("used.audience", "---\nname: Used\n---\nevent('Used').count() >= 1\n"),
        ("tier.trait", "---\nname: Tier\ntype: accounts\nsend: both\n---\ntrait('level')\n"),
      ], settings: "identity: trait email\naccount_property: Account ID\n")
    for user in ["ann", "bob"] {
      try place.ingest(
        call("track", user, #""event":"Used""#)
          + call("identify", user, #""traits":{"email":"\#(user)@x"}"#)
          + call("group", user, #""groupId":"acme","traits":{"level":"gold"}"#))
    }
    try place.run(at: 2 * Self.day, sends: true)
    try place.ingest(call("identify", "ann", #""traits":{"email":"ann@y"}"#, day: 3))
    try place.run(at: 4 * Self.day, sends: true)
    #expect(try place.rows("SELECT count(*) FROM former_identities") == [["0"]])
    return place
  }

  /// Sends, and gives how many values went out.
  private func send(_ place: Workplace) throws -> Int {
    try place.session.send(ignoresCadence: true).reduce(0) { $0 + $1.sent }
  }

  @Test("accounts, latest accounts and identities that are nobody's now are told again, too")
  func everything() throws {
    let place = try told()
    let told = try place.told()
    // Three values of each of three identities, and one of the account.
    #expect(told.count == 10)
    let plan = try place.session.planResync("file", nil)
    #expect(plan.values == 10 && plan.users == 3 && plan.requests == 3)
    #expect(try send(place) == 0, "a plan changes nothing")
    #expect(try place.session.resync("file", nil) == plan)
    #expect(try send(place) == 10)
    #expect(try place.told() == told)
    #expect(try place.rows("SELECT count(*) FROM former_identities") == [["0"]])
    #expect(try send(place) == 0)
  }

  @Test("one definition alone, of users and accounts")
  func one() throws {
    let place = try told()
    #expect(try place.session.resync("file", "tier").values == 4)
    #expect(try send(place) == 4)
    #expect(try place.session.resync("file", "used").values == 3)
    #expect(try send(place) == 3)
  }

  @Test("nothing stays behind of a destination that is forgotten")
  func forgotten() throws {
    let place = try told()
    try FileManager.default.removeItem(atPath: place.session.folder + "/file.destination")
    _ = try place.session.forgetDestination("file")
    let tables = [
      "destinations", "pending", "acknowledged", "encodings", "former_identities", "quarantine",
      "guards", "request_meters",
    ]
    for table in tables {
      #expect(try place.rows("SELECT count(*) FROM \(table)") == [["0"]], "\(table)")
    }
  }
}
