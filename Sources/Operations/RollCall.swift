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
    /// What is held of what becomes pending.
    var guardPost: GuardPost
    /// Evaluate every profile, whatever changed.
    var isFull = false
    /// Whether a scan of everybody may leave digests for the next one.
    var makesDigests = false
    /// Above this share of outdated profiles they are made anew.
    var outdatedShare = DigestUse.largestOutdatedShare
    /// How long runs and their changes are kept.
    var keep = Duration(milliseconds: 400 * 86_400_000)
    /// How many threads scan; nil for as many as suit.
    var threads: Int?
    /// Where the store is.
    var path: String
    /// How many parts may lie beside the packed histories.
    var partLimit = HistoryParts.Limit()
    /// How many rows may lie beside the snapshot before they go into it.
    var recentLimit = RecentLimit()
    /// From how many users on a tick evaluates them on several threads.
    var smallestForThreads = ListScan.smallestForThreads
    /// What was packed for this roll call before its transaction.
    var packed: HistoryPacking.Packed?
    /// Who evaluates those who are due since before that; nil for nobody.
    var dueScan: DueScan?
    /// How many changes of each definition to remember as a sample.
    var sampleSize = 5
    /// Called behind each part of the work with its name.
    var lap: (String) -> Void = { _ in }
    /// Called with profiles done and in all.
    var progress: (Int, Int) -> Void = { _, _ in }
    /// Called with how much is packed, and how much is to be.
    var packingProgress: (Int, Int) -> Void = { _, _ in }
    /// Called with how many parts went into the histories, and how many are to.
    var foldingProgress: (Int, Int) -> Void = { _, _ in }
  }

  /// What changed for one definition.
  struct DefinitionOutcome {
    let entry: DefinitionRegistry.Entry
    let tally: MembershipSnapshot.Tally
    /// Some of the profiles that changed.
    let sample: [MembershipSnapshot.Change]
  }

  let run: RunLog.Run
  let method: Method
  /// Links between ids that were ignored: an earlier one holds, or they would close a circle.
  let ignoredLinks: Int
  let definitions: [DefinitionOutcome]
  let destinations: [(definition: DestinationDefinition, state: DestinationState?)]
  /// What is held at each of the destinations.
  let holds: [[GuardLedger.Hold]]
  /// What each of them is owed of entries and exits because of this roll call.
  let audienceEvents: [AudienceEventTally]

  /// Packs and links a long tail of events in a transaction of its own, before the roll call's, so that
  /// threads with connections of their own can read it; and behind that puts the parts beside the
  /// histories into them, portion by portion, when they have become many. All of it is derived from the events: what is committed here and not
  /// used is used by the next roll call.
  ///
  /// - Parameter isForReal: whether the roll call is a run. For a plan only what would take long is
  ///   committed.
  /// - Returns: what was packed; nil when it is left to the roll call.
  static func prepare(
    _ connection: Connection, _ options: Options, isForReal: Bool
  ) throws -> HistoryPacking.Packed? {
    let watermark = try Histories.watermark(connection)
    let tail = watermark - (try HistoryPacking.watermark(connection))
    let isFirst = try RunLog(connection).last() == nil
    let isWhole = isFirst || (tail > 0 && options.isFull)
    let isFolding = try isForReal && options.partLimit.isExceeded(adding: tail, connection)
    let isLong = tail > longTail || (isForReal && isWhole) || isFolding
    // There are no more users in it than events.
    guard isLong || (isForReal && ListScan.pays(Int(tail), options)) else { return nil }
    func pack() throws -> HistoryPacking.Packed {
      let names = try HistoryNames.load(connection)
      let packed = try HistoryPacking.catchUp(
        connection, names, upTo: watermark, progress: options.packingProgress)
      // Later on, who was moved by a new link must be known to the run that evaluates them.
      if isFirst { _ = try IdentityLinks.update(connection, since: 0, upTo: watermark) }
      return packed
    }
    let cacheSize = isLong ? Connection.cacheSize : cacheSizeForParts
    return try connection.withCache(of: cacheSize) {
      let packed = try connection.derivation("pack", pack)
      if try isForReal && options.partLimit.isExceeded(connection) {
        try HistoryParts.fold(connection, progress: options.foldingProgress)
      }
      return packed
    }
  }

  /// What is kept of the store in memory while parts are written, in KiB: they lie one behind the other.
  private static let cacheSizeForParts = 16 << 10

  /// How many events a run packs in its own transaction, at most.
  private static let longTail: Int64 = 100_000

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
      let state = isUsable ? try DeliveryOperation.register(definition, connection) : nil
      return (definition: definition, state: state)
    }
    let entries = try DefinitionRegistry(connection).update(project.definitions)
    try GuardLedger.follow(entries, connection)
    options.lap("prepare")
    let watermark = try Histories.watermark(connection)
    let names = try HistoryNames.load(connection)
    let wasPacked = try HistoryPacking.watermark(connection) == watermark
    let packed = try HistoryPacking.catchUp(connection, names, upTo: watermark)
      .following(options.packed)
    let since = last?.watermark ?? 0
    let links = try IdentityLinks.update(connection, since: since, upTo: watermark)
    try Digests.leaveOut(links.profiles, connection)
    try enqueueAffiliations(connection, project, entries, links, options.at, upTo: watermark)
    let evaluator = try ProfileEvaluator(connection, project.definitions, names, upTo: watermark)
    var events = try AudienceEventNoting(
      connection, project, entries,
      destinations.map { $0.definition.events == .on ? $0.state : nil }, at: options.at, since: last
    )
    let concerned = try events.concerned(
      evaluator.histories, since: since, moved: links.profiles, packed)
    var round = Round(evaluator, project.definitions, entries, options)
    try round.choose(connection, last, moved: links.profiles, wasPacked: wasPacked, packed)
    options.lap("pack")
    let kind: RunLog.Kind = round.method.takesEverybody ? .full : .tick
    let id = try log.begin(at: options.at, kind: kind, watermark: watermark)
    var snapshot = try MembershipSnapshot(
      connection, entries, run: id, at: options.at, recent: options.recentLimit)
    var samples = Samples(entries.count, size: options.sampleSize)
    try snapshot.takeAwayRemoved(connection) { samples.add($0) }
    try round.evaluateAccounts(&snapshot) { samples.add($0) }
    try round.evaluateUsers(&snapshot, connection) { samples.add($0) }
    try round.scan(&snapshot, connection) { samples.add($0) }
    try snapshot.flush()
    try snapshot.settleIdentities(known(destinations, entries))
    try events.note(concerned, evaluator.histories, run: id)
    options.lap("evaluate")
    let tallies = snapshot.tallies
    let run = RunLog.Run(
      id: id, at: options.at, kind: kind, watermark: watermark,
      evaluated: round.evaluated, entered: tallies.reduce(0) { $0 + $1.entered },
      left: tallies.reduce(0) { $0 + $1.left }, changed: tallies.reduce(0) { $0 + $1.changed })
    try log.finish(run, entries, tallies, keepFrom: options.at - options.keep)
    let holds = try destinations.map { definition, state in
      try state.map {
        try options.guardPost.inspect(definition, $0, at: options.at, connection)
      } ?? []
    }
    let definitions = entries.indices.map { place in
      DefinitionOutcome(
        entry: entries[place], tally: tallies[place], sample: samples.ofEntry[place])
    }
    return RollCall(
      run: run, method: round.method, ignoredLinks: links.ignored, definitions: definitions,
      destinations: destinations, holds: holds, audienceEvents: events.tallies)
  }
}

