import Definitions
import Evaluation
import EventStore
import Membership
import SQLite
import Values

/// One backfill on a store.
struct BackfillOperation {
  private let store: Store
  var connection: Connection { store.connection }
  let options: BackfillOptions
  let range: Range<Int64>
  /// In dependency order, with all that the chosen ones refer to.
  private let definitions: [Definition]
  let chosen: [(definition: Definition, fingerprint: String)]

  var entry: BackfillLog.Entry?
  var isResumed = false
  var task: BackfillTask?
  var profiles: [Int64]?
  var lastProfile: Int64 = 0
  /// How many links each view of the store has to copy.
  var linksToCopy: Int64 = 0

  init(
    _ store: Store, _ project: Project, _ chosen: [Definition], _ options: BackfillOptions
  ) throws {
    self.store = store
    self.options = options
    range = options.from.milliseconds..<options.to.milliseconds
    let keys = Set(chosen.map(\.key))
    definitions = project.definitions.places(neededFor: keys).map { project.definitions[$0] }
    self.chosen = chosen.map { ($0, project.fingerprint($0)) }
  }

  // MARK: Before the first batch

  /// Packs what is new, finds out whom to compute, and notes the beginning.
  mutating func prepare() throws {
    try checkEvents()
    let log = BackfillLog(connection)
    let unfinished = try log.unfinished()
    let isSame = try unfinished.map(isSame) ?? false
    let watermark = isSame ? unfinished?.watermark ?? 0 : try Histories.watermark(connection)
    let linkedUpTo = try pack(watermark)
    if let unfinished, isSame {
      entry = unfinished
      isResumed = true
      // The few of whom something is new are computed again: by now they may be others.
      if unfinished.changedSince != nil {
        entry?.place = 0
        entry?.profiles = 0
      }
    }
    try Histories.looking(connection, since: linkedUpTo, upTo: watermark) { _, names in
      let difference = try SpellLinks(connection).difference()
      var changedSince = entry?.changedSince
      if entry == nil, !options.isFull { changedSince = try knownUpTo() }
      if let changedSince {
        profiles = try concerned(changedSince, watermark, names, difference)
      }
      lastProfile = try FullScan.lastProfile(connection)
      pending = Pending(
        unfinished: isSame ? nil : unfinished, difference: difference, changedSince: changedSince,
        names: names)
    }
    if linkedUpTo < watermark {
      linksToCopy =
        try connection.prepare("SELECT count(*) FROM links").first { $0.int(0) } ?? 0
    }
    try begin(watermark, linkedUpTo)
  }

  /// What was found in the view of the store, for the transaction behind it.
  struct Pending {
    let unfinished: BackfillLog.Entry?
    let difference: SpellLinks.Difference
    let changedSince: Int64?
    let names: NameTable
  }

  private(set) var pending: Pending?

  private func checkEvents() throws {
    let isThere =
      try connection.prepare("SELECT 1 FROM events WHERE time < ? LIMIT 1")
      .first(.init(range.upperBound)) { _ in true } ?? false
    guard !isThere else { return }
    let first = try connection.prepare("SELECT min(time) FROM events").first { $0.optionalInt(0) }
    guard let first = first.flatMap({ $0 }) else {
      throw OperationError(
        .usage, "the store holds no events yet", help: "store some with 'rollcall ingest FILE'")
    }
    throw OperationError(
      .usage,
      "the range ends at \(options.to), before the first event at \(Instant(milliseconds: first))",
      help: "nobody was there then: choose a later range")
  }

  private func isSame(_ entry: BackfillLog.Entry) throws -> Bool {
    guard entry.range == range, entry.parts.count == chosen.count,
      !options.isFull || entry.changedSince == nil
    else { return false }
    let ranges = SpellRanges(connection)
    return try chosen.allSatisfy { definition, fingerprint in
      let id = try ranges.definition(definition.key)
      return entry.parts.contains { $0.definition == id && $0.fingerprint == fingerprint }
    }
  }

  /// Packs the events up to the watermark. Returns up to which event the links of the store are made.
  ///
  /// Both are derived from the events, and no part of the snapshot. Only before the first run are the links
  /// made here: later on a run has to know whom a new one moves.
  private func pack(_ watermark: Int64) throws -> Int64 {
    try connection.transaction("pack") {
      let names = try HistoryNames.load(connection)
      try HistoryPacking.catchUp(connection, names, upTo: watermark)
      if let last = try RunLog(connection).last() { return last.watermark }
      _ = try IdentityLinks.update(connection, since: 0, upTo: watermark)
      return watermark
    }
  }

  /// The last event that all of the range is computed up to, where links can tell the rest; nil when some
  /// of it is not.
  private func knownUpTo() throws -> Int64? {
    let ranges = SpellRanges(connection)
    var least = Int64.max
    for (definition, fingerprint) in chosen {
      guard let id = try ranges.definition(definition.key),
        let known = try ranges.covered(id).first(where: {
          $0.fingerprint == fingerprint && $0.range.lowerBound <= range.lowerBound
            && $0.range.upperBound >= range.upperBound
        })
      else { return nil }
      least = min(least, known.watermark)
    }
    return least >= (try SpellLinks(connection).watermark()) && least < .max ? least : nil
  }

  /// Those whose past may be another one than with the events up to `since`, in order.
  private func concerned(
    _ since: Int64, _ watermark: Int64, _ names: NameTable, _ difference: SpellLinks.Difference
  ) throws -> [Int64] {
    let enabled = definitions.filter(\.isEnabled)
    let histories = try Histories(
      connection, names, upTo: watermark,
      includesAnonymous: enabled.contains(where: \.includesAnonymous))
    var users = Set(try histories.profiles(changedSince: since)).union(difference.profiles)
    var accounts: Set<Int64> = []
    if enabled.contains(where: { $0.stratum != .users }) {
      accounts = Set(try histories.accounts(changedSince: since))
      for user in users { accounts.formUnion(try histories.accounts(of: user).map(\.profile)) }
      if enabled.contains(where: { $0.stratum == .usersOfAccounts }) {
        for account in accounts {
          users.formUnion(try histories.users(of: account).map(\.profile))
        }
      }
    }
    return users.union(accounts).sorted()
  }

  private mutating func begin(_ watermark: Int64, _ linkedUpTo: Int64) throws {
    guard let pending else { return }
    if entry == nil {
      entry = try connection.transaction("begin-backfill") {
        let log = BackfillLog(connection)
        if let unfinished = pending.unfinished { try log.giveUp(unfinished) }
        // Where everybody is computed, nobody's links of before are asked for any more.
        if pending.changedSince == nil {
          try SpellLinks(connection).store(pending.difference, watermark: watermark)
        }
        let ranges = SpellRanges(connection)
        let parts = try chosen.map { definition, fingerprint in
          let id = try ranges.register(definition.key, kind: definition.kind.rawValue)
          let others = try ranges.covered(id).filter { $0.fingerprint != fingerprint }
          for other in others { try ranges.remove(other, from: id) }
          return BackfillLog.Part(
            definition: id, fingerprint: fingerprint, isAnew: !others.isEmpty)
        }
        return try log.begin(
          range, parts, watermark: watermark, changedSince: pending.changedSince)
      }
    }
    let ranges = SpellRanges(connection)
    let places = try (entry?.parts ?? []).map { part in
      try definitions.firstIndex { try ranges.definition($0.key) == part.definition } ?? 0
    }
    task = BackfillTask(
      definitions: definitions, places: places, names: pending.names, from: options.from,
      to: options.to, watermark: watermark, linkedUpTo: linkedUpTo, path: store.path)
  }
}
