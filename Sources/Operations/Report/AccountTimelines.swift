import Definitions
import Evaluation
import EventStore
import Values

/// What an account is, from now up to the horizon, and at some instants before.
struct AccountTimeline {
  /// Values of all definitions from an instant on, ascending.
  fileprivate(set) var moments: [(from: Instant, values: [Value])] = []
  /// The next change behind the last moment.
  fileprivate(set) var end = Instant.never
  /// Whether the steps did not suffice to look up to the horizon.
  fileprivate(set) var isCutShort = false

  /// The values at now, at a later instant up to the horizon, or at one of the instants before.
  func values(at instant: Instant) -> [Value] {
    (moments.last { $0.from <= instant } ?? moments.first)?.values ?? []
  }

  /// When they may be others: of now, and of later instants up to the horizon.
  func next(after instant: Instant) -> Instant {
    moments.first { $0.from > instant }?.from ?? end
  }
}

/// The timelines of accounts, each made once, when a user of it is looked at.
///
/// They are kept for the other users: memory grows with the accounts that have users.
struct AccountTimelines {
  private let task: PopulationTask
  private let histories: Histories
  private var evaluator: Evaluator
  private var known: [Int64: AccountTimeline] = [:]

  init(_ task: PopulationTask, _ histories: Histories) {
    self.task = task
    self.histories = histories
    evaluator = Evaluator(Program(task.definitions, task.names))
  }

  mutating func timeline(of account: Int64) throws -> AccountTimeline {
    if let timeline = known[account] { return timeline }
    let timeline = make(try histories.history(ofAccount: account))
    known[account] = timeline
    return timeline
  }

  private mutating func make(_ history: AccountHistory) -> AccountTimeline {
    var timeline = AccountTimeline()
    for instant in task.instants.sorted() where instant < task.now {
      timeline.moments.append((instant, evaluator.evaluate(history, at: instant).values))
    }
    var evaluation = evaluator.evaluate(history, at: task.now)
    timeline.moments.append((task.now, evaluation.values))
    var steps = NextChange.stepLimit(.account(history))
    while evaluation.next <= task.end {
      guard steps > 0 else {
        timeline.isCutShort = true
        return timeline
      }
      steps -= 1
      let next = evaluation.next
      let last = evaluation.values
      evaluation = evaluator.evaluate(history, at: next)
      if evaluation.values != last { timeline.moments.append((next, evaluation.values)) }
    }
    timeline.end = evaluation.next
    return timeline
  }
}
