/// All calls and all definitions: what a value follows from, together with an instant.
public struct OracleWorld: Sendable {
  /// A call with its profile, in the order (timestamp, arrival).
  struct Entry: Sendable {
    var call: OracleCall
    var profile: OracleSubject?
  }

  public let definitions: [OracleDefinition]
  let entries: [Entry]
  let identities: OracleIdentities

  /// A world of calls in their order of arrival.
  ///
  /// A message id counts once: the first to arrive. Definitions must not refer to each other in a
  /// cycle.
  public init(calls: [OracleCall], definitions: [OracleDefinition]) {
    self.definitions = definitions
    var seen: Set<ExactText> = []
    let stored = calls.filter { seen.insert(ExactText($0.messageId)).inserted }
    let order = stored.indices.sorted {
      (stored[$0].timestamp, $0) < (stored[$1].timestamp, $1)
    }
    let ordered = order.map { stored[$0] }
    let identities = OracleIdentities(of: ordered)
    self.identities = identities
    entries = ordered.map { Entry(call: $0, profile: identities.profile(of: $0)) }
  }

  /// The value of a definition for a user, whether or not the user has been seen by then.
  public func value(of key: String, user id: String, at now: Int64) -> OracleValue {
    value(of: key, for: .user(id), at: now)
  }

  /// The value of a definition for a user, an anonymous profile or an account.
  public func value(of key: String, for subject: OracleSubject, at now: Int64) -> OracleValue {
    var subject = subject
    if case .user(let id) = subject { subject = .user(identities.profile(ofUser: id)) }
    guard let definition = definition(key) else {
      preconditionFailure("no definition has the key \(key)")
    }
    return value(of: definition, for: subject, at: now)
  }

  /// The users at an instant: the profiles of which a call with a user id has been seen.
  public func users(at now: Int64) -> [String] {
    let ids = entries.filter { $0.call.timestamp <= now && $0.call.userId != nil }
      .compactMap { $0.profile?.id }
    return Set(ids.map { ExactText($0) }).sorted().map(\.text)
  }

  /// The profiles with only an anonymous id of which a call has been seen.
  public func anonymousProfiles(at now: Int64) -> [String] {
    let ids = entries.filter { $0.call.timestamp <= now }.compactMap { entry -> String? in
      if case .anonymous(let id) = entry.profile { id } else { nil }
    }
    return Set(ids.map { ExactText($0) }).sorted().map(\.text)
  }

  /// The accounts at an instant: those that a group call has named.
  public func accounts(at now: Int64) -> [String] {
    let ids = entries.filter { $0.call.kind == .group && $0.call.timestamp <= now }
      .compactMap(\.call.groupId)
    return Set(ids.map { ExactText($0) }).sorted().map(\.text)
  }

  /// Everyone that a definition has a value for at an instant.
  public func subjects(of key: String, at now: Int64) -> [OracleSubject] {
    guard let definition = definition(key) else { return [] }
    if definition.subjects == .accounts { return accounts(at: now).map { .account($0) } }
    let users = users(at: now).map { OracleSubject.user($0) }
    guard definition.includeAnonymous else { return users }
    return users + anonymousProfiles(at: now).map { .anonymous($0) }
  }

  /// The user id that stands for a user's profile after every merge.
  public func profile(ofUser id: String) -> String { identities.profile(ofUser: id) }

  func definition(_ key: String) -> OracleDefinition? {
    definitions.first { $0.key.isExactly(key) }
  }

  /// The users of an account, by id.
  func users(ofAccount id: String, at now: Int64) -> [OracleSubject] {
    let profiles = entries.filter {
      $0.isMembership(at: now) && ($0.call.groupId ?? "").isExactly(id)
    }
    .compactMap(\.profile)
    return Set(profiles).sorted()
  }

  /// The accounts of a user, by id.
  func accounts(ofUser profile: OracleSubject, at now: Int64) -> [OracleSubject] {
    let ids = entries.filter { $0.isMembership(at: now) && $0.profile == profile }
      .compactMap(\.call.groupId)
    return Set(ids.map { OracleSubject.account($0) }).sorted()
  }
}

extension OracleWorld.Entry {
  /// Whether this makes a user a member of an account: a group call with a user id.
  func isMembership(at now: Int64) -> Bool {
    call.kind == .group && call.timestamp <= now && call.userId != nil && call.groupId != nil
  }
}
