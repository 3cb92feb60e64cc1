import Values

/// `POST /api/track`, with one event or with a list of events.
///
/// Source: developers.heap.io, "Track" and "Bulk Track".
struct TrackEndpoint: Endpoint {
  let path = "/api/track"
  let list: String? = "events"
  let fields = [
    "event", "identity", "user_id", "timestamp", "properties", "idempotency_key", "session_id",
  ]
  let refusesRepeats = false

  func call(of item: BatchItem, counting counts: inout Counts) throws(Rejection) -> Call {
    guard let name = item.members["event"] else {
      throw Rejection(.eventMissing, item: item.place)
    }
    guard case .string(let name) = name else {
      throw Rejection(.eventNotAString, item: item.place)
    }
    guard (1...Limits.eventLength).contains(name.utf16.count) else {
      throw Rejection(.eventLength, item: item.place)
    }
    let subject = try subject(of: item)
    let timestamp = try item.timestamp()
    let key = try item.text(
      "idempotency_key", in: Limits.idempotencyKeyLength, rule: .idempotencyKey)
    let session = try item.text("session_id", rule: .sessionID)
    let properties = try item.properties(
      PropertyRules(areOptional: true, joinsArrays: true), counting: &counts)
    return .event(
      TrackedEvent(
        name: ExactString(name), subject: subject, timestamp: timestamp,
        properties: properties.sorted { $0.key.precedesByScalars($1.key) }, idempotencyKey: key,
        sessionID: session))
  }

  private func subject(of item: BatchItem) throws(Rejection) -> Subject {
    guard item.members["user_id"] != nil else { return .identity(try item.identity()) }
    guard item.members["identity"] == nil else {
      throw Rejection(.identityAndUserID, item: item.place)
    }
    return .userID(try item.userID())
  }
}

/// `POST /api/add_user_properties`, with one user or with a list of users.
///
/// Source: developers.heap.io, "Add User Properties" and "Bulk Add User Properties".
struct UserPropertiesEndpoint: Endpoint {
  let path = "/api/add_user_properties"
  let list: String? = "users"
  let fields = ["identity", "properties"]
  let refusesRepeats = true

  func call(of item: BatchItem, counting counts: inout Counts) throws(Rejection) -> Call {
    let rules = PropertyRules(forbidden: ["id", "ID", "Id", "iD", "user_id", "identity"])
    return .user(
      identity: try item.identity(), properties: try item.properties(rules, counting: &counts))
  }
}

/// `POST /api/add_account_properties`, with one account or with a list of accounts.
///
/// Source: developers.heap.io, "Add Account Properties" and "Bulk Add Account Properties". It is the
/// one endpoint that answers in plain text.
struct AccountPropertiesEndpoint: Endpoint {
  let path = "/api/add_account_properties"
  let success = HTTPReply.text(200, "OK")
  let refusal = HTTPReply.text(400, "error message")
  let list: String? = "accounts"
  let fields = ["account_id", "properties"]
  let refusesRepeats = true

  func call(of item: BatchItem, counting counts: inout Counts) throws(Rejection) -> Call {
    .account(
      id: try item.accountID(),
      properties: try item.properties(PropertyRules(), counting: &counts))
  }
}

/// `POST /api/v1/identify`, which gives the events of an anonymous user to an identity.
///
/// Source: developers.heap.io, "Identify". There is no bulk form.
struct IdentifyEndpoint: Endpoint {
  let path = "/api/v1/identify"
  let list: String? = nil
  let fields = ["user_id", "identity", "timestamp"]
  let refusesRepeats = false

  func call(of item: BatchItem, counting counts: inout Counts) throws(Rejection) -> Call {
    let userID = try item.userID()
    let identity = try item.identity()
    _ = try item.timestamp()
    return .identify(userID: userID, identity: identity)
  }
}
