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
    let since = last?.watermark ?? 0
    let links = try IdentityLinks.update(connection, since: since, upTo: watermark)
    let names = try HistoryNames.load(connection)
    try HistoryPacking.catchUp(connection, names, upTo: watermark)
    var evaluator = try ProfileEvaluator(
      connection, project.definitions, names, upTo: watermark)
    var round = Round(options, links.profiles)
    try round.choose(evaluator, snapshot, connection, since: isFull ? nil : since)
    try round.evaluateAccounts(&evaluator, &snapshot, remember)
    try round.evaluateUsers(&evaluator, &snapshot, remember)
    let tallies = snapshot.tallies
    let run = RunLog.Run(
      id: id, at: options.at, kind: isFull ? .full : .tick, watermark: watermark,
      evaluated: round.evaluated, entered: tallies.reduce(0) { $0 + $1.entered },
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

/// The profiles of one roll call: which they are, and their evaluation.
private struct Round {
  private let options: RollCall.Options
  private var users: Set<Int64>
  private var accounts: Set<Int64> = []
  private(set) var evaluated = 0

  /// - Parameter moved: profiles that gained or lost ids.
  init(_ options: RollCall.Options, _ moved: Set<Int64>) {
    self.options = options
    users = moved
  }

  /// Chooses whom to evaluate: everybody, or those with events behind `since` and those whose next
  /// change has come, and the accounts of all these.
  mutating func choose(
    _ evaluator: ProfileEvaluator, _ snapshot: MembershipSnapshot, _ connection: Connection,
    since: Int64?
  ) throws {
    let histories = evaluator.histories
    var due: [Int64]
    if let since {
      users.formUnion(try histories.profiles(changedSince: since))
      due = try NextChanges.due(at: options.at, connection)
    } else {
      users.formUnion(try histories.profiles())
      // Also those that take part no longer, so that nothing of them stays.
      due = try snapshot.profiles()
    }
    for profile in due {
      if try histories.isAccount(profile) {
        accounts.insert(profile)
      } else {
        users.insert(profile)
      }
    }
    guard evaluator.asksAccounts else { return }
    if let since {
      accounts.formUnion(try histories.accounts(changedSince: since))
      for user in users { accounts.formUnion(try histories.accounts(of: user).map(\.profile)) }
    } else {
      accounts.formUnion(try histories.accounts())
    }
  }

  /// Evaluates the accounts; where one changed, its users are evaluated too when some definition
  /// refers to accounts.
  mutating func evaluateAccounts(
    _ evaluator: inout ProfileEvaluator, _ snapshot: inout MembershipSnapshot,
    _ each: (MembershipSnapshot.Change) -> Void
  ) throws {
    for account in accounts.sorted() {
      var isChanged = false
      let evaluation = try evaluator.account(account, at: options.at)
      try snapshot.apply(evaluation, profile: account) { change in
        isChanged = true
        each(change)
      }
      if isChanged, evaluator.refersToAccounts {
        users.formUnion(try evaluator.histories.users(of: account).map(\.profile))
      }
      evaluated += 1
    }
  }

  /// Evaluates the users, with what the snapshot holds of their accounts.
  mutating func evaluateUsers(
    _ evaluator: inout ProfileEvaluator, _ snapshot: inout MembershipSnapshot,
    _ each: (MembershipSnapshot.Change) -> Void
  ) throws {
    let all = accounts.count + users.count
    for user in users.sorted() {
      let evaluation = try evaluator.user(user, at: options.at) { account in
        try snapshot.values(of: account)
      }
      try snapshot.apply(evaluation, profile: user, each: each)
      evaluated += 1
      options.progress(evaluated, all)
    }
  }
}
