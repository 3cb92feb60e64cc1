extension OracleQueryGenerator {
  /// A literal of some kind, from the alphabets that the data is made of.
  mutating func literal(_ topic: OracleTopic) -> OracleLiteral {
    switch topic {
    case .number:
      let number = random.pick(vocabulary.numbers)
      if random.chance(10) {
        let text = OracleValue.text(of: number)
        return .string(random.chance(30) && !text.contains("e") ? text + ".0" : text)
      }
      return .number(number)
    case .text: return .string(random.pick(vocabulary.texts))
    case .flag:
      return random.pick([.boolean(true), .boolean(true), .boolean(false), .string("true")])
    case .date:
      let text = vocabulary.date(&random)
      return random.chance(30) ? .date(text) : .string(text)
    case .whole:
      let texts = [#"["red","blue"]"#, #"["red"]"#, "[]", "[2]", #"{"w":2}"#]
      return .string(random.pick(texts))
    }
  }

  /// A part of a text, to look for.
  private mutating func fragment(_ topic: OracleTopic) -> OracleLiteral {
    switch topic {
    case .number:
      return random.pick([.number(1), .string("0"), .string("."), .number(5), .string("e")])
    case .text:
      return .string(random.pick(["red", "r", "e", "5", "", "blue", "\u{301}", "/", "'", "\\"]))
    case .flag: return random.pick([.boolean(true), .string("t"), .string("e")])
    case .date: return .string(random.pick(["2026", "T", "Z", "03-01"]))
    case .whole: return .string(random.pick(["red", "[", "]", ",", "\"", "null", "2"]))
    }
  }

  private mutating func literals(_ topic: OracleTopic) -> [OracleLiteral] {
    var list: [OracleLiteral] = []
    for _ in 0..<random.int(in: 1...4) { list.append(literal(topic)) }
    return list
  }

  private mutating func fragments(_ topic: OracleTopic) -> [OracleLiteral] {
    var list: [OracleLiteral] = []
    for _ in 0..<random.int(in: 1...2) { list.append(fragment(topic)) }
    return list
  }

  /// Something to compare with: a literal as a rule, else a field or a reduced stream.
  private mutating func other(_ topic: OracleTopic, _ place: Place) -> OracleScalar {
    switch random.int(in: 0...99) {
    case 0..<70: return .literal(literal(topic))
    case 70..<92: return .field(field(place, topic: topic).0)
    default:
      let canNest = place.level == 0 || (place.depth > 0 && place.level < 3 && allows(.nested))
      guard canNest else { return .literal(literal(topic)) }
      var inner = place
      inner.depth -= 1
      let stream = stream(inner)
      inner.level += 1
      let field = field(inner, topic: topic).0
      return .reduced(
        stream, random.pick([.first(field), .last(field), .max(field), .mode(field)]))
    }
  }

  /// A test that suits a kind of value, or now and then another.
  mutating func test(_ topic: OracleTopic, _ place: Place) -> OracleTest {
    let topic = random.chance(6) ? random.pick(vocabulary.topics) : topic
    if random.chance(12) { return random.chance(70) ? .exists : .absent }
    switch topic {
    case .number:
      if random.chance(10) { return .oneOf(literals(topic)) }
      if random.chance(7) { return .noneOf(literals(topic)) }
      if random.chance(6) { return textTest(topic) }
      return .relation(random.pick(OracleTest.Relation.allCases), other(topic, place))
    case .text, .whole:
      if random.chance(40) {
        let relation = random.pick([OracleTest.Relation.equal, .equal, .notEqual, .less])
        return .relation(relation, other(topic, place))
      }
      return textTest(topic)
    case .flag:
      let relation: OracleTest.Relation = random.chance(75) ? .equal : .notEqual
      return .relation(relation, random.chance(90) ? .literal(literal(.flag)) : other(.flag, place))
    case .date: return dateTest(place)
    }
  }

  private mutating func textTest(_ topic: OracleTopic) -> OracleTest {
    switch random.int(in: 0...6) {
    case 0, 1: .contains(fragments(topic))
    case 2: .omits(fragments(topic))
    case 3: .startsWith(fragment(topic))
    case 4: .endsWith(fragment(topic))
    case 5: .oneOf(literals(topic))
    default: .noneOf(literals(topic))
    }
  }

  private mutating func dateTest(_ place: Place) -> OracleTest {
    switch random.int(in: 0...8) {
    case 0: return .beforeDate(other(.date, place))
    case 1: return .afterDate(other(.date, place))
    case 2: return .withinLast(duration())
    case 3: return .withinNext(duration())
    case 4: return .beforeLast(duration())
    case 5: return .afterNext(duration())
    case 6: return .relation(.equal, other(.date, place))
    default:
      let relation = random.pick([OracleTest.Relation.greater, .atLeast, .less, .atMost])
      return .relation(relation, other(.date, place))
    }
  }
}
