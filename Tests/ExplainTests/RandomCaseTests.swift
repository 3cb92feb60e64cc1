import Definitions
import Evaluation
import EventStore
import Foundation
import Oracle
import Testing
import Values

/// Explanations of random definitions over random histories.
///
/// `ROLLCALL_CASES` sets how many cases each test takes.
struct RandomCaseTests {
  private static var cases: UInt64 {
    ProcessInfo.processInfo.environment["ROLLCALL_CASES"].flatMap(UInt64.init) ?? 100
  }

  /// One definition of a case, ready to be explained for each of its users.
  private struct Subject {
    let definitions: [Definition]
    let names = NameTable()
    var histories: [String: History] = [:]

    /// The definitions up to the one at `place`.
    init(_ world: OracleCase, upTo place: Int) throws {
      let files = world.files().map { name, content in
        Project.File(name: name, path: name, contents: Array(content.utf8))
      }
      let project = Project(files: files, folder: "case")
      try #require(project.isValid)
      definitions = Array(project.definitions[...place])
      var events: [String: [ProfileEvent]] = [:]
      var messages: Set<String> = []
      for (row, call) in world.calls.enumerated()
      where messages.insert(call.messageId).inserted {
        let body = try Value(json: call.line)
        guard case .string(let user) = body["userId"] else { continue }
        let kind = try #require(
          Call.Kind.allCases.first { .string($0.name) == body["type"] })
        let event =
          switch kind {
          case .page: EventStoreSchema.pageViewed
          case .screen: EventStoreSchema.screenViewed
          default: body["event"].textForm ?? ""
          }
        events[user, default: []].append(
          ProfileEvent(
            kind, event: event, time: try #require(body["timestamp"].date), row: Int64(row),
            body: body, isAnonymous: false))
      }
      histories = events.mapValues { History($0, names) }
    }
  }

  private func forEach(
    seed start: UInt64, _ body: (Subject, String, OracleCase, UInt64) throws -> Void
  ) throws {
    for seed in start..<(start + Self.cases) {
      var generator = OracleGenerator(seed: seed)
      let world = generator.makeCase()
      let last = world.definitions.count - 1
      let subject = try Subject(world, upTo: last)
      for user in world.world.users(at: world.now) { try body(subject, user, world, seed) }
    }
  }

  @Test("an explanation has the oracle's value, and the value of each part follows from its parts")
  func treesAgree() throws {
    var parts = 0
    try forEach(seed: 5_000_000) { subject, user, world, seed in
      let now = Instant(milliseconds: world.now)
      let definition = try #require(subject.definitions.last)
      let expected = world.world.value(of: definition.key, user: user, at: world.now).json
      var explainer = Explainer(subject.definitions, subject.names)
      let history = subject.histories[user] ?? History()
      let explanation = explainer.explain(history, at: now)
      let tree = try #require(explanation)
      #expect(tree.value.json == expected, "seed \(seed)\n\(world)")
      let problem = tree.problem(at: now, &parts)
      #expect(problem == nil, "seed \(seed)\n\(world)")
    }
    #expect(parts > Int(Self.cases))
  }

  @Test("the next change is the first instant at which the oracle has another value")
  func nextChanges() throws {
    var changes = 0
    try forEach(seed: 6_000_000) { subject, user, world, seed in
      let now = Instant(milliseconds: world.now)
      let place = subject.definitions.count - 1
      let key = subject.definitions[place].key
      let history = subject.histories[user] ?? History()
      var evaluator = Evaluator(Program(subject.definitions, subject.names))
      let (value, change) = evaluator.nextChange(of: place, history, after: now)
      let oracle = world.world
      #expect(value.json == oracle.value(of: key, user: user, at: world.now).json)
      let expected = oracle.nextChange(of: key, for: .user(user), after: world.now)
      guard case .at(let instant, let next) = change else {
        #expect(change == .never && expected == nil, "seed \(seed)\n\(world)")
        return
      }
      changes += 1
      #expect(instant.milliseconds == expected, "seed \(seed): \(instant)\n\(world)")
      let after = oracle.value(of: key, user: user, at: instant.milliseconds).json
      let before = oracle.value(of: key, user: user, at: instant.milliseconds - 1).json
      #expect(next.json == after, "seed \(seed)\n\(world)")
      #expect(value.json == before, "seed \(seed)\n\(world)")
    }
    #expect(changes > Int(Self.cases / 10))
  }
}

extension Explanation {
  /// What is wrong between a part and its parts; nil when nothing is.
  fileprivate func problem(at now: Instant, _ parts: inout Int) -> String? {
    parts += 1
    if until <= now { return "the value has ended already" }
    if case .audience(let condition) = query {
      let truths = children.map { $0.value == .boolean(true) }
      let truth = value == .boolean(true)
      switch condition.kind {
      case .and where truth != truths.allSatisfy { $0 }: return "AND of \(truths) is \(truth)"
      case .or where truth != truths.contains(true): return "OR of \(truths) is \(truth)"
      case .not where truths != [!truth]: return "NOT \(truths) is \(truth)"
      case .test(_, .exists) where children[0].value.isPresent != truth: return "exists"
      case .test(_, .compare(.equal, let other)):
        guard case .literal(let literal) = other.kind else { break }
        if case .array = children[0].value { break }
        if children[0].value.equals(literal) != truth { return "= \(literal.json) is \(truth)" }
      default: break
      }
    }
    if case .trait(let scalar) = query, case .reduction(_, .count) = scalar.kind,
      case .events(let events) = source, value != .number(Double(events.rows.count))
    {
      return "a count of \(value.json) with \(events.rows.count) events"
    }
    if case .definition = source, let child = children.first, child.value != value {
      return "a reference of \(value.json) to \(child.value.json)"
    }
    for child in children {
      if let problem = child.problem(at: now, &parts) { return problem }
    }
    return nil
  }
}
