import Values

/// A user or an account as the explaining program has evaluated it.
struct Sight {
  private var evaluator: Evaluator
  /// Where the second of the two histories begins that the evaluator holds of an account.
  private let seam: Int
  /// The event rows of the records, by their payloads' places; read when they are asked for.
  private lazy var rows = eventRows()
  /// When the account gets a further user, which may change any of its values; `.max` when never.
  private let nextJoin: Int64
  /// Whether no call of a user has a user id.
  let isAnonymous: Bool
  /// The users of the account, or the accounts of the user, by their numbers.
  let others: [(number: Int64, sight: Sight)]

  /// A user, whose calls the evaluator holds.
  init(_ evaluator: Evaluator, isAnonymous: Bool, others: [(number: Int64, sight: Sight)] = []) {
    self.evaluator = evaluator
    self.isAnonymous = isAnonymous
    self.others = others
    seam = evaluator.bytes.count
    nextJoin = .max
  }

  /// An account with its users: their pooled calls stand before its own.
  init(_ account: AccountHistory, _ evaluator: Evaluator) {
    self.evaluator = evaluator
    isAnonymous = false
    let now = Instant(milliseconds: evaluator.now)
    let members = account.members(at: now)
    nextJoin = account.nextJoin(after: now).milliseconds
    others = zip(members, evaluator.members).map { ($0.user, Sight($1, isAnonymous: false)) }
    seam = evaluator.bytes.count - account.calls.bytes.count
  }

  private func eventRows() -> [Int: Int64] {
    var rows: [Int: Int64] = [:]
    var reader = evaluator.reader(at: 0)
    var row: Int64 = 0
    while reader.at < evaluator.bytes.count {
      if reader.at == seam { row = 0 }
      let end = Int(reader.varint()) + reader.at
      _ = reader.byte()
      _ = reader.varint()
      _ = reader.zigzag()
      row += reader.zigzag()
      rows[reader.at] = row
      reader.at = end
    }
    return rows
  }

  func outcome(_ root: Int) -> Evaluator.Outcome<Value> {
    let outcome = evaluator.definitionValues[root]
    return Evaluator.Outcome(outcome.value, until: min(outcome.until, nextJoin))
  }

  func isAudience(_ root: Int) -> Bool { evaluator.program.isAudience[root] }

  mutating func events(of index: Program.Index) -> Explanation.Events {
    let stream = evaluator.program.streams[Int(index)]
    let now = evaluator.now
    var (low, high) = (stream.low, stream.high)
    for case .within(let from, let to) in stream.filters {
      low = max(low, from)
      high = min(high, to)
    }
    let kept = evaluator.select(index, .profile).value
    let named = evaluator.eventsOfSlot[Int(stream.slot)]
    return Explanation.Events(
      from: high == .max ? nil : Instant(milliseconds: now - high),
      to: Instant(milliseconds: now - low),
      rows: kept.compactMap { rows[evaluator.events[Int($0)].payload] },
      named: named.count { evaluator.events[Int($0)].time <= now })
  }

  /// The row of the latest call up to now that has the trait's top-level key, as the evaluator finds
  /// it.
  mutating func decidingRow(_ path: Program.Index) -> Int64? {
    guard case .key(let key) = evaluator.program.paths[Int(path)].steps.first else { return nil }
    let record = evaluator.identifies.last { record in
      var reader = evaluator.reader(at: record.payload)
      return record.time <= evaluator.now && reader.enter(key)
    }
    return record.flatMap { rows[$0.payload] }
  }
}
