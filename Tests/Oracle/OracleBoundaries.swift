extension OracleWorld {
  /// Instants after `now` at which a value could change without a new event, in order: a superset
  /// found by brute force.
  ///
  /// Every comparison with `now` compares a timestamp or a date, moved by one of the durations, so
  /// a value can change only at such a sum or a millisecond past it. With `pairs` the sums with two
  /// durations are there too.
  public func boundaries(
    of key: String, for subject: OracleSubject, after now: Int64, pairs: Bool = false
  ) -> [Int64] {
    let involved = definitions(behind: key)
    let mentions = involved.map { OracleMentions(in: $0.body) }
    var origins: Set<Int64> = []
    for literal in mentions.flatMap(\.literals) {
      if let date = literal.value.instant { origins.insert(date) }
    }
    let isShared = involved.contains { $0.subjects == .accounts }
    for entry in entries where isShared || entry.profile == resolved(subject) {
      origins.insert(entry.call.timestamp)
      let texts = [entry.call.name, entry.call.event].compactMap(\.self)
      for value in [entry.call.properties, entry.call.traits, entry.call.context] {
        origins.formUnion(value.dates)
      }
      origins.formUnion(texts.compactMap { OracleDate.instant(of: $0) })
    }

    let lengths = mentions.flatMap(\.durations).map(\.milliseconds)
    var moves = Set(lengths + lengths.map { -$0 } + [0])
    if pairs { moves = Set(moves.flatMap { move in moves.map { move + $0 } }) }
    var instants: Set<Int64> = []
    for origin in origins {
      for move in moves {
        instants.insert(origin + move)
        instants.insert(origin + move + 1)
      }
    }
    return instants.filter { $0 > now }.sorted()
  }

  /// The first instant after `now` at which the value is another one, tried at every boundary.
  public func nextChange(
    of key: String, for subject: OracleSubject, after now: Int64, pairs: Bool = false
  ) -> Int64? {
    let current = value(of: key, for: subject, at: now)
    return boundaries(of: key, for: subject, after: now, pairs: pairs).first {
      value(of: key, for: subject, at: $0) != current
    }
  }

  /// A definition and every one that it refers to, however far.
  func definitions(behind key: String) -> [OracleDefinition] {
    guard let definition = definition(key) else { return [] }
    let mentions = OracleMentions(in: definition.body)
    let names = (mentions.fields + mentions.memberFields).compactMap(\.referableName)
    return [definition] + names.flatMap { definitions(behind: $0) }
  }

  private func resolved(_ subject: OracleSubject) -> OracleSubject {
    if case .user(let id) = subject { .user(identities.profile(ofUser: id)) } else { subject }
  }
}

extension OracleValue {
  /// Every date anywhere inside.
  fileprivate var dates: [Int64] {
    switch self {
    case .string: instant.map { [$0] } ?? []
    case .array(let elements): elements.flatMap(\.dates)
    case .object(let members): members.flatMap(\.value.dates)
    case .absent, .boolean, .number: []
    }
  }
}
