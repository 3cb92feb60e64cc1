import Definitions
import Delivery
import Foundation
import Membership
import Operations
import SQLite
import Testing
import Values

/// Accounts from group calls to what is sent.
struct AccountSendingTests {
  private static let day: Int64 = 86_400_000

  private func place(send: String = "accounts") throws -> Workplace {
    try Workplace(
      [
        (
          "active.audience",
          "---\nname: Active\ntype: accounts\nsend: \(send)\n---\nevent('Used').count() >= 1\n"
        ),
        (
          "tier.trait", "---\nname: Tier\ntype: accounts\nsend: \(send)\n---\ntrait('level')\n"
        ),
      ], settings: "account_property: account_id\n")
  }

  private func group(
    _ user: String, _ account: String, day: Int64, tier: String? = nil
  ) -> String {
    let traits = tier.map { ",\"traits\":{\"level\":\"\($0)\"}" } ?? ""
    return
      "{\"type\":\"group\",\"messageId\":\"\(user) \(account) \(day)\",\"userId\":\"\(user)\","
      + "\"groupId\":\"\(account)\",\"timestamp\":\"\(Instant(milliseconds: day * Self.day))\""
      + "\(traits)}\n"
  }

  private func used(_ user: String, day: Int64) -> String {
    "{\"type\":\"track\",\"event\":\"Used\",\"messageId\":\"used \(user) \(day)\","
      + "\"userId\":\"\(user)\",\"timestamp\":\"\(Instant(milliseconds: day * Self.day))\"}\n"
  }

  /// Runs and sends, and gives the lines that this wrote.
  private func sent(_ place: Workplace, day: Int64, isFull: Bool = false) throws -> [String] {
    let before = try lines(place).count
    place.session.at = Instant(milliseconds: day * Self.day)
    let plan = try place.session.plan(isFull: isFull)
    let run = try place.run(at: day * Self.day, isFull: isFull, sends: true)
    #expect(plan.requests == run.requests && plan.destinations.first?.sent == run.sent)
    #expect(try place.rows("SELECT count(*) FROM pending") == [["0"]])
    return Array(try lines(place).dropFirst(before))
  }

  private func lines(_ place: Workplace) throws -> [String] {
    let file = place.folder.appendingPathComponent("identify.ndjson")
    guard let data = try? Data(contentsOf: file) else { return [] }
    return try String(decoding: data, as: UTF8.self).split(separator: "\n").map { line in
      let call = try Value(json: String(line))
      let name = call["type"] == .string("group") ? "groupId" : "userId"
      return (call[name].textForm ?? "") + " " + call["traits"].json
    }
  }

