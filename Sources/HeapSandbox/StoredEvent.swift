import Values

/// An event as Heap keeps it.
struct StoredEvent: Sendable {
  let event: TrackedEvent
  /// When it happened; the time of arrival when it did not say.
  let at: Instant
  /// Whom it belongs to: whom it was sent for, until an identify call gives it to an identity.
  var owner: Subject

  /// The id that an idempotency key gives an event of an app: a SHA-256 in hexadecimal digits.
  static func id(app: ExactString, key: ExactString) -> ExactString {
    ExactString(SHA256.digest(of: (Array(app.text.utf8) + [0] + Array(key.text.utf8)).span).hex)
  }

  /// Whether it belongs to that identity, or to that number of Heap's own.
  func belongs(to id: String) -> Bool { owner.text == ExactString(id) }

  /// Its fields, sorted by name.
  var value: Value {
    var members: [Value.Member] = []
    if event.timestamp == nil {
      members.append(Value.Member("defaulted_timestamp", .boolean(true)))
    }
    members.append(Value.Member("event", .string(event.name.text)))
    if let key = event.idempotencyKey {
      members.append(Value.Member("idempotency_key", .string(key.text)))
    }
    if case .identity(let identity) = owner {
      members.append(Value.Member("identity", .string(identity.text)))
    }
    members.append(Value.Member("properties", .object(event.properties)))
    if let session = event.sessionID {
      members.append(Value.Member("session_id", .string(session.text)))
    }
    members.append(Value.Member("timestamp", .string(at.description)))
    if case .userID(let number) = event.subject {
      members.append(Value.Member("user_id", .string(number.text)))
    }
    return .object(members)
  }
}
