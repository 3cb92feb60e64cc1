import Values

/// The properties of one user or one account.
struct PropertySet: Sendable {
  private var values: [ExactString: Value] = [:]

  subscript(key: ExactString) -> Value? { values[key] }

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

  /// The properties, sorted.
  var properties: Value { .sortedObject(values) { $0 } }

  /// A user: the properties, and what of them Heap keeps in a field of its own.
  ///
  /// Only the lower-case `email` is the built-in Email property.
  var user: Value {
    var members: [Value.Member] = []
    if let email = values["email"] {
      members.append(Value.Member("builtin", .object([Value.Member("email", email)])))
    }
    members.append(Value.Member("properties", properties))
    return .object(members)
  }

  /// An account.
  var account: Value { .object([Value.Member("properties", properties)]) }
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
