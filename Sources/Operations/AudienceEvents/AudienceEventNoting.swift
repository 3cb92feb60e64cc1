import Definitions
import Evaluation
import EventStore
import Membership
import SQLite
import Values

/// Notes in a run's transaction which entries and exits destinations are owed.
///
/// Only those are looked at of whom something is new, or whose next change has come: nobody else has entered
/// or left anything since the last run. What they did is found over their whole histories, so that a spell
/// between two runs is not missed, and an ordinal is the same whoever counts.
struct AudienceEventNoting {
  private let connection: Connection
  private let definitions: [Definition]
  /// The places of the definitions that the audiences of the targets need.
  private let needed: [Int]
  private let now: Instant
  /// Those that go on, and those that begin anew.
  private(set) var continued: [AudienceEventTarget] = []
  private var begun: [AudienceEventTarget] = []
  private(set) var tallies: [AudienceEventTally]

  /// - Parameters:
  ///   - destinations: with their state; nil for one that cannot be talked to, or is told no events.
  ///   - last: the run before; what it did not go on with begins anew.
  init(
    _ connection: Connection, _ project: Project, _ entries: [DefinitionRegistry.Entry],
    _ destinations: [DestinationState?], at now: Instant, since last: RunLog.Run?
  ) throws {
    self.connection = connection
    self.now = now
    definitions = project.definitions
    tallies = destinations.map { _ in AudienceEventTally() }
    let audiences = destinations.contains { $0 != nil } ? project.audiencesWithEvents : []
    var keys: Set<String> = []
    for place in audiences {
      let definition = definitions[place]
      let needed = definitions.places(neededFor: [definition.key])
      let isSame = needed.allSatisfy { entries[$0].change == .unchanged }
      let fingerprint = project.eventFingerprint(definition)
      for (number, state) in destinations.enumerated() {
        guard let state else { continue }
        let target = AudienceEventTarget(
          place: number, destination: state.id, definition: entries[place].id,
          definitionPlace: place, key: definition.key, fingerprint: fingerprint,
          stretches: try EventRanges(connection, destination: state.id)
            .stretches(of: entries[place].id))
        if isSame, let last, target.live?.run == last.id,
          target.live?.fingerprint == fingerprint
        {
          continued.append(target)
          keys.insert(definition.key)
        } else {
          begun.append(target)
        }
      }
    }
    needed = definitions.places(neededFor: keys)
  }

  /// Goes on with targets, up to the instant of the last run.
  init(
    _ connection: Connection, _ definitions: [Definition], _ targets: [AudienceEventTarget],
    through now: Instant
  ) {
    self.connection = connection
    self.definitions = definitions
    self.now = now
    continued = targets
    needed = definitions.places(neededFor: Set(targets.map(\.key)))
    tallies = [AudienceEventTally](
      repeating: AudienceEventTally(), count: (targets.map(\.place).max() ?? -1) + 1)
  }

  /// Who may have entered or left something since the last run. Before the run changes what is waited for.
  func concerned(
    _ histories: Histories, since: Int64, moved: Set<Int64>, _ packed: HistoryPacking.Packed
  ) throws -> [Int64] {
    guard !continued.isEmpty else { return [] }
    var users = moved.union(try histories.profiles(changedSince: since, packed))
    users.formUnion(try Standings.due(at: now, connection))
    if needed.contains(where: { definitions[$0].stratum != .users }) {
      var accounts = Set(try histories.accounts(changedSince: since))
      for user in users {
        if try histories.isAccount(user) {
          accounts.insert(user)
        } else {
          accounts.formUnion(try histories.accounts(of: user).map(\.profile))
        }
      }
      for account in accounts {
        users.formUnion(try histories.users(of: account).map(\.profile))
      }
    }
    return users.sorted()
  }

  /// Notes what these users did, and up to when that is known.
  mutating func note(_ profiles: [Int64], _ histories: Histories, run: Int64) throws {
    for target in begun {
      try EventRanges(connection, destination: target.destination).begin(
        target.definition, behind: now, fingerprint: target.fingerprint, run: run)
    }
    guard !continued.isEmpty else { return }
    for target in continued {
      guard let live = target.live else { continue }
      try EventRanges(connection, destination: target.destination).extend(
        live, through: now, run: run)
    }
    try note(profiles, histories)
  }

  /// Holds the truth about users against what was told, up to now.
  mutating func note(_ profiles: [Int64], _ histories: Histories) throws {
    guard !profiles.isEmpty, !continued.isEmpty else { return }
    let reader = try TransitionReader(
      connection, histories, needed.map { definitions[$0] }, through: now)
    let places = Dictionary(uniqueKeysWithValues: needed.enumerated().map { ($1, $0) })
    let groups = Dictionary(grouping: continued, by: \.place).sorted { $0.key < $1.key }
    let ledgers = try groups.map { _, targets in
      try TransitionLedger(connection, destination: targets[0].destination)
    }
    for profile in profiles where try reader.read(profile) {
      for (ledger, (number, targets)) in zip(ledgers, groups) {
        let account = try ledger.account(of: profile)
        for target in targets {
          let place = places[target.definitionPlace] ?? 0
          try note(
            reader.transitions(place), of: profile, target, ledger, account, &tallies[number])
        }
      }
    }
  }

  private func note(
    _ truth: [AudienceTransition], of profile: Int64, _ target: AudienceEventTarget,
    _ ledger: TransitionLedger, _ account: TransitionLedger.Account,
    _ tally: inout AudienceEventTally
  ) throws {
    let known = account.known[target.definition] ?? []
    let corrections = account.corrections[target.definition] ?? 0
    guard !truth.isEmpty || !known.isEmpty || corrections > 0 else { return }
    let told = target.told(profile)
    let revision = TransitionRevision(
      of: truth.filter { told.holds($0.instant) },
      against: known.filter { told.holds($0.transition.instant) })
    try ledger.apply(revision, target.definition, of: profile, account)
    tally.add(revision)
    guard revision.corrections != corrections else { return }
    tally.corrections += max(0, revision.corrections - corrections)
    try ledger.note(corrections: revision.corrections, target.definition, of: profile)
  }
}
