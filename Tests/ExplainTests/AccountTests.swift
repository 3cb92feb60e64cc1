import Definitions
import Evaluation
import Operations
import Testing
import Values

/// What an explanation tells of an account, and of a user through accounts.
struct AccountTests {
  private static let accounts = "type: accounts\n"

  /// Ann and bob belong to acme from the first day on, cid from the ninth; ann to zeta from the
  /// fourth.
  private func desk() throws -> Desk {
    let desk = try Desk([
      ("power.audience", "event('Used').within(5 days).count() >= 2", ""),
      ("active.audience", "event('Used').within(10 days).count() >= 3", Self.accounts),
      ("led.audience", "ANY (trait('power') = true AND trait('role') = 'admin')", Self.accounts),
      ("all_used.audience", "ALL event('Used').count() >= 1", Self.accounts),
      ("plan_name.trait", "trait('plan')", Self.accounts),
      (
        "good.audience", "trait('active') = true AND trait('plan_name') = 'pro'", Self.accounts
      ),
      ("in_led.audience", "trait('led') = true AND trait('led') != false", ""),
      ("on_pro.audience", "trait('plan_name') = 'pro'", ""),
      ("through.audience", "trait('in_led') = true", ""),
    ])
    try desk.ingest(
      call("group", "g1", day: 1, user: "ann", group: "acme", content: #"{"plan":"pro"}"#)
        + call("group", "g2", day: 1, user: "bob", group: "acme")
        + call("group", "g3", day: 4, user: "ann", group: "zeta", content: #"{"plan":"free"}"#)
        + call("group", "g4", day: 9, user: "cid", group: "acme", content: #"{"plan":null}"#)
        + call("identify", "i", day: 1, user: "bob", content: #"{"role":"admin"}"#)
        + call("track", "u1", day: 2, user: "ann", event: "Used")
        + call("track", "u2", day: 3, user: "bob", event: "Used")
        + call("track", "u3", day: 4, user: "bob", event: "Used"))
    return desk
  }

  private func crowd(_ part: ExplainedPart?) -> [Int] {
    part?.source.crowd.map { [$0.count, $0.holding, $0.more] } ?? []
  }

  @Test("an account's bare event pools the calls of its users, and its trait names the group call")
  func account() throws {
    let desk = try desk()
    let report = try desk.explain("good", "acme", day: 5)
    #expect(report.identity.kind == .account && report.identity.externalID == "acme")
    #expect(report.value == .boolean(true))
    // On day 9 a group call takes the plan away; the events leave later.
    #expect(report.nextChange == .at(.day(9), .boolean(false)))
    let tree = try #require(report.tree)
    #expect(try tree.part(0, 0).messageIDs == ["u3", "u2", "u1"])
    let plan = try tree.part(1, 0)
    guard case .customTrait(let call?) = plan.source else {
      Issue.record("the group call that decides")
      return
    }
    #expect(call.messageID == "g1" && call.name == "group")
    #expect(plan.isPersonal && plan.value == .string("pro"))
    let later = try #require(try desk.explain("plan_name", "acme", day: 9).tree)
    guard case .customTrait(let removal?) = later.source else {
      Issue.record("the group call that took it away")
      return
    }
    #expect(removal.messageID == "g4" && later.value == .absent)
  }

  @Test("ANY and ALL have a child for each user, who decides first, each with a subtree")
  func users() throws {
    let desk = try desk()
    let any = try #require(try desk.explain("led", "acme", day: 5).tree)
    #expect(crowd(any) == [2, 1, 0])
    #expect(any.children.map(\.whose) == [.user("bob"), .user("ann")])
    #expect(any.children.map(\.value) == [.boolean(true), .boolean(false)])
    for (user, messages) in zip(any.children, [["u3", "u2"], ["u1"]]) {
      #expect(user.children.count == 2)
      // Each user's own events, in a definition of its own for each.
      #expect(try user.part(0, 0).messageIDs == messages)
      #expect(try user.part(0, 0).events?.named == messages.count)
    }
    let all = try #require(try desk.explain("all_used", "acme", day: 10).tree)
    #expect(crowd(all) == [3, 2, 0])
    #expect(all.value == .boolean(false))
    #expect(all.children.map(\.whose) == [.user("cid"), .user("ann"), .user("bob")])
  }

  @Test("a user who joins is foreseen, in the next change and in how long a part holds")
  func joining() throws {
    let desk = try desk()
    let report = try desk.explain("all_used", "acme", day: 5)
    #expect(report.value == .boolean(true))
    #expect(report.nextChange == .at(.day(9), .boolean(false)))
    #expect(report.tree?.until == .day(9))
    // Bob's second-last use leaves his five days before cid joins.
    let led = try desk.explain("led", "acme", day: 5)
    #expect(led.nextChange == .at(Instant(milliseconds: 8 * Desk.day + 1), .boolean(false)))
  }

  @Test("of many users ten are shown, those that decide first, and the rest are counted")
  func manyUsers() throws {
    let desk = try desk()
    var lines = ""
    for number in 1...30 {
      lines += call("group", "g\(number)0", day: 2, user: "n\(number)", group: "large")
      if number.isMultiple(of: 10) {
        lines += call("track", "n\(number)", day: 3, user: "n\(number)", event: "Used")
      }
    }
    try desk.define("some_used.audience", "ANY event('Used').count() >= 1", Self.accounts)
    try desk.ingest(lines)
    let any = try #require(try desk.explain("some_used", "large", day: 5).tree)
    #expect(crowd(any) == [30, 3, 20])
    #expect(any.children.count == Explainer.crowdLimit)
    let ids = any.children.map(\.whose)
    #expect(ids.prefix(4) == [.user("n10"), .user("n20"), .user("n30"), .user("n1")])
    let all = try #require(try desk.explain("all_used", "large", day: 5).tree)
    #expect(all.children.allSatisfy { $0.value == .boolean(false) })
    #expect(crowd(all) == [30, 3, 20])
  }

  @Test("an account without users has none to show, and its traits all the same")
  func withoutUsers() throws {
    let desk = try desk()
    try desk.ingest(
      call("group", "e", day: 2, anonymous: "x", group: "empty", content: #"{"plan":"pro"}"#))
    let report = try desk.explain("all_used", "empty", day: 5)
    #expect(report.value == .boolean(false) && report.nextChange == .never)
    #expect(crowd(report.tree) == [0, 0, 0] && report.tree?.children.count == 0)
    #expect(try desk.explain("plan_name", "empty", day: 5).tree?.value == .string("pro"))
    let early = try desk.explain("plan_name", "empty", day: 1)
    #expect(early.tree == nil && early.value == .absent)
    #expect(early.nextChange == .at(.day(2), .string("pro")))
  }

  @Test("a user's reference to an account's definition shows it for each account, once in the tree")
  func throughAccounts() throws {
    let desk = try desk()
    let report = try desk.explain("through", "ann", day: 5)
    #expect(report.value == .boolean(true))
    let inLed = try #require(try report.tree?.part(0))
    let led = try inLed.part(0)
    #expect(crowd(led) == [2, 1, 0])
    #expect(led.comparison?.found == .boolean(true))
    #expect(led.children.map(\.whose) == [.account("acme"), .account("zeta")])
    #expect(led.children.map(\.value) == [.boolean(true), .boolean(false)])
    #expect(try led.part(0).children.map(\.whose) == [.user("bob"), .user("ann")])
    let other = try inLed.part(1)
    guard case .accountDefinition("led", isExplained: false, _) = other.source else {
      Issue.record("it is explained beside it")
      return
    }
    #expect(crowd(other) == [2, 1, 2])
  }

  @Test("under each ANY, and beside them, a definition is explained for those who are shown there")
  func sameDefinition() throws {
    let desk = try desk()
    let power = "trait('power') = true"
    try desk.define("twice.audience", "ANY \(power) OR ALL (\(power) OR \(power))", Self.accounts)
    try desk.define("over.audience", "\(power) OR trait('twice') = true")
    func isExplained(_ part: ExplainedPart) -> Bool {
      if case .definition(_, let isExplained) = part.source { return isExplained }
      return false
    }
    let tree = try #require(try desk.explain("over", "ann", day: 5).tree)
    #expect(isExplained(try tree.part(0)))
    let any = try tree.part(1, 0, 0).children
    #expect(any.map(isExplained) == [true, true])
    #expect(any.map { $0.children.first?.messageIDs } == [["u3", "u2"], ["u1"]])
    let all = try tree.part(1, 0, 1).children
    #expect(all.flatMap { $0.children.map(isExplained) } == [true, false, true, false])
  }

  @Test("a user changes when an account does, or when the user joins one")
  func nextThroughAccounts() throws {
    let desk = try desk()
    let leaving = Instant(milliseconds: 8 * Desk.day + 1)
    for user in ["ann", "bob"] {
      let report = try desk.explain("in_led", user, day: 5)
      #expect(report.value == .boolean(true))
      #expect(report.nextChange == .at(leaving, .boolean(false)), "\(user)")
      #expect(try #require(report.tree?.until) <= leaving)
    }
    try desk.define("in_active.audience", "trait('active') = true", "")
    // Cid is not there before the group call of day 9.
    #expect(
      try desk.explain("in_active", "cid", day: 5).nextChange == .at(.day(9), .boolean(true)))
    try desk.ingest(call("track", "c", day: 1, user: "cid", event: "Other"))
    let cid = try desk.explain("in_active", "cid", day: 5)
    #expect(cid.value == .boolean(false))
    #expect(crowd(cid.tree) == [0, 0, 0])
    #expect(cid.nextChange == .at(.day(9), .boolean(true)))
    #expect(cid.tree?.until == .day(9))
  }

  @Test("a comparison with an account's trait shows the values of all the user's accounts")
  func traitsOfAccounts() throws {
    let desk = try desk()
    let tree = try #require(try desk.explain("on_pro", "ann", day: 5).tree)
    #expect(tree.value == .boolean(true))
    #expect(tree.comparison?.found == .array([.string("pro"), .string("free")]))
    #expect(tree.comparison?.isPersonal == true)
    #expect(crowd(tree) == [2, 2, 0])
    let later = try desk.explain("on_pro", "ann", day: 9)
    #expect(later.value == .boolean(false))
    #expect(later.tree?.comparison?.found == .array([.string("free")]))
    #expect(later.tree?.children.map(\.whose) == [.account("zeta"), .account("acme")])
    let cid = try desk.explain("on_pro", "cid", day: 9)
    #expect(cid.tree?.comparison?.found == .absent)
  }

  @Test("the snapshot is told of accounts, and of users through them")
  func snapshot() throws {
    let desk = try desk()
    try desk.run(at: .day(5))
    for (key, id) in [("led", "acme"), ("led", "zeta"), ("in_led", "ann"), ("plan_name", "acme")] {
      let report = try desk.explain(key, id, day: 5)
      #expect(report.snapshot?.agrees == true, "\(key) of \(id)")
      #expect(report.snapshot?.value == report.value, "\(key) of \(id)")
    }
    for (key, id) in [("led", "acme"), ("in_led", "ann"), ("plan_name", "acme")] {
      #expect(try desk.explain(key, id, day: 9).snapshot?.agrees == false, "\(key) of \(id)")
    }
    try desk.run(at: .day(9))
    let left = try #require(try desk.explain("led", "acme", day: 9).snapshot)
    #expect(left.agrees && left.value == .boolean(false) && left.since == .day(9))
  }

  @Test("users that are one person are one user of the account, run or no run")
  func merged() throws {
    let desk = try desk()
    try desk.run(at: .day(5))
    try desk.ingest(call("alias", "m", day: 5, user: "ann", previous: "bob"))
    let tree = try #require(try desk.explain("led", "acme", day: 5).tree)
    #expect(tree.children.map(\.whose) == [.user("ann")])
    #expect(try tree.part(0, 0, 0).messageIDs == ["u3", "u2", "u1"])
  }
}
