import Definitions
import Evaluation
import Oracle
import Testing
import Values

/// Explanations of random definitions about accounts, and of those about users that refer to them.
///
/// `ROLLCALL_CASES` sets how many cases each test takes.
struct RandomAccountTests {
  private static var cases: UInt64 { RandomSubject.cases(100) }

  private static let options = OracleOptions(
    [.userLevel, .accounts, .zeroDurations], definitions: 2...5, calls: 15...50, users: 3)

  /// One definition of a case for one of those that it is about.
  private struct Question {
    let definitions: [Definition]
    let names: NameTable
    let history: SubjectHistory
    let subject: OracleSubject
    let world: OracleCase
    let comment: Comment

    var definition: Definition { definitions[definitions.count - 1] }
    var now: Instant { Instant(milliseconds: world.now) }

    func oracle(at instant: Instant) -> String {
      world.world.value(of: definition.key, for: subject, at: instant.milliseconds).json
    }
  }

  private func forEach(seed start: UInt64, _ body: (Question) throws -> Void) throws {
    for seed in start..<(start + Self.cases) {
      var generator = OracleGenerator(seed: seed, options: Self.options)
      let world = generator.makeCase()
      let all = try RandomSubject(world)
      for (place, definition) in all.definitions.enumerated() where definition.stratum != .users {
        for subject in world.world.subjects(of: definition.key, at: world.now) {
          try body(
            Question(
              definitions: Array(all.definitions[...place]), names: all.names,
              history: all.history(of: subject), subject: subject, world: world,
              comment: "seed \(seed): \(definition.key) of \(subject)\n\(world)"))
        }
      }
    }
  }

  @Test("an explanation has the oracle's value, and the value of each part follows from its parts")
  func treesAgree() throws {
    var parts = 0
    var crowds = 0
    try forEach(seed: 8_000_000) { question in
      var explainer = Explainer(question.definitions, question.names)
      let explanation = explainer.explain(question.history, at: question.now)
      let tree = try #require(explanation, question.comment)
      #expect(tree.value.json == question.oracle(at: question.now), question.comment)
      #expect(tree.problem(at: question.now, &parts) == nil, question.comment)
      if tree.outline.contains(where: { !$0.hasPrefix("nil") }) { crowds += 1 }
    }
    #expect(parts > Int(Self.cases))
    #expect(crowds > Int(Self.cases / 2))
  }

  @Test("up to the earliest end of a part every part stays as it is")
  func partsHold() throws {
    var ends = 0
    try forEach(seed: 9_000_000) { question in
      var explainer = Explainer(question.definitions, question.names)
      let explanation = explainer.explain(question.history, at: question.now)
      let tree = try #require(explanation, question.comment)
      let end = tree.earliestEnd
      guard end != .never else { return }
      ends += 1
      let later = explainer.explain(
        question.history, at: Instant(milliseconds: end.milliseconds - 1))
      #expect(later?.outline == tree.outline, question.comment)
    }
    #expect(ends > Int(Self.cases / 4))
  }

  @Test("the next change is the first instant at which the oracle has another value")
  func nextChanges() throws {
    var changes: [Definition.Stratum: Int] = [:]
    try forEach(seed: 10_000_000) { question in
      var evaluator = Evaluator(Program(question.definitions, question.names))
      let (value, change) = evaluator.nextChange(
        of: question.definitions.count - 1, question.history, after: question.now)
      #expect(value.json == question.oracle(at: question.now), question.comment)
      let expected = question.world.world.nextChange(
        of: question.definition.key, for: question.subject, after: question.world.now)
      guard case .at(let instant, let next) = change else {
        #expect(change == .never && expected == nil, question.comment)
        return
      }
      changes[question.definition.stratum, default: 0] += 1
      #expect(instant.milliseconds == expected, question.comment)
      #expect(next.json == question.oracle(at: instant), question.comment)
      let before = Instant(milliseconds: instant.milliseconds - 1)
      #expect(value.json == question.oracle(at: before), question.comment)
    }
    #expect(changes[.accounts, default: 0] > Int(Self.cases / 4))
    #expect(changes[.usersOfAccounts, default: 0] > Int(Self.cases / 20))
  }
}
