import Definitions
import Evaluation
import EventStore
import Membership
import SQLite
import Values

/// Finds the entries and exits of users over their whole histories, one user after another.
final class TransitionReader {
  /// Before every instant that a date can name.
  static let beginning = Instant(milliseconds: -62_200_000_000_000)

  private let connection: Connection
  private let histories: Histories
  private var evaluator: SpellEvaluator
  private let end: Int64
  private let kind: Statement

  /// - Parameters:
  ///   - definitions: in dependency order, with all that they refer to.
  ///   - through: the last instant that is looked at.
  init(
    _ connection: Connection, _ histories: Histories, _ definitions: [Definition],
    through now: Instant
  ) throws {
    self.connection = connection
    self.histories = histories
    end = now.next.milliseconds
    evaluator = SpellEvaluator(
      definitions, histories.names, from: Self.beginning, to: now.next)
    kind = try connection.prepareFresh("SELECT kind FROM identities WHERE id = ?")
  }

  /// Looks at a profile. False when it is no user: nobody is told of others.
  func read(_ profile: Int64) throws -> Bool {
    let isUser = try kind.first(.init(profile)) { $0.int(0) } == IdentityKind.user.rawValue
    guard isUser else { return false }
    let isRoot = try IdentityLinks.isRoot(profile, connection)
    let bytes = isRoot ? try histories.history(of: profile).bytes : []
    evaluator.evaluate(user: bytes.span)
    if evaluator.refersToAccounts, isRoot {
      evaluator.addOfAccounts(try histories.historyWithAccounts(of: profile))
    }
    return true
  }

  /// The entries and exits of the profile that was read, in the order of time.
  ///
  /// - Parameter place: that of an audience among the definitions.
  func transitions(_ place: Int) -> [AudienceTransition] {
    AudienceTransition.all(
      evaluator.spells[place].lazy.map { (since: $0.since, until: $0.until) }, before: end)
  }
}
