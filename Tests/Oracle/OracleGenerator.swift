/// Makes random cases: definitions and histories that meet often enough to be worth comparing.
public struct OracleGenerator: Sendable {
  var random: OracleRandom
  let options: OracleOptions

  /// A generator; the same seed and options give the same cases.
  public init(seed: UInt64, options: OracleOptions = .userLevel) {
    random = OracleRandom(seed: seed)
    self.options = options
  }

  /// The next case.
  ///
  /// One in which nobody is a member of anything, and every value is absent or zero, is as a rule
  /// drawn again.
  public mutating func makeCase() -> OracleCase {
    var result = draw()
    for _ in 0..<3 where !result.isLively { result = draw() }
    return result
  }

  private mutating func draw() -> OracleCase {
    let vocabulary = OracleVocabulary(options.constructs, random: &random)
    var queries = OracleQueryGenerator(vocabulary: vocabulary, random: random, options: options)
    let definitions = queries.definitions()
    var histories = OracleHistoryGenerator(
      vocabulary: vocabulary, random: queries.random, options: options)
    let calls = histories.calls()
    random = histories.random
    return OracleCase(calls: calls, definitions: definitions, now: vocabulary.now)
  }
}

extension OracleCase {
  /// Whether some value is more than false, absent or zero.
  fileprivate var isLively: Bool {
    let world = world
    return definitions.contains { definition in
      world.subjects(of: definition.key, at: now).contains { subject in
        let value = world.value(of: definition.key, for: subject, at: now)
        return value.isPresent && value != false && value != 0
      }
    }
  }
}
