extension OracleQueryGenerator {
  /// A stream with filters that keep something more often than not.
  mutating func stream(_ place: Place) -> OracleStream {
    var filters: [OracleFilter] = []
    let isNested = place.level > 0
    for _ in 0..<random.pick([0, 1, 1, 1, 2, 2, 3]) {
      var inner = place
      inner.level += 1
      inner.depth -= 1
      let kind = random.pick(weighted: [
        (place.depth > 0 ? 8 : 0, 0), (allows(.windows) ? (isNested ? 2 : 6) : 0, 1),
        (allows(.windows) ? 3 : 0, 2), (isNested && allows(.parentWindows) ? 8 : 0, 3),
        (isNested && allows(.parentWindows) ? 4 : 0, 4), (allows(.sessions) ? 2 : 0, 5),
        (allows(.sources) ? 1 : 0, 6), (1, 7),
      ])
      switch kind {
      case 0: filters.append(.where(condition(inner)))
      case 1: filters.append(.within(duration()))
      case 2: filters.append(.between(duration(), duration()))
      case 3: filters.append(.withinParent(duration()))
      case 4: filters.append(.betweenParent(duration(), duration()))
      case 5: filters.append(.expiresAfter(duration()))
      case 6:
        let sources = vocabulary.sources.map { OracleLiteral.string($0) } + [.number(7)]
        filters.append(.sources(excluding: Array(random.shuffled(sources).prefix(2))))
      default: break
      }
    }
    return OracleStream(random.pick(vocabulary.eventNames), filters)
  }

  mutating func duration() -> OracleDuration {
    // The longer of two, so that windows reach over a good part of the history.
    let one = random.pick(vocabulary.durations)
    let other = random.pick(vocabulary.durations)
    return one.milliseconds >= other.milliseconds ? one : other
  }

  /// A reducer and the kind of its value, which is nothing for a number of things.
  ///
  /// A `tame` one is nearly always used with the kind of field it is meant for.
  mutating func reducer(_ place: Place, tame: Bool) -> (OracleReducer, OracleTopic?) {
    var inner = place
    inner.level += 1
    let convert = allows(.conversions)
    let isMismatched = random.chance(tame ? 5 : 15)
    let numeric = field(inner, topic: isMismatched ? .text : .number).0
    let (any, topic) = field(inner)
    switch random.int(in: 0...9) {
    case 0, 1: return (.sum(numeric), .number)
    case 2: return (.avg(numeric), .number)
    case 3:
      if convert, random.chance(30) { return (.min(any, .string), .text) }
      return (.min(numeric, convert ? random.pick([.plain, .plain, .number]) : .plain), .number)
    case 4:
      if convert, random.chance(30) { return (.max(any, .string), .text) }
      return (.max(numeric, convert ? random.pick([.plain, .plain, .number]) : .plain), .number)
    case 5: return (.first(any), topic)
    case 6: return (.last(any), topic)
    case 7:
      let kind = random.pick([OracleReducer.Mode.plain, .plain, .number, .string, .array])
      return (.mode(any, convert ? kind : .plain, random.pick([nil, 1, 1, 2, 3])), .text)
    case 8: return (.unique(any), .whole)
    default: return (.uniqueCount(any), nil)
    }
  }

  /// The scalar of a computed trait and the kind of its value.
  mutating func traitScalar(_ place: Place) -> (OracleScalar, OracleTopic) {
    if random.chance(15) {
      let (field, topic) = field(place)
      return (.field(field), topic)
    }
    if random.chance(3) { return (.literal(literal(.number)), .number) }
    let stream = stream(place)
    if random.chance(25) { return (.reduced(stream, .count), .number) }
    let (reducer, topic) = reducer(place, tame: false)
    return (.reduced(stream, reducer), topic ?? .number)
  }
}
