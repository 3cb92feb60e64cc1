import Definitions
import EventStore
import Membership
import SQLite
import Values

/// Holds batches of spells against what destinations were told, where a stretch of the past is filled.
struct PastEventBook {
  /// What is owed to one user, of one audience, at one destination.
  struct Entry {
    let ledger: TransitionLedger
    let definition: Int64
    let profile: Int64
    let account: TransitionLedger.Account
    let revision: TransitionRevision
  }

  private let targets: [PastTarget]
  /// The places of the audiences whose spells come, in their order.
  private let audiences: [Int]
  private let end: Int64
  private let ledgers: [Int64: TransitionLedger]
  private let kind: Statement
  private(set) var tallies: [PastEventNoting.Part: AudienceEventTally] = [:]

  init(
    _ connection: Connection, _ targets: [PastTarget], _ audiences: [Int], before end: Int64
  ) throws {
    self.targets = targets
    self.audiences = audiences
    self.end = end
    ledgers = Dictionary(
      uniqueKeysWithValues: try Set(targets.map(\.target.destination)).map {
        ($0, try TransitionLedger(connection, destination: $0))
      })
    kind = try connection.prepareFresh("SELECT kind FROM identities WHERE id = ?")
  }

  /// Takes the spells of some profiles over their whole histories.
  ///
  /// - Parameter spells: by audience, each in the order of profile and time.
  mutating func take(_ spells: [[StoredSpell]], _ each: (Entry) throws -> Void) throws {
    var starts = [Int](repeating: 0, count: spells.count)
    while true {
      let next = spells.indices.compactMap { place in
        starts[place] < spells[place].count ? spells[place][starts[place]].profile : nil
      }.min()
      guard let profile = next else { return }
      var truths: [Int: [AudienceTransition]] = [:]
      for place in spells.indices {
        let start = starts[place]
        while starts[place] < spells[place].count,
          spells[place][starts[place]].profile == profile
        {
          starts[place] += 1
        }
        truths[audiences[place]] = AudienceTransition.all(
          spells[place][start..<starts[place]].lazy.map { (since: $0.since, until: $0.until) },
          before: end)
      }
      try take(profile, truths, each)
    }
  }

  private mutating func take(
    _ profile: Int64, _ truths: [Int: [AudienceTransition]], _ each: (Entry) throws -> Void
  ) throws {
    let isUser = try kind.first(.init(profile)) { $0.int(0) } == IdentityKind.user.rawValue
    guard isUser else { return }
    var accounts: [Int64: TransitionLedger.Account] = [:]
    for part in targets {
      let target = part.target
      let past = (truths[target.definitionPlace] ?? []).filter { part.ranges.holds($0.instant) }
      guard !past.isEmpty, let ledger = ledgers[target.destination] else { continue }
      let account = try accounts[target.destination] ?? ledger.account(of: profile)
      accounts[target.destination] = account
      let told = target.told(profile)
      let revision = TransitionRevision(
        filling: past,
        beside: (account.known[target.definition] ?? []).filter {
          told.holds($0.transition.instant)
        })
      var tally = AudienceEventTally()
      tally.add(revision)
      tally.corrections = revision.corrections
      let row = PastEventNoting.Part(place: target.place, key: target.key)
      tallies[row, default: AudienceEventTally()] += tally
      try each(
        Entry(
          ledger: ledger, definition: target.definition, profile: profile, account: account,
          revision: revision))
    }
  }

  /// Writes what is owed. Only inside a write transaction.
  static func write(_ entry: Entry) throws {
    try entry.ledger.apply(entry.revision, entry.definition, of: entry.profile, entry.account)
    guard entry.revision.corrections > 0 else { return }
    let known = entry.account.corrections[entry.definition] ?? 0
    try entry.ledger.note(
      corrections: known + entry.revision.corrections, entry.definition, of: entry.profile)
  }
}
