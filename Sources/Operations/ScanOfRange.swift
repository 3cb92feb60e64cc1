import Definitions
import Evaluation
import EventStore
import Membership
import SQLite
import Values

/// Scans one range of profiles after another, on one thread: goes over their histories, or their digests,
/// and their standings side by side, and sends off who stands elsewhere now.
final class ScanOfRange {
  private var state: State

  /// - Parameter send: takes what was found; false when nobody wants to know any more.
  init(_ task: ScanTask, _ send: @escaping (ScanLetter) -> Bool) {
    state = State(task, send)
  }

  /// Scans a range. False when nobody wants to know any more.
  func run(_ range: ClosedRange<Int64>, _ connection: Connection) throws -> Bool {
    let histories = try Histories(
      connection, state.task.names, upTo: state.task.watermark,
      includesAnonymous: state.task.includesAnonymous)
    state.standings = try Standings.Cursor(connection, range)
    state.histories = histories
    defer {
      state.standings = nil
      state.histories = nil
    }
    do {
      if case .read(_, let outdated) = state.task.digests {
        state.outdated = outdated.slice(range)
        try Digests.visit(connection, range, self)
        try state.visitOutdated(before: .max)
      } else {
        try histories.visitAll(range, self)
      }
      try state.finish()
    } catch is NobodyListens {
      return false
    }
    return true
  }
}

extension ScanOfRange: HistoryVisitor {
  func visit(_ identity: Int64, _ kind: IdentityKind, _ history: Span<UInt8>) throws {
    try state.visit(identity, kind, history)
  }
}

extension ScanOfRange: RowVisitor {
  func visit(_ row: VisitedRow) throws { try row.withBytes(0) { try state.visit($0) } }
}

extension [Int64] {
  /// Those that lie in a range; they are in order.
  fileprivate func slice(_ range: ClosedRange<Int64>) -> ArraySlice<Int64> {
    let start = partition { $0 >= range.lowerBound }
    let end = partition { $0 > range.upperBound }
    return self[start..<end]
  }