extension RollCall {
  /// Brings up to date who belongs to which account, where somebody asks, and notes whom that and new
  /// recipients of definitions concern.
  private static func enqueueAffiliations(
    _ connection: Connection, _ project: Project, _ entries: [DefinitionRegistry.Entry],
    _ links: IdentityLinks.Changes, _ now: Instant, upTo watermark: Int64
  ) throws {
    let asksAccounts =
      project.definitions.contains { $0.isEnabled && $0.subject == .accounts }
      || project.destinations.contains { $0.accountProperty != nil }
    let queue = try PendingQueue(connection)
    if asksAccounts {
      let users = try Affiliations.update(
        connection, upTo: watermark, at: now, moved: links.profiles)
      for user in users { try queue.add(user: user, entries) }
    }
    for entry in entries where entry.hasNewRecipients { try queue.addEverybody(of: entry) }
  }

  /// The definition that each destination knows users by, for those that have one.
  private static func known(
    _ destinations: [(definition: DestinationDefinition, state: DestinationState?)],
    _ entries: [DefinitionRegistry.Entry]
  ) -> [(destination: Int64, definition: Int64)] {
    destinations.compactMap { definition, state in
      guard case .trait(let name) = definition.identity, let state,
        let key = Definition.identity(trait: name)?.key,
        let entry = entries.first(where: { $0.key == key })
      else { return nil }
      return (destination: state.id, definition: entry.id)
    }
  }
}

/// The first changes of each definition, by profile.
private struct Samples {
  private(set) var ofEntry: [[MembershipSnapshot.Change]]
  private let size: Int

  init(_ entries: Int, size: Int) {
    ofEntry = [[MembershipSnapshot.Change]](repeating: [], count: entries)
    self.size = size
  }

  /// Threads find changes in any order.
  mutating func add(_ change: MembershipSnapshot.Change) {
    let known = ofEntry[change.entry]
    if known.count == size, let last = known.last, change.profile > last.profile { return }
    let place = known.firstIndex { $0.profile > change.profile } ?? known.count
    ofEntry[change.entry].insert(change, at: place)
    if known.count == size { ofEntry[change.entry].removeLast() }
  }
}
