import Values

/// Everything known about one account: its own calls, and its users with theirs.
public struct AccountHistory: Sendable {
  /// A user of the account.
  public struct Member: Sendable {
    /// The user's number.
    public let user: Int64
    /// The first `group` call that names the account with a user id of this user.
    public let since: Instant
    public let history: History

    public init(user: Int64, since: Instant, history: History) {
      self.user = user
      self.since = since
      self.history = history
    }
  }

  /// The `group` calls that name the account.
  public let calls: History
  public let members: [Member]

  public init(calls: History, members: [Member]) {
    self.calls = calls
    self.members = members
  }

  /// The users that belong to the account by `now`.
  func members(at now: Instant) -> [Member] { members.filter { $0.since <= now } }

  /// When the next user joins; `never` when none does.
  func nextJoin(after now: Instant) -> Instant {
    members.map(\.since).filter { $0 > now }.min() ?? .never
  }
}

/// What the accounts of a user are at an instant, for the definitions that refer to accounts.
public struct AccountStanding: Sendable {
  /// For each of the user's accounts, by account id, one value for each definition of the program;
  /// absent for those that are not about accounts.
  public private(set) var values: [[Value]] = []
  /// Up to when this is known to hold without a new event: the user may join a further account.
  public internal(set) var until = Instant.never

  public init() {}

  /// Takes in one of the user's accounts, by account id, as it is at `now`.
  ///
  /// - Parameters:
  ///   - since: from when on the user belongs to it.
  ///   - values: asked for only when that is so by `now`.
  public mutating func add(
    since: Instant, at now: Instant, _ values: () throws -> [Value]
  ) rethrows {
    if since <= now {
      self.values.append(try values())
    } else {
      until = min(until, since)
    }
  }
}

extension Evaluator {
  /// The values of the account definitions for one account at `now`; absent for all others.
  ///
  /// A bare event pools the events of the account's users, of those who belong to it by now. ANY
  /// and ALL ask each of them, with their own events, traits and definitions.
  public mutating func evaluate(_ account: AccountHistory, at now: Instant) -> Evaluation {
    self.now = now.milliseconds
    isAccount = true
    let present = account.members(at: now)
    let begin = read(account.calls).ofAny
    let calls = groups
    let callBytes = bytes
    guard begin <= self.now else {
      return Evaluation(
        exists: false, values: [Value](repeating: .absent, count: program.roots.count),
        next: Instant(milliseconds: begin))
    }
    _ = read(History(pooling: present.map(\.history)))
    // Traits are read from the account's own calls, which lie behind the pooled events.
    identifies = calls.map { Record(time: $0.time, payload: $0.payload + bytes.count) }
    bytes += callBytes
    members = present.map { member in
      var evaluator = Evaluator(program)
      evaluator.now = self.now
      _ = evaluator.read(member.history)
      _ = evaluator.evaluateRoots { program, place in program.neededByMembers[place] }
      return evaluator
    }
    var evaluation = evaluateRoots { program, place in program.strata[place] == .accounts }
    evaluation.next = min(evaluation.next, account.nextJoin(after: now))
    return evaluation
  }

  /// ANY (`deciding` true) and ALL (`deciding` false): as OR and AND over the users, and false
  /// without users.
  mutating func quantify(_ condition: Index, deciding: Bool) -> Outcome<Bool> {
    var decidedUntil: Int64?
    var until = Int64.max
    for place in members.indices {
      let part = members[place].condition(condition, .profile)
      if part.value == deciding {
        decidedUntil = max(decidedUntil ?? .min, part.until)
      } else {
        until = min(until, part.until)
      }
    }
    if let decidedUntil { return Outcome(deciding, until: decidedUntil) }
    return Outcome(!deciding && !members.isEmpty, until: until)
  }

  /// What an account definition is to a user: an audience is true when one of the user's accounts
  /// has it; a trait has the values of all accounts.
  func ofAccounts(_ definition: Index) -> Outcome<[Value]> {
    let values = accounts.map { $0[Int(definition)] }
    guard program.isAudience[Int(definition)] else {
      return Outcome(values.filter(\.isPresent), until: standingUntil)
    }
    return Outcome([.boolean(values.contains(.boolean(true)))], until: standingUntil)
  }
}

extension History {
  /// The records of several histories in one, in the order of (time, arrival).
  public init(pooling histories: [History]) {
    var records: [PooledRecord] = []
    for (source, history) in histories.enumerated() {
      var reader = PackedReader(bytes: history.bytes, at: 0)
      var time: Int64 = 0
      var row: Int64 = 0
      while reader.at < history.bytes.count {
        let end = Int(reader.varint()) + reader.at
        let start = reader.at
        _ = reader.byte()
        _ = reader.varint()
        let head = start..<reader.at
        time += reader.zigzag()
        row += reader.zigzag()
        records.append(
          PooledRecord(
            time: time, row: row, source: source, head: head, body: reader.at..<end))
        reader.at = end
      }
    }
    // What comes later is mostly in a later history.
    let isSorted = zip(records, records.dropFirst()).allSatisfy { !$1.precedes($0) }
    if !isSorted { records.sort { $0.precedes($1) } }
    var writer = PackedWriter(capacity: histories.reduce(0) { $0 + $1.bytes.count + 20 })
    var time: Int64 = 0
    var row: Int64 = 0
    for record in records {
      let bytes = histories[record.source].bytes
      writer.record(
        bytes.span.extracting(record.head), record.time - time, record.row - row,
        bytes.span.extracting(record.body))
      (time, row) = (record.time, record.row)
    }
    self.init()
    bytes = writer.bytes
  }
}

/// Where a record stands in one of several histories.
private struct PooledRecord {
  let time: Int64
  let row: Int64
  let source: Int
  let head: Range<Int>
  let body: Range<Int>

  func precedes(_ other: PooledRecord) -> Bool { (time, row) < (other.time, other.row) }
}
