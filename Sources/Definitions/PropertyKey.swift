/// The key under which a definition's value goes out.
public enum PropertyKey {
  /// The snake_case of a name: letters lower-cased, every run of characters outside `A-Z a-z 0-9`
  /// one `_`, trimmed; a new word starts only where a lower-case letter is followed by an
  /// upper-case one, and a digit never starts or ends a word.
  ///
  /// `Order Completed Last 30days` becomes `order_completed_last_30days`. Empty when the name has
  /// none of those characters.
  public static func from(name: String) -> String {
    var key = ""
    var previousIsLower = false
    var pendingBreak = false
    for byte in name.utf8 {
      let isUpper = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
      let isLower = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
      let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      guard isUpper || isLower || isDigit else {
        pendingBreak = true
        previousIsLower = false
        continue
      }
      if !key.isEmpty, pendingBreak || isUpper && previousIsLower { key += "_" }
      key.unicodeScalars.append(Unicode.Scalar(isUpper ? byte | 0x20 : byte))
      previousIsLower = isLower
      pendingBreak = false
    }
    return key
  }

  /// Why a key cannot be used, or nil when it can.
  ///
  /// Heap refuses `id`, `user_id` and `identity` as user properties, in any case.
  public static func problem(with key: String) -> String? {
    if key.isEmpty { return "a key has at least one letter or digit" }
    if key.utf8.count > 255 { return "a key has at most 255 characters" }
    let allowed = key.utf8.allSatisfy { byte in
      byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
        || byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: "_")
    }
    if !allowed { return "a key holds letters, digits and '_' only" }
    if key.utf8.allSatisfy({ $0 == UInt8(ascii: "_") }) {
      return "a key has at least one letter or digit"
    }
    return refusal(of: key)
  }

  /// Why a user property cannot have this name, or nil when it can: 1 to 511 characters (UTF-16
  /// units), whatever they are, but none that Heap refuses.
  public static func problem(withUserProperty name: String) -> String? {
    if name.isEmpty { return "it is empty" }
    if name.utf16.count > nameLimit { return "it is longer than \(nameLimit) characters" }
    return refusal(of: name)
  }

  /// UTF-16 units of a property's name. Heap documents fewer than 1024, two other senders 512 at most:
  /// this is the careful side of both, and what the sandbox takes.
  public static let nameLimit = 511

  private static func refusal(of key: String) -> String? {
    ["id", "user_id", "identity"].contains(key.lowercased())
      ? "Heap refuses '\(key)' as a property" : nil
  }
}
