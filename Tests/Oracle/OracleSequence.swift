/// Definitions, and steps that ingest calls and call the roll.
public struct OracleSequence: Sendable {
  /// Calls that are ingested, and the run behind them.
  public struct Step: Sendable {
    /// Calls in their order of arrival.
    public var calls: [OracleCall]
    /// The instant of the run, in UTC milliseconds.
    public var now: Int64
    /// Whether the run sends.
    public var sends: Bool

    /// A step.
    public init(_ calls: [OracleCall], at now: Int64, sends: Bool = false) {
      self.calls = calls
      self.now = now
      self.sends = sends
    }
  }

  public var definitions: [OracleDefinition]
  /// No run is before the one of the step before.
  public var steps: [Step]
  /// Chooses among the spellings of the definitions; nil is the canonical one.
  public var spelling: UInt64?

  /// A sequence.
  public init(_ definitions: [OracleDefinition], _ steps: [Step], spelling: UInt64? = nil) {
    self.definitions = definitions
    self.steps = steps
    self.spelling = spelling
  }

  /// The calls of a case in equal parts, with runs at random instants around the case's.
  public init(_ world: OracleCase, parts: Int, seed: UInt64) {
    var random = OracleRandom(seed: seed)
    var now = world.now - 20 * 86_400_000
    let steps = (0..<parts).map { part in
      let from = world.calls.count * part / parts
      let to = world.calls.count * (part + 1) / parts
      now += Int64(random.int(in: 0...12)) * 86_400_000 + Int64(random.int(in: 0...999_999))
      return Step(Array(world.calls[from..<to]), at: now, sends: random.chance(50))
    }
    self.init(world.definitions, steps, spelling: seed)
  }

  /// What is known at the run of a step.
  public func world(at step: Int) -> OracleCase {
    OracleCase(
      calls: steps[...step].flatMap(\.calls), definitions: definitions, now: steps[step].now)
  }

  /// The definition files: name and content.
  public var files: [(name: String, content: String)] {
    OracleCase(calls: [], definitions: definitions, now: 0).files(seed: spelling)
  }
}
