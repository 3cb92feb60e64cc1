import Values

/// What Heap holds for one app. Ids are compared as they are: case-sensitive, nothing trimmed.
struct AppState: Sendable {
  /// By identity.
  private(set) var users: [ExactString: PropertySet] = [:]
  /// By account id.
  private(set) var accounts: [ExactString: PropertySet] = [:]
  /// By event id.
  private(set) var events: [ExactString: StoredEvent] = [:]
  private var identities = IdentityBindings()
  /// The ids of the events of users who have no identity.
  private var anonymous: [ExactString: [ExactString]] = [:]
  /// How many events came without an idempotency key; the number makes their ids.
  private var keylessEvents = 0

  /// Where and when an item arrives.
  struct Arrival {
    let app: ExactString
    let at: Instant
    /// Whether the app says which property of its users is an account's id.
    let hasAccountSetting: Bool
  }

  /// Writes what an item asks for, and counts what came of it.
  mutating func apply(_ call: Call, _ arrival: Arrival, counting counts: inout Counts) {
    counts[.items] += 1
    switch call {
    case .event(let event): store(event, arrival, &counts)
    case .user(let identity, let properties):
      create(identity, &counts)
      users[identity, default: PropertySet()].write(properties, counting: &counts)
    case .account(let id, let properties):
      if accounts[id] == nil { counts[.createdAccounts] += 1 }
      if !arrival.hasAccountSetting { counts[.orphanAccounts] += 1 }
      accounts[id, default: PropertySet()].write(properties, counting: &counts)
    case .identify(let userID, let identity):
      guard identities.bind(userID, to: identity, at: arrival.at) else {
        counts[.ignoredIdentifies] += 1
        return
      }
      let moved = anonymous.removeValue(forKey: userID) ?? []
      for id in moved { events[id]?.owner = .identity(identity) }
      if !moved.isEmpty { create(identity, &counts) }
    }
  }

  private mutating func create(_ identity: ExactString, _ counts: inout Counts) {
    guard users[identity] == nil else { return }
    users[identity] = PropertySet()
    counts[.createdUsers] += 1
  }

  private mutating func store(
    _ event: TrackedEvent, _ arrival: Arrival, _ counts: inout Counts
  ) {
    let id: ExactString
    if let key = event.idempotencyKey {
      id = StoredEvent.id(app: arrival.app, key: key)
      if let stored = events[id] {
        counts[.duplicates] += 1
        if stored.event != event { counts[.conflictingDuplicates] += 1 }
        return
      }
    } else {
      keylessEvents += 1
      id = ExactString("keyless-\(keylessEvents)")
    }
    var owner = event.subject
    if case .userID(let userID) = owner {
      if let identity = identities[userID] {
        owner = .identity(identity)
      } else {
        anonymous[userID, default: []].append(id)
      }
    }
    if case .identity(let identity) = owner { create(identity, &counts) }
    if event.timestamp == nil { counts[.defaultedTimestamps] += 1 }
    counts[.createdEvents] += 1
    events[id] = StoredEvent(event: event, at: event.timestamp ?? arrival.at, owner: owner)
  }

  /// For the value of that property in each user: the identities of those who have it, sorted.
  ///
  /// A number is no account id, though it reads the same: Heap tells the two apart.
  func identities(by property: ExactString) -> [ExactString: [ExactString]] {
    var found: [ExactString: [ExactString]] = [:]
    for (identity, properties) in users {
      guard case .string(let id) = properties[property] else { continue }
      found[ExactString(id), default: []].append(identity)
    }
    return found.mapValues { $0.sorted() }
  }

  /// Everything, sorted; of the accounts, events and identified users only if there are any.
  var value: Value {
    var members: [Value.Member] = []
    if !accounts.isEmpty {
      members.append(Value.Member("accounts", .sortedObject(accounts, \.account)))
    }
    if !events.isEmpty { members.append(Value.Member("events", .sortedObject(events, \.value))) }
    if let identified = identities.value {
      members.append(Value.Member("identified", identified))
    }
    members.append(Value.Member("users", .sortedObject(users, \.user)))
    return .object(members)
  }
}

/// Which identity each of Heap's own user numbers was given.
///
/// A number has one identity for good. An identity gets at most ten numbers in thirty days; what is
/// more is dropped in silence, as Heap documents it.
private struct IdentityBindings: Sendable {
  private var identities: [ExactString: ExactString] = [:]
  private var times: [ExactString: [Instant]] = [:]

  subscript(userID: ExactString) -> ExactString? { identities[userID] }

  /// False when a limit stands against it. To say the same once more is no excess.
  mutating func bind(_ userID: ExactString, to identity: ExactString, at now: Instant) -> Bool {
    if let bound = identities[userID] { return bound == identity }
    let recent = (times[identity] ?? []).filter { now < $0 + Limits.userIDWindow }
    guard recent.count < Limits.userIDsPerIdentity else { return false }
    times[identity] = recent + [now]
    identities[userID] = identity
    return true
  }

  /// The identity of each number; nil when there are none.
  var value: Value? {
    identities.isEmpty ? nil : .sortedObject(identities) { .string($0.text) }
  }
}
