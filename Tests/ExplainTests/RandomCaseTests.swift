import Definitions
import Evaluation
import Oracle
import Testing
import Values

/// Explanations of random definitions over random histories.
///
/// `ROLLCALL_CASES` sets how many cases each test takes.
struct RandomCaseTests {
  private static var cases: UInt64 { RandomSubject.cases(100) }

  private func forEach(
    seed start: UInt64, _ body: (RandomSubject, String, OracleCase, UInt64) throws -> Void
  ) throws {
    for seed in start..<(start + Self.cases) {
      var generator = OracleGenerator(seed: seed)
      let world = generator.makeCase()
      let subject = try RandomSubject(world)
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
      let explanation = explainer.explain(subject.history(of: .user(user)), at: now)
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
      let history = subject.history(of: .user(user))
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
