import Definitions
import Evaluation
import EventStore
import Membership
import SQLite
import Values

/// Scans one range of profiles after another, on one thread: goes over their histories and their
/// standings side by side, and sends off who stands elsewhere now.
final class ScanOfRange: HistoryVisitor {
  private var state: State

  /// - Parameter send: takes what was found; false when nobody wants to know any more.
  init(_ task: FullScan.Task, _ send: @escaping (FullScan.Letter) -> Bool) {
    state = State(task, send)
  }

  /// Scans a range. False when nobody wants to know any more.
  func run(_ range: ClosedRange<Int64>, _ connection: Connection) throws -> Bool {
    let histories = try Histories(
      connection, state.task.names, upTo: state.task.watermark,
      includesAnonymous: state.task.includesAnonymous)
    state.standings = try Standings.Cursor(connection, range)
    defer { state.standings = nil }
    do {
      try histories.visitAll(range, self)
      try state.finish()
    } catch is NobodyListens {
      return false
    }
    return true
  }

  func visit(_ identity: Int64, _ kind: IdentityKind, _ history: Span<UInt8>) throws {
    try state.visit(identity, kind, history)
  }
}

private struct NobodyListens: Error {}

/// Everything that changes from profile to profile.
private struct State: ~Copyable {
  private static let letterSize = 500

  let task: FullScan.Task
  var standings: Standings.Cursor?
  private let send: (FullScan.Letter) -> Bool
  private let places: [Int: Int]
  private var evaluator: ScanEvaluator
  private var letter = FullScan.Letter()
  private var outcome: [UInt8] = []

  init(_ task: FullScan.Task, _ send: @escaping (FullScan.Letter) -> Bool) {
    self.task = task
    self.send = send
    places = Dictionary(uniqueKeysWithValues: task.places.enumerated().map { ($1, $0) })
    evaluator = ScanEvaluator(
      task.definitions, task.names, at: task.now, ranks: task.isWhole ? task.coder.ranks : nil)
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

  /// Ends a range.
  mutating func finish() throws {
    try passStandings(before: .max)
    try post()
  }

  private mutating func post() throws {
    guard send(letter) else { throw NobodyListens() }
    letter = FullScan.Letter()
  }

  /// Those who have a standing and no history any more.
  private mutating func passStandings(before end: Int64) throws {
    while let profile = standings?.profile, profile < end {
      let nothing: [UInt8] = []
      try evaluate(profile, nothing.span)
      try standings?.advance()
    }
  }

  private mutating func evaluate(_ profile: Int64, _ history: Span<UInt8>) throws {
    if !task.excluded.isEmpty, task.excluded.contains(profile) { return }
    evaluator.evaluate(history)
    if let finding = find(profile) { letter.findings.append(finding) }
    if letter.evaluated >= Self.letterSize || letter.findings.count >= Self.letterSize {
      try post()
    }
  }

  /// What the evaluation found, where it is another thing than the standing says.
  private mutating func find(_ profile: Int64) -> MembershipSnapshot.Finding? {
    guard let standings else { return nil }
    var next = evaluator.next
    if task.isWhole {
      task.coder.encode(&evaluator, into: &outcome)
    } else {
      let standing = standings.standing(of: profile)
      next = min(next, standing.next)
      let values = evaluator.values
      outcome = task.coder.encode(standing.outcome) { place in places[place].map { values[$0] } }
    }
    if standings.says(profile, next, outcome.span) { return nil }
    return MembershipSnapshot.Finding(
      profile: profile, values: evaluator.values, places: task.places,
      standing: Standing(next: next, outcome: outcome))
  }
}
