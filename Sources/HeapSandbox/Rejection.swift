import Values

/// Why Heap would refuse a request: a rule and the place, never a value or an identity.
struct Rejection: Error, Equatable {
  /// The rules, in the order in which they are tried; the raw values are stable ids.
  enum Rule: String {
    case contentType = "content_type"
    case bodyTooLarge = "body_too_large"
    case notJSON = "not_json"
    case notAnObject = "not_an_object"
    case appID = "app_id"
    case neitherSingleNorBulk = "neither_single_nor_bulk"
    case singleAndBulk = "single_and_bulk"
    case itemsNotAnArray = "items_not_an_array"
    case itemCount = "item_count"
    case itemNotAnObject = "item_not_an_object"
    case unknownField = "unknown_field"
    case eventMissing = "event_missing"
    case eventNotAString = "event_not_a_string"
    case eventLength = "event_length"
    case identityAndUserID = "identity_and_user_id"
    case identityMissing = "identity_missing"
    case identityNotAString = "identity_not_a_string"
    case identityBlank = "identity_blank"
    case identityTooLong = "identity_too_long"
    case userIDMissing = "user_id_missing"
    case userID = "user_id"
    case accountIDMissing = "account_id_missing"
    case accountIDNotAString = "account_id_not_a_string"
    case accountIDBlank = "account_id_blank"
    case accountIDTooLong = "account_id_too_long"
    case timestamp
    case idempotencyKey = "idempotency_key"
    case sessionID = "session_id"
    case propertiesMissing = "properties_missing"
    case propertiesNotAnObject = "properties_not_an_object"
    case propertiesEmpty = "properties_empty"
    case keyEmpty = "key_empty"
    case keyTooLong = "key_too_long"
    case keyForbidden = "key_forbidden"
    case valueKind = "value_kind"
    case valueNotFinite = "value_not_finite"
    case valueTooLong = "value_too_long"
    case duplicateInBatch = "duplicate_in_batch"
  }

  let rule: Rule
  /// The place of the item in a bulk request, from 0; nil in a single one.
  var item: Int?
  /// The name of the field or the property, when it is short enough to be shown.
  var key: String?
  /// What is wrong with the JSON.
  var error: JSONError?

  init(_ rule: Rule, item: Int? = nil, key: String? = nil, error: JSONError? = nil) {
    self.rule = rule
    self.item = item
    self.key = key.flatMap { $0.utf16.count <= Limits.keyLength(.lenient) ? $0 : nil }
    self.error = error
  }

  /// The reply, where it is not the endpoint's own for a bad request.
  var reply: HTTPReply? {
    switch rule {
    case .contentType: .text(400, "Bad request")
    case .bodyTooLarge: .plain(413)
    default: nil
    }
  }

  /// The rule in words.
  var message: String {
    switch rule {
    case .contentType: "the Content-Type is not application/json"
    case .bodyTooLarge: "the body is larger than the limit"
    case .notJSON: error?.message ?? "the body is not JSON"
    case .notAnObject: "the body is not a JSON object"
    case .appID: "app_id is not a string of digits"
    case .neitherSingleNorBulk: "there is neither a single item nor a list of items"
    case .singleAndBulk: "a list of items stands beside the fields of a single item"
    case .itemsNotAnArray: "the list of items is not an array"
    case .itemCount: "the list does not hold 1 to \(Limits.itemCount) items"
    case .itemNotAnObject: "an item is not an object"
    case .unknownField: "there is a field that Heap does not know"
    case .eventMissing: "event is missing"
    case .eventNotAString: "event is not a string"
    case .eventLength: "event does not have 1 to \(Limits.eventLength) characters"
    case .identityAndUserID: "both identity and user_id are given"
    case .identityMissing: "identity is missing"
    case .identityNotAString: "identity is not a string"
    case .identityBlank: "identity is empty or blank"
    case .identityTooLong: "identity is longer than \(Limits.identityLength) characters"
    case .userIDMissing: "user_id is missing"
    case .userID: "user_id is not a string of digits up to \(Limits.userID)"
    case .accountIDMissing: "account_id is missing"
    case .accountIDNotAString: "account_id is not a string"
    case .accountIDBlank: "account_id is empty or blank"
    case .accountIDTooLong: "account_id is longer than \(Limits.identityLength) characters"
    case .timestamp: "timestamp is not an ISO 8601 date with time and zone"
    case .idempotencyKey:
      "idempotency_key is not a string of \(Limits.idempotencyKeyLength.lowerBound) to "
        + "\(Limits.idempotencyKeyLength.upperBound) characters"
    case .sessionID: "session_id is not a string"
    case .propertiesMissing: "properties is missing"
    case .propertiesNotAnObject: "properties is not an object"
    case .propertiesEmpty: "properties is empty"
    case .keyEmpty: "a property's name is empty"
    case .keyTooLong: "a property's name is longer than \(Limits.keyLength(.strict)) characters"
    case .keyForbidden: "a property has a name that Heap keeps for itself"
    case .valueKind: "a property is neither a number nor a string"
    case .valueNotFinite: "a number is past the range of a double"
    case .valueTooLong: "a string is longer than \(Limits.valueLength) characters"
    case .duplicateInBatch: "an identity or an account stands twice in one request"
    }
  }
}

/// The limits of the documented contract, and where it has none, the careful choice. Characters are
/// UTF-16 units, the larger count.
enum Limits {
  static let itemCount = 1000
  static let eventLength = 1024
  static let identityLength = 255
  static let idempotencyKeyLength = 8...255
  static let valueLength = 1023
  /// Where Heap cuts the string of a joined array, and the lenient profile every string.
  static let truncatedLength = 1024
  /// 2^53 - 1.
  static let userID: UInt64 = 9_007_199_254_740_991
  /// `user_id`s that may be given to one identity in `userIDWindow`; more are ignored.
  static let userIDsPerIdentity = 10
  static let userIDWindow = Duration(milliseconds: 30 * 86_400_000)

  static func keyLength(_ profile: HeapSandbox.Profile) -> Int { profile == .strict ? 511 : 1024 }
}
