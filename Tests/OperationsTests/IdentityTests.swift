import Operations
import Testing
import Values

/// Ids that become one profile.
struct IdentityTests {
  private static let day: Int64 = 86_400_000

  private static let definitions = [
    (
      name: "buyer.audience",
      content: "---\nname: Buyer\n---\nevent('Bought').within(30 days).count() >= 1\n"
    ),
    (name: "orders.trait", content: "---\nname: Orders\n---\nevent('Bought').count()\n"),
  ]

  /// A call; ids in the order user, anonymous, previous.
  private func call(
    _ type: String, _ id: String, day: Int64, user: String? = nil, anonymous: String? = nil,
    previous: String? = nil
  ) -> String {
    var members: [Value.Member] = [
      .init("type", .string(type)), .init("messageId", .string(id)),
      .init(
        "timestamp", .string(Instant(milliseconds: day * Self.day).description)),
    ]
    if type == "track" { members.append(.init("event", .string("Bought"))) }
    if let user { members.append(.init("userId", .string(user))) }
    if let anonymous { members.append(.init("anonymousId", .string(anonymous))) }
    if let previous { members.append(.init("previousId", .string(previous))) }
    return Value.object(members).json + "\n"
  }

  private func expect(_ place: Workplace, _ rows: [[String]]) throws {
    #expect(try place.memberships() == Set(rows))
    #expect(try place.session.verify().difference == nil)
  }

  @Test("an identify with both ids makes the anonymous events the user's, each counted once")
  func identifyMerges() throws {
    let place = try Workplace(Self.definitions)
    try place.ingest(
      call("track", "a", day: 1, anonymous: "x") + call("track", "b", day: 2, user: "ann"))
    try place.run(at: 3 * Self.day)
    try expect(place, [["buyer", "user ann", "true"], ["orders", "user ann", "1"]])
    try place.ingest(
      call("identify", "c", day: 3, user: "ann", anonymous: "x")
        + call("track", "d", day: 4, user: "ann", anonymous: "x")
        + call("track", "e", day: 4, anonymous: "x"))
    let report = try place.run(at: 5 * Self.day)
    #expect(report.ignoredLinks == 0)
    try expect(place, [["buyer", "user ann", "true"], ["orders", "user ann", "4"]])
  }

  @Test("an earlier claim that arrives late takes the anonymous events over; the later is ignored")
  func lateClaim() throws {
    let place = try Workplace(Self.definitions)
    try place.ingest(
      call("track", "a", day: 1, anonymous: "x")
        + call("identify", "b", day: 3, user: "ann", anonymous: "x")
        + call("identify", "c", day: 4, user: "bob"))
    try place.run(at: 5 * Self.day)
    try expect(
      place,
      [["buyer", "user ann", "true"], ["orders", "user ann", "1"], ["orders", "user bob", "0"]])
    try place.ingest(call("identify", "d", day: 2, user: "bob", anonymous: "x"))
    let report = try place.run(at: 5 * Self.day)
    #expect(report.run.evaluated == 3)
    try expect(
      place,
      [["buyer", "user bob", "true"], ["orders", "user bob", "1"], ["orders", "user ann", "0"]])
    try place.ingest(call("identify", "e", day: 5, user: "cyd", anonymous: "x"))
    #expect(try place.run(at: 5 * Self.day).ignoredLinks == 1)
  }

