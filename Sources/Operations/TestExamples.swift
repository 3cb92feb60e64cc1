import Definitions
import Evaluation
import Values

/// What the examples in the definition files came to.
public struct TestReport: Sendable {
  /// An example that came to something else than its file says.
  public struct Failure: Sendable {
    public let key: String
    /// The file, as it is shown to people, and the line of the example in it.
    public let path: String
    public let line: Int
    /// The example as it is written.
    public let example: String
    /// A boolean for an audience; for a trait its value, absent for none.
    public let expected: Value
    public let found: Value
    /// The earliest later instant at which what was found could change; nil when it never does.
    public let nextChange: Instant?
    /// Why it came to what was found; nil for a definition about accounts, which no user has.
    public let explanation: ExplainedPart?
  }

  /// The instant that the examples took for now.
  public let at: Instant
  public let passed: Int
  /// By file and line.
  public let failures: [Failure]
  /// The keys of the tested definitions that have no examples, sorted.
  public let withoutExamples: [String]
  /// The keys of the definitions that are not enabled, which were left out, sorted.
  public let disabled: [String]

  public var failed: Int { failures.count }
}

extension Example {
  /// The instant that examples take for now, unless one is given.
  public static let now = Instant(milliseconds: 1_767_225_600_000)  // 2026-01-01T00:00:00Z
}

extension Session {
  /// Evaluates the examples of the definitions with these keys, or of all. Needs no store.
  ///
  /// Each example is one user with just that history, evaluated as a run would at the session's
  /// instant, or at `Example.now` when it has none: never at the clock's.
  public func test(_ keys: [String] = []) throws -> TestReport {
    let project = try project()
    let now = at ?? Example.now
    let chosen =
      try keys.isEmpty ? project.definitions : keys.map(project.enabledDefinition)
    var passed = 0
    var failures: [TestReport.Failure] = []
    var withoutExamples: Set<String> = []
    var seen: Set<String> = []
    for definition in chosen where definition.isEnabled && seen.insert(definition.key).inserted {
      if definition.examples.isEmpty { withoutExamples.insert(definition.key) }
      let results = try project.failures(of: definition, at: now)
      passed += definition.examples.count - results.count
      failures += results
    }
    return TestReport(
      at: now, passed: passed,
      failures: failures.sorted { ($0.path, $0.line) < ($1.path, $1.line) },
      withoutExamples: withoutExamples.sorted(),
      disabled: chosen.filter { !$0.isEnabled }.map(\.key).sorted())
  }
}

extension Project {
  /// The examples of a definition that do not come to what they say.
  fileprivate func failures(
    of definition: Definition, at now: Instant
  ) throws -> [TestReport.Failure] {
    guard !definition.examples.isEmpty else { return [] }
    let names = NameTable()
    let needed = needed(for: definition)
    let program = Program(needed, names)
    var explainer: Explainer?
    return try definition.examples.compactMap { example in
      let history = History(example, at: now, names)
      let evaluation = evaluate(program, history, at: now)
      let found = evaluation.values.last ?? .absent
      guard found != example.expected else { return nil }
      explainer = explainer ?? Explainer(needed, names)
      let tree = explainer?.explain(.user(UserHistory(calls: history)), at: now)
      return TestReport.Failure(
        key: definition.key, path: definition.source.path, line: example.line,
        example: example.text, expected: example.expected, found: found,
        nextChange: evaluation.next == .never ? nil : evaluation.next,
        explanation: try tree.map(ExplanationReader(example, needed, at: now).part))
    }
  }
}

extension ExplanationReader {
  /// With the words of an example in place of a store's calls. There is one user, who has no id.
  fileprivate init(_ example: Example, _ definitions: [Definition], at now: Instant) {
    self.init(
      definitions, at: now, call: { ExplainedCall(row: Int($0), of: example, at: now) },
      id: { _ in "" })
  }
}

extension ExplainedCall {
  /// - Parameter row: as in the example's history: 0 for its traits, then the events in their order.
  fileprivate init?(row: Int, of example: Example, at now: Instant) {
    guard row > 0 else {
      time = now - Duration.longest
      name = "identify"
      properties = .object(example.traits.map { Value.Member($0.name, $0.value) })
      origin = .example(words: example.traits.map(\.text).joined(separator: "; "))
      return
    }
    guard row <= example.events.count else { return nil }
    let event = example.events[row - 1]
    time = now + event.time
    name = event.name
    properties = event.properties
    origin = .example(words: event.text)
  }
}
