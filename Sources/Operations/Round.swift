import Definitions
import Evaluation
import EventStore
import Membership
import SQLite
import Values

/// The profiles of one roll call: which they are, and their evaluation.
struct Round {
  private let options: RollCall.Options
  private let definitions: [Definition]
  private let entries: [DefinitionRegistry.Entry]
  private var evaluator: ProfileEvaluator
  private(set) var method = Method.tick
  /// Who is evaluated one by one.
  private var users: Set<Int64> = []
  private var accounts: Set<Int64> = []
  /// Those of whom something is new.
  private var fresh: Set<Int64> = []
  /// Those of them whom only the run's own connection sees as they are.
  private var unshared: Set<Int64> = []
  /// Whether other connections see all packed histories as they are.
  private var wasPacked = false
  /// Whom the scan leaves out.
  private var excluded: Set<Int64>?
  /// Whether only the run's own connection sees what is to be scanned.
  private var isUncommitted = false
  /// The places of the definitions that the scan evaluates.
  private var scanned: [Int] = []
  private(set) var evaluated = 0

  /// A scan reads in order and on all cores; a tick looks each profile up. Above this share of the
  /// profiles the scan is cheaper.
  private static let shareForScan = 0.15
  /// What is kept of the store in memory while users are looked up one by one, in KiB.
  private static let cacheSizeForFew = 1 << 10
  /// So few are looked up in any case.
  private static let smallestForScan = 5000

  init(
    _ evaluator: ProfileEvaluator, _ definitions: [Definition],
    _ entries: [DefinitionRegistry.Entry], _ options: RollCall.Options
  ) {
    self.evaluator = evaluator
    self.definitions = definitions
    self.entries = entries
    self.options = options
  }

  /// Chooses whom to evaluate.
  ///
  /// - Parameters:
  ///   - moved: profiles that gained or lost ids.
  ///   - wasPacked: whether other connections see all packed histories as they are.
  ///   - packed: what this call has packed.
  mutating func choose(
    _ connection: Connection, _ last: RunLog.Run?, moved: Set<Int64>, wasPacked: Bool,
    _ packed: HistoryPacking.Packed
  ) throws {
    let affected = AffectedDefinitions.places(definitions, entries)
    method = method(last, affected)
    unshared = moved.union(try unsure(connection))
    self.wasPacked = wasPacked
    users = unshared
    if !method.isWhole, let last { try addConcerned(connection, since: last.watermark, packed) }
    if !method.isWhole, try Self.isMany(users.count, connection) { method = .scan(.cheaper) }
    let isWhole = method.isWhole
    // What was about accounts may be about users now.
    for entry in entries where entry.change == .edited || entry.change == .enabled {
      accounts.formUnion(try MembershipSnapshot.accounts(of: entry, connection))
    }
    try addAccounts(since: isWhole ? nil : last?.watermark)
    guard method != .tick else { return }
    let keys = Set(affected.map { definitions[$0].key })
    scanned = isWhole ? Array(definitions.indices) : definitions.places(neededFor: keys)
    if evaluator.refersToAccounts, isWhole {
      users.formUnion(try evaluator.histories.profiles())
      users.formUnion(try Standings.profiles(connection).filter { !accounts.contains($0) })
      return
    }
    if isWhole {
      users = unshared
      if !wasPacked, let last {
        users.formUnion(try evaluator.histories.profiles(changedSince: last.watermark, packed))
      }
      isUncommitted = !wasPacked && last == nil
    }
    excluded = users
  }

  private func method(_ last: RunLog.Run?, _ affected: Set<Int>) -> Method {
    if last == nil { return .scan(.first) }
    if options.isFull { return .scan(.asked) }
    if affected.isEmpty { return .tick }
    if affected.contains(where: { definitions[$0].stratum != .users }) { return .scan(.accounts) }
    return .partialScan(definitions: affected.sorted().map { definitions[$0].key })
  }

  /// Whether so many are evaluated in a scan.
  static func isMany(_ count: Int, _ connection: Connection) throws -> Bool {
    guard count > smallestForScan else { return false }
    return Double(count) > shareForScan * Double(try FullScan.lastProfile(connection))
  }

  /// Those who hold a value of a definition that was off, of which their standing says nothing.
  private func unsure(_ connection: Connection) throws -> Set<Int64> {
    var profiles: Set<Int64> = []
    for entry in entries where entry.change == .enabled {
      for profile in try MembershipSnapshot.profiles(of: entry, connection)
      where try !evaluator.histories.isAccount(profile) { profiles.insert(profile) }
    }
    return profiles
  }

  /// Those with events behind `since`, and those whose next change has come.
  private mutating func addConcerned(
    _ connection: Connection, since: Int64, _ packed: HistoryPacking.Packed
  ) throws {
    users.formUnion(try evaluator.histories.profiles(changedSince: since, packed))
    fresh = users
    let due = try options.dueScan?.due() ?? Standings.due(at: options.at, connection)
    guard try evaluator.histories.areAccounts() else { return users.formUnion(due) }
    for profile in due {
      if try evaluator.histories.isAccount(profile) {
        accounts.insert(profile)
      } else {
        users.insert(profile)
      }
    }
  }

  private mutating func addAccounts(since: Int64?) throws {
    guard evaluator.asksAccounts else { return }
    let histories = evaluator.histories
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
    _ snapshot: inout MembershipSnapshot, _ each: (MembershipSnapshot.Change) -> Void
  ) throws {
    snapshot.expect(accounts.count)
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
    try snapshot.flush()
  }

