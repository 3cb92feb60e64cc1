import Values

extension Evaluator {
  /// What a stream comes to by a reducer.
  mutating func reduce(
    _ stream: Index, _ reducer: Program.ReducerNode, _ scope: Scope
  ) -> Outcome<Value> {
    let kept = select(stream, scope)
    switch reducer {
    case .count: return Outcome(.number(Double(kept.value.count)), until: kept.until)
    case .sum(let field):
      return total(field, kept, scope) { $0.sum }
    case .average(let field):
      return total(field, kept, scope) { $0.average }
    case .extreme(let field, let isMaximum, let asText):
      let values = values(field, of: kept, scope)
      let result =
        asText
        ? Reduction.extremeText(values.value, isMaximum)
        : Reduction.extremeNumber(values.value, isMaximum)
      return Outcome(result, until: values.until)
    case .first(let field): return edge(field, kept, scope, isLast: false)
    case .last(let field): return edge(field, kept, scope, isLast: true)
    case .mode(let field, let least):
      let values = values(field, of: kept, scope)
      return Outcome(Reduction.mostFrequent(values.value, least), until: values.until)
    case .unique(let field):
      let values = values(field, of: kept, scope)
      return Outcome(Reduction.distinct(values.value), until: values.until)
    case .uniqueCount(let field):
      let values = values(field, of: kept, scope)
      let texts = Set(Reduction.texts(values.value))
      return Outcome(.number(Double(texts.count)), until: values.until)
    }
  }

  /// All present values of a field over the kept events, in order.
  private mutating func values(
    _ field: Index, of kept: Outcome<[Index]>, _ scope: Scope
  ) -> Outcome<[Value]> {
    var result = Outcome<[Value]>([], until: kept.until)
    for event in kept.value {
      let values = values(field, Scope(event: event, parent: scope.event))
      result.value += values.value
      result.until = min(result.until, values.until)
    }
    return result
  }

  private mutating func total(
    _ field: Index, _ kept: Outcome<[Index]>, _ scope: Scope, _ read: (ExactSum) -> Double?
  ) -> Outcome<Value> {
    let values = values(field, of: kept, scope)
    var sum = ExactSum()
    for value in values.value {
      if let number = value.numeric { sum.add(number) }
    }
    return Outcome(read(sum).map(Value.number) ?? .absent, until: values.until)
  }

  /// The first or the last present value.
  private mutating func edge(
    _ field: Index, _ kept: Outcome<[Index]>, _ scope: Scope, isLast: Bool
  ) -> Outcome<Value> {
    var until = kept.until
    for event in isLast ? kept.value.reversed() : kept.value {
      let values = values(field, Scope(event: event, parent: scope.event))
      until = min(until, values.until)
      if let value = isLast ? values.value.last : values.value.first {
        return Outcome(value, until: until)
      }
    }
    return Outcome(.absent, until: until)
  }
}

/// What present values come to, in their order.
enum Reduction {
  static func texts(_ values: [Value]) -> [ExactString] {
    values.compactMap { value in value.textForm.map { ExactString($0) } }
  }

  static func extremeNumber(_ values: [Value], _ isMaximum: Bool) -> Value {
    let numbers = values.compactMap(\.numeric)
    return (isMaximum ? numbers.max() : numbers.min()).map(Value.number) ?? .absent
  }

  static func extremeText(_ values: [Value], _ isMaximum: Bool) -> Value {
    let texts = texts(values)
    return (isMaximum ? texts.max() : texts.min()).map { .string($0.text) } ?? .absent
  }

  /// The text form that occurs most often, and at least `least` times; of several the first by
  /// Unicode scalar order.
  static func mostFrequent(_ values: [Value], _ least: Int) -> Value {
    guard values.count > 16 else { return mostFrequentOfFew(values, least) }
    var counts: [ExactString: Int] = [:]
    for value in values {
      if let text = value.textForm { counts[ExactString(text), default: 0] += 1 }
    }
    let best = counts.max { a, b in a.value != b.value ? a.value < b.value : a.key > b.key }
    guard let best, best.value >= least else { return .absent }
    return .string(best.key.text)
  }

  /// The same without a dictionary.
  private static func mostFrequentOfFew(_ values: [Value], _ least: Int) -> Value {
    var counts: [(text: String, count: Int)] = []
    for value in values {
      guard let text = value.textForm else { continue }
      if let place = counts.firstIndex(where: { $0.text.isExactly(text) }) {
        counts[place].count += 1
      } else {
        counts.append((text, 1))
      }
    }
    let best = counts.max { a, b in
      a.count != b.count ? a.count < b.count : b.text.precedesByScalars(a.text)
    }
    guard let best, best.count >= least else { return .absent }
    return .string(best.text)
  }

  /// The distinct text forms, in Unicode scalar order.
  static func distinct(_ values: [Value]) -> Value {
    let list = Set(texts(values)).sorted().map { Value.string($0.text) }
    return list.isEmpty ? .absent : .array(list)
  }
}
