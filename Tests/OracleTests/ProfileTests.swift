import Testing

@testable import Oracle

@Suite struct ProfileTests {
  func alias(_ at: Int64, _ previous: String, _ user: String) -> OracleCall {
    OracleCall(.alias, id: "", at: at, user: user, previous: previous)
  }

  func seen(_ at: Int64, user: String? = nil, anonymous: String? = nil) -> OracleCall {
    OracleCall(.track, id: "", at: at, user: user, anonymous: anonymous, event: "A")
  }

  func world(_ calls: [OracleCall], anonymous: Bool = false) -> OracleWorld {
    let body = OracleDefinition.Body.trait(.reduced(OracleStream("A"), .count))
    let definition = OracleDefinition("it", body, includeAnonymous: anonymous)
    return OracleWorld(calls: numbered(calls), definitions: [definition])
  }

  @Test func `a user is one from the first call with a user id`() {
    let world = world([
      seen(noon, user: "u"), seen(noon + 1, user: "v"), seen(noon, anonymous: "a"),
    ])
    #expect(world.users(at: noon - 1) == [])
    #expect(world.users(at: noon) == ["u"])
    #expect(world.users(at: noon + 1) == ["u", "v"])
    #expect(world.anonymousProfiles(at: noon) == ["a"])
    #expect(world.subjects(of: "it", at: noon) == [.user("u")])
  }

  @Test func `ids are compared by scalars`() {
    let world = world([seen(noon, user: "\u{E9}"), seen(noon, user: "e\u{301}")])
    #expect(world.users(at: noon).count == 2)
    #expect(world.value(of: "it", user: "\u{E9}", at: noon) == 1)
  }

  @Test func `identify with both ids links, at every instant`() {
    let world = world([
      seen(noon - 9, anonymous: "a"), seen(noon, anonymous: "a"),
      identify(noon + 100, [:], user: "u", anonymous: "a"), seen(noon - 5, user: "u"),
    ])
    #expect(world.value(of: "it", user: "u", at: noon - 9) == 1)
    #expect(world.value(of: "it", user: "u", at: noon) == 3)
    #expect(world.users(at: noon - 9) == [])
    #expect(world.anonymousProfiles(at: noon) == [])
  }

  @Test func `the earliest claim on an anonymous id holds`() {
    let world = world([
      identify(noon - 1, [:], user: "u", anonymous: "a"),
      identify(noon - 2, [:], user: "v", anonymous: "a"), seen(noon, anonymous: "a"),
    ])
    #expect(world.value(of: "it", user: "v", at: noon) == 1)
    #expect(world.value(of: "it", user: "u", at: noon) == 0)
  }

  @Test func `a track with both ids links nothing`() {
    let world = world(
      [seen(noon, user: "u", anonymous: "a"), seen(noon, anonymous: "a")], anonymous: true)
    #expect(world.value(of: "it", user: "u", at: noon) == 1)
    #expect(world.value(of: "it", for: .anonymous("a"), at: noon) == 1)
    #expect(world.subjects(of: "it", at: noon) == [.user("u"), .anonymous("a")])
  }

  @Test func `alias merges user ids and ignores cycles`() {
    let calls = [
      seen(noon, user: "a"), seen(noon, user: "b"), seen(noon, user: "c"),
      alias(noon, "a", "b"), alias(noon + 1, "b", "c"), alias(noon + 2, "c", "a"),
    ]
    let world = world(calls)
    #expect(world.profile(ofUser: "a") == "c")
    #expect(world.users(at: noon) == ["c"])
    #expect(world.value(of: "it", user: "a", at: noon) == 3)
    #expect(self.world([alias(noon, "a", "a"), seen(noon, user: "a")]).users(at: noon) == ["a"])
  }

  @Test func `an anonymous id follows its user through an alias`() {
    let world = world([
      alias(noon, "a", "b"), identify(noon, [:], user: "a", anonymous: "x"),
      seen(noon, anonymous: "x"),
    ])
    #expect(world.value(of: "it", user: "b", at: noon) == 1)
  }

  @Test func `a message id counts once, whoever it is of`() {
    var calls = numbered([seen(noon, user: "u"), seen(noon, user: "v"), seen(noon - 1, user: "u")])
    calls[1].messageId = calls[0].messageId
    calls[2].messageId = calls[0].messageId
    let world = world(calls)
    #expect(world.users(at: noon) == ["u"])
    #expect(world.users(at: noon - 1) == [])
    #expect(world.value(of: "it", user: "u", at: noon) == 1)
  }

  @Test func `custom traits are the latest of each key`() {
    let calls = [
      identify(noon - 1, ["a": 2, "b": ["x": 1, "y": 2], "c": 1]),
      identify(noon - 2, ["a": 1, "d": 4]),
      identify(noon, ["b": ["x": 3], "c": nil]), identify(noon + 1, ["a": 9]),
    ]
    #expect(value(.field(trait("a")), calls) == 2)
    #expect(value(.field(trait("b", "x")), calls) == 3)
    #expect(value(.field(trait("b", "y")), calls) == nil)
    #expect(value(.field(trait("c")), calls) == nil)
    #expect(value(.field(trait("c")), calls, at: noon - 1) == 1)
    #expect(value(.field(trait("d")), calls) == 4)
    #expect(value(.field(trait("a")), calls, at: noon + 1) == 9)
    let ties = [identify(noon, ["a": 1]), identify(noon, ["a": 2])]
    #expect(value(.field(trait("a")), ties) == 2)
  }

