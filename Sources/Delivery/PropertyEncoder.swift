import Definitions
import Values

/// The form in which a destination gets a value, and Heap's limits.
///
/// Source: Heap's server-side API reference, "Add user properties": keys and values are numbers or
/// strings of fewer than 1024 characters, an identity has at most 255. A character is counted as a
/// UTF-16 unit, the larger of the two ways to count. Nested values are flattened as Segment's Heap
/// destination does it: objects with dots, arrays as JSON text.
public struct PropertyEncoder: Sendable {
  /// UTF-16 units of an identity, and of an account's id.
  public static let identityLimit = 255
  /// UTF-16 units of a text value.
  public static let valueLimit = 1023
  /// UTF-16 units of a property's name.
  public static let nameLimit = PropertyKey.nameLimit
  /// UTF-16 units of an event's name.
  public static let eventNameLimit = 1024

  /// One property as it is sent.
  public struct Property: Sendable, Equatable {
    public let name: String
    /// A number, a string, or with `booleans: json` a boolean.
    public let value: Value
    /// Whether the text was cut.
    public var isShortened = false
    /// Why it cannot be sent; nil when it can.
    public var problem: String?
  }

  public let encoding: Encoding
  private let longValues: DestinationDefinition.LongValues

  public init(_ encoding: Encoding, longValues: DestinationDefinition.LongValues = .truncate) {
    self.encoding = encoding
    self.longValues = longValues
  }

  public init(_ destination: DestinationDefinition) {
    self.init(Encoding(destination), longValues: destination.longValues)
  }

  /// The properties that a value makes under a definition's key: one, or for an object one for each
  /// value in it that is no object, with a path of dots behind the key. What is absent, and an object
  /// without values, makes none. Two values with one path cannot be sent, neither of them.
  public func properties(of value: Value, key: String) -> [Property] {
    guard value.isPresent else { return [] }
    guard encoding.form == .flat else { return [leaf(value, key)] }
    var properties: [Property] = []
    var places: [ExactString: Int] = [:]
    flatten(value, key) { leaf in
      if let place = places[ExactString(leaf.name)] {
        properties[place].problem = "two parts of the value have this name"
      } else {
        places[ExactString(leaf.name)] = properties.count
        properties.append(leaf)
      }
    }
    return properties
  }

  /// What a property that was told becomes when its value went away.
  ///
  /// - Parameter kind: leaving an audience sends `false`; a trait's value that went away is sent as
  ///   the encoding's `absent` says.
  /// - Returns: nil when nothing is to be sent.
  public func absentValue(_ kind: Definition.Kind) -> Value? {
    if kind == .audience { return encoded(.boolean(false)) }
    return encoding.absent == .empty ? .string("") : nil
  }

  private func flatten(_ value: Value, _ name: String, _ each: (Property) -> Void) {
    switch value {
    case .absent: return
    case .object(let members):
      for member in members { flatten(member.value, name + "." + member.key, each) }
    default: each(leaf(value, name))
    }
  }

  private func leaf(_ value: Value, _ name: String) -> Property {
    var property = Property(name: name, value: encoded(value))
    if name.utf16.count > Self.nameLimit {
      property.problem = "the name is longer than \(Self.nameLimit) characters"
    } else if case .string(let text) = property.value, text.utf16.count > Self.valueLimit {
      property = Property(name: name, value: .string(Self.shortened(text)))
      if longValues == .reject {
        property.problem = "the text is longer than \(Self.valueLimit) characters"
      } else {
        property.isShortened = true
      }
    }
    return property
  }

  private func encoded(_ value: Value) -> Value {
    switch value {
    case .boolean(let flag):
      return encoding.booleans == .json ? value : .string(flag ? "true" : "false")
    case .number(let number):
      // Past 2^53 a reader that keeps doubles cannot tell neighbours apart: send the digits.
      let isSafe = number.magnitude < 9_007_199_254_740_992 || number != number.rounded()
      return isSafe && number.isFinite ? value : .string(number.textForm)
    case .string:
      guard encoding.form == .flat, let date = value.date else { return value }
      return .string(date.description)
    default: return .string(value.textForm ?? "")
    }
  }

  /// The text cut to the limit, between two characters of UTF-16's surrogate pairs.
  static func shortened(_ text: String) -> String {
    guard text.utf16.count > valueLimit else { return text }
    var result = String.UnicodeScalarView()
    var units = 0
    for scalar in text.unicodeScalars {
      units += scalar.value > 0xFFFF ? 2 : 1
      if units > valueLimit { break }
      result.append(scalar)
    }
    return String(result)
  }

  /// Why an identity, or an account's id, cannot be sent, or nil when it can.
  public static func problem(withIdentity identity: String) -> String? {
    if identity.utf16.count > identityLimit {
      return "the identity is longer than \(identityLimit) characters"
    }
    if identity.unicodeScalars.allSatisfy(\.properties.isWhitespace) {
      return "the identity is blank"
    }
    return nil
  }

  /// Why an event cannot have a name, or nil when it can.
  public static func problem(withEventName name: String) -> String? {
    if name.utf16.count > eventNameLimit {
      return "the event's name is longer than \(eventNameLimit) characters"
    }
    return name.unicodeScalars.allSatisfy(\.properties.isWhitespace)
      ? "the event's name is blank" : nil
  }
}
