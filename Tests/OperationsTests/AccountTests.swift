import Operations
import Testing
import Values

/// Definitions about accounts, and users who refer to them.
struct AccountTests {
  private static let day: Int64 = 86_400_000

  private func definition(_ name: String, _ query: String, type: String = "accounts") -> String {
    "---\nname: \(name)\ntype: \(type)\n---\n\(query)\n"
  }

  private func place() throws -> Workplace {
    try Workplace([
      (
        "active.audience",
        definition("Active", "event('Used').within(10 days).count() >= 2")
      ),
      ("any_power.audience", definition("Any Power", "ANY (trait('power') = true)")),
      ("all_used.audience", definition("All Used", "ALL event('Used').count() >= 1")),
      ("none_used.audience", definition("None Used", "ALL NOT event('Used').count() >= 1")),
      ("plan.trait", definition("Plan Name", "trait('plan')")),
      (
        "power.audience",
        definition("Power", "event('Used').within(5 days).count() >= 2", type: "users")
      ),
      (
        "in_active.audience",
        definition("In Active", "trait('active') = true", type: "users")
      ),
    ])
  }

  private func group(_ id: String, _ user: String?, day: Int64, plan: String? = nil) -> String {
    let who = user.map { "\"userId\":\"\($0)\"" } ?? "\"anonymousId\":\"nobody\""
    let traits = plan.map { ",\"traits\":{\"plan\":\"\($0)\"}" } ?? ""
    return
      "{\"type\":\"group\",\"messageId\":\"\(id)\",\(who),\"groupId\":\"acme\",\"timestamp\":\""
      + "\(Instant(milliseconds: day * Self.day))\"\(traits)}\n"
  }

  private func used(_ id: String, _ user: String, day: Int64) -> String {
    "{\"type\":\"track\",\"event\":\"Used\",\"messageId\":\"\(id)\",\"userId\":\"\(user)\","
      + "\"timestamp\":\"\(Instant(milliseconds: day * Self.day))\"}\n"
  }

  private func expect(_ place: Workplace, _ rows: [String]) throws {
    let found = Set(try place.memberships().map { $0.joined(separator: " ") })
    #expect(found == Set(rows))
    #expect(try place.session.verify().difference == nil)
  }

  @Test("one user's events change the account, and what its other users are through it")
  func changesTravel() throws {
    let place = try place()
    try place.ingest(
      group("g1", "ann", day: 1, plan: "pro") + group("g2", "bob", day: 1)
        + used("u1", "ann", day: 2))
    try place.run(at: 3 * Self.day)
    try expect(place, ["plan_name account acme \"pro\""])
    try place.ingest(used("u2", "ann", day: 3))
    let report = try place.run(at: 4 * Self.day)
    #expect(report.run.kind == .tick)
    // Ann, the account, and bob through the account.
    #expect(report.run.evaluated == 3)
    try expect(
      place,
      [
        "plan_name account acme \"pro\"", "active account acme true",
        "any_power account acme true", "power user ann true", "in_active user ann true",
        "in_active user bob true",
      ])
    // On day 8 ann's second-last use leaves her five days; on day 13 the account's ten.
    try place.run(at: 8 * Self.day)
    try expect(
      place,
      [
        "plan_name account acme \"pro\"", "active account acme true", "in_active user ann true",
        "in_active user bob true",
      ])
    try place.run(at: 13 * Self.day)
    try expect(place, ["plan_name account acme \"pro\""])
  }

  @Test("who joins later counts from then on, with all events, without a new event")
  func joiningLater() throws {
    let place = try place()
    try place.ingest(
      group("g1", "ann", day: 1) + used("u1", "ann", day: 1) + used("u2", "bob", day: 2)
        + group("g2", "bob", day: 5))
    try place.run(at: 3 * Self.day)
    try expect(place, ["all_used account acme true"])
    try place.run(at: 5 * Self.day)
    try expect(
      place,
      [
        "all_used account acme true", "active account acme true", "in_active user ann true",
        "in_active user bob true",
      ])
  }

  @Test("an account without users is neither in ANY nor in ALL; its traits are there")
  func withoutUsers() throws {
    let place = try place()
    try place.ingest(group("g1", nil, day: 1, plan: "free"))
    try place.run(at: 2 * Self.day)
    try expect(place, ["plan_name account acme \"free\""])
  }

  @Test("none of the users is ALL NOT")
  func noneOfThem() throws {
    let place = try place()
    try place.ingest(group("g1", "ann", day: 1) + group("g2", "bob", day: 1))
    try place.run(at: 2 * Self.day)
    try expect(place, ["none_used account acme true"])
    try place.ingest(used("u1", "bob", day: 2))
    try place.run(at: 3 * Self.day)
    try expect(place, [])
  }

  @Test("account values are exported under account_id, and sent to accounts alone")
  func exported() throws {
    let place = try place()
    try place.ingest(group("g1", "ann", day: 1, plan: "pro"))
    try place.run(at: 2 * Self.day, sends: true)
    var lines = ""
    try place.session.export("plan_name", .ndjson) { lines += $0 }
    #expect(lines == "{\"account_id\":\"acme\",\"value\":\"pro\"}\n")
    lines = ""
    try place.session.export("plan_name", .csv) { lines += $0 }
    #expect(lines == "account_id,value\nacme,pro\n")
    let told = try place.told()
    #expect(told.contains(["account acme", "plan_name", "\"pro\""]))
    #expect(told.allSatisfy { $0[0] == "account acme" })
    #expect(try place.session.preview("plan_name").size == 1)
    #expect(try place.session.preview("in_active").users == 1)
  }
}
