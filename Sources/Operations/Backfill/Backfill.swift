import Definitions
import Evaluation
import EventStore
import Foundation
import Membership
import SQLite
import Values

extension Session {
  /// Computes the exact past: from which instant until which everybody was a member, or had which value.
  ///
  /// The snapshot is not touched. A batch of profiles is one transaction, between which runs and ingests
  /// get their turn. A call that was ended takes up where it stopped when it is made again.
  public func backfill(_ options: BackfillOptions) throws -> BackfillReport {
    let project = try project()
    try check(options)
    let chosen = try chosen(options.keys, project)
    return try onStore {
      let start = ContinuousClock.now
      let store = try open()
      let lock = try LockFile(
        store: store.path, "backfill", what: "another backfill", wait: wait)
      defer { withExtendedLifetime(lock) {} }
      var operation = try BackfillOperation(store, project, chosen, options)
      try operation.prepare()
      try operation.compute { progress("backfilling", $0, $1) }
      return try operation.report(took: Duration(ContinuousClock.now - start))
    }
  }

  func check(_ options: BackfillOptions) throws {
    guard options.from < options.to else {
      throw OperationError(
        .usage, "the range from \(options.from) to \(options.to) is empty",
        help: "'--from' is the first instant, and '--to' the first one behind the range")
    }
    let now = now
    guard options.to <= now else {
      throw OperationError(
        .usage, "the range ends at \(options.to), and it is \(now): what is to come is no past",
        help: "end it with '--to \(now)' or before")
    }
  }

  func chosen(_ keys: [String], _ project: Project) throws -> [Definition] {
    guard !keys.isEmpty else { return project.definitions.filter(\.isEnabled) }
    return try Set(keys).sorted().map { key in
      let definition = try project.definition(key)
      guard definition.isEnabled else {
        throw OperationError(
          .usage, "'\(key)' is not enabled", help: "write 'enabled: true' in its file")
      }
      return definition
    }
  }
}

extension Project {
  /// What the past of a definition depends on, besides the events: its query, and those of all that it
  /// refers to.
  func fingerprint(_ definition: Definition) -> String {
    let text = needed(for: definition).map { $0.key + " " + $0.canonicalText }
      .joined(separator: "\n")
    return SHA256.digest(of: Array(text.utf8).span).hex
  }
}

/// One backfill on a store.
private struct BackfillOperation {
  private let store: Store
  private var connection: Connection { store.connection }
  private let options: BackfillOptions
  private let range: Range<Int64>
  /// In dependency order, with all that the chosen ones refer to.
  private let definitions: [Definition]
  private let chosen: [(definition: Definition, fingerprint: String)]

  private var entry: BackfillLog.Entry?
  private var isResumed = false
  private var task: BackfillTask?
  private var profiles: [Int64]?
  private var lastProfile: Int64 = 0
  /// How many links each view of the store has to copy.
  private var linksToCopy: Int64 = 0

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
  private struct Pending {
    let unfinished: BackfillLog.Entry?
    let difference: SpellLinks.Difference
    let changedSince: Int64?
    let names: NameTable
  }

  private var pending: Pending?

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

  // MARK: Batches

  /// So many profiles are computed together at most, and at least.
  private static let batchSizes: ClosedRange<Int64> = 64...4096

  private func batches(behind place: Int64) -> [SpellTable.Profiles] {
    if let profiles {
      let rest = profiles.filter { $0 > place }
      return stride(from: 0, to: rest.count, by: 1024).map { start in
        .list(Array(rest[start..<min(rest.count, start + 1024)]))
      }
    }
    guard lastProfile > place else { return [] }
    // Where each view has to copy the links first, there are few views.
    let size = max(
      min(max(lastProfile / 64, Self.batchSizes.lowerBound), Self.batchSizes.upperBound),
      min(linksToCopy / 8, 50_000))
    return stride(from: place, to: lastProfile, by: Int(size)).map { start in
      .range((start + 1)...min(lastProfile, start + size))
    }
  }

  mutating func compute(_ progress: (Int, Int) -> Void) throws {
    guard var entry, let task else { return }
    let batches = batches(behind: entry.place)
    let table = try SpellTable(connection, range)
    let targets = try targets(entry)
    let all = profiles?.count ?? Int(lastProfile)
    var done = profiles.map { $0.count { $0 <= entry.place } } ?? Int(entry.place)
    let suggested =
      lastProfile < 1000 ? 1 : min(8, ProcessInfo.processInfo.activeProcessorCount)
    try task.compute(batches, threads: options.threads ?? suggested) { letter in
      let batch = batches[letter.batch]
      let began = ContinuousClock.now
      try connection.transaction("backfill") {
        for (target, spells) in zip(targets, letter.spells) {
          entry.changes += try table.replace(target, batch, with: spells)
          entry.spells += spells.count
        }
        entry.profiles += letter.profiles
        entry.place = batch.last
        try BackfillLog(connection).advance(entry)
      }
      done += batch.count
      progress(done, all)
      Self.giveWay(behind: ContinuousClock.now - began)
    }
    try connection.transaction("finish-backfill") {
      if let pending, entry.changedSince != nil {
        try SpellLinks(connection).store(pending.difference, watermark: entry.watermark)
      }
      try BackfillLog(connection).finish(entry)
    }
    self.entry = entry
  }

  /// Waits an eighth as long as a transaction took, for those who wait to write.
  private static func giveWay(behind took: Swift.Duration) {
    Thread.sleep(forTimeInterval: max(0.005, Double(Duration(took).milliseconds) / 8000))
  }

  private func targets(_ entry: BackfillLog.Entry) throws -> [SpellTable.Target] {
    let ranges = SpellRanges(connection)
    return try entry.parts.map { part in
      let known = try ranges.covered(part.definition).map { $0.range.clamped(to: range) }
      return SpellTable.Target(
        definition: part.definition, known: known.filter { !$0.isEmpty }, isAnew: part.isAnew)
    }
  }

  // MARK: The end

  func report(took: Duration) throws -> BackfillReport {
    guard let entry else { throw SQLiteError.damaged("backfills") }
    var spells = entry.spells
    if entry.changedSince != nil {
      spells = try entry.parts.reduce(0) { sum, part in
        sum
          + (try connection.prepare(
            "SELECT count(*) FROM spells WHERE definition = ? AND since < ? AND until > ?"
          ).first(
            .init(part.definition), .init(range.upperBound), .init(range.lowerBound)
          ) { Int($0.int(0)) } ?? 0)
      }
    }
    return BackfillReport(
      from: options.from, to: options.to,
      parts: chosen.map { BackfillReport.Part(key: $0.definition.key, kind: $0.definition.kind) },
      method: entry.changedSince == nil ? .everybody : .changed, isResumed: isResumed,
      profiles: entry.profiles, spells: spells, changes: entry.changes, took: took)
  }
}

extension SpellTable.Profiles {
  fileprivate var last: Int64 {
    switch self {
    case .range(let range): range.upperBound
    case .list(let list): list.last ?? 0
    }
  }

  fileprivate var count: Int {
    switch self {
    case .range(let range): range.count
    case .list(let list): list.count
    }
  }
}
