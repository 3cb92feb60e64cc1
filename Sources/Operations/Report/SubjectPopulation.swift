import Definitions
import Evaluation
import EventStore
import Membership
import SQLite
import Values

/// Looks at accounts with their users, or at users with their accounts, one after another.
struct SubjectPopulation {
  private(set) var tally: PopulationTally
  private let task: PopulationTask
  private let histories: Histories
  private var evaluator: Evaluator
  private var foresight: Foresight
  private var timelines: AccountTimelines
  private let snapshot: SnapshotRows
  private var sighting = Sighting()

  init(_ task: PopulationTask, _ connection: Connection, _ histories: Histories) throws {
    self.task = task
    self.histories = histories
    tally = PopulationTally(task)
    evaluator = Evaluator(Program(task.definitions, task.names))
    foresight = Foresight(places: task.audiences, end: task.end)
    timelines = AccountTimelines(task, histories)
    snapshot = try SnapshotRows(connection)
  }

  mutating func lookAtAccount(_ account: Int64) throws {
    let history = try histories.history(ofAccount: account)
    var evaluator = evaluator
    try look(account, limit: NextChange.stepLimit(.account(history))) { instant in
      evaluator.evaluate(history, at: instant)
    }
  }

  /// - Parameter user: no id that became part of another profile.
  mutating func lookAtUser(_ user: Int64) throws {
    let calls = try histories.history(of: user)
    if calls.isEmpty { return try passNobody(user) }
    let ties = try histories.accounts(of: user).map { tie in
      (since: tie.since, timeline: try timelines.timeline(of: tie.profile))
    }
    var evaluator = evaluator
    let limit = NextChange.stepLimit(.user(UserHistory(calls: calls)))
    try look(user, limit: limit) { instant in
      var standing = AccountStanding()
      var accountsNext = Instant.never
      for (since, timeline) in ties {
        standing.add(since: since, at: instant) {
          accountsNext = min(accountsNext, timeline.next(after: instant))
          return timeline.values(at: instant)
        }
      }
      let evaluation = evaluator.evaluate(calls, at: instant, standing: standing)
      return Evaluation(
        exists: evaluation.exists, values: evaluation.values,
        next: min(evaluation.next, accountsNext))
    }
    if ties.contains(where: \.timeline.isCutShort) { tally.noteCutShort() }
  }

  /// Somebody who takes no part, and of whom the snapshot may still hold something.
  mutating func passNobody(_ profile: Int64) throws {
    sighting.clear()
    if task.compared != nil { tally.compare(try snapshot.rows(of: profile), sighting, task) }
  }

  private mutating func look(
    _ profile: Int64, limit: Int, _ evaluate: (Instant) throws -> Evaluation
  ) throws {
    sighting.take(try evaluate(task.now))
    let sighting = sighting
    let audiences = task.audiences
    tally.add(sighting, task)
    if let focus = task.focus {
      for (number, instant) in task.instants.enumerated() {
        let value = try evaluate(instant).values[focus.place]
        if value.isPresent, value != .boolean(false) { tally.add(instant: number) }
      }
    }
    if !audiences.isEmpty, sighting.next <= task.end {
      try foresight.follow(
        from: sighting.next, limit: limit, members: { sighting.holds(audiences[$0]) },
        evaluate: evaluate)
      tally.add(foresight, sighting, task)
    }
    try tally.settle(profile, sighting, task, snapshot)
  }
}
