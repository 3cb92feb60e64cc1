import Evaluation
import EventStore
import Foundation
import Membership
import SQLite
import Synchronization
import Values

/// Evaluates all definitions for some users, in their order, on several threads, while the run's own
/// connection writes what they find.
///
/// Each thread reads with a connection of its own what is committed, and hands over only those who now
/// stand elsewhere.
struct ListScan: Sendable {
  /// So many users are evaluated by the run itself before a thread would have begun.
  static let smallestForThreads = 2000
  /// What each thread keeps of the store in memory, in KiB: the upper pages of histories and standings.
  private static let cacheSize = 4 << 10
  private static let portionSize = 256
  /// What the run's own connection keeps meanwhile, in KiB.
  static let cacheSizeForWriting = 16 << 10

  private let task: ScanTask
  private let users: [Int64]
  private let threads: Int

  /// Nil where it does not pay.
  init?(_ task: ScanTask, _ users: Set<Int64>, _ options: RollCall.Options) {
    guard Self.pays(users.count, options) else { return nil }
    threads = Self.threads(options)
    self.task = task
    self.users = users.sorted()
  }

  /// Whether threads are worth their while for so many users.
  static func pays(_ users: Int, _ options: RollCall.Options) -> Bool {
    users >= options.smallestForThreads && threads(options) > 1
  }

  private static func threads(_ options: RollCall.Options) -> Int {
    options.threads ?? ProcessInfo.processInfo.usualThreads
  }

  /// - Parameter each: called on this thread, for each some hundred users.
  func scan(path: String, _ each: (ScanLetter) throws -> Void) throws {
    let next = Mutex(0)
    let mailbox = Mailbox<ScanLetter>(senders: threads, capacity: threads * 4)
    mailbox.start { [self] in
      let connection = try Connection(path: path, mode: .readOnly, cacheSize: Self.cacheSize)
      try connection.snapshot {
        var scan = try ScanOfList(task, connection)
        while true {
          let start = next.withLock { next in
            defer { next += Self.portionSize }
            return next
          }
          guard start < users.count else { break }
          let letter = try scan.run(users[start..<min(start + Self.portionSize, users.count)])
          guard mailbox.send(letter) else { break }
        }
      }
    }
    try mailbox.read(each)
  }
}

/// One thread's part.
private struct ScanOfList: ~Copyable {
  private let coder: OutcomeCoder
  private let places: [Int]
  private let histories: Histories
  private var standings: Standings
  private var evaluator: ScanEvaluator
  private var outcome = OutcomeBuffer()

  init(_ task: ScanTask, _ connection: Connection) throws {
    let histories = try Histories(
      connection, task.names, upTo: task.watermark, includesAnonymous: task.includesAnonymous)
    let standings = try Standings(connection)
    (self.histories, self.standings) = (histories, standings)
    (coder, places) = (task.coder, task.places)
    evaluator = ScanEvaluator(
      task.definitions, task.names, at: task.now, ranks: task.coder.ranks)
  }

  mutating func run(_ users: ArraySlice<Int64>) throws -> ScanLetter {
    var letter = ScanLetter()
    for user in users {
      try histories.withHistory(of: user, &evaluator) { $0.evaluate($1) }
      coder.encode(&evaluator, into: &outcome)
      letter.evaluated += 1
      let next = evaluator.next
      let comparison = try outcome.withSpan { try standings.compare(user, next, $0) }
      if let finding = MembershipSnapshot.Finding(
        user, &evaluator, places, comparison, Standing(next: next, outcome: outcome.bytes))
      {
        letter.findings.append(finding)
      }
    }
    return letter
  }
}
