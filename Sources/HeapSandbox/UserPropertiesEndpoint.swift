import Values

/// `POST /api/add_user_properties`, with one user or with a list of users.
///
/// Source: developers.heap.io, "Add User Properties" and "Bulk Add User Properties".
struct UserPropertiesEndpoint: Endpoint {
  let path = "/api/add_user_properties"
  let success = HTTPReply.json(200, "{}")
  let refusal = HTTPReply.json(400, "{}")

  /// The names that Heap refuses for a user's property, besides every casing of `id`.
  static let forbiddenKeys = ["user_id", "identity"]

  func update(from body: [Value.Member]) throws(Rejection) -> any Update {
    let batch = try Batch(
      body, list: "users", itemFields: ["identity", "properties"])
    var users: [UserUpdate.User] = []
    var seen: Set<ExactString> = []
    var duplicate: Rejection?
    for item in batch.items {
      let identity = try item.identity()
      let properties = try item.properties(forbidden: Self.forbiddenKeys)
      users.append(UserUpdate.User(identity: identity, properties: properties))
      if !seen.insert(identity).inserted, duplicate == nil {
        duplicate = Rejection(.duplicateInBatch, item: item.place)
      }
    }
    // The last rule of all: every item is well-formed before two of them are compared.
    if let duplicate { throw duplicate }
    return UserUpdate(users: users)
  }
}

/// Properties to be written to users.
struct UserUpdate: Update {
  struct User: Sendable {
    let identity: ExactString
    let properties: [Value.Member]
  }

  let users: [User]

  var itemCount: Int { users.count }

  func apply(to app: inout AppState, counting counts: inout Counts) {
    for user in users {
      if app.users[user.identity] == nil { counts[.createdUsers] += 1 }
      app.users[user.identity, default: PropertySet()].write(user.properties, counting: &counts)
    }
  }
}
