/// Whose call is whose: the links between ids, which hold at every instant once stored.
struct OracleIdentities {
  /// The user of an anonymous id.
  private var owners: [ExactText: String] = [:]
  /// The user id that a user id was merged into.
  private var merged: [ExactText: String] = [:]

  /// The links of calls in the order (timestamp, arrival), duplicates left out.
  ///
  /// The first claim on an id holds: later ones are ignored, as is an alias that closes a cycle.
  init(of calls: [OracleCall]) {
    for call in calls {
      switch call.kind {
      case .identify:
        guard let user = call.userId, let anonymous = call.anonymousId else { continue }
        if owners[ExactText(anonymous)] == nil { owners[ExactText(anonymous)] = user }
      case .alias:
        guard let user = call.userId, let previous = call.previousId else { continue }
        guard merged[ExactText(previous)] == nil else { continue }
        guard !profile(ofUser: user).isExactly(previous) else { continue }
        merged[ExactText(previous)] = user
      default: continue
      }
    }
  }

  /// The user id that stands for a user's profile after every merge.
  func profile(ofUser id: String) -> String {
    var id = id
    while let next = merged[ExactText(id)] { id = next }
    return id
  }

  /// The profile that a call belongs to.
  func profile(of call: OracleCall) -> OracleSubject? {
    if let user = call.userId { return .user(profile(ofUser: user)) }
    guard let anonymous = call.anonymousId else { return nil }
    if let owner = owners[ExactText(anonymous)] { return .user(profile(ofUser: owner)) }
    return .anonymous(anonymous)
  }
}

/// What a definition is evaluated for.
public enum OracleSubject: Hashable, Comparable, Sendable {
  case user(String)
  /// A profile that has only an anonymous id.
  case anonymous(String)
  case account(String)

  /// Equal when the kind and every Unicode scalar of the id are.
  public static func == (left: Self, right: Self) -> Bool {
    left.rank == right.rank && left.id.isExactly(right.id)
  }

  /// Users, then anonymous profiles, then accounts; each by id in Unicode scalar order.
  public static func < (left: Self, right: Self) -> Bool {
    left.rank == right.rank ? left.id.comesBefore(right.id) : left.rank < right.rank
  }

  /// By the kind and every Unicode scalar of the id.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(rank)
    hasher.combine(ExactText(id))
  }

  /// The id in the calls.
  public var id: String {
    switch self {
    case .user(let id), .anonymous(let id), .account(let id): id
    }
  }

  private var rank: Int {
    switch self {
    case .user: 0
    case .anonymous: 1
    case .account: 2
    }
  }
}
