import SQLite
import Testing

@testable import Delivery
@testable import Membership

/// `members` is a view over three tables. SQLite may go through all of it for a join, which only shows in large
/// stores: what is asked for one object, or for some, must be looked up.
@Suite("Queries over members")
struct MemberQueryTests {
  private static let lookUps: [String] =
    [false, true].flatMap { byTrait in
      [OutboxQuery.pending(byTrait: byTrait), OutboxQuery.one(byTrait: byTrait)]
    } + [OutboxQuery.anyAccount, OutboxQuery.latestAccount] + UserIdentities.consequences

  private static func plan(_ query: String, _ connection: Connection) throws -> [String] {
    try connection.prepareFresh("EXPLAIN QUERY PLAN \(query)").all { $0.text(3) }
  }

  /// The steps of a plan that go through all members, or all of a definition.
  private static func passes(_ plan: [String]) -> [String] {
    plan.filter { step in
      let isOfMembers =
        ["members", "settled_members", "recent_members", "latest_members", "m", "r"].contains {
          name in
          step.split(separator: " ").contains { $0 == name }
        }
      return isOfMembers && !step.contains("(definition=? AND profile=?)")
    }
  }

  @Test("look each one up", arguments: lookUps)
  func lookingUp(query: String) throws {
    let office = try Office()
    _ = try UserIdentities(office.connection)
    let plan = try Self.plan(query, office.connection)
    let found = Self.passes(plan)
    #expect(found.isEmpty, "\(plan)")
    #expect(!query.contains("members") || plan.contains { $0.contains("SEARCH latest_members") })
  }

  @Test("a join would not")
  func joining() throws {
    let office = try Office()
    let plan = try Self.plan(
      "SELECT m.value FROM pending AS p LEFT JOIN members AS m ON m.profile = p.profile",
      office.connection)
    #expect(!Self.passes(plan).isEmpty)
  }
}
