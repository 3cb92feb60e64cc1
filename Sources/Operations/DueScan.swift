import Definitions
import Evaluation
import EventStore
import Foundation
import Membership
import SQLite
import Synchronization
import Values

/// Finds who is due, and begins to evaluate them, on a thread of its own while the run's own connection
/// packs what is new.
///
/// The thread reads the store as it is before that. What it finds of somebody holds where nothing new is
/// known of them: `Round` takes only that. The standings stay as they are meanwhile, for the lock of runs
/// is held.
final class DueScan: Sendable {
  /// Who was evaluated, in their order, and what came of it.
  struct Found: Sendable {
    var users: [Int64] = []
    var letters: [ScanLetter] = []
    /// How the outcomes are kept; nil where nobody was evaluated.
    var coder: OutcomeCoder?
  }

  private struct State {
    var due: [Int64] = []
    var found = Found()
    var failure: (any Error)?
    var isStopping = false
  }

  /// What waits for the packing to end is kept in memory, so many are evaluated at most.
  private static let limit = 20_000

  private let state = Mutex(State())
  private let isKnown = DispatchGroup()
  private let isOver = DispatchGroup()

  /// Nil where it does not pay, because little is to be packed, or where a tick is not what follows.
  ///
  /// - Parameter connection: outside of a transaction; the lock of runs is held.
  init?(
    _ connection: Connection, _ definitions: [Definition], _ options: RollCall.Options
  ) throws {
    let watermark = try Histories.watermark(connection)
    let tail = watermark - (try HistoryPacking.watermark(connection))
    guard !options.isFull, ListScan.pays(Int(tail), options),
      let last = try RunLog(connection).last(), last.at <= options.at
    else { return nil }
    isKnown.enter()
    isOver.enter()
    let (path, now) = (options.path, options.at)
    let thread = Thread { [self] in
      do {
        try scan(path, definitions, at: now, since: last.watermark)
      } catch {
        state.withLock { $0.failure = error }
        isKnown.leave()
      }
      isOver.leave()
    }
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// The profiles whose next change has come, in order. Waits for them.
  func due() throws -> [Int64] {
    isKnown.wait()
    return try state.withLock { state in
      if let failure = state.failure { throw failure }
      return state.due
    }
  }

  /// Ends the scan and hands over what it has found.
  ///
  /// - Parameter isWhole: whether it goes on to its own end first.
  func finish(isWhole: Bool = false) throws -> Found {
    if isWhole { isOver.wait() }
    stop()
    return try state.withLock { state in
      if let failure = state.failure { throw failure }
      return state.found
    }
  }

  /// Ends the scan, and waits until the thread has left the store.
  func stop() {
    state.withLock { $0.isStopping = true }
    isOver.wait()
  }

  private func scan(
    _ path: String, _ definitions: [Definition], at now: Instant, since last: Int64
  ) throws {
    let connection = try Connection(path: path, mode: .readOnly, cacheSize: ListScan.cacheSize)
    try connection.snapshot {
      let due = try Standings.due(at: now, connection)
      state.withLock { $0.due = due }
      isKnown.leave()
      do {
        try evaluate(due, definitions, at: now, since: last, connection)
      } catch {
        state.withLock { $0.failure = error }
      }
    }
  }

  private func evaluate(
    _ due: [Int64], _ definitions: [Definition], at now: Instant, since last: Int64,
    _ connection: Connection
  ) throws {
    let watermark = try HistoryPacking.watermark(connection)
    let enabled = definitions.filter(\.isEnabled)
    // What is not packed up to the last run is not new either.
    guard watermark >= last, !enabled.contains(where: { $0.stratum == .usersOfAccounts }),
      try !Round.isMany(due.count, connection)
    else { return }
    let task = ScanTask(
      definitions: definitions, names: try HistoryNames.load(connection),
      places: Array(definitions.indices), isWhole: true,
      coder: OutcomeCoder(epochs: try DefinitionRegistry(connection).epochs(definitions)),
      watermark: watermark, includesAnonymous: enabled.contains(where: \.includesAnonymous),
      now: now, excluded: [], digests: .none)
    var scan = try ScanOfList(task, connection)
    guard try !scan.hasAccounts() else { return }
    state.withLock { $0.found.coder = task.coder }
    var place = 0
    while place < min(due.count, Self.limit), !state.withLock(\.isStopping) {
      let portion = ListScan.portion(of: due, from: place)
      place = portion.upperBound
      var letter = try scan.run(due[portion])
      // Some are not counted, as it turns out.
      letter.evaluated = 0
      state.withLock { state in
        state.found.users += due[portion]
        state.found.letters.append(letter)
      }
    }
  }
}

extension ScanLetter {
  /// What it says of others than these.
  func leaving(out profiles: Set<Int64>) -> ScanLetter {
    var letter = self
    letter.findings.removeAll { profiles.contains($0.profile) }
    letter.changes.removeAll { profiles.contains($0.profile) }
    letter.revisions = revisions.map { $0.leaving(out: profiles) }
    return letter
  }
}
