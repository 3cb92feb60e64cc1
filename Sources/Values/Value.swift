/// A value as JSON gives it.
///
/// `null` and a missing key are both `absent`; inside an array or an object an absent element is
/// the JSON `null`. Equality and hashing are exact: strings are compared scalar by scalar, never by
/// Unicode's canonical equivalence, and numbers as IEEE doubles.
public enum Value: Sendable {
  case absent
  case boolean(Bool)
  case number(Double)
  case string(String)
  case array([Value])
  case object([Member])

  /// One key of an object with its value, in the order of the source.
  public struct Member: Sendable, Hashable {
    public var key: String
    public var value: Value

    public init(_ key: String, _ value: Value) {
      self.key = key
      self.value = value
    }

    public static func == (left: Member, right: Member) -> Bool {
      left.key.isExactly(right.key) && left.value == right.value
    }

    public func hash(into hasher: inout Hasher) {
      hasher.combine(ExactString(key))
      hasher.combine(value)
    }
  }

  /// Whether there is a value at all.
  public var isPresent: Bool {
    if case .absent = self { return false }
    return true
  }

  /// The member of an object, or `absent` when this is no object or has no such key.
  public subscript(key: String) -> Value {
    guard case .object(let members) = self else { return .absent }
    for member in members where member.key.isExactly(key) { return member.value }
    return .absent
  }
}

extension Value: Hashable {
  public static func == (left: Value, right: Value) -> Bool {
    switch (left, right) {
    case (.absent, .absent): true
    case (.boolean(let a), .boolean(let b)): a == b
    case (.number(let a), .number(let b)): a == b
    case (.string(let a), .string(let b)): a.isExactly(b)
    case (.array(let a), .array(let b)): a == b
    case (.object(let a), .object(let b)): a == b
    default: false
    }
  }

  public func hash(into hasher: inout Hasher) {
    switch self {
    case .absent: hasher.combine(0)
    case .boolean(let flag): hasher.combine(flag)
    case .number(let number): hasher.combine(number)
    case .string(let text): hasher.combine(ExactString(text))
    case .array(let elements): hasher.combine(elements)
    case .object(let members): hasher.combine(members)
    }
  }
}