  @Test("users get their account, then accounts their properties; later only what changed")
  func changes() throws {
    let place = try place()
    try place.ingest(
      group("ann", "acme", day: 1, tier: "pro") + group("bob", "zeta", day: 1)
        + used("ann", day: 1))
    #expect(
      try sent(place, day: 2) == [
        #"ann {"account_id":"acme"}"#, #"bob {"account_id":"zeta"}"#,
        #"acme {"active":true,"tier":"pro"}"#,
      ])
    #expect(try sent(place, day: 3) == [])
    #expect(try sent(place, day: 3, isFull: true) == [])
    try place.ingest(used("bob", day: 3) + group("ann", "zeta", day: 3))
    #expect(try sent(place, day: 4) == [#"ann {"account_id":"zeta"}"#, #"zeta {"active":true}"#])
  }

  @Test("a group call of a later hour counts from then on, without a new event")
  func later() throws {
    let place = try place(send: "both")
    try place.ingest(
      group("ann", "acme", day: 1, tier: "pro") + group("zoe", "zeta", day: 1, tier: "free")
        + group("ann", "zeta", day: 5))
    #expect(
      try sent(place, day: 2) == [
        #"ann {"account_id":"acme","tier":"pro"}"#, #"zoe {"account_id":"zeta","tier":"free"}"#,
        #"acme {"tier":"pro"}"#, #"zeta {"tier":"free"}"#,
      ])
    #expect(try sent(place, day: 4) == [])
    #expect(try sent(place, day: 5) == [#"ann {"account_id":"zeta","tier":"free"}"#])
  }

  @Test("an early group call that arrives late changes no latest account")
  func arrivesLate() throws {
    let place = try place()
    try place.ingest(group("ann", "acme", day: 3))
    _ = try sent(place, day: 4)
    try place.ingest(group("ann", "zeta", day: 2))
    #expect(try sent(place, day: 5) == [])
    try place.ingest(group("ann", "zeta", day: 3))
    #expect(try sent(place, day: 6) == [#"ann {"account_id":"zeta"}"#], "the later arrival counts")
  }

  @Test("merged users have the accounts of both")
  func merged() throws {
    let place = try place(send: "both")
    try place.ingest(
      group("old", "acme", day: 1) + used("old", day: 1) + used("new", day: 1))
    #expect(
      try sent(place, day: 2) == [
        #"old {"account_id":"acme","active":true}"#, #"acme {"active":true}"#,
      ])
    try place.ingest(
      """
      {"type":"alias","messageId":"m","previousId":"old","userId":"new",\
      "timestamp":"1970-01-04T00:00:00Z"}

      """)
    #expect(
      try sent(place, day: 4) == [
        #"old {"account_id":"","active":false}"#, #"new {"account_id":"acme","active":true}"#,
      ])
  }

  @Test("'send' is no edit of the query: it is sent to others, and taken away from others")
  func recipients() throws {
    let place = try place()
    try place.ingest(group("ann", "acme", day: 1, tier: "pro") + used("ann", day: 1))
    _ = try sent(place, day: 2)
    for (day, send, lines) in [
      (3, "both", [#"ann {"tier":"pro"}"#]),
      (4, "users", [#"acme {"tier":""}"#]),
      (5, "accounts", [#"ann {"tier":""}"#, #"acme {"tier":"pro"}"#]),
    ] as [(Int64, String, [String])] {
      try place.write(
        "tier.trait", "---\nname: Tier\ntype: accounts\nsend: \(send)\n---\ntrait('level')\n")
      #expect(try sent(place, day: day) == lines)
    }
    let log = try place.rows("SELECT count(*) FROM changes WHERE run > 1")
    #expect(log == [["0"]])
  }

  @Test("'send' that changes while the definition is off counts when it is on again")
  func recipientsWhileOff() throws {
    let place = try Workplace(
      [("on.audience", "---\nname: On\n---\ntrait('x') = 1\n")],
      settings: "")
    func write(_ front: String) throws {
      try place.write(
        "tier.trait", "---\nname: Tier\ntype: accounts\n\(front)---\ntrait('level')\n")
    }
    try write("send: both\n")
    try place.ingest(group("ann", "acme", day: 1, tier: "pro"))
    #expect(try sent(place, day: 2).count == 2)
    try write("enabled: false\n")
    try place.run(at: 3 * Self.day, sends: true)
    try write("")
    #expect(try sent(place, day: 4) == [#"ann {"tier":""}"#])
  }

  @Test("a definition that is about users from now on leaves nothing through accounts")
  func aboutUsers() throws {
    let place = try place(send: "users")
    try place.ingest(group("ann", "acme", day: 1, tier: "pro"))
    #expect(try sent(place, day: 2) == [#"ann {"account_id":"acme","tier":"pro"}"#])
    try place.write("tier.trait", "---\nname: Tier\n---\ntrait('level')\n")
    #expect(try sent(place, day: 3) == [#"ann {"tier":""}"#])
  }

  @Test("rebuilt, the table of who belongs to what is the same, and nothing is sent")
  func rebuilt() throws {
    let place = try place(send: "both")
    try place.ingest(
      group("ann", "acme", day: 1, tier: "pro") + group("ann", "zeta", day: 1) + used("ann", day: 1)
    )
    _ = try sent(place, day: 2)
    let before = try place.rows("SELECT * FROM affiliations ORDER BY user, account")
    #expect(before.count == 2)
    _ = try place.session.rebuild()
    #expect(try sent(place, day: 3, isFull: true) == [])
    #expect(try place.rows("SELECT * FROM affiliations ORDER BY user, account") == before)
  }

  @Test("check warns when no user has an account")
  func warning() throws {
    let place = try place()
    try place.ingest(used("ann", day: 1))
    func traps() -> [Diagnostic.ID] {
      place.session.check().diagnostics.map(\.id).filter { $0 == .accountsWithoutUsers }
    }
    place.session.destinations = nil
    #expect(traps() == [.accountsWithoutUsers])
    try place.ingest(group("ann", "acme", day: 1))
    #expect(traps() == [])
  }
}
