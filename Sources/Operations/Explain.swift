import Definitions
import Evaluation
import EventStore
import Membership
import SQLite
import Values

extension Session {
  /// Why a definition has its value for a user, for an anonymous profile where it includes them, or
  /// for an account where it is about accounts. Nothing is written.
  ///
  /// - Parameter id: an id as in the events. One that became part of another profile is answered
  ///   for that profile.
  public func explain(_ key: String, _ id: String) throws -> ExplainReport {
    var reports: [ExplainReport] = []
    try explain(key, [id]) { reports.append($0) }
    return reports[0]
  }

  /// The same for several ids, over one view of the store.
  public func explain(
    _ key: String, _ ids: [String], each: (ExplainReport) throws -> Void
  ) throws {
    let project = try project()
    let definition = try project.enabledDefinition(key)
    let now = now
    try onStore {
      let store = try open()
      let lastRun = try RunLog(store.connection).last()
      let since = lastRun?.watermark ?? 0
      // The look ahead may take seconds, and does not need the store any more.
      var (inquiry, findings) = try Histories.looking(store.connection, since: since) {
        watermark, names in
        var inquiry = try Inquiry(
          store.connection, project.needed(for: definition), lastRun, names, upTo: watermark,
          at: now)
        return (inquiry, try ids.map { try inquiry.find($0) })
      }
      for finding in findings { try each(inquiry.report(finding)) }
    }
  }
}

/// What the store knows of one profile or account.
private struct Finding {
  let askedID: String
  let identity: KnownIdentity
  let subject: SubjectHistory
  let tree: ExplainedPart?
  /// What the snapshot holds: JSON, nil for nothing, and since when.
  let held: (value: String?, since: Int64?)
}

/// One definition, explained for one id after another, over one view of the store.
private struct Inquiry {
  private let connection: Connection
  private let definition: Definition
  private let now: Instant
  private let place: Int
  private let histories: Histories
  private let reader: ExplanationReader
  private var explainer: Explainer
  private var evaluator: Evaluator
  private let lastRun: RunLog.Run?
  /// The definition's number in the store, and whether it was another query then.
  private let stored: (id: Int64, isEdited: Bool)?

  /// - Parameter definitions: the definition behind all that it needs.
  init(
    _ connection: Connection, _ definitions: [Definition], _ lastRun: RunLog.Run?,
    _ names: NameTable, upTo watermark: Int64, at now: Instant
  ) throws {
    self.connection = connection
    self.lastRun = lastRun
    self.now = now
    place = definitions.count - 1
    let definition = definitions[place]
    self.definition = definition
    histories = try Histories(
      connection, names, upTo: watermark, includesAnonymous: definition.includesAnonymous)
    reader = try ExplanationReader(connection, definitions, at: now)
    explainer = Explainer(definitions, names)
    evaluator = Evaluator(Program(definitions, names))
    stored = try connection.prepare(
      "SELECT id, query FROM definitions WHERE key = ? AND is_removed = 0"
    ).first(.init(definition.key)) { ($0.int(0), $0.text(1) != definition.canonicalText) }
  }

  /// Reads what the store knows. Only while the store is looked at.
  mutating func find(_ id: String) throws -> Finding {
    let identity = try identity(id)
    let subject = try subject(identity.profile)
    return Finding(
      askedID: id, identity: identity, subject: subject,
      tree: try explainer.explain(subject, at: now).map(reader.part),
      held: try held(identity.profile))
  }

  private func subject(_ profile: Int64) throws -> SubjectHistory {
    switch definition.stratum {
    case .users: .user(UserHistory(calls: try histories.history(of: profile)))
    case .accounts: .account(try histories.history(ofAccount: profile))
    case .usersOfAccounts: .user(try histories.historyWithAccounts(of: profile))
    }
  }

  private func identity(_ id: String) throws -> KnownIdentity {
    let users: [IdentityKind] = [.user, .anonymous]
    let asked = definition.subject == .accounts ? [.account] : users
    guard let identity = try KnownIdentity.find(id, among: asked, connection) else {
      let others = definition.subject == .accounts ? users : [.account]
      throw Self.unknown(id, definition, try KnownIdentity.find(id, among: others, connection))
    }
    guard identity.kind != .anonymous || definition.includesAnonymous else {
      throw OperationError(
        .usage, "'\(id)' is an anonymous id, and '\(definition.key)' is about users only",
        help: "write 'include_anonymous: true' in its file to take such profiles in")
    }
    return identity
  }

  /// - Parameter other: whom the id names instead of whom the definition asks.
  private static func unknown(
    _ id: String, _ definition: Definition, _ other: KnownIdentity?
  ) -> OperationError {
    let help = "'rollcall preview \(definition.key)' shows some"
    switch (definition.subject, other?.kind) {
    case (.users, nil):
      return OperationError(
        .usage, "no event has the id '\(id)'",
        help: "an id is written as in the events; 'rollcall preview KEY' shows some")
    case (.users, _):
      return OperationError(
        .usage, "'\(id)' is an account, and '\(definition.key)' is about users",
        help: "give the id of a user; \(help)")
    case (.accounts, nil):
      return OperationError(
        .usage, "no group call has the account '\(id)'",
        help: "an id is written as in the events; \(help)")
    case (.accounts, _):
      return OperationError(
        .usage, "'\(id)' is no account, and '\(definition.key)' is about accounts",
        help: "give the id of an account; \(help)")
    }
  }

  private func held(_ profile: Int64) throws -> (value: String?, since: Int64?) {
    guard let stored else { return (nil, nil) }
    let member = try connection.prepare(
      "SELECT value, since FROM members WHERE profile = ? AND definition = ?"
    ).first(.init(profile), .init(stored.id)) { (value: $0.text(0), since: $0.int(1)) }
    if let member { return (member.value, member.since) }
    // Without a row, the log may still know when the last value went away.
    let since = try connection.prepare(
      """
      SELECT max(r.at) FROM changes AS c JOIN runs AS r ON r.id = c.run
      WHERE c.profile = ? AND c.definition = ?
      """
    ).first(.init(profile), .init(stored.id)) { $0.optionalInt(0) }
    return (nil, since.flatMap { $0 })
  }

  /// Looks ahead, without the store.
  mutating func report(_ finding: Finding) -> ExplainReport {
    let (value, change) = evaluator.nextChange(of: place, finding.subject, after: now)
    return ExplainReport(
      definition: definition, askedID: finding.askedID, identity: finding.identity, at: now,
      value: value, nextChange: change, snapshot: snapshot(finding, value), tree: finding.tree)
  }

  private func snapshot(_ finding: Finding, _ value: Value) -> ExplainReport.Snapshot? {
    guard let lastRun, let stored else { return nil }
    let (held, since) = finding.held
    let nothing: Value = definition.kind == .audience ? .boolean(false) : .absent
    return ExplainReport.Snapshot(
      at: lastRun.at, value: held.flatMap { try? Value(json: $0) } ?? nothing,
      since: since.map { Instant(milliseconds: $0) },
      agrees: held == MembershipSnapshot.stored(value), isEdited: stored.isEdited)
  }
}
