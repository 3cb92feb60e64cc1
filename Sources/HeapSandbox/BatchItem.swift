import Values

/// One item of a request and where it stands, with the rules that items have in common.
struct BatchItem {
  let members: [Value.Member]
  /// Its place in the list, from 0; nil when it stands alone.
  let place: Int?
  let profile: HeapSandbox.Profile
  /// The first field that Heap does not know, which the lenient profile passes over.
  let unknownField: Rejection?

  init(
    _ members: [Value.Member], place: Int?, fields: [String], profile: HeapSandbox.Profile
  ) {
    self.members = members
    self.place = place
    self.profile = profile
    let unknown =
      profile == .lenient ? nil : members.first(where: { !$0.key.isOne(of: fields) })
    unknownField = unknown.map { Rejection(.unknownField, item: place, key: $0.key) }
  }

  /// The identity, taken as it is.
  func identity() throws(Rejection) -> ExactString {
    try id(
      "identity", missing: .identityMissing, kind: .identityNotAString, blank: .identityBlank,
      length: .identityTooLong)
  }

  /// The id of an account, for which Heap publishes no limit: the identity's is taken.
  func accountID() throws(Rejection) -> ExactString {
    try id(
      "account_id", missing: .accountIDMissing, kind: .accountIDNotAString,
      blank: .accountIDBlank, length: .accountIDTooLong)
  }

  /// Heap's own number of a user, as a string of digits up to 2^53 - 1.
  func userID() throws(Rejection) -> ExactString {
    guard let value = members["user_id"] else { throw Rejection(.userIDMissing, item: place) }
    guard case .string(let text) = value, text.isDigits,
      let number = UInt64(text), number <= Limits.userID
    else { throw Rejection(.userID, item: place) }
    return ExactString(text)
  }

  /// The instant of an optional `timestamp`: ISO 8601 with date, time and zone. The lenient profile
  /// takes whole milliseconds too, as older clients send them.
  func timestamp() throws(Rejection) -> Instant? {
    guard let value = members["timestamp"] else { return nil }
    switch value {
    case .string(let text):
      if text.namesItsZone, let instant = Instant(iso8601: text) { return instant }
    case .number(let number) where profile == .lenient:
      if let milliseconds = Int64(exactly: number), milliseconds.magnitude <= Limits.userID {
        return Instant(milliseconds: milliseconds)
      }
    default: break
    }
    throw Rejection(.timestamp, item: place)
  }

  /// An optional string.
  ///
  /// - Parameter lengths: in UTF-16 units.
  func text(
    _ field: String, in lengths: ClosedRange<Int> = 0...Int.max, rule: Rejection.Rule
  ) throws(Rejection) -> ExactString? {
    guard let value = members[field] else { return nil }
    guard case .string(let text) = value, lengths.contains(text.utf16.count) else {
      throw Rejection(rule, item: place)
    }
    return ExactString(text)
  }

  /// A string of 1 to 255 characters that is not blank.
  private func id(
    _ field: String, missing: Rejection.Rule, kind: Rejection.Rule, blank: Rejection.Rule,
    length: Rejection.Rule
  ) throws(Rejection) -> ExactString {
    guard let value = members[field] else { throw Rejection(missing, item: place) }
    guard case .string(let text) = value else { throw Rejection(kind, item: place) }
    guard !text.unicodeScalars.allSatisfy(\.properties.isWhitespace) else {
      throw Rejection(blank, item: place)
    }
    guard text.utf16.count <= Limits.identityLength else { throw Rejection(length, item: place) }
    return ExactString(text)
  }
}

extension String {
  /// Whether it is made of ASCII digits, one at least.
  var isDigits: Bool { !isEmpty && utf8.allSatisfy { $0 &- UInt8(ascii: "0") < 10 } }

  /// Whether a date in ISO 8601 ends with `Z` or `±hh:mm`.
  fileprivate var namesItsZone: Bool {
    let bytes = Array(utf8)
    if bytes.last == UInt8(ascii: "Z") { return true }
    guard bytes.count > 16, bytes[bytes.count - 3] == UInt8(ascii: ":") else { return false }
    let sign = bytes[bytes.count - 6]
    return sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-")
  }
}
