import Definitions
import Evaluation
import EventStore
import Foundation
import Membership
import SQLite
import Synchronization
import Values

/// One pass over everybody, in bounded memory.
///
/// Histories that are packed are read in the order of the file, on several threads, each with a
/// connection of its own; while there are events behind them, and where accounts are asked, profiles
/// are looked up one by one.
struct PopulationPass {
  let task: PopulationTask
  /// Where the store is.
  let path: String
  /// The last run's watermark and number; 0 before the first one.
  let lastRun: (watermark: Int64, id: Int64)

  /// What a thread hands over.
  private enum Letter: Sendable {
    case seen(Int)
    case tally(PopulationTally)
  }

  /// The store is another one than the pass began with: a run was committed in between.
  private struct StoreMoved: Error {}

  private static let smallestForThreads: Int64 = 5000
  /// What each thread keeps of the store in memory, in KiB.
  private static let cacheSize = 512

  private var sampleSize: Int { task.focus?.sampleSize ?? 0 }

  /// Only inside `Histories.looking`, on its connection.
  ///
  /// - Parameter progress: called with profiles done and in all.
  func tally(
    _ connection: Connection, progress: (Int, Int) -> Void
  ) throws -> PopulationTally {
    if task.asksAccounts { return try lookUpSubjects(connection, progress) }
    let isPacked =
      try lastRun.watermark == task.watermark
      && HistoryPacking.watermark(connection) >= task.watermark
    let last = try FullScan.lastProfile(connection)
    guard isPacked, last >= Self.smallestForThreads else {
      return try lookUpUsers(connection, progress)
    }
    do {
      return try scan(connection, last, progress)
    } catch is StoreMoved {
      return try lookUpUsers(connection, progress)
    }
  }

  private func histories(_ connection: Connection) throws -> Histories {
    try Histories(
      connection, task.names, upTo: task.watermark, includesAnonymous: task.includesAnonymous)
  }

  /// Those of whom the snapshot holds something, though they take no part any more.
  private func leftovers(_ connection: Connection, _ known: [Int64]) throws -> [Int64] {
    guard task.compared != nil, task.subject == .users else { return [] }
    let known = Set(known)
    return try connection.prepare(
      """
      SELECT DISTINCT profile FROM members
      WHERE (SELECT kind FROM identities WHERE id = profile) <> ?
      """
    ).all(.init(IdentityKind.account.rawValue)) { $0.int(0) }.filter { !known.contains($0) }
  }

  private func lookUpUsers(
    _ connection: Connection, _ progress: (Int, Int) -> Void
  ) throws -> PopulationTally {
    let histories = try histories(connection)
    let profiles = try histories.profiles()
    let population = try UserPopulation(task, connection) { _ in }
    for (done, profile) in profiles.enumerated() {
      let history = try histories.history(of: profile).bytes
      try population.visit(profile, .user, history.span)
      progress(done + 1, profiles.count)
    }
    for profile in try leftovers(connection, profiles) { try population.passNobody(profile) }
    return population.tally
  }

  private func lookUpSubjects(
    _ connection: Connection, _ progress: (Int, Int) -> Void
  ) throws -> PopulationTally {
    let histories = try histories(connection)
    var population = try SubjectPopulation(task, connection, histories)
    let isOfAccounts = task.subject == .accounts
    let profiles = try isOfAccounts ? histories.accounts() : histories.profiles()
    for (done, profile) in profiles.enumerated() {
      if isOfAccounts {
        try population.lookAtAccount(profile)
      } else {
        try population.lookAtUser(profile)
      }
      progress(done + 1, profiles.count)
    }
    for profile in try leftovers(connection, profiles) { try population.passNobody(profile) }
    return population.tally
  }

  // MARK: Threads

  private func scan(
    _ connection: Connection, _ last: Int64, _ progress: (Int, Int) -> Void
  ) throws -> PopulationTally {
    let threads = ProcessInfo.processInfo.usualThreads
    let parts = Int64(threads) * 8
    let size = last / parts + 1
    let ranges = Mutex((0..<parts).map { ($0 * size + 1)...(($0 + 1) * size) })
    let packed = try HistoryPacking.watermark(connection)
    let mailbox = Mailbox<Letter>(senders: threads, capacity: threads * 4)
    mailbox.start { [self] in try scan(ranges, packed: packed, mailbox) }
    var tally = PopulationTally(task)
    var seen = 0
    try mailbox.read { letter in
      switch letter {
      case .seen(let count):
        seen += count
        progress(min(seen, Int(last)), Int(last))
      case .tally(let part): tally.add(part, sampleSize: sampleSize)
      }
    }
    return tally
  }

  /// One thread's part.
  private func scan(
    _ ranges: borrowing Mutex<[ClosedRange<Int64>]>, packed: Int64, _ mailbox: Mailbox<Letter>
  ) throws {
    let connection = try Connection(path: path, mode: .readOnly, cacheSize: Self.cacheSize)
    try connection.snapshot {
      guard try RunLog(connection).last()?.id ?? 0 == lastRun.id,
        try HistoryPacking.watermark(connection) == packed
      else { throw StoreMoved() }
      let population = try UserPopulation(task, connection) { _ = mailbox.send(.seen($0)) }
      let histories = try histories(connection)
      while let range = ranges.withLock({ $0.popLast() }) {
        try histories.visitAll(range, population)
      }
      _ = mailbox.send(.tally(population.tally))
    }
  }
}