  @Test func `a trait inside where has its value at now`() {
    let condition = OracleCondition.compare(
      .field(property("x")), .relation(.equal, .field(trait("x"))))
    let calls = [
      identify(noon - 10, ["x": 1]), track("A", noon - 9, ["x": 1]), identify(noon, ["x": 2]),
    ]
    #expect(count(OracleStream("A", [.where(condition)]), calls) == 0)
    #expect(count(OracleStream("A", [.where(condition)]), calls, at: noon - 1) == 1)
  }

  @Test func `names of events`() {
    let page = OracleCall(
      .page, id: "", at: noon, user: "u", name: "Home", properties: ["page_name": "x", "p": 1])
    let screen = OracleCall(.screen, id: "", at: noon, user: "u", name: "Main")
    let bare = OracleCall(
      .page, id: "", at: noon, user: "u", properties: ["page_name": "kept"])
    func last(_ event: String, _ key: String, _ calls: [OracleCall]) -> OracleValue {
      value(.reduced(OracleStream(event), .last(property(key))), calls)
    }
    #expect(last("Page Viewed", "page_name", [page]) == "Home")
    #expect(last("Page Viewed", "p", [page]) == 1)
    #expect(last("Screen Viewed", "screen_name", [screen]) == "Main")
    #expect(last("Page Viewed", "page_name", [bare]) == "kept")
    let calls = [page, screen, track("Page Viewed", noon), identify(noon, [:])]
    #expect(count(OracleStream("Page Viewed"), calls) == 2)
    #expect(count(OracleStream("page viewed"), calls) == 0)
    #expect(count(OracleStream("Caf\u{E9}"), [track("Cafe\u{301}", noon)]) == 0)
  }

  @Test func `the context's timestamp is the event's`() {
    let calls = [track("A", noon, context: ["timestamp": "2000-01-01", "ip": "::1"])]
    let field = OracleField(.context, "timestamp")
    #expect(value(.reduced(OracleStream("A"), .first(field)), calls) == "2026-03-10T12:00:00.000Z")
    #expect(
      value(.reduced(OracleStream("A"), .first(OracleField(.context, "ip"))), calls) == "::1")
  }

  @Test func `sources`() {
    let calls = [
      track("A", noon, context: ["source_id": "web"], writeKey: "ios"),
      track("A", noon, context: ["source_id": 7]), track("A", noon, writeKey: "ios"),
      track("A", noon, context: ["source_id": nil], writeKey: "ios"), track("A", noon),
    ]
    func kept(_ excluded: OracleLiteral...) -> OracleValue {
      count(OracleStream("A", [.sources(excluding: excluded)]), calls)
    }
    #expect(kept(.string("ios")) == 3)
    #expect(kept(.string("web")) == 4)
    #expect(kept(.number(7)) == 4)
    #expect(kept(.string("7"), .string("web"), .string("ios")) == 1)
  }

  @Test func `references`() {
    let audience = OracleDefinition("big", .audience(some("A")))
    let sum = OracleDefinition(
      "spend", .trait(.reduced(OracleStream("A"), .sum(property("x")))))
    func value(_ name: String..., calls: [OracleCall]) -> OracleValue {
      let it = OracleDefinition("it", .trait(.field(OracleField(.trait, name.map { .key($0) }))))
      let world = OracleWorld(calls: numbered(calls), definitions: [audience, sum, it])
      return world.value(of: "it", user: "u", at: noon)
    }
    let customs = identify(noon, ["big": "custom", "spend": ["x": 5], "other": 1])
    #expect(value("big", calls: [customs]) == false)
    #expect(value("spend", calls: [customs]) == nil)
    #expect(value("spend", "x", calls: [customs]) == 5)
    #expect(value("other", calls: [customs]) == 1)
    let calls = [customs, track("A", noon, ["x": 2])]
    #expect(value("big", calls: calls) == true)
    #expect(value("spend", calls: calls) == 2)
  }

  @Test func `the first alias of an id holds`() {
    let world = world([
      alias(noon, "a", "c"), alias(noon - 1, "a", "b"), seen(noon, user: "a"),
      seen(noon, user: "c"),
    ])
    #expect(world.profile(ofUser: "a") == "b")
    #expect(world.users(at: noon) == ["b", "c"])
  }

  @Test func `who takes no part is in no audience that is referred to`() {
    let plain = OracleDefinition("plain", .audience(some("A")))
    let open = OracleDefinition(
      "open", .trait(.field(trait("plain"))), includeAnonymous: true)
    let world = OracleWorld(
      calls: numbered([seen(noon, anonymous: "a")]), definitions: [plain, open])
    #expect(world.value(of: "open", for: .anonymous("a"), at: noon) == false)
  }
}
