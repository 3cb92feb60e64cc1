import Definitions
import Evaluation
import EventStore
import Foundation
import Membership
import SQLite
import Synchronization
import Values

/// Computes the spells of profiles, a batch at a time, on several threads.
///
/// Each thread reads with a connection of its own, over one view of the store for each batch: no view is
/// kept open for long, so that the write-ahead log can be emptied.
struct BackfillTask: Sendable {
  /// In dependency order, with all that those of the backfill refer to.
  let definitions: [Definition]
  /// The places of the backfill's own, in the order of its parts.
  let places: [Int]
  let names: NameTable
  let from: Instant
  let to: Instant
  let watermark: Int64
  /// The links in the store are those of the events up to this one.
  let linkedUpTo: Int64
  let path: String

  var includesAnonymous: Bool { definitions.contains { $0.isEnabled && $0.includesAnonymous } }

  /// What became of one batch.
  struct Letter: Sendable {
    let batch: Int
    let profiles: Int
    /// By definition, in the order of profile and time.
    let spells: [[StoredSpell]]
  }

  /// What each thread keeps of the store in memory, in KiB.
  private static let cacheSize = 4 << 10

  /// Computes all batches.
  ///
  /// - Parameter each: called on this thread, in the order of the batches.
  func compute(
    _ batches: [SpellTable.Profiles], threads: Int, _ each: (Letter) throws -> Void
  ) throws {
    let next = Mutex(0)
    let mailbox = Mailbox<Letter>(senders: threads, capacity: threads * 2)
    mailbox.start { [self] in
      let connection = try Connection(path: path, mode: .readOnly, cacheSize: Self.cacheSize)
      let worker = BackfillWorker(self)
      while true {
        let batch = next.withLock { next in
          defer { next += 1 }
          return next
        }
        guard batch < batches.count else { break }
        let letter = try worker.compute(batch, batches[batch], connection)
        guard mailbox.send(letter) else { break }
      }
    }
    var waiting: [Int: Letter] = [:]
    var turn = 0
    try mailbox.read { letter in
      waiting[letter.batch] = letter
      while let letter = waiting.removeValue(forKey: turn) {
        try each(letter)
        turn += 1
      }
    }
  }
}

/// Computes one batch after the other, on one thread.
private final class BackfillWorker: HistoryVisitor {
  private let task: BackfillTask
  private var evaluator: SpellEvaluator
  private var histories: Histories?
  private var profiles = 0
  private var spells: [[StoredSpell]] = []

  init(_ task: BackfillTask) {
    self.task = task
    evaluator = SpellEvaluator(task.definitions, task.names, from: task.from, to: task.to)
  }

  func compute(
    _ number: Int, _ batch: SpellTable.Profiles, _ connection: Connection
  ) throws -> BackfillTask.Letter {
    profiles = 0
    spells = [[StoredSpell]](repeating: [], count: task.places.count)
    try Histories.looking(connection, since: task.linkedUpTo, upTo: task.watermark) { _, _ in
      let histories = try Histories(
        connection, task.names, upTo: task.watermark, includesAnonymous: task.includesAnonymous)
      self.histories = histories
      defer { self.histories = nil }
      switch batch {
      case .range(let range): try histories.visitAll(range, self)
      case .list(let list):
        for identity in list {
          let kind = try histories.kind(of: identity)
          if kind == .account {
            let nothing: [UInt8] = []
            try visit(identity, .account, nothing.span)
          } else {
            let isRoot = try IdentityLinks.isRoot(identity, connection)
            let bytes = isRoot ? try histories.history(of: identity).bytes : []
            try visit(identity, kind, bytes.span)
          }
        }
      }
    }
    return BackfillTask.Letter(batch: number, profiles: profiles, spells: spells)
  }

  func visit(_ identity: Int64, _ kind: IdentityKind, _ history: Span<UInt8>) throws {
    guard let histories else { return }
    switch kind {
    case .user, .anonymous:
      if history.isEmpty || (kind == .anonymous && !task.includesAnonymous) { return }
      evaluator.evaluate(user: history)
      if evaluator.refersToAccounts {
        evaluator.addOfAccounts(try histories.historyWithAccounts(of: identity))
      }
    case .account:
      guard evaluator.asksAccounts else { return }
      evaluator.evaluate(account: try histories.history(ofAccount: identity))
    }
    profiles += 1
    for (part, place) in task.places.enumerated() {
      for spell in evaluator.spells[place] {
        guard let value = Self.text(spell.value) else { continue }
        spells[part].append(
          StoredSpell(profile: identity, since: spell.since, until: spell.until, value: value))
      }
    }
  }

  private static func text(_ value: Value) -> String? {
    if case .boolean(true) = value { return "true" }
    return MembershipSnapshot.stored(value)
  }
}
