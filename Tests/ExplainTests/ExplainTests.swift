import Definitions
import Evaluation
import Operations
import Testing
import Values

/// What an explanation tells of a profile.
struct ExplainTests {
  private func failure(_ body: () throws -> Void) -> OperationError? {
    do {
      try body()
      return nil
    } catch {
      return error as? OperationError
    }
  }

  @Test("an alias's loser and a claimed anonymous id are answered for the survivor, run or no run")
  func merged() throws {
    let desk = try Desk([("buyer.audience", "event('Bought').within(30 days).count() >= 2", "")])
    try desk.ingest(
      call("track", "a", day: 1, user: "old") + call("track", "b", day: 2, anonymous: "x"))
    try desk.run(at: .day(3))
    #expect(try desk.explain("buyer", "old", day: 3).identity.isMerged == false)
    try desk.ingest(
      call("alias", "c", day: 3, user: "new", previous: "old")
        + call("identify", "d", day: 3, user: "old", anonymous: "x"))
    for id in ["old", "x", "new"] {
      let report = try desk.explain("buyer", id, day: 4)
      #expect(report.askedID == id)
      #expect(report.identity.externalID == "new")
      #expect(report.identity.isMerged == (id != "new"))
      #expect(report.value == .boolean(true))
      #expect(report.tree?.messageIDs == ["b", "a"])
      #expect(report.snapshot?.agrees == false, "the links are behind the last run")
      #expect(
        report.nextChange
          == .at(Instant(milliseconds: 31 * Desk.day + 1), .boolean(false)))
    }
    #expect(try desk.snapshot("buyer") == [:], "nothing was written")
  }

  @Test("an unknown id, an anonymous one and what is off are refused, with the help to go on")
  func refused() throws {
    let desk = try Desk([
      ("buyer.audience", "event('Bought').count() >= 1", ""),
      ("all.audience", "event('Bought').count() >= 1", "include_anonymous: true\n"),
      ("off.audience", "event('Bought').count() >= 1", "enabled: false\n"),
      ("team.audience", "ANY event('Bought').count() >= 1", "type: accounts\n"),
      ("in_team.audience", "trait('team') = true", ""),
    ])
    try desk.ingest(
      call("track", "a", day: 1, anonymous: "x")
        + call("group", "g", day: 1, user: "ann", group: "acme"))
    for (key, id, message) in [
      ("buyer", "nobody", "no event has the id 'nobody'"),
      ("buyer", "x", "'x' is an anonymous id, and 'buyer' is about users only"),
      ("off", "x", "'off' is not enabled"),
      ("buyer", "acme", "'acme' is an account, and 'buyer' is about users"),
      ("team", "nobody", "no group call has the account 'nobody'"),
      ("team", "ann", "'ann' is no account, and 'team' is about accounts"),
      ("team", "x", "'x' is no account, and 'team' is about accounts"),
      ("in_team", "x", "'x' is an anonymous id, and 'in_team' is about users only"),
      ("byer", "x", "there is no definition 'byer'"),
    ] {
      let error = failure { _ = try desk.explain(key, id, day: 2) }
      #expect(error?.message == message)
      #expect(error?.kind == .usage)
      #expect(error?.help != nil)
    }
    let report = try desk.explain("all", "x", day: 2)
    #expect(report.identity.kind == .anonymous)
    #expect(report.value == .boolean(true))
    #expect(report.tree?.messageIDs == ["a"])
  }

  @Test("a profile that is not there yet has no tree, and its first value to come")
  func notYet() throws {
    let desk = try Desk([("buyer.audience", "event('Bought').count() >= 1", "")])
    try desk.ingest(call("track", "a", day: 9, user: "ann"))
    let report = try desk.explain("buyer", "ann", day: 8)
    #expect(report.tree == nil)
    #expect(report.value == .boolean(false))
    #expect(report.nextChange == .at(.day(9), .boolean(true)))
    #expect(report.snapshot == nil)
  }

  @Test("a comparison tells what was found and asked, the folded window, and the kept events")
  func comparison() throws {
    let desk = try Desk([
      (
        "some.audience",
        """
        NOT (event('Bought').within(10 days)   -- not
          .between(2 days, 20 days).count() > event('Sold').count())
        """, ""
      )
    ])
    try desk.ingest(
      (1...30).map { call("track", "b\($0)", day: $0, user: "ann") }.joined()
        + call("track", "s", day: 3, user: "ann", event: "Sold"))
    let tree = try #require(try desk.explain("some", "ann", day: 30).tree)
    #expect(tree.comparison == nil)
    #expect(tree.value == .boolean(false))
    let inner = try #require(tree.children.first)
    #expect(
      inner.text
        == "(event('Bought').within(10 days).between(2 days, 20 days).count() "
        + "> event('Sold').count())")
    #expect(inner.comparison?.found == .number(9))
    #expect(inner.comparison?.comparator == ">")
    guard case .value(.number(1), isPersonal: false) = inner.comparison?.asked else {
      Issue.record("asked for the other count")
      return
    }
    let events = try #require(inner.events)
    #expect(events.from == .day(20))
    #expect(events.to == .day(28))
    #expect(events.kept == 9)
    #expect(events.named == 30)
    #expect(inner.messageIDs.first == "b28")
    let other = try #require(inner.children.first)
    #expect(other.text == "event('Sold').count()")
    #expect(!other.isCondition)
    #expect(other.messageIDs == ["s"])
  }

  @Test("a nested where shows the events that passed it, and nothing inside is a part of its own")
  func nestedWhere() throws {
    let desk = try Desk([
      (
        "swap.audience",
        "event('Bought').where(property('price') > 5 AND "
          + "event('Returned').within(parent: 2 days).count() = 1).count() = 1", ""
      )
    ])
    try desk.ingest(
      call("track", "a", day: 1, user: "ann", content: #"{"price":9}"#)
        + call("track", "b", day: 5, user: "ann", content: #"{"price":9}"#)
        + call("track", "c", day: 6, user: "ann", content: #"{"price":1}"#)
        + call("track", "r", day: 7, user: "ann", event: "Returned"))
    let tree = try #require(try desk.explain("swap", "ann", day: 8).tree)
    #expect(tree.value == .boolean(true))
    #expect(tree.messageIDs == ["b"])
    #expect(tree.events?.named == 3)
    #expect(tree.children.isEmpty)
  }

  @Test("a custom trait names the identify call that gave it or took it away")
  func customTraits() throws {
    let desk = try Desk([
      ("pro.audience", "trait('plan') = 'pro' OR trait('seen').exists()", ""),
      ("plan_name.trait", "trait('plan')", ""),
      ("renews.audience", "trait('renewal').within_next(10 days)", ""),
    ])
    try desk.ingest(
      call("identify", "a", day: 1, user: "ann", content: #"{"plan":"pro"}"#)
        + call("identify", "b", day: 2, user: "ann", content: #"{"renewal":"1970-01-21"}"#)
        + call("identify", "c", day: 5, user: "ann", content: #"{"plan":null}"#))
    func origin(_ part: ExplainedPart?) -> String? {
      if case .customTrait(let call) = part?.source { return call?.messageID ?? "none" }
      return nil
    }
    let before = try desk.explain("pro", "ann", day: 4)
    #expect(before.nextChange == .at(.day(5), .boolean(false)))
    #expect(origin(before.tree?.children.first) == "a")
    #expect(origin(before.tree?.children.last) == "none")
    #expect(before.tree?.children.first?.comparison?.isPersonal == true)
    let after = try desk.explain("pro", "ann", day: 6)
    #expect(after.value == .boolean(false))
    #expect(origin(after.tree?.children.first) == "c")
    let trait = try desk.explain("plan_name", "ann", day: 4)
    #expect(trait.isPersonal)
    #expect(trait.value == .string("pro"))
    #expect(trait.nextChange == .at(.day(5), .absent))
    #expect(origin(trait.tree) == "a")
    let renews = try desk.explain("renews", "ann", day: 6)
    #expect(renews.nextChange == .at(.day(10), .boolean(true)))
    guard case .date(from: .day(6)?, to: .day(16)?) = renews.tree?.comparison?.asked else {
      Issue.record("the two instants that the date may lie between")
      return
    }
  }

  @Test("a lookalike of a key is a custom trait in the tree too")
  func lookalike() throws {
    let desk = try Desk([
      ("kelvin.audience", "event('Bought').count() >= 1", "key: K\n"),
      ("guest.audience", "trait('K') = true OR trait('\u{212A}') = 'yes'", ""),
    ])
    try desk.ingest(
      call("identify", "i", day: 1, user: "ann", content: "{\"\u{212A}\":\"yes\"}"))
    let part = try #require(try desk.explain("guest", "ann", day: 2).tree?.children.last)
    #expect(part.value == .boolean(true) && part.children.isEmpty)
    guard case .customTrait(let call?) = part.source else {
      Issue.record("a custom trait")
      return
    }
    #expect(call.messageID == "i")
  }

  @Test("a definition referred to is explained once, and no deeper than the limit")
  func references() throws {
    var files = [("d0.audience", "event('Bought').count() >= 1", "")]
    for number in 1...12 {
      files.append(
        (
          "d\(number).audience",
          "trait('d\(number - 1)') = true AND trait('d\(number - 1)') = true", ""
        ))
    }
    let desk = try Desk(files)
    try desk.ingest(call("track", "a", day: 1, user: "ann"))
    var part = try #require(try desk.explain("d12", "ann", day: 2).tree)
    var depth = 1
    while let first = part.children.first, let nested = first.children.first {
      let second = try #require(part.children.last)
      guard case .definition(_, isExplained: true) = first.source,
        case .definition(_, isExplained: false) = second.source
      else { break }
      part = nested
      depth += 1
    }
    #expect(depth == Explainer.nestingLimit)
    #expect(part.value == .boolean(true))
  }

  @Test("the snapshot is told with its own since, and whether the definition was edited behind it")
  func snapshot() throws {
    let desk = try Desk([("buyer.audience", "event('Bought').within(3 days).count() >= 1", "")])
    try desk.ingest(call("track", "a", day: 1, user: "ann"))
    try desk.run(at: .day(2))
    try desk.run(at: .day(3))
    let member = try #require(try desk.explain("buyer", "ann", day: 3).snapshot)
    #expect(member.value == .boolean(true) && member.agrees && !member.isEdited)
    #expect(member.since == .day(2) && member.at == .day(3))
    #expect(try desk.explain("buyer", "ann", day: 9).snapshot?.agrees == false)
    try desk.run(at: .day(10))
    let left = try #require(try desk.explain("buyer", "ann", day: 10).snapshot)
    #expect(left.value == .boolean(false) && left.agrees)
    #expect(left.since == .day(10))
    try desk.define("buyer.audience", "event('Bought').count() >= 1")
    let edited = try #require(try desk.explain("buyer", "ann", day: 10).snapshot)
    #expect(edited.isEdited && !edited.agrees)
  }

  @Test("of many events the latest thousand are told, and under first the earliest")
  func manyEvents() throws {
    let desk = try Desk([
      ("often.trait", "event('Bought').last(property('n'))", ""),
      ("begin.trait", "event('Bought').first(property('n'))", ""),
    ])
    try desk.ingest(
      (1...1200).map { call("track", "m\($0)", day: $0, user: "ann", content: #"{"n":\#($0)}"#) }
        .joined())
    let often = try #require(try desk.explain("often", "ann", day: 2000).tree)
    #expect(often.events?.kept == 1200)
    #expect(often.messageIDs.count == 1000)
    #expect(often.messageIDs.first == "m1200")
    #expect(often.events?.calls.first?.properties == .object([.init("n", .number(1200))]))
    let begin = try #require(try desk.explain("begin", "ann", day: 2000).tree)
    #expect(begin.messageIDs.first == "m1")
    let report = try desk.explain("often", "ann", day: 3)
    #expect(report.nextChange == .at(.day(4), .number(4)))
  }

  @Test("a search for the next change ends after its steps, and says so")
  func stepLimit() throws {
    let desk = try Desk([
      ("buyer.audience", "event('Bought').within(1 day).sum(property('n')) > 9", "")
    ])
    let names = NameTable()
    let project = Project.load(folder: desk.session.folder)
    let events = (1...50).map { day in
      ProfileEvent(
        kind: .event(name: "Bought"), time: .day(Int64(day) * 3), row: Int64(day),
        properties: .object([.init("n", .number(1))]))
    }
    let history = SubjectHistory.user(UserHistory(calls: History(events, names)))
    var evaluator = Evaluator(Program(project.definitions, names))
    let (value, change) = evaluator.nextChange(of: 0, history, after: .day(3), limit: 10)
    #expect(value == .boolean(false))
    // At the tenth step the event of day 18 enters: it leaves a day later.
    #expect(change == .notBefore(Instant(milliseconds: 19 * Desk.day + 1)))
    #expect(evaluator.nextChange(of: 0, history, after: .day(3)).change == .never)
  }
}