  /// The first place from which on all satisfy a condition that, once it holds, holds for all behind.
  private func partition(_ holds: (Int64) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if holds(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

private struct NobodyListens: Error {}

/// Everything that changes from profile to profile.
private struct State: ~Copyable {
  private static let letterSize = 500
  /// A block of digests begins with what its sets are, which takes time to read: it has many profiles.
  private static let blockSize = 256 << 10

  let task: ScanTask
  var standings: Standings.Cursor?
  var histories: Histories?
  /// Those still to come in the range whose digests are out of date.
  var outdated: ArraySlice<Int64> = []
  private let send: (ScanLetter) -> Bool
  private let places: [Int: Int]
  private var evaluator: ScanEvaluator
  private var letter = ScanLetter()
  private var outcome = OutcomeBuffer()
  private var writer = DigestWriter()
  private let makesDigests: Bool
  private let readsDigests: Bool

  init(_ task: ScanTask, _ send: @escaping (ScanLetter) -> Bool) {
    self.task = task
    self.send = send
    places = Dictionary(uniqueKeysWithValues: task.places.enumerated().map { ($1, $0) })
    evaluator = ScanEvaluator(
      task.definitions, task.names, at: task.now, ranks: task.isWhole ? task.coder.ranks : nil)
    makesDigests = if case .make = task.digests { true } else { false }
    readsDigests = if case .read = task.digests { true } else { false }
  }

  mutating func visit(
    _ identity: Int64, _ kind: IdentityKind, _ history: Span<UInt8>
  ) throws {
    try passStandings(before: identity)
    let takesPart = kind == .user || (task.includesAnonymous && kind == .anonymous)
    if takesPart, !history.isEmpty {
      letter.evaluated += 1
      try evaluate(identity, history)
    } else if kind != .account {
      let nothing: [UInt8] = []
      try evaluate(identity, nothing.span)
    }
    if standings?.profile == identity { try standings?.advance() }
  }

  /// Evaluates the profiles of a block of digests, and those before its last whose digests are out of date.
  mutating func visit(_ block: Span<UInt8>) throws {
    var cursor = evaluator.open(block)
    while true {
      let count = evaluator.evaluateChunk(&cursor, block)
      if count == 0 { return }
      for place in 0..<count { try visit(place) }
    }
  }

  /// Takes what a profile of the chunk came to.
  private mutating func visit(_ place: Int) throws {
    let identity = evaluator.identity(at: place)
    try visitOutdated(before: identity)
    if outdated.first == identity { return }
    try passStandings(before: identity)
    if task.excluded.isEmpty || !task.excluded.contains(identity) {
      letter.evaluated += 1
      if evaluator.select(place) {
        try conclude(identity)
      } else {
        _ = try evaluateHistory(identity)
      }
    }
    if standings?.profile == identity { try standings?.advance() }
  }

  /// Evaluates those whose digests are out of date, up to a profile, by their histories.
  mutating func visitOutdated(before end: Int64) throws {
    while let identity = outdated.first, identity < end {
      outdated.removeFirst()
      try passStandings(before: identity)
      if !task.excluded.contains(identity), try evaluateHistory(identity) { letter.evaluated += 1 }
      if standings?.profile == identity { try standings?.advance() }
    }
  }

  /// Whether there is a history.
  private mutating func evaluateHistory(_ profile: Int64) throws -> Bool {
    guard let histories else { preconditionFailure("a profile is looked up outside a range") }
    var isThere = false
    try histories.withHistory(of: profile, &evaluator) { evaluator, history in
      isThere = !history.isEmpty
      evaluator.evaluate(history)
    }
    try conclude(profile)
    return isThere
  }

  /// Ends a range.
  mutating func finish() throws {
    try passStandings(before: .max)
    try closeBlock()
    try post()
  }

  private mutating func closeBlock() throws {
    guard let block = writer.close() else { return }
    letter.digests.append(block)
  }

  private mutating func post() throws {
    guard send(letter) else { throw NobodyListens() }
    letter = ScanLetter()
  }

  /// Those who have a standing and no history any more. Accounts have one too, and are in no digest.
  private mutating func passStandings(before end: Int64) throws {
    while let profile = standings?.profile, profile < end {
      if try !(readsDigests && histories?.isAccount(profile) ?? false) {
        let nothing: [UInt8] = []
        try evaluate(profile, nothing.span)
      }
      try standings?.advance()
    }
  }

  private mutating func evaluate(_ profile: Int64, _ history: Span<UInt8>) throws {
    if !task.excluded.isEmpty, task.excluded.contains(profile) { return }
    if makesDigests {
      evaluator.evaluate(history, digesting: profile, into: &writer)
      if writer.size > Self.blockSize { try closeBlock() }
    } else {
      evaluator.evaluate(history)
    }
    try conclude(profile)
  }

  /// Notes what the evaluation of a profile came to.
  private mutating func conclude(_ profile: Int64) throws {
    if let finding = try find(profile) { letter.findings.append(finding) }
    if letter.evaluated >= Self.letterSize || letter.findings.count >= Self.letterSize
      || !letter.digests.isEmpty
    {
      try post()
    }
  }

  /// What the evaluation found, where it is another thing than the standing says.
  private mutating func find(_ profile: Int64) throws -> MembershipSnapshot.Finding? {
    if !task.isWhole { return try findSome(profile) }
    let next = evaluator.next
    task.coder.encode(&evaluator, into: &outcome)
    // Most stand where they stood.
    guard let comparison = outcome.withSpan({ standings?.compare(profile, next, $0) }),
      comparison != .same
    else { return nil }
    return MembershipSnapshot.Finding(
      profile, &evaluator, task.places, comparison,
      Standing(next: next, outcome: outcome.bytes))
  }

  /// The same where only some definitions were evaluated: the others stay as the standing says.
  private mutating func findSome(_ profile: Int64) throws -> MembershipSnapshot.Finding? {
    guard let standings else { return nil }
    let standing = standings.standing(of: profile)
    let values = evaluator.values
    let new = Standing(
      next: min(evaluator.next, standing.next),
      outcome: try task.coder.encode(standing.outcome) { place in
        places[place].map { values[$0] }
      })
    let comparison =
      standing.outcome == Standing.unknown
      ? .differs : standings.compare(profile, new.next, new.outcome.span)
    return MembershipSnapshot.Finding(profile, &evaluator, task.places, comparison, new)
  }
}
