import Definitions
import Evaluation
import SQLite
import Values

/// The members and values as the last run left them, and the writing of the next ones.
///
/// All of it happens in the run's transaction.
public struct MembershipSnapshot {
  /// What a run did to one definition.
  public struct Tally: Sendable, Equatable {
    /// Audiences: who became a member, and who no longer is one.
    public var entered = 0
    public var left = 0
    /// Traits: whose value came, changed or went.
    public var changed = 0
    /// Members, or present values, after the run.
    public var members = 0

    public init() {}
  }

  /// One difference between the snapshot and what is true now.
  public struct Change: Sendable {
    public let profile: Int64
    /// The place of the definition in the entries.
    public let entry: Int
    /// JSON; nil for no member, or no value.
    public let previous: String?
    public let value: String?
  }

  public private(set) var tallies: [Tally]

  private let entries: [DefinitionRegistry.Entry]
  private let run: Int64
  private var members: MemberRows
  private let log: Statement
  private let queue: PendingQueue
  private let userIdentities: UserIdentities
  private var standings: Standings
  /// For looking at others than those who are evaluated.
  private var otherStandings: Standings
  /// Whether some definition was off, so that its values may be others than the standings say.
  private let unsure: Bool
  /// The places of definitions with values of which the standings say nothing: those that were off or asked
  /// for something else at the last run, and those that are off.
  private let unspoken: [Int]
  private let off: [Int]
  /// How the standings keep what the snapshot holds.
  public let coder: OutcomeCoder

  public init(
    _ connection: Connection, _ entries: [DefinitionRegistry.Entry], run: Int64, at: Instant,
    recent: RecentLimit = RecentLimit()
  ) throws {
    self.entries = entries
    self.run = run
    tallies = entries.map { entry in
      var tally = Tally()
      tally.members = entry.members
      return tally
    }
    members = try MemberRows(
      connection, entries.map(\.id), at: at.milliseconds, recent: recent,
      rows: Int64(entries.reduce(0) { $0 + $1.members }))
    log = try connection.prepare(
      "INSERT INTO changes(run, profile, definition, previous, value) VALUES (?, ?, ?, ?, ?)")
    try log.bind(run, at: 1)
    queue = try PendingQueue(connection)
    userIdentities = try UserIdentities(connection)
    standings = try Standings(connection, recent: recent)
    otherStandings = try Standings(connection, recent: recent)
    coder = OutcomeCoder(entries)
    unsure = entries.contains { $0.change == .enabled }
    let any = try connection.prepare("SELECT 1 FROM members WHERE definition = ? LIMIT 1")
    let unsaid = try entries.indices.filter { place in
      let entry = entries[place]
      guard entry.change != .removed, !entry.isEnabled || entry.change != .unchanged else {
        return false
      }
      return try any.first(.init(entry.id)) { _ in true } ?? false
    }
    unspoken = unsaid.filter { entries[$0].isEnabled }
    off = unsaid.filter { !entries[$0].isEnabled }
  }

  /// Holds an evaluation against the snapshot and writes what differs: snapshot, change log,
  /// pending rows and next change.
  ///
  /// - Parameter evaluation: one value for each of the first entries, in their order. Definitions
  ///   that are off stay as they are.
  public mutating func apply(
    _ evaluation: Evaluation, profile: Int64, each: (Change) -> Void
  ) throws {
    let standing = Standing(next: evaluation.next, outcome: coder.encode(evaluation.values))
    guard try unsure || standings.standing(of: profile) != standing else { return }
    try apply(
      Finding(
        profile: profile, values: evaluation.values, places: Array(evaluation.values.indices),
        standing: standing),
      each)
  }

  /// The same for an evaluation of all definitions by a scan with the coder's ranks.
  public mutating func apply(
    _ evaluation: inout ScanEvaluator, profile: Int64, each: (Change) -> Void
  ) throws {
    var outcome = OutcomeBuffer()
    coder.encode(&evaluation, into: &outcome)
    let next = evaluation.next
    let comparison =
      try unsure
      ? .differs : outcome.withSpan { try standings.compare(profile, next, $0) }
    if let finding = Finding(
      profile, &evaluation, Array(entries.indices), comparison,
      Standing(next: next, outcome: outcome.bytes))
    {
      try apply(finding, each)
    }
  }

  /// What an evaluation found out about one profile that stands elsewhere than before.
  public struct Finding: Sendable {
    public let profile: Int64
    /// The values of some definitions, and their places among the entries.
    public let values: [Value]
    public let places: [Int]
    /// Where the profile stands now.
    public let standing: Standing

    public init(profile: Int64, values: [Value], places: [Int], standing: Standing) {
      self.profile = profile
      self.values = values
      self.places = places
      self.standing = standing
    }

    /// What a scan found out; nil where it is nothing new. Who only waits for another instant has the
    /// values that the snapshot holds.
    ///
    /// - Parameter places: those of the scan's definitions among the entries.
    public init?(
      _ profile: Int64, _ evaluation: inout ScanEvaluator, _ places: [Int],
      _ comparison: Standings.Comparison, _ standing: Standing
    ) {
      switch comparison {
      case .same: return nil
      case .waits: self.init(profile: profile, values: [], places: [], standing: standing)
      case .differs:
        self.init(
          profile: profile, values: evaluation.values, places: places, standing: standing)
      }
    }
  }

  /// The same for some of the definitions, where it is known where the profile stands.
  public mutating func apply(_ finding: Finding, _ each: (Change) -> Void) throws {
    if !finding.places.isEmpty { try record(finding, each) }
    try standings.store(finding.standing, of: finding.profile)
  }

