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
/// Each thread reads with a connection of its own what is committed, and hands over only what is different
/// for those who now stand elsewhere, and the blocks of standings as they are to be written.
struct ListScan: Sendable {
  /// So many users are evaluated by the run itself before a thread would have begun.
  static let smallestForThreads = 2000
  /// What each thread keeps of the store in memory, in KiB: the upper pages of histories and standings. To read
  /// into memory that is used again costs less than new memory.
  static let cacheSize = 512
  private static let portionSize = 256
  /// What the run's own connection keeps meanwhile, in KiB.
  static let cacheSizeForWriting = 2 << 10

  private let task: ScanTask
  private let users: [Int64]
  private let threads: Int

  init(_ task: ScanTask, _ users: Set<Int64>, _ options: RollCall.Options) {
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

  /// - Parameters:
  ///   - first: what was found before.
  ///   - each: called on this thread, for each some hundred users, and first for what was found before.
  func scan(
    path: String, first: [ScanLetter] = [], _ each: (ScanLetter) throws -> Void
  ) throws {
    let next = Mutex(0)
    let mailbox = Mailbox<ScanLetter>(senders: threads, capacity: threads * 4 + first.count)
    for letter in first { _ = mailbox.send(letter) }
    mailbox.start { [self] in
      let connection = try Connection(path: path, mode: .readOnly, cacheSize: Self.cacheSize)
      try connection.snapshot {
        var scan = try ScanOfList(task, connection)
        while true {
          let portion = next.withLock { next in
            let portion = Self.portion(of: users, from: next)
            next = portion.upperBound
            return portion
          }
          guard !portion.isEmpty, mailbox.send(try scan.run(users[portion])) else { break }
        }
      }
    }
    try mailbox.read(each)
  }
}

extension ListScan {
  /// Some hundred users. Those whose standings lie in one block stay together.
  static func portion(of users: [Int64], from start: Int) -> Range<Int> {
    var end = min(start + portionSize, users.count)
    while start < end, end < users.count,
      StandingRevisions.areNeighbours(users[end - 1], users[end])
    {
      end += 1
    }
    return start..<end
  }
}

/// One thread's part.
struct ScanOfList: ~Copyable {
  private let coder: OutcomeCoder
  private let places: [Int]
  private let histories: Histories
  private var standings: StandingRevisions
  private var evaluator: ScanEvaluator
  private var outcome = OutcomeBuffer()

  init(_ task: ScanTask, _ connection: Connection) throws {
    let histories = try Histories(
      connection, task.names, upTo: task.watermark, includesAnonymous: task.includesAnonymous)
    let standings = try StandingRevisions(connection)
    (self.histories, self.standings) = (histories, standings)
    (coder, places) = (task.coder, task.places)
    evaluator = ScanEvaluator(
      task.definitions, task.names, at: task.now, ranks: task.coder.ranks)
  }

  /// Whether some profile is an account, which is evaluated in another way.
  func hasAccounts() throws -> Bool { try histories.areAccounts() }

  mutating func run(_ users: ArraySlice<Int64>) throws -> ScanLetter {
    var letter = ScanLetter()
    for user in users {
      try histories.withHistory(of: user, &evaluator) { $0.evaluate($1) }
      coder.encode(&evaluator, into: &outcome)
      letter.evaluated += 1
      let next = evaluator.next
      let comparison = try outcome.withSpan { try standings.compare(user, next, $0) }
      if comparison == .same { continue }
      let standing = Standing(next: next, outcome: outcome.bytes)
      if comparison == .differs {
        guard
          let changes = try coder.changes(
            of: user, from: try standings.outcome(of: user), to: standing.outcome)
        else {
          letter.findings.append(
            MembershipSnapshot.Finding(
              profile: user, values: evaluator.values, places: places, standing: standing))
          continue
        }
        letter.changes += changes
      }
      try standings.note(standing, of: user)
    }
    letter.revisions = try standings.take()
    return letter
  }
}
