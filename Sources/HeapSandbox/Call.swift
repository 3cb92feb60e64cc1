import Values

/// Whom or what an item is about.
enum Subject: Sendable, Hashable {
  case identity(ExactString)
  /// Heap's own number of a user.
  case userID(ExactString)
  case account(ExactString)

  var text: ExactString {
    switch self {
    case .identity(let text), .userID(let text), .account(let text): text
    }
  }
}

/// What one item of a request asks for.
enum Call: Sendable {
  case event(TrackedEvent)
  case user(identity: ExactString, properties: [Value.Member])
  case account(id: ExactString, properties: [Value.Member])
  case identify(userID: ExactString, identity: ExactString)

  var subject: Subject {
    switch self {
    case .event(let event): event.subject
    case .user(let identity, _), .identify(_, let identity): .identity(identity)
    case .account(let id, _): .account(id)
    }
  }
}

/// An event as it was sent. Two with one idempotency key are the same, or in conflict.
struct TrackedEvent: Sendable, Equatable {
  let name: ExactString
  let subject: Subject
  /// Nil when Heap takes the time of arrival.
  let timestamp: Instant?
  /// Sorted by key.
  let properties: [Value.Member]
  let idempotencyKey: ExactString?
  let sessionID: ExactString?
}

/// What an accepted request asks for, in its order.
struct Update: Sendable {
  let isBulk: Bool
  var calls: [Call] = []
  /// The items that were passed over, where a request may be applied in part.
  var rejections: [Rejection] = []
  /// What was changed on the way in.
  var counts = Counts()

  init(isBulk: Bool) { self.isBulk = isBulk }
}
