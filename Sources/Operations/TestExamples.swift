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
    let chosen = try keys.isEmpty ? project.definitions : keys.map(project.definition)
    for definition in chosen where !keys.isEmpty && !definition.isEnabled {
      throw OperationError(
        .usage, "'\(definition.key)' is not enabled", help: "write 'enabled: true' in its file")
    }
    var passed = 0
    var failures: [TestReport.Failure] = []
    var withoutExamples: Set<String> = []
    var seen: Set<String> = []
    for definition in chosen where definition.isEnabled && seen.insert(definition.key).inserted {
      if definition.examples.isEmpty { withoutExamples.insert(definition.key) }
      let results = project.failures(of: definition, at: now)
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
  fileprivate func failures(of definition: Definition, at now: Instant) -> [TestReport.Failure] {
    guard !definition.examples.isEmpty else { return [] }
    let names = NameTable()
    let program = Program(needed(for: definition), names)
    return definition.examples.compactMap { example in
      let evaluation = evaluate(program, History(example, at: now, names), at: now)
      let found = evaluation.values.last ?? .absent
      guard found != example.expected else { return nil }
      return TestReport.Failure(
        key: definition.key, path: definition.source.path, line: example.line,
        example: example.text, expected: example.expected, found: found,
        nextChange: evaluation.next == .never ? nil : evaluation.next)
    }
  }
}