  @Test("after an alias the loser's identity is told false in the run that tells the survivor true")
  func aliasTellsTheLoser() throws {
    let place = try Workplace(Self.definitions)
    try place.ingest(call("track", "a", day: 1, user: "old"))
    try place.run(at: 2 * Self.day, sends: true)
    #expect(
      try place.told() == [["user old", "buyer", "true"], ["user old", "orders", "1"]])
    try place.ingest(call("alias", "b", day: 3, user: "new", previous: "old"))
    let report = try place.run(at: 4 * Self.day, sends: true)
    #expect(report.pending == 0)
    try expect(place, [["buyer", "user new", "true"], ["orders", "user new", "1"]])
    #expect(
      try place.told() == [
        ["user old", "buyer", "false"], ["user old", "orders", "\"\""],
        ["user new", "buyer", "true"], ["user new", "orders", "1"],
      ])
  }

  @Test("aliases lead to the end of the chain, and one that closes a circle is ignored")
  func chainsAndCircles() throws {
    let place = try Workplace(Self.definitions)
    try place.ingest(
      call("track", "a", day: 1, user: "a") + call("track", "b", day: 1, user: "b")
        + call("track", "c", day: 1, user: "c"))
    try place.run(at: 2 * Self.day)
    try place.ingest(call("alias", "d", day: 2, user: "b", previous: "a"))
    try place.run(at: 3 * Self.day)
    try place.ingest(call("alias", "e", day: 3, user: "c", previous: "b"))
    try place.run(at: 4 * Self.day)
    try expect(place, [["buyer", "user c", "true"], ["orders", "user c", "3"]])
    try place.ingest(
      call("alias", "f", day: 4, user: "a", previous: "c")
        + call("alias", "g", day: 4, user: "a", previous: "a"))
    #expect(try place.run(at: 5 * Self.day).ignoredLinks == 2)
    try expect(place, [["buyer", "user c", "true"], ["orders", "user c", "3"]])
  }

  @Test("an alias that arrives late and is earlier undoes a later one")
  func lateAlias() throws {
    let place = try Workplace(Self.definitions)
    try place.ingest(
      call("track", "a", day: 1, user: "a") + call("identify", "b", day: 1, user: "b")
        + call("identify", "c", day: 1, user: "c")
        + call("alias", "d", day: 5, user: "b", previous: "a"))
    try place.run(at: 6 * Self.day)
    try place.ingest(call("alias", "e", day: 4, user: "c", previous: "a"))
    try place.run(at: 6 * Self.day)
    try expect(
      place,
      [["buyer", "user c", "true"], ["orders", "user c", "1"], ["orders", "user b", "0"]])
  }

  @Test("anonymous profiles take part only where a definition says so, and are told to nobody")
  func anonymousProfiles() throws {
    let place = try Workplace(
      Self.definitions + [
        (
          name: "visitors.audience",
          content: """
          ---
          name: Visitors
          include_anonymous: true
          ---
          event('Bought').within(30 days).count() >= 1

          """
        )
      ])
    try place.ingest(call("track", "a", day: 1, anonymous: "x"))
    try place.run(at: 2 * Self.day, sends: true)
    try expect(place, [["visitors", "anonymous x", "true"]])
    #expect(try place.told().isEmpty)
    try place.ingest(call("identify", "b", day: 3, user: "ann", anonymous: "x"))
    try place.run(at: 4 * Self.day, sends: true)
    try expect(
      place,
      [
        ["visitors", "user ann", "true"], ["buyer", "user ann", "true"],
        ["orders", "user ann", "1"],
      ])
    try place.run(at: 40 * Self.day, sends: true)
    try expect(place, [["orders", "user ann", "1"]])
  }

  @Test("a preview sees links that no run has seen yet, and writes nothing")
  func previewSeesLinks() throws {
    let place = try Workplace(Self.definitions)
    try place.ingest(
      call("track", "a", day: 1, anonymous: "x") + call("identify", "b", day: 1, user: "ann"))
    try place.run(at: 2 * Self.day)
    try place.ingest(
      call("identify", "c", day: 2, user: "ann", anonymous: "x")
        + call("alias", "d", day: 2, user: "ann", previous: "unheard"))
    place.session.at = Instant(milliseconds: 3 * Self.day)
    let links = "SELECT * FROM links"
    let before = try place.rows(links)
    #expect(try place.session.preview("buyer").sample.map(\.userID) == ["ann"])
    #expect(try place.rows(links) == before)
    try place.run(at: 3 * Self.day)
    try expect(place, [["buyer", "user ann", "true"], ["orders", "user ann", "1"]])
    try place.ingest(call("track", "e", day: 3, user: "unheard"))
    try place.run(at: 4 * Self.day)
    try expect(place, [["buyer", "user ann", "true"], ["orders", "user ann", "2"]])
  }
}
