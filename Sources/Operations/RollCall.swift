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
  /// Links between ids that were ignored: an earlier one holds, or they would close a circle.
  let ignoredLinks: Int
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
      // One that cannot be talked to has nothing yet to keep a state about.
      let isUsable = DeliveryOperation.problem(definition) == nil
      let state = isUsable ? try DestinationState.register(definition, connection) : nil
      return (definition: definition, state: state)
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
    let histories = Histories(
      connection, names, upTo: watermark,
      includesAnonymous: project.includesAnonymous)
    let since = last?.watermark ?? 0
    let links = try IdentityLinks.update(connection, since: since, upTo: watermark)
    var profiles = links.profiles
    if isFull {
      profiles.formUnion(try histories.profiles())
      // Also those that take part no longer, so that nothing of them stays.
      profiles.formUnion(try snapshot.profiles())
    } else {
      profiles.formUnion(try histories.profiles(changedSince: since))
      profiles.formUnion(try NextChanges.due(at: options.at, connection))
    }
    var evaluator = Evaluator(Program(project.definitions, names))
    var evaluated = 0
    for profile in profiles.sorted() {
      // An id that became part of another profile has nothing of its own any more.
      let history =
        try IdentityLinks.isRoot(profile, connection)
        ? try histories.history(of: profile) : History()
      try snapshot.apply(
        evaluator.evaluate(history, at: options.at), profile: profile, each: remember)
      evaluated += 1
      options.progress(evaluated, profiles.count)
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
    return RollCall(
      run: run, ignoredLinks: links.ignored, definitions: definitions, destinations: destinations)
  }
}