  /// The same where a thread has found out what changes, and put where the profiles stand into their
  /// blocks. Only in a tick, in which no definition is new, edited or on again.
  public mutating func apply(
    _ changes: [Change], _ revisions: [StandingRevision], _ each: (Change) -> Void
  ) throws {
    assert(unspoken.isEmpty && !unsure, "standings that do not say what the snapshot holds")
    for change in changes { try record(change, each) }
    for revision in revisions { try standings.store(revision) }
  }

  private mutating func record(_ finding: Finding, _ each: (Change) -> Void) throws {
    let profile = finding.profile
    let previous = try held(of: profile, standings.standing(of: profile).outcome, unspoken)
    for (place, value) in zip(finding.places, finding.values) where entries[place].isEnabled {
      let value = Self.stored(value)
      if Self.isSame(value, previous[place]) { continue }
      try record(
        Change(profile: profile, entry: place, previous: previous[place], value: value), each)
    }
  }

  /// JSON of what the snapshot holds of a profile with an outcome, in the entries' order. What waits to be
  /// written for definitions that the outcome does not speak of is not seen.
  private func held(
    of profile: Int64, _ outcome: [UInt8], _ unspoken: [Int]
  ) throws -> [String?] {
    var held = [String?](repeating: nil, count: entries.count)
    guard outcome != Standing.unknown else {
      for place in entries.indices { held[place] = try members.value(place, profile) }
      return held
    }
    try coder.decode(outcome) { held[$0] = Self.stored($1) }
    for place in unspoken { held[place] = try members.value(place, profile) }
    return held
  }

  /// Says how many profiles may stand elsewhere behind this.
  public mutating func expect(_ profiles: Int) { standings.expect(profiles) }

  /// Writes what is not written yet: the rows, and where profiles stand.
  public mutating func flush() throws {
    try members.flush()
    try standings.flush()
  }

  /// Takes the values of removed definitions away from everyone who has them.
  public mutating func takeAwayRemoved(
    _ connection: Connection, each: (Change) -> Void
  ) throws {
    for (place, entry) in entries.enumerated() where entry.change == .removed {
      let rows = try connection.prepare(
        "SELECT profile, value FROM members WHERE definition = ? ORDER BY profile"
      ).all(.init(entry.id)) { ($0.int(0), $0.text(1)) }
      for (profile, value) in rows {
        try record(Change(profile: profile, entry: place, previous: value, value: nil), each)
      }
    }
  }

  /// Draws the consequences of the identities that changed. At the end of the run.
  ///
  /// - Parameter definitions: the definition that a destination knows users by, for those that have one.
  public func settleIdentities(
    _ definitions: [(destination: Int64, definition: Int64)]
  ) throws {
    try userIdentities.settle(entries, definitions: definitions)
  }

  private mutating func record(_ change: Change, _ each: (Change) -> Void) throws {
    let entry = entries[change.entry]
    try members.set(change.value, change.entry, change.profile)
    try log.bind(change.profile, at: 2)
    try log.bind(entry.id, at: 3)
    try log.bind(.init(change.previous), at: 4)
    try log.bind(.init(change.value), at: 5)
    try log.runAsBound()
    if entry.isIdentity {
      try userIdentities.record(change, entry)
    } else {
      try queue.add(change.profile, entry)
    }
    tallies[change.entry].count(change, entry.kind)
    each(change)
  }

  /// A value as the snapshot stores it: JSON, or nil for no member and no value.
  public static func stored(_ value: Value) -> String? {
    switch value {
    case .absent, .boolean(false): nil
    default: value.json
    }
  }

  /// Whether two values as the snapshot stores them are the same to the byte.
  public static func isSame(_ a: String?, _ b: String?) -> Bool {
    switch (a, b) {
    case (let a?, let b?): a.isExactly(b)
    default: a == nil && b == nil
    }
  }

  /// The value of what the snapshot stores.
  public static func value(_ stored: String) throws(SQLiteError) -> Value {
    guard let value = try? Value(json: stored) else { throw SQLiteError.damaged("members") }
    return value
  }

  /// What the snapshot holds of one profile, in the entries' order. Only behind `flush`, where it may have
  /// changed.
  public mutating func values(of profile: Int64) throws -> [Value] {
    let outcome = try otherStandings.standing(of: profile).outcome
    return try held(of: profile, outcome, unspoken + off).map { try $0.map(Self.value) ?? .absent }
  }

  /// The accounts that the snapshot holds something of for one definition.
  public static func accounts(
    of entry: DefinitionRegistry.Entry, _ connection: Connection
  ) throws -> [Int64] {
    try connection.prepare(
      """
      SELECT i.id FROM identities AS i JOIN members AS m ON m.profile = i.id AND m.definition = ?
      WHERE i.kind = \(accountKind)
      """
    ).all(.init(entry.id)) { $0.int(0) }
  }

  /// Those whom the snapshot holds something of for one definition, whatever their standing says.
  public static func profiles(
    of entry: DefinitionRegistry.Entry, _ connection: Connection
  ) throws -> [Int64] {
    try connection.prepare("SELECT profile FROM members WHERE definition = ?")
      .all(.init(entry.id)) { $0.int(0) }
  }
}

private let accountKind = ObjectKind.account.rawValue

extension MembershipSnapshot.Tally {
  mutating func count(_ change: MembershipSnapshot.Change, _ kind: Definition.Kind) {
    if change.previous == nil { members += 1 }
    if change.value == nil { members -= 1 }
    switch (kind, change.previous, change.value) {
    case (.trait, _, _): changed += 1
    case (.audience, nil, _): entered += 1
    case (.audience, _, nil): left += 1
    // An audience that was a trait before: the value is another one, the key the same.
    case (.audience, _, _): changed += 1
    }
  }
}
