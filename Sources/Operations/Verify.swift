import Definitions
import Evaluation
import EventStore
import Membership
import SQLite
import Values

/// What `verify` found.
public struct VerifyReport: Sendable {
  public let at: Instant
  public let profiles: Int
  public let values: Int
  /// The first difference; nil when there is none.
  public let difference: String?
  /// Whose the difference is, when it is one profile's.
  public let differentID: String?
}

extension Session {
  /// Recomputes everything at the last run's instant, with the events that it saw, and compares.
  ///
  /// Checks the snapshot, the sizes, the stored next changes and that they are looked at in time, the law of
  /// the next change (just before the next change, the values are those of now), the packed histories
  /// against the events, and the digests against these.
  public func verify() throws -> VerifyReport {
    let project = try projectWithIdentities()
    return try onStore {
      let store = try open()
      return try store.connection.snapshot {
        guard let last = try RunLog(store.connection).last() else {
          throw OperationError(.usage, "there was no run yet", help: "run 'rollcall run' first")
        }
        var verification = try Verification(store.connection, project, last)
        try verification.checkAll { progress("verifying", $0, $1) }
        try verification.checkSizes()
        try verification.checkWakes()
        try verification.checkHistories()
        try verification.checkDigests(project.definitions)
        try verification.checkGuards()
        return VerifyReport(
          at: last.at, profiles: verification.profiles, values: verification.values,
          difference: verification.difference, differentID: verification.differentID)
      }
    }
  }
}

/// Holds a store against a fresh evaluation of everything.
private struct Verification {
  private(set) var profiles = 0
  private(set) var values = 0
  private(set) var difference: String?
  private(set) var differentID: String?

  private let connection: Connection
  private let at: Instant
  private let entries: [(id: Int64, key: String, isEnabled: Bool, members: Int, epoch: Int64)]
  private let coder: OutcomeCoder
  private var sizes: [Int]
  private var evaluator: ProfileEvaluator
  private var accountValues = AccountValues()
  private let stored: SnapshotRows
  private var standings: Standings

  init(_ connection: Connection, _ project: Project, _ last: RunLog.Run) throws {
    self.connection = connection
    at = last.at
    let known = try connection.prepare(
      "SELECT id, key, query, is_enabled, members, epoch FROM definitions WHERE is_removed = 0"
    ).all { row in
      (
        id: row.int(0), key: row.text(1), query: row.text(2), isEnabled: row.int(3) != 0,
        members: Int(row.int(4)), epoch: row.int(5)
      )
    }
    entries = try project.definitions.map { definition in
      guard let row = known.first(where: { $0.key == definition.key }),
        row.query == definition.canonicalText, row.isEnabled == definition.isEnabled
      else { throw Self.changed }
      return (row.id, row.key, row.isEnabled, row.members, row.epoch)
    }
    guard known.count == entries.count else { throw Self.changed }
    coder = OutcomeCoder(epochs: entries.map { $0.isEnabled ? $0.epoch : nil })
    sizes = [Int](repeating: 0, count: entries.count)
    evaluator = try ProfileEvaluator(
      connection, project.definitions, HistoryNames.load(connection), upTo: last.watermark)
    standings = try Standings(connection)
    stored = try SnapshotRows(connection)
  }

  private static let changed = OperationError(
    .wrong, "the definitions have changed since the last run",
    help: "run 'rollcall run' first, then verify")

  /// Accounts first, for users may refer to them; it ends at the first difference.
  mutating func checkAll(progress: (Int, Int) -> Void) throws {
    let accounts = evaluator.asksAccounts ? try evaluator.histories.accounts() : []
    let users = try evaluator.histories.profiles()
    for account in accounts where difference == nil {
      try check(account) { this, instant in
        try this.evaluator.account(account, at: instant)
      }
    }
    for user in users where difference == nil {
      try check(user) { this, instant in try this.evaluateUser(user, instant) }
      progress(profiles, accounts.count + users.count)
    }
  }

  /// A user at an instant, with the accounts as they are at the last run.
  private mutating func evaluateUser(_ user: Int64, _ instant: Instant) throws -> Evaluation {
    var evaluator = evaluator
    var values = accountValues
    defer { accountValues = values }
    return try self.evaluator.user(user, at: instant) { account in
      try values.values(of: account, at: at, &evaluator)
    }
  }

  private mutating func check(
    _ profile: Int64, _ evaluate: (inout Verification, Instant) throws -> Evaluation
  ) throws {
    profiles += 1
    var snapshot: [Int64: String] = [:]
    try stored.forEach(of: profile) { snapshot[$0] = $1 }
    let evaluation = try evaluate(&self, at)
    for (place, entry) in entries.enumerated() {
      let held = snapshot[entry.id]
      if held != nil { sizes[place] += 1 }
      guard entry.isEnabled else { continue }
      values += 1
      if !MembershipSnapshot.isSame(held, MembershipSnapshot.stored(evaluation.values[place])) {
        try note("the snapshot and a fresh evaluation differ in '\(entry.key)'", profile)
        return
      }
    }
    let standing = try standings.standing(of: profile)
    let next = standing.next
    if standing.outcome != coder.encode(evaluation.values), standing.outcome != Standing.unknown {
      try note("where the profile stands is not what the snapshot holds", profile)
    } else if next <= at {
      try note("the stored next change lies before the last run", profile)
    } else if evaluation.next < next {
      try note("the stored next change is later than the evaluated one", profile)
    }
    for instant in [evaluation.next, next] where instant != .never {
      let before = Instant(milliseconds: instant.milliseconds - 1)
      if before > at, try evaluate(&self, before).values != evaluation.values {
        try note("a value changes before the next change", profile)
      }
    }
  }

  /// The index of the next changes against them.
  mutating func checkWakes() throws {
    guard difference == nil, let profile = try Standings.sleeper(connection) else { return }
    try note("a profile is not looked at when its next change comes; 'rollcall rebuild'", profile)
  }

  /// The packed histories against the events that they are made of.
  mutating func checkHistories() throws {
    guard difference == nil, let profile = try HistoryPacking.difference(connection) else { return }
    try note("a packed history is not what its events come to; 'rollcall rebuild'", profile)
  }

  /// What full runs read in place of the histories against these.
  mutating func checkDigests(_ definitions: [Definition]) throws {
    guard difference == nil,
      let profile = try DigestCheck.difference(
        evaluator.histories, definitions, coder, at: at, connection)
    else { return }
    try note("a digest is not what its history comes to; 'rollcall rebuild'", profile)
  }

  /// The guard's counts against what destinations acknowledged.
  mutating func checkGuards() throws {
    if difference == nil { difference = try GuardLedger.difference(connection) }
  }

  mutating func checkSizes() throws {
    guard difference == nil else { return }
    for (place, entry) in entries.enumerated() where sizes[place] != entry.members {
      difference =
        "the size of '\(entry.key)' is stored as \(entry.members), and \(sizes[place]) have it"
      return
    }
  }

  private mutating func note(_ text: String, _ profile: Int64) throws {
    difference = text
    differentID = try connection.prepare("SELECT external_id FROM identities WHERE id = ?")
      .first(.init(profile)) { $0.text(0) }
  }
}
