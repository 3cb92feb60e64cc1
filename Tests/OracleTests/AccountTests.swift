import Testing

@testable import Oracle

@Suite struct AccountTests {
  func group(_ account: String, _ user: String?, _ at: Int64, _ traits: OracleValue = .absent)
    -> OracleCall
  {
    OracleCall(
      .group, id: "", at: at, user: user, anonymous: user == nil ? "a" : nil, group: account,
      traits: traits)
  }

  let bought = some("A")

  func holds(_ condition: OracleCondition, _ calls: [OracleCall], at now: Int64 = noon) -> Bool {
    let it = OracleDefinition("it", .audience(condition), subjects: .accounts)
    let world = OracleWorld(calls: numbered(calls), definitions: [it])
    return world.value(of: "it", for: .account("acme"), at: now) == true
  }

  @Test func `any and all range over the users of the account`() {
    let two = [group("acme", "u", noon - 9), group("acme", "v", noon - 9)]
    let one = two + [track("A", noon, user: "u")]
    let both = one + [track("A", noon, user: "v"), track("A", noon, user: "w")]
    #expect([two, one, both].map { holds(.any(bought), $0) } == [false, true, true])
    #expect([two, one, both].map { holds(.all(bought), $0) } == [false, false, true])
    #expect([two, one, both].map { holds(.all(.not(bought)), $0) } == [true, false, false])
    #expect([two, one, both].map { holds(.not(.any(bought)), $0) } == [true, false, false])
  }

  @Test func `on an account without users both are false`() {
    let calls = [group("acme", nil, noon)]
    let world = OracleWorld(calls: numbered(calls), definitions: [])
    #expect(world.accounts(at: noon) == ["acme"])
    #expect(world.accounts(at: noon - 1) == [])
    #expect(!holds(.any(.not(bought)), calls))
    #expect(!holds(.all(.not(bought)), calls))
    #expect(!holds(.all(bought), calls))
  }

  @Test func `a bare event pools the events of all users`() {
    let calls = [
      group("acme", "u", noon), group("acme", "v", noon), group("globex", "v", noon),
      track("A", noon - 2, user: "u"), track("A", noon - 1, user: "v"), track("A", noon, user: "w"),
    ]
    let pooled = OracleScalar.reduced(OracleStream("A"), .count)
    let it = OracleDefinition("it", .trait(pooled), subjects: .accounts)
    let world = OracleWorld(calls: numbered(calls), definitions: [it])
    #expect(world.value(of: "it", for: .account("acme"), at: noon) == 2)
    #expect(world.value(of: "it", for: .account("globex"), at: noon) == 1)
    #expect(world.value(of: "it", for: .account("acme"), at: noon - 1) == 0)
  }

  @Test func `traits are the account's outside and the user's inside`() {
    let isPro = OracleCondition.compare(
      .field(trait("plan")), .relation(.equal, .literal(.string("pro"))))
    let calls = [
      group("acme", "u", noon - 2, ["plan": "pro"]), identify(noon, ["plan": "free"]),
      group("acme", nil, noon - 1, ["size": 3]),
    ]
    #expect(holds(isPro, calls))
    #expect(!holds(.any(isPro), calls))
    #expect(holds(isPro, calls + [group("acme", nil, noon, ["size": nil])]))
    #expect(!holds(isPro, calls + [group("acme", nil, noon, ["plan": nil])]))
  }

  @Test func `users refer to account audiences and accounts to user audiences`() {
    let buyers = OracleDefinition("buyers", .audience(bought))
    let isBuyer = OracleCondition.compare(
      .field(trait("buyers")), .relation(.equal, .literal(.boolean(true))))
    let active = OracleDefinition("active", .audience(.any(isBuyer)), subjects: .accounts)
    let colleagues = OracleDefinition(
      "colleagues",
      .audience(
        .compare(.field(trait("active")), .relation(.equal, .literal(.boolean(true))))))
    let calls = [
      group("acme", "u", noon), group("acme", "v", noon), group("globex", "v", noon),
      group("globex", "w", noon), track("A", noon, user: "u"),
    ]
    let world = OracleWorld(
      calls: numbered(calls), definitions: [buyers, active, colleagues])
    func value(_ key: String, _ user: String) -> OracleValue {
      world.value(of: key, user: user, at: noon)
    }
    #expect(value("buyers", "u") == true)
    #expect(value("buyers", "v") == false)
    #expect(world.value(of: "active", for: .account("acme"), at: noon) == true)
    #expect(world.value(of: "active", for: .account("globex"), at: noon) == false)
    #expect(value("colleagues", "v") == true)
    #expect(value("colleagues", "w") == false)
  }

  @Test func `an account audience is false for a user without an account that has it`() {
    let active = OracleDefinition("active", .audience(.any(bought)), subjects: .accounts)
    let inactive = OracleDefinition(
      "inactive",
      .audience(
        .compare(.field(trait("active")), .relation(.equal, .literal(.boolean(false))))))
    let calls = [
      group("acme", "u", noon), group("acme", "v", noon), group("globex", "v", noon),
      group("globex", "w", noon), track("A", noon, user: "u"), track("B", noon, user: "x"),
    ]
    let world = OracleWorld(calls: numbered(calls), definitions: [active, inactive])
    let values = ["u", "v", "w", "x"].map { world.value(of: "inactive", user: $0, at: noon) }
    // `globex` has no event A of its own: v is in both, and one account is enough.
    #expect(values == [false, false, true, true])
  }
}
