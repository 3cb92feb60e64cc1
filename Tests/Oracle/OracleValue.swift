/// A value as JSON gives it. JSON `null` and a missing key are both `absent`.
public indirect enum OracleValue: Sendable {
  case absent
  case boolean(Bool)
  case number(Double)
  case string(String)
  case array([OracleValue])
  case object([OracleMember])
}

/// One key of an object with its value. Objects keep the order in which their keys were written.
public struct OracleMember: Sendable {
  public var key: String
  public var value: OracleValue

  /// A member; an `absent` value prints as `null`.
  public init(_ key: String, _ value: OracleValue) {
    self.key = key
    self.value = value
  }
}

extension OracleValue: Equatable {
  /// The same kind and the same content: strings by Unicode scalars, objects with the order of
  /// their keys. Zero equals negative zero. This is for tests; the language's `=` is
  /// `equals(_:)`.
  public static func == (left: Self, right: Self) -> Bool {
    switch (left, right) {
    case (.absent, .absent): true
    case (.boolean(let left), .boolean(let right)): left == right
    case (.number(let left), .number(let right)): left == right
    case (.string(let left), .string(let right)): left.isExactly(right)
    case (.array(let left), .array(let right)): left == right
    case (.object(let left), .object(let right)):
      left.count == right.count
        && zip(left, right).allSatisfy { $0.key.isExactly($1.key) && $0.value == $1.value }
    default: false
    }
  }
}

extension OracleValue: ExpressibleByStringLiteral, ExpressibleByFloatLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  /// A string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A number.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// A number.
  public init(integerLiteral value: Int) { self = .number(Double(value)) }
  /// A boolean.
  public init(booleanLiteral value: Bool) { self = .boolean(value) }
  /// No value.
  public init(nilLiteral: ()) { self = .absent }
  /// An array.
  public init(arrayLiteral elements: OracleValue...) { self = .array(elements) }
  /// An object with its keys in the order written.
  public init(dictionaryLiteral elements: (String, OracleValue)...) {
    self = .object(elements.map { OracleMember($0.0, $0.1) })
  }
}

extension OracleValue {
  /// Whether there is a value at all.
  public var isPresent: Bool {
    if case .absent = self { false } else { true }
  }

  /// The member of an object under exactly this key; of two with one key, the later.
  public subscript(key: String) -> OracleValue {
    guard case .object(let members) = self else { return .absent }
    return members.last { $0.key.isExactly(key) }?.value ?? .absent
  }

  /// The same object with one key set, in place when it exists, at the end when it does not.
  func setting(_ key: String, to value: OracleValue) -> OracleValue {
    var members: [OracleMember] = []
    if case .object(let existing) = self { members = existing }
    guard let index = members.lastIndex(where: { $0.key.isExactly(key) }) else {
      return .object(members + [OracleMember(key, value)])
    }
    members[index].value = value
    return .object(members)
  }

  /// The present values that a path leads to: at most one without `$`, any number with it.
  public func values(at steps: ArraySlice<OracleStep>) -> [OracleValue] {
    guard let step = steps.first else { return isPresent ? [self] : [] }
    let rest = steps.dropFirst()
    switch (step, self) {
    case (.key(let key), .object): return self[key].values(at: rest)
    case (.each, .array(let elements)): return elements.flatMap { $0.values(at: rest) }
    default: return []
    }
  }
}
