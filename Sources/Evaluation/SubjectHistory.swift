import Values

/// Everything that the value of a definition may depend on, for the one that it is about.
public enum SubjectHistory: Sendable {
  case user(UserHistory)
  case account(AccountHistory)
}

/// A user's calls, and the accounts that the user belongs to, now or later.
public struct UserHistory: Sendable {
  public struct Affiliation: Sendable {
    /// The account's number.
    public let account: Int64
    /// The first `group` call that names the account with a user id of this user.
    public let since: Instant
    public let history: AccountHistory

    public init(account: Int64, since: Instant, history: AccountHistory) {
      self.account = account
      self.since = since
      self.history = history
    }
  }

  public let calls: History
  /// By account id. Empty is enough for definitions that ask no accounts.
  public let affiliations: [Affiliation]

  public init(calls: History, affiliations: [Affiliation] = []) {
    self.calls = calls
    self.affiliations = affiliations
  }
}

extension SubjectHistory {
  /// How many bytes one evaluation reads. An account's users are read one by one, and pooled.
  var cost: Int {
    switch self {
    case .user(let user):
      user.affiliations.reduce(user.calls.bytes.count) { $0 + $1.history.cost }
    case .account(let account): account.cost
    }
  }
}

extension AccountHistory {
  fileprivate var cost: Int {
    members.reduce(calls.bytes.count) { $0 + 4 * $1.history.bytes.count }
  }
}

extension Evaluator {
  /// The values at `now`, and the next change of the whole: for a user also the accounts' own.
  public mutating func evaluate(_ subject: SubjectHistory, at now: Instant) -> Evaluation {
    switch subject {
    case .user(let user): evaluate(user, at: now) { _, _ in }
    case .account(let account): evaluate(account, at: now)
    }
  }

  /// - Parameter each: takes an account that the user belongs to at `now`, and the evaluator as it
  ///   stands behind its evaluation.
  mutating func evaluate(
    _ user: UserHistory, at now: Instant,
    each: (UserHistory.Affiliation, Evaluator) -> Void
  ) -> Evaluation {
    var standing = AccountStanding()
    var until = Instant.never
    for affiliation in user.affiliations {
      standing.add(since: affiliation.since, at: now) {
        let evaluation = evaluate(affiliation.history, at: now)
        until = min(until, evaluation.next)
        each(affiliation, self)
        return evaluation.values
      }
    }
    standing.until = min(standing.until, until)
    return evaluate(user.calls, at: now, standing: standing)
  }
}
