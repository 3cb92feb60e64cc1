import Values

/// What the definitions come to for one profile at one instant.
public struct Evaluation: Sendable, Equatable {
  /// Whether the profile takes part: some call with its user id is dated at or before the instant.
  /// A profile that has no user id at all takes part, from its first call on, in the definitions
  /// that include anonymous profiles. Where it takes no part, values are absent or false.
  public let exists: Bool
  /// One value a definition, in the program's order: a boolean for an audience; absent for a
  /// definition that is not enabled.
  public let values: [Value]
  /// The earliest later instant at which one of the values could change without a new event;
  /// `never` when there is none. It may be early, and is never late.
  public internal(set) var next: Instant

  public init(exists: Bool, values: [Value], next: Instant) {
    self.exists = exists
    self.values = values
    self.next = next
  }
}

/// The one pure function: the values of all definitions for one profile at `now`.
///
/// It reads no clock, does no I/O and keeps nothing. For every instant from `now` up to the returned
/// `next`, the values are the same unless an event arrives.
public func evaluate(_ program: Program, _ history: History, at now: Instant) -> Evaluation {
  var evaluator = Evaluator(program)
  return evaluator.evaluate(history, at: now)
}

/// Evaluates one profile after another with one program, keeping its scratch space.
public struct Evaluator {
  typealias Index = Program.Index

  /// A result and the instant, in milliseconds, up to which it holds.
  struct Outcome<Result> {
    var value: Result
    var until: Int64

    init(_ value: Result, until: Int64 = .max) {
      self.value = value
      self.until = until
    }
  }

  /// The event a condition is about, and the one around that; -1 for none.
  struct Scope {
    var event: Index = -1
    var parent: Index = -1

    static let profile = Scope()
  }

  /// A record that some definition may ask for.
  struct Record {
    let time: Int64
    /// Where its properties begin in the history's bytes.
    let payload: Int
  }

  let program: Program
  var bytes: [UInt8] = []
  var now: Int64 = 0
  var events: [Record] = []
  /// The events of each of the program's names, as indices into `events`, in order.
  var eventsOfSlot: [[Index]]
  /// The calls that carry traits: identify calls of a user, group calls of an account.
  var identifies: [Record] = []
  var groups: [Record] = []
  /// The users of the account, when this evaluates one; each evaluator holds one user.
  var members: [Evaluator] = []
  /// Whether this evaluates an account.
  var isAccount = false
  /// What the accounts of the user are, when this evaluates a user.
  var accounts: [[Value]] = []
  /// Up to when they are that; `.max` when for ever.
  var standingUntil = Int64.max
  var traitMemo: [Outcome<[Value]>?]
  var definitionValues: [Outcome<Value>] = []
  var nested = NestedMemo()

  public init(_ program: Program) {
    self.program = program
    eventsOfSlot = [[Index]](repeating: [], count: program.slotCount)
    traitMemo = [Outcome<[Value]>?](repeating: nil, count: program.paths.count)
  }

  /// As the free function `evaluate`.
  ///
  /// - Parameter standing: what the user's accounts are at `now`, for the definitions that refer to
  ///   accounts. The next change does not foresee that an account changes by itself: who keeps the
  ///   accounts evaluates their users then.
  public mutating func evaluate(
    _ history: History, at now: Instant, standing: AccountStanding = AccountStanding()
  ) -> Evaluation {
    self.now = now.milliseconds
    isAccount = false
    let (firstOfUser, first) = read(history)
    accounts = standing.values
    standingUntil = standing.until.milliseconds
    let isAnonymous = firstOfUser == .max
    let begin = isAnonymous ? first : firstOfUser
    guard begin <= self.now else {
      return Evaluation(
        exists: false, values: [Value](repeating: .absent, count: program.roots.count),
        next: Instant(milliseconds: begin))
    }
    return evaluateRoots { program, place in
      program.strata[place] != .accounts && (!isAnonymous || program.includesAnonymous[place])
    }
  }

  /// Evaluates the definitions that take part, in dependency order. The others are false or absent
  /// for whoever refers to them, and absent in the result.
  mutating func evaluateRoots(_ takesPart: (Program, Int) -> Bool) -> Evaluation {
    definitionValues.removeAll(keepingCapacity: true)
    var next = Int64.max
    var values: [Value] = []
    for (place, root) in program.roots.enumerated() {
      let counts = takesPart(program, place)
      let outcome = counts ? evaluate(root) : program.outcomeOfNobody(root)
      definitionValues.append(outcome)
      next = min(next, outcome.until)
      values.append(counts ? outcome.value : .absent)
    }
    return Evaluation(exists: true, values: values, next: Instant(milliseconds: next))
  }

  mutating func evaluate(_ root: Program.Root) -> Outcome<Value> {
    switch root {
    case .off: return Outcome(.absent)
    case .audience(let index):
      let truth = condition(index, .profile)
      return Outcome(.boolean(truth.value), until: truth.until)
    case .trait(let index): return value(index, .profile)
    case .list(let index):
      let values = values(index, .profile)
      return Outcome(values.value.isEmpty ? .absent : .array(values.value), until: values.until)
    }
  }

  /// Finds the records that the program asks for. Returns the times of the first call with a user
  /// id and of the first call at all, `.max` when there is none.
  mutating func read(_ history: History) -> (ofUser: Int64, ofAny: Int64) {
    bytes = history.bytes
    events.removeAll(keepingCapacity: true)
    identifies.removeAll(keepingCapacity: true)
    groups.removeAll(keepingCapacity: true)
    members.removeAll()
    for slot in eventsOfSlot.indices { eventsOfSlot[slot].removeAll(keepingCapacity: true) }
    for path in traitMemo.indices { traitMemo[path] = nil }
    nested.clear()
    var reader = PackedReader(bytes: bytes, at: 0)
    var time: Int64 = 0
    var first = (ofUser: Int64.max, ofAny: Int64.max)
    while reader.at < bytes.count {
      let end = Int(reader.varint()) + reader.at
      let head = reader.byte()
      let kind = History.RecordKind(rawValue: head & ~History.anonymousBit)
      let name = Int(reader.varint())
      time += reader.zigzag()
      _ = reader.zigzag()
      first.ofAny = min(first.ofAny, time)
      if head & History.anonymousBit == 0 { first.ofUser = min(first.ofUser, time) }
      let record = Record(time: time, payload: reader.at)
      switch kind {
      case .event:
        if name < program.slots.count, program.slots[name] >= 0 {
          eventsOfSlot[Int(program.slots[name])].append(Index(events.count))
          events.append(record)
        }
      case .identify: identifies.append(record)
      case .group: groups.append(record)
      case .alias, nil: break
      }
      reader.at = end
    }
    return first
  }

  func reader(at place: Int) -> PackedReader { PackedReader(bytes: bytes, at: place) }
}

extension Program {
  /// What a definition is for a profile that takes no part in it.
  func outcomeOfNobody(_ root: Root) -> Evaluator.Outcome<Value> {
    if case .audience = root { return Evaluator.Outcome(.boolean(false)) }
    return Evaluator.Outcome(.absent)
  }
}

/// `time + length`, where an open end stays open.
func later(_ time: Int64, by length: Int64) -> Int64 { length == .max ? .max : time + length }
