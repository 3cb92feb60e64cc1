import Values

/// Why a line is not taken into the store.
///
/// No case holds a value or an identity of the line; keys and places are enough to mend it.
public enum CallRefusal: Error, Equatable, Sendable {
  case tooLong
  case notJSON(JSONError)
  case notAnObject
  /// A needed field is missing, null or empty.
  case missing(CallField, Call.Kind)
  case noType
  case unknownType
  case noIdentity
  case noTime
  /// The field that gives the time is there, but is no date.
  case notADate(CallField)
  case wrongKind(CallField, Expected)

  /// What a field must be.
  public enum Expected: String, Sendable {
    case string = "a string"
    case identity = "a string or a number"
    case object = "an object"
  }

  /// The refusal in words, for the rejects file and the terminal.
  public var message: String {
    switch self {
    case .tooLong: "the line is longer than \(LineReader.lengthLimit >> 20) MiB"
    case .notJSON(let error): error.message
    case .notAnObject: "the line is not a JSON object"
    case .missing(let field, let kind): "a call of type \(kind.name) needs \(field.key)"
    case .noType: "the call has no type"
    case .unknownType:
      "the type is none of " + Call.Kind.allCases.map(\.name).joined(separator: ", ")
    case .noIdentity: "the call has neither userId nor anonymousId"
    case .noTime: "the call has neither timestamp nor originalTimestamp nor receivedAt"
    case .notADate(let field): "the \(field.key) is not an ISO 8601 date"
    case .wrongKind(let field, let expected): "\(field.key) is not \(expected.rawValue)"
    }
  }
}

/// The fields of a call that are looked at. Others are validated and stored with the line.
public enum CallField: Int, Sendable, CaseIterable {
  case type, event, name
  case messageID, userID, anonymousID, groupID, previousID
  case timestamp, originalTimestamp, receivedAt
  case properties, traits, context

  /// The field's key in the call.
  public var key: String { staticKey.description }

  private var staticKey: StaticString {
    switch self {
    case .type: "type"
    case .event: "event"
    case .name: "name"
    case .messageID: "messageId"
    case .userID: "userId"
    case .anonymousID: "anonymousId"
    case .groupID: "groupId"
    case .previousID: "previousId"
    case .timestamp: "timestamp"
    case .originalTimestamp: "originalTimestamp"
    case .receivedAt: "receivedAt"
    case .properties: "properties"
    case .traits: "traits"
    case .context: "context"
    }
  }

  /// The field with this key, or nil when it is none of these.
  init?(key: Span<UInt8>) {
    let candidates: (CallField, CallField?, CallField?)
    switch key.count {
    case 4: candidates = (.type, .name, nil)
    case 5: candidates = (.event, nil, nil)
    case 6: candidates = (.userID, .traits, nil)
    case 7: candidates = (.context, .groupID, nil)
    case 9: candidates = (.timestamp, .messageID, nil)
    case 10: candidates = (.properties, .receivedAt, .previousID)
    case 11: candidates = (.anonymousID, nil, nil)
    case 17: candidates = (.originalTimestamp, nil, nil)
    default: return nil
    }
    if candidates.0.has(key) {
      self = candidates.0
    } else if let second = candidates.1, second.has(key) {
      self = second
    } else if let third = candidates.2, third.has(key) {
      self = third
    } else {
      return nil
    }
  }

  private func has(_ key: Span<UInt8>) -> Bool {
    let own = staticKey
    guard own.utf8CodeUnitCount == key.count else { return false }
    for index in key.indices where own.utf8Start[index] != key[index] { return false }
    return true
  }
}
