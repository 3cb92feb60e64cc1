extension OracleScene {
  /// The events of a stream after all its filters. `outer` are the enclosing events.
  ///
  /// Inside another event only what is strictly later than that is seen.
  func events(of stream: OracleStream, inside outer: [OracleEvent]) -> [OracleEvent] {
    var kept = events.filter { $0.name.isExactly(stream.event) && $0.timestamp <= now }
    if let parent = outer.last { kept = kept.filter { $0.timestamp > parent.timestamp } }
    for filter in stream.filters { kept = self.kept(kept, by: filter, inside: outer) }
    return kept
  }

  private func kept(
    _ events: [OracleEvent], by filter: OracleFilter, inside outer: [OracleEvent]
  ) -> [OracleEvent] {
    switch filter {
    case .where(let condition):
      return events.filter { holds(condition, inside: outer + [$0]) }
    case .sources(let excluded):
      return events.filter { event in
        guard let source = event.source else { return true }
        return !excluded.contains { source.isExactly($0.value.text ?? "") }
      }
    case .within(let length):
      return events.filter { now - length.milliseconds <= $0.timestamp && $0.timestamp <= now }
    case .between(let one, let other):
      let (low, high) = sorted(one, other)
      return events.filter { now - high <= $0.timestamp && $0.timestamp <= now - low }
    case .withinParent(let length):
      let parent = parentTime(outer)
      return events.filter {
        parent < $0.timestamp && $0.timestamp <= parent + length.milliseconds
      }
    case .betweenParent(let one, let other):
      let parent = parentTime(outer)
      let (low, high) = sorted(one, other)
      return events.filter {
        parent + low <= $0.timestamp && $0.timestamp <= parent + high && $0.timestamp > parent
      }
    case .expiresAfter(let length):
      return session(of: events, length: length.milliseconds)
    }
  }

  /// The longest run at the end in which neighbours are close, unless it has expired.
  private func session(of events: [OracleEvent], length: Int64) -> [OracleEvent] {
    guard let last = events.last, now - last.timestamp <= length else { return [] }
    var run = [last]
    for event in events.dropLast().reversed() {
      guard run[0].timestamp - event.timestamp <= length else { break }
      run.insert(event, at: 0)
    }
    return run
  }

  private func sorted(_ one: OracleDuration, _ other: OracleDuration) -> (Int64, Int64) {
    (
      min(one.milliseconds, other.milliseconds), max(one.milliseconds, other.milliseconds)
    )
  }

  private func parentTime(_ outer: [OracleEvent]) -> Int64 {
    guard let parent = outer.last else {
      preconditionFailure("a parent window outside a nested event")
    }
    return parent.timestamp
  }

  /// The one value of a stream's events.
  func reduce(
    _ kept: [OracleEvent], _ reducer: OracleReducer, inside outer: [OracleEvent]
  ) -> OracleValue {
    func values(_ field: OracleField) -> [OracleValue] {
      kept.flatMap { self.values(of: field, inside: outer + [$0]) }
    }
    func numbers(_ field: OracleField) -> [Double] { values(field).compactMap(\.numeric) }
    func texts(_ field: OracleField) -> [String] { values(field).compactMap(\.text) }

    switch reducer {
    case .count: return .number(Double(kept.count))
    case .sum(let field):
      let numbers = numbers(field)
      if numbers.isEmpty { return .absent }
      return OracleDecimal.quotient(ofSum: numbers, by: 1).map { .number($0) } ?? .absent
    case .avg(let field):
      let numbers = numbers(field)
      if numbers.isEmpty { return .absent }
      return OracleDecimal.quotient(ofSum: numbers, by: numbers.count).map { .number($0) }
        ?? .absent
    case .first(let field): return values(field).first ?? .absent
    case .last(let field): return values(field).last ?? .absent
    case .min(let field, .string):
      return texts(field).min { $0.comesBefore($1) }.map { .string($0) } ?? .absent
    case .max(let field, .string):
      return texts(field).max { $0.comesBefore($1) }.map { .string($0) } ?? .absent
    case .min(let field, _): return numbers(field).min().map { .number($0) } ?? .absent
    case .max(let field, _): return numbers(field).max().map { .number($0) } ?? .absent
    case .mode(let field, let kind, let least):
      guard kind == .array, field.fansOut else {
        return mode(of: texts(field), atLeast: least ?? 2)
      }
      let whole = OracleField(field.source, Array(field.path.prefix { !$0.isEach }))
      let arrays = values(whole).filter(\.isArray)
      return mode(of: arrays.compactMap(\.text), atLeast: least ?? 2)
    case .unique(let field):
      return .array(distinct(texts(field)).map { .string($0) })
        .presentUnlessEmpty
    case .uniqueCount(let field): return .number(Double(distinct(texts(field)).count))
    }
  }

  /// The most frequent text of those that occur often enough; of equals, the first in order.
  private func mode(of texts: [String], atLeast least: Int) -> OracleValue {
    func occurrences(_ text: String) -> Int { texts.count { $0.isExactly(text) } }
    var best: String?
    for text in distinct(texts) where occurrences(text) >= least {
      if best.map({ occurrences(text) > occurrences($0) }) ?? true { best = text }
    }
    return best.map { .string($0) } ?? .absent
  }

  /// Each text once, in Unicode scalar order.
  private func distinct(_ texts: [String]) -> [String] {
    Set(texts.map { ExactText($0) }).sorted().map(\.text)
  }
}

extension OracleEvent {
  /// What `sources` compares: the text of the context's source id, else the write key.
  var source: String? { context["source_id"].text ?? writeKey }
}

extension OracleValue {
  fileprivate var isArray: Bool {
    if case .array = self { true } else { false }
  }

  /// An empty array is absent.
  fileprivate var presentUnlessEmpty: OracleValue {
    if case .array(let elements) = self, elements.isEmpty { .absent } else { self }
  }
}