  /// Evaluates the users, with what the snapshot holds of their accounts.
  mutating func evaluateUsers(
    _ snapshot: inout MembershipSnapshot, _ connection: Connection,
    _ each: (MembershipSnapshot.Change) -> Void
  ) throws {
    if excluded != nil { excluded = users }
    let all = accounts.count + users.count
    guard !users.isEmpty else { return }
    snapshot.expect(users.count)
    guard !evaluator.refersToAccounts else {
      return try evaluateWithAccounts(all, &snapshot, each)
    }
    var own = users
    let shared = users.subtracting(unshared)
    if wasPacked, method == .tick, ListScan.pays(shared.count, options) {
      own = unshared
      try evaluate(shared, all, &snapshot, connection, each)
    }
    var scan = ScanEvaluator(
      definitions, evaluator.histories.names, at: options.at, ranks: snapshot.coder.ranks)
    guard !own.isEmpty else { return }
    try connection.withCache(of: Self.cacheSizeForFew) {
      for user in own.sorted() {
        try evaluator.histories.withHistory(of: user, &scan) { $0.evaluate($1) }
        try snapshot.apply(&scan, profile: user, each: each)
        count(1, of: all)
      }
    }
  }

  private mutating func evaluateWithAccounts(
    _ all: Int, _ snapshot: inout MembershipSnapshot,
    _ each: (MembershipSnapshot.Change) -> Void
  ) throws {
    for user in users.sorted() {
      let evaluation = try evaluator.user(user, at: options.at) { account in
        try snapshot.values(of: account)
      }
      try snapshot.apply(evaluation, profile: user, each: each)
      count(1, of: all)
    }
  }

  /// Writes what threads find. They come in the order of the tables: what is behind them may leave memory
  /// for the log.
  private mutating func evaluate(
    _ shared: Set<Int64>, _ all: Int, _ snapshot: inout MembershipSnapshot,
    _ connection: Connection, _ each: (MembershipSnapshot.Change) -> Void
  ) throws {
    let known = try foundBefore(snapshot.coder)
    let scan = ListScan(task(snapshot.coder), shared.subtracting(known.users), options)
    count(known.users.count, of: all)
    try connection.withCache(of: ListScan.cacheSizeForWriting) {
      try scan.scan(path: options.path, first: known.letters) { letter in
        try snapshot.apply(letter.changes, letter.revisions, each)
        for finding in letter.findings { try snapshot.apply(finding, each) }
        count(letter.evaluated, of: all)
      }
      try snapshot.flush()
    }
  }

  /// What was found of those who are due while events were packed, and still holds.
  private func foundBefore(_ coder: OutcomeCoder) throws -> DueScan.Found {
    guard var found = try options.dueScan?.finish(), found.coder == coder else {
      return DueScan.Found()
    }
    for place in found.letters.indices where !fresh.isEmpty {
      found.letters[place] = found.letters[place].leaving(out: fresh)
    }
    found.users.removeAll { fresh.contains($0) }
    return found
  }

  /// The scan of everybody says itself how far it is.
  private mutating func count(_ more: Int, of all: Int) {
    evaluated += more
    if excluded == nil { options.progress(evaluated, all) }
  }

  /// Evaluates everybody else, where everybody is to be.
  mutating func scan(
    _ snapshot: inout MembershipSnapshot, _ connection: Connection,
    _ each: (MembershipSnapshot.Change) -> Void
  ) throws {
    guard let excluded else { return }
    // Whoever stands elsewhere, of all.
    snapshot.expect(.max)
    let histories = evaluator.histories
    let last = try FullScan.lastProfile(connection)
    let fingerprint = method.isWhole ? DigestUse.fingerprint(definitions) : ""
    let digests = try digestUse(last, fingerprint, connection)
    let scan = FullScan(
      task(
        snapshot.coder, scanned, isWhole: method.isWhole, excluded: excluded, digests: digests))
    let all = max(evaluated, Int(last))
    if case .make = digests { try Digests.erase(connection) }
    try scan.scan(connection, path: options.path, threads: isUncommitted ? 1 : options.threads) {
      letter in
      for finding in letter.findings { try snapshot.apply(finding, each) }
      for block in letter.digests { try Digests.add(block, connection) }
      evaluated += letter.evaluated
      options.progress(min(evaluated, all), all)
    }
    if case .make = digests {
      try Digests.finish(
        connection, fingerprint: fingerprint, at: options.at, watermark: histories.watermark,
        excluded: excluded)
    }
    options.progress(all, all)
  }

  /// What threads read: all definitions, unless it is said otherwise.
  private func task(
    _ coder: OutcomeCoder, _ places: [Int]? = nil, isWhole: Bool = true,
    excluded: Set<Int64> = [], digests: DigestUse = .none
  ) -> ScanTask {
    let places = places ?? Array(definitions.indices)
    return ScanTask(
      definitions: places.map { definitions[$0] }, names: evaluator.histories.names,
      places: places, isWhole: isWhole, coder: coder, watermark: evaluator.histories.watermark,
      includesAnonymous: evaluator.includesAnonymous, now: options.at, excluded: excluded,
      digests: digests)
  }

  /// Digests are of what is committed, and of all definitions.
  private func digestUse(
    _ last: Int64, _ fingerprint: String, _ connection: Connection
  ) throws -> DigestUse {
    guard method.isWhole, !isUncommitted else { return .none }
    return try DigestUse(
      evaluator.histories, fingerprint: fingerprint, at: options.at,
      makes: options.makesDigests && FullScan.isBounded(last, options.threads),
      share: options.outdatedShare, profiles: last,
      connection)
  }
}
