import Definitions
import Evaluation
import EventStore
import SQLite
import Values

/// Evaluates the profiles of a store, users and accounts, with one set of definitions.
struct ProfileEvaluator {
  let histories: Histories
  private let definitions: [Definition]
  private let connection: Connection
  private var evaluator: Evaluator

  /// Whether there is anything to evaluate accounts for.
  let asksAccounts: Bool
  let includesAnonymous: Bool
  /// Whether some definition about users refers to accounts.
  let refersToAccounts: Bool

  /// - Parameter definitions: in dependency order; values come in the same order.
  init(
    _ connection: Connection, _ definitions: [Definition], _ names: NameTable,
    upTo watermark: Int64
  ) throws {
    self.connection = connection
    self.definitions = definitions
    let enabled = definitions.filter(\.isEnabled)
    includesAnonymous = enabled.contains(where: \.includesAnonymous)
    histories = try Histories(
      connection, names, upTo: watermark, includesAnonymous: includesAnonymous)
    asksAccounts = enabled.contains { $0.subject == .accounts }
    refersToAccounts = enabled.contains { $0.stratum == .usersOfAccounts }
    evaluator = Evaluator(Program(definitions, names))
  }

  /// One account.
  mutating func account(_ account: Int64, at now: Instant) throws -> Evaluation {
    evaluator.evaluate(try histories.history(ofAccount: account), at: now)
  }

  /// One user, or anonymous profile. An id that became part of another profile has nothing of its
  /// own any more.
  ///
  /// - Parameter values: what an account of the user is at `now`, in the definitions' order.
  mutating func user(
    _ profile: Int64, at now: Instant, accountValues values: (Int64) throws -> [Value]
  ) throws -> Evaluation {
    let history = try history(ofUser: profile)
    var standing = AccountStanding()
    if refersToAccounts, !history.isEmpty {
      for tie in try histories.accounts(of: profile) {
        try standing.add(since: tie.since, at: now) { try values(tie.profile) }
      }
    }
    return evaluator.evaluate(history, at: now, standing: standing)
  }

  /// The history of a user, or anonymous profile; an empty one for an id that became part of another.
  func history(ofUser profile: Int64) throws -> History {
    try IdentityLinks.isRoot(profile, connection) ? histories.history(of: profile) : History()
  }
}

/// The values of accounts, each evaluated once.
struct AccountValues {
  private var known: [Int64: [Value]] = [:]

  mutating func values(
    of account: Int64, at now: Instant, _ evaluator: inout ProfileEvaluator
  ) throws -> [Value] {
    if let values = known[account] { return values }
    let values = try evaluator.account(account, at: now).values
    known[account] = values
    return values
  }
}
