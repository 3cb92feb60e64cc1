import Definitions
import Evaluation
import EventStore
import Membership
import SQLite
import Values

/// A definition as it stands in its file, over the events as they are.
public struct PreviewReport: Sendable {
  public let definition: Definition
  public let at: Instant
  /// Members, or present values.
  public let size: Int
  /// Users that there are at the instant.
  public let users: Int
  /// The first members: id, and JSON of the value.
  public let sample: [(userID: String, value: String)]
  /// What `check` warns of in the definition and in those that it refers to.
  public let warnings: [Diagnostic]
}

extension Session {
  /// Evaluates one definition, and those that it refers to, for every user. Nothing is written.
  public func preview(_ key: String, sampleSize: Int = 10) throws -> PreviewReport {
    let project = try project()
    let definition = try project.definition(key)
    let now = now
    guard definition.isEnabled else {
      throw OperationError(
        .usage, "'\(key)' is not enabled", help: "write 'enabled: true' in its file")
    }
    return try onStore {
      let store = try open()
      let identity = try store.connection.prepare(
        "SELECT external_id FROM identities WHERE id = ?")
      let since = try RunLog(store.connection).last()?.watermark ?? 0
      return try Histories.looking(store.connection, since: since) { watermark, names in
        var evaluator = try ProfileEvaluator(
          store.connection, project.needed(for: definition), names, upTo: watermark)
        var accounts = evaluator
        var accountValues = AccountValues()
        var size = 0
        var users = 0
        var sample: [(userID: String, value: String)] = []
        let profiles =
          definition.subject == .accounts
          ? try evaluator.histories.accounts() : try evaluator.histories.profiles()
        for (done, profile) in profiles.enumerated() {
          let evaluation =
            definition.subject == .accounts
            ? try evaluator.account(profile, at: now)
            : try evaluator.user(profile, at: now) { account in
              try accountValues.values(of: account, at: now, &accounts)
            }
          progress("evaluating", done + 1, profiles.count)
          guard evaluation.exists else { continue }
          users += 1
          guard let value = evaluation.values.last.flatMap(MembershipSnapshot.stored) else {
            continue
          }
          size += 1
          guard sample.count < sampleSize else { continue }
          sample.append((try identity.first(.init(profile)) { $0.text(0) } ?? "", value))
        }
        return PreviewReport(
          definition: definition, at: now, size: size, users: users, sample: sample,
          warnings: try project.warnings(on: definition, store.connection, at: now))
      }
    }
  }
}

extension Project {
  /// The warnings on a definition and on those that it refers to, by file and place.
  fileprivate func warnings(
    on definition: Definition, _ connection: Connection, at now: Instant
  ) throws -> [Diagnostic] {
    let needed = needed(for: definition)
    let paths = Set(needed.map(\.source.path))
    let own = diagnostics.filter { paths.contains($0.path) }
    return (own + (try traps(of: needed, in: connection, at: now))).inOrder
  }

  /// A definition behind all those that it refers to, directly or not, in dependency order.
  func needed(for definition: Definition) -> [Definition] {
    let needed = definitions.places(neededFor: [definition.key]).map { definitions[$0] }
    return needed.filter { $0.key != definition.key } + [definition]
  }
}
