import Definitions
import Evaluation
import EventStore
import Membership
import SQLite
import Values

/// Scans one range of profiles after another, on one thread: goes over their histories and their
/// standings side by side, and sends off who stands elsewhere now.
final class ScanOfRange {
  private typealias Letter = FullScan.Letter

  private static let letterSize = 500

  private let task: FullScan.Task
  private let send: (FullScan.Letter) -> Bool
  private let places: [Int: Int]
  private var evaluator: ScanEvaluator
  private var standings: Standings.Cursor?
  private var letter = Letter()
  private var outcome: [UInt8] = []

  /// - Parameter send: takes what was found; false when nobody wants to know any more.
  init(_ task: FullScan.Task, _ send: @escaping (FullScan.Letter) -> Bool) {
    self.task = task
    self.send = send
    places = Dictionary(uniqueKeysWithValues: task.places.enumerated().map { ($1, $0) })
    evaluator = ScanEvaluator(
      task.definitions, task.names, at: task.now, ranks: task.isWhole ? task.coder.ranks : nil)
  }

  /// Scans a range. False when nobody wants to know any more.
  func run(_ range: ClosedRange<Int64>, _ connection: Connection) throws -> Bool {
    let histories = try Histories(
      connection, task.names, upTo: task.watermark, includesAnonymous: task.includesAnonymous)
    standings = try Standings.Cursor(connection, range)
    defer { standings = nil }
    do {
      try histories.visitAll(range, self)
      try passStandings(before: .max)
      try post()
    } catch is NobodyListens {
      return false
    }
    return true
  }

  private struct NobodyListens: Error {}

  private func post() throws {
    guard send(letter) else { throw NobodyListens() }
    letter = Letter()
  }

  /// Those who have a standing and no history any more.
  private func passStandings(before end: Int64) throws {
    let nothing: [UInt8] = []
    while let profile = standings?.profile, profile < end {
      try evaluate(profile, nothing.span)
      try standings?.advance()
    }
  }

  private func evaluate(_ profile: Int64, _ history: Span<UInt8>) throws {
    if !task.excluded.isEmpty, task.excluded.contains(profile) { return }
    evaluator.evaluate(history)
    if let finding = try find(profile) { letter.findings.append(finding) }
    if letter.evaluated >= Self.letterSize || letter.findings.count >= Self.letterSize {
      try post()
    }
  }

  /// What the evaluation found, where it is another thing than the standing says.
  private func find(_ profile: Int64) throws -> MembershipSnapshot.Finding? {
    guard let standings else { return nil }
    var next = evaluator.next
    if task.isWhole {
      task.coder.encode(&evaluator, into: &outcome)
    } else {
      let standing = standings.standing(of: profile)
      next = min(next, standing.next)
      outcome = task.coder.encode(standing.outcome) { place in
        places[place].map { evaluator.value($0) }
      }
    }
    if standings.says(profile, next, outcome.span) { return nil }
    return MembershipSnapshot.Finding(
      profile: profile, values: evaluator.values, places: task.places,
      standing: Standing(next: next, outcome: outcome))
  }
}

extension ScanOfRange: HistoryVisitor {
  func visit(_ identity: Int64, _ kind: IdentityKind, _ history: Span<UInt8>) throws {
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
}
