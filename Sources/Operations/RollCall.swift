import Definitions
import Evaluation
import EventStore
import Membership
import SQLite
import Values

/// One roll call: recompute, compare with the snapshot, write the difference.
///
/// It happens inside one write transaction, which `run` commits and `plan` takes back; so a plan
/// says what the run will do because it is the run.
struct RollCall {
  struct Options {
    var at: Instant
    /// Evaluate every profile, whatever changed.
    var isFull = false
    /// How long runs and their changes are kept.
    var keep = Duration(milliseconds: 400 * 86_400_000)
    /// How many changes of each definition to remember as a sample.
    var sampleSize = 5
    /// Called with profiles done and in all.
    var progress: (Int, Int) -> Void = { _, _ in }
  }

  /// What changed for one definition.
  struct DefinitionOutcome {
    let entry: DefinitionRegistry.Entry
    let tally: MembershipSnapshot.Tally
    /// Some of the profiles that changed.
    let sample: [MembershipSnapshot.Change]
  }

  let run: RunLog.Run
  let definitions: [DefinitionOutcome]
  let destinations: [(definition: DestinationDefinition, state: DestinationState?)]

  /// Calls the roll. Only inside a write transaction.
  static func call(
    _ connection: Connection, _ project: Project, _ options: Options
  ) throws -> RollCall {
    let log = RunLog(connection)
    let last = try log.last()
    if let last, options.at < last.at {
      throw OperationError(
        .usage, "the last run was at \(last.at), and this one is before it",
        help: "runs go forward in time; look at the past with 'rollcall preview --at'")
    }
    let destinations = try project.destinations.map { definition in
      (definition: definition, state: try DestinationState.register(definition, connection))
    }
    let entries = try DefinitionRegistry(connection).update(project.definitions)
    let isFull =
      options.isFull || last == nil || entries.contains { $0.change != .unchanged }
    let watermark = try Histories.watermark(connection)
    let id = try log.begin(at: options.at, kind: isFull ? .full : .tick, watermark: watermark)
    var snapshot = try MembershipSnapshot(connection, entries, run: id, at: options.at)
    var samples = [[MembershipSnapshot.Change]](repeating: [], count: entries.count)
    let remember = { (change: MembershipSnapshot.Change) in
      if samples[change.entry].count < options.sampleSize { samples[change.entry].append(change) }
    }
    try snapshot.takeAwayRemoved(connection, each: remember)
    let names = NameTable()
    let histories = Histories(connection, names, upTo: watermark)
    var evaluator = Evaluator(Program(project.definitions, names))
    var evaluated = 0
    if isFull {
      let total = try histories.profiles().count
      try histories.scan { profile, history in
        let evaluation = evaluator.evaluate(history, at: options.at)
        try snapshot.apply(evaluation, profile: profile, each: remember)
        evaluated += 1
        options.progress(evaluated, total)
      }
    } else {
      let changed = try histories.profiles(changedSince: last?.watermark ?? 0)
      let due = try NextChanges.due(at: options.at, connection)
      let profiles = Set(changed).union(due).sorted()
      for profile in profiles {
        let evaluation = evaluator.evaluate(try histories.history(of: profile), at: options.at)
        try snapshot.apply(evaluation, profile: profile, each: remember)
        evaluated += 1
        options.progress(evaluated, profiles.count)
      }
    }
    let tallies = snapshot.tallies
    let run = RunLog.Run(
      id: id, at: options.at, kind: isFull ? .full : .tick, watermark: watermark,
      evaluated: evaluated, entered: tallies.reduce(0) { $0 + $1.entered },
      left: tallies.reduce(0) { $0 + $1.left }, changed: tallies.reduce(0) { $0 + $1.changed })
    try log.finish(run, entries, tallies, keepFrom: options.at - options.keep)
    let definitions = entries.indices.map { place in
      DefinitionOutcome(
        entry: entries[place], tally: tallies[place], sample: samples[place])
    }
    return RollCall(run: run, definitions: definitions, destinations: destinations)
  }
}
