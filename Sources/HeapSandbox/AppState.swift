import Values

/// What Heap holds for one app.
struct AppState: Sendable {
  /// By identity, which is compared as it is: case-sensitive, nothing trimmed.
  var users: [ExactString: PropertySet] = [:]

  var value: Value {
    .object([
      Value.Member("users", .sortedObject(users, \.value))
    ])
  }
}

/// The properties of one user.
struct PropertySet: Sendable {
  private var values: [ExactString: Value] = [:]

  /// Writes each property over what was there, and leaves the others alone.
  mutating func write(_ properties: [Value.Member], counting counts: inout Counts) {
    for property in properties {
      let key = ExactString(property.key)
      counts[.propertyWrites] += 1
      switch (values[key], property.value) {
      case (.some(let old), let new) where old == new: counts[.noOpPropertyWrites] += 1
      case (.some(.string), .number), (.some(.number), .string): counts[.typeFlips] += 1
      default: break
      }
      values[key] = property.value
    }
  }

  /// The properties, sorted, and what of them Heap keeps in a field of its own.
  ///
  /// Only the lower-case `email` is the built-in Email property.
  var value: Value {
    var members: [Value.Member] = []
    if let email = values["email"] {
      members.append(Value.Member("builtin", .object([Value.Member("email", email)])))
    }
    members.append(Value.Member("properties", .sortedObject(values) { $0 }))
    return .object(members)
  }
}

extension Value {
  /// An object of a dictionary's entries, sorted by the scalars of their keys.
  static func sortedObject<Entry>(
    _ entries: [ExactString: Entry], _ form: (Entry) -> Value
  ) -> Value {
    let sorted = entries.sorted { $0.key < $1.key }
    return .object(sorted.map { Member($0.key.text, form($0.value)) })
  }
}
