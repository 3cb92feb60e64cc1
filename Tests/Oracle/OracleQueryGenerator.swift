/// Makes the definitions of a random case.
struct OracleQueryGenerator {
  /// Where a condition stands.
  struct Place {
    /// How many events enclose it.
    var level = 0
    /// Whether it is about an account as a whole.
    var isAccount = false
    /// Whether it stands inside `ANY` or `ALL`.
    var isMember = false
    /// How much deeper it may go.
    var depth: Int
  }

  /// A definition that later ones may refer to.
  struct Earlier {
    var definition: OracleDefinition
    var topic: OracleTopic
    /// 0 for users, 1 for accounts, 2 for users who refer to accounts.
    var stratum: Int
  }

  let vocabulary: OracleVocabulary
  var random: OracleRandom
  let options: OracleOptions
  private(set) var earlier: [Earlier] = []

  init(vocabulary: OracleVocabulary, random: OracleRandom, options: OracleOptions) {
    self.vocabulary = vocabulary
    self.random = random
    self.options = options
  }

  func allows(_ construct: OracleConstructs) -> Bool { options.constructs.contains(construct) }

  /// Definitions with the keys `d0`, `d1`, and so on; each refers only to earlier ones.
  mutating func definitions() -> [OracleDefinition] {
    let anonymous = allows(.anonymous) && random.chance(40)
    for number in 0..<random.int(in: options.definitions) {
      let isAccount = allows(.accounts) && random.chance(45)
      let place = Place(isAccount: isAccount, depth: options.depth)
      var topic = OracleTopic.flag
      let body: OracleDefinition.Body
      if random.chance(65) {
        body = .audience(condition(place))
      } else {
        let (scalar, kind) = traitScalar(place)
        body = .trait(scalar)
        topic = kind
      }
      let definition = OracleDefinition(
        "d\(number)", body, subjects: isAccount ? .accounts : .users,
        includeAnonymous: anonymous && !isAccount)
      earlier.append(
        Earlier(definition: definition, topic: topic, stratum: stratum(of: definition)))
    }
    return earlier.map(\.definition)
  }

  private func stratum(of definition: OracleDefinition) -> Int {
    if definition.subjects == .accounts { return 1 }
    let names = OracleMentions(in: definition.body).fields.compactMap(\.referableName)
    let refers = earlier.contains { $0.stratum > 0 && names.contains($0.definition.key) }
    return refers ? 2 : 0
  }

  /// The definitions that may be referred to from a place.
  func referable(from place: Place) -> [Earlier] {
    guard allows(.references) else { return [] }
    return earlier.filter { other in
      if place.isMember { return other.stratum == 0 }
      if place.isAccount { return other.stratum == 1 }
      return other.stratum != 1 || other.definition.isAudience
    }
  }

  /// A condition.
  mutating func condition(_ place: Place) -> OracleCondition {
    let deeper = place.depth > 0
    let members = place.isAccount && !place.isMember && place.level == 0
    let shape = random.pick(weighted: [
      (members ? 1 : 10, 0), (deeper ? 3 : 0, 1), (deeper ? 3 : 0, 2), (deeper ? 2 : 0, 3),
      (members ? 4 : 0, 4),
    ])
    var inner = place
    inner.depth -= 1
    switch shape {
    case 1: return .and(conditions(inner))
    case 2: return .or(conditions(inner))
    case 3: return .not(condition(inner))
    case 4:
      inner.isMember = true
      return random.chance(50) ? .any(condition(inner)) : .all(condition(inner))
    default: return comparison(place)
    }
  }

  private mutating func conditions(_ place: Place) -> [OracleCondition] {
    var parts: [OracleCondition] = []
    for _ in 0..<random.pick([2, 2, 2, 3]) { parts.append(condition(place)) }
    return parts
  }

  private func allowsStreams(_ place: Place) -> Bool {
    place.level == 0 || (place.depth > 0 && place.level < 3 && allows(.nested))
  }

  private mutating func comparison(_ place: Place) -> OracleCondition {
    let streams = allowsStreams(place) ? (place.level == 0 ? 60 : 30) : 0
    if random.chance(streams) {
      let stream = stream(place)
      if random.chance(60) { return .compare(.reduced(stream, .count), countTest(place)) }
      let (reducer, topic) = reducer(place, tame: true)
      if topic == nil { return .compare(.reduced(stream, reducer), countTest(place)) }
      return .compare(.reduced(stream, reducer), test(topic ?? .text, place))
    }
    if random.chance(4) {
      let (field, topic) = field(place)
      return .compare(
        .literal(literal(topic)),
        .relation(random.pick(OracleTest.Relation.allCases), .field(field)))
    }
    if random.chance(2) {
      let topic = random.pick(vocabulary.topics)
      return .compare(.literal(literal(topic)), test(topic, place))
    }
    let (field, topic) = field(place)
    return .compare(.field(field), test(topic, place))
  }

  private mutating func countTest(_ place: Place) -> OracleTest {
    if random.chance(10), allowsStreams(place) {
      let relation = random.pick(OracleTest.Relation.allCases)
      return .relation(relation, .reduced(stream(place), .count))
    }
    let (relation, number) = random.pick(weighted: [
      (8, (OracleTest.Relation.atLeast, 1.0)), (5, (.equal, 0)), (5, (.atLeast, 2)),
      (3, (.greater, 0)), (4, (.equal, 1)), (3, (.greater, 2)), (3, (.less, 2)), (3, (.atMost, 2)),
      (2, (.notEqual, 1)), (2, (.less, 4)), (2, (.equal, 2)), (1, (.atMost, 0)),
    ])
    if random.chance(3) { return .oneOf([.number(1), .number(3), .string("2")]) }
    let value =
      random.chance(4) ? OracleLiteral.string(OracleValue.text(of: number)) : .number(number)
    return .relation(relation, .literal(value))
  }

  /// A field that may be read at a place, and the usual kind of its values.
  mutating func field(_ place: Place, topic wanted: OracleTopic? = nil) -> (
    OracleField, OracleTopic
  ) {
    let others = referable(from: place).filter { wanted == nil || $0.topic == wanted }
    if !others.isEmpty, random.chance(place.level == 0 ? 50 : 15) {
      let other = random.pick(others)
      let name = other.definition.key
      if random.chance(4) { return (OracleField(.trait, name, "x"), other.topic) }
      return (OracleField(.trait, name), other.topic)
    }
    let source = random.pick(weighted: [
      (place.level == 0 ? 10 : (allows(.traits) ? 2 : 0), OracleField.Source.trait),
      (place.level > 0 ? 10 : 0, .property),
      (place.level > 1 && allows(.parentProperties) ? 6 : 0, .parentProperty),
      (place.level > 0 && allows(.context) ? 2 : 0, .context),
    ])
    if source == .context, wanted == nil {
      let (topic, keys) = random.pick(vocabulary.contextPaths)
      return (field(source, keys), topic)
    }
    if source == .context, wanted == .date {
      return (OracleField(.context, "timestamp"), .date)
    }
    let topic =
      wanted
      ?? random.pick(weighted: [
        (6, OracleTopic.number), (6, .text), (2, .flag), (allows(.dates) ? 3 : 0, .date),
        (1, .whole),
      ])
    return (field(source, random.pick(vocabulary.paths(topic))), topic)
  }

  private func field(_ source: OracleField.Source, _ keys: [String]) -> OracleField {
    OracleField(source, keys.map { $0 == "$" ? .each : .key($0) })
  }
}
