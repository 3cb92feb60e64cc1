import Definitions
import Evaluation
import EventStore
import Foundation
import Membership
import SQLite
import Synchronization
import Values

/// Evaluates definitions about users for everybody, in the order of the file, on several threads.
///
/// Each thread reads with a connection of its own what is committed; those whom the run's own
/// transaction has changed are left out. Where a profile stands (`Standing`) is read beside its
/// history, and only those who now stand elsewhere are handed over.
struct FullScan: Sendable {
  /// What one evaluation of all reads.
  struct Task: Sendable {
    let definitions: [Definition]
    let names: NameTable
    /// The place of each of the definitions among the entries.
    let places: [Int]
    /// Whether these are all enabled definitions. If not, the others keep their values.
    let isWhole: Bool
    let coder: OutcomeCoder
    let watermark: Int64
    /// Whether some definition includes profiles with an anonymous id alone.
    let includesAnonymous: Bool
    let now: Instant
    /// Profiles that are left out.
    let excluded: Set<Int64>
  }

  /// What a thread hands over: how many it evaluated, and whose standing is another one.
  struct Letter: Sendable {
    var evaluated = 0
    var findings: [MembershipSnapshot.Finding] = []
  }

  /// Stores below this size are scanned by one thread.
  private static let smallestForThreads: Int64 = 5000
  private static let letterSize = 500
  /// What each thread keeps of the store in memory, in KiB.
  private static let cacheSize = 512

  let task: Task
  private let places: [Int: Int]

  init(_ task: Task) {
    self.task = task
    places = Dictionary(uniqueKeysWithValues: task.places.enumerated().map { ($1, $0) })
  }

  private var evaluator: ScanEvaluator {
    ScanEvaluator(
      task.definitions, task.names, at: task.now, ranks: task.isWhole ? task.coder.ranks : nil)
  }

  /// Scans the store.
  ///
  /// - Parameters:
  ///   - connection: the run's own.
  ///   - threads: how many; nil for as many as the machine and the size of the store suggest.
  ///   - each: called on this thread.
  func scan(
    _ connection: Connection, path: String, threads: Int?, _ each: (Letter) throws -> Void
  ) throws {
    let last = try Self.lastProfile(connection)
    let suggested =
      last < Self.smallestForThreads ? 1 : min(8, ProcessInfo.processInfo.activeProcessorCount)
    let threads = threads ?? suggested
    guard threads > 1 else {
      // What is found is applied behind the last step: applying writes to what is read here.
      var letters: [Letter] = []
      var evaluator = self.evaluator
      try scan(1...max(1, last), connection, &evaluator) { letter in
        letters.append(letter)
        return true
      }
      return try letters.forEach(each)
    }
    let parts = Int64(threads) * 8
    let size = last / parts + 1
    let ranges = Mutex((0..<parts).map { ($0 * size + 1)...(($0 + 1) * size) })
    let mailbox = Mailbox<Letter>(senders: threads, capacity: threads * 4)
    for _ in 0..<threads {
      let thread = Thread { [self] in
        do {
          let connection = try Connection(
            path: path, mode: .readOnly, cacheSize: Self.cacheSize)
          var evaluator = self.evaluator
          try connection.snapshot {
            while let range = ranges.withLock({ $0.popLast() }) {
              guard try scan(range, connection, &evaluator, mailbox.send) else { break }
            }
          }
          mailbox.finish()
        } catch {
          mailbox.finish(error)
        }
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
    try mailbox.read(each)
  }

  /// The largest number of a profile that has a history or a standing.
  static func lastProfile(_ connection: Connection) throws -> Int64 {
    try connection.prepare(
      """
      SELECT max(
        coalesce((SELECT max(identity) FROM histories), 0),
        coalesce((SELECT max(profile) FROM standings), 0))
      """
    ).first { $0.int(0) } ?? 0
  }

  /// Scans a range of profiles. False when nobody wants to know any more.
  @discardableResult
  private func scan(
    _ range: ClosedRange<Int64>, _ connection: Connection, _ evaluator: inout ScanEvaluator,
    _ send: (Letter) -> Bool
  ) throws -> Bool {
    let histories = try Histories(
      connection, task.names, upTo: task.watermark, includesAnonymous: task.includesAnonymous)
    var cursor = try HistoryCursor(histories, range)
    var standings = try Standings.Cursor(connection, range)
    var letter = Letter()
    var outcome: [UInt8] = []
    while let profile = Self.lower(cursor.identity, standings.profile) {
      let hasHistory = cursor.identity == profile
      let isAsked = !(hasHistory && cursor.kind == .account) && !task.excluded.contains(profile)
      if isAsked {
        let takesPart =
          try hasHistory && !cursor.isPart(profile)
          && (cursor.kind == .user || task.includesAnonymous)
        if takesPart {
          letter.evaluated += 1
          try cursor.withHistory(profile, &evaluator) { $0.evaluate($1) }
        } else {
          let nothing: [UInt8] = []
          evaluator.evaluate(nothing.span)
        }
        if let finding = find(profile, standings, evaluator, &outcome) {
          letter.findings.append(finding)
        }
      }
      if standings.profile == profile { try standings.advance() }
      if hasHistory { try cursor.advance() }
      if letter.evaluated >= Self.letterSize || letter.findings.count >= Self.letterSize {
        guard send(letter) else { return false }
        letter = Letter()
      }
    }
    return send(letter)
  }

  private static func lower(_ a: Int64?, _ b: Int64?) -> Int64? {
    guard let a, let b else { return a ?? b }
    return min(a, b)
  }

  /// What an evaluation finds, where it is another thing than the standing says.
  private func find(
    _ profile: Int64, _ standings: borrowing Standings.Cursor,
    _ evaluation: borrowing ScanEvaluator,
    _ outcome: inout [UInt8]
  ) -> MembershipSnapshot.Finding? {
    var next = evaluation.next
    if task.isWhole {
      task.coder.encode(evaluation, into: &outcome)
    } else {
      let standing = standings.standing(of: profile)
      next = min(next, standing.next)
      outcome = task.coder.encode(standing.outcome) { place in
        places[place].map { evaluation.value($0) }
      }
    }
    if standings.says(profile, next, outcome.span) { return nil }
    return MembershipSnapshot.Finding(
      profile: profile, values: evaluation.values, places: task.places,
      standing: Standing(next: next, outcome: outcome))
  }
}
