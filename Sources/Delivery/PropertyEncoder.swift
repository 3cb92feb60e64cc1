import Definitions
import Foundation
import Values

/// The form in which a destination gets a value, and Heap's limits.
///
/// Source: Heap's server-side API reference, "Add user properties": keys and values are numbers or
/// strings of fewer than 1024 characters, an identity has at most 255. A character is counted as a
/// UTF-16 unit, the larger of the two ways to count.
public struct PropertyEncoder: Sendable {
  /// UTF-16 units of an identity.
  public static let identityLimit = 255
  /// UTF-16 units of a text value.
  public static let valueLimit = 1023

  private let booleans: DestinationDefinition.Booleans
  private let absent: DestinationDefinition.Absent

  public init(_ destination: DestinationDefinition) {
    booleans = destination.booleans
    absent = destination.absent
  }

  /// What to send for a value of the snapshot.
  ///
  /// - Parameters:
  ///   - value: the snapshot's value; nil for no member and no value.
  ///   - kind: leaving an audience sends `false`; a trait's value that went away is sent as the
  ///     destination's `absent` says.
  /// - Returns: the encoded value, or nil when nothing is to be sent.
  public func encode(_ value: Value?, _ kind: Definition.Kind) -> Value? {
    guard let value else {
      if kind == .audience { return encode(.boolean(false)) }
      return absent == .empty ? .string("") : nil
    }
    return encode(value)
  }

  private func encode(_ value: Value) -> Value {
    switch value {
    case .boolean(let flag):
      return booleans == .json ? value : .string(flag ? "true" : "false")
    case .number(let number):
      // Past 2^53 a reader that keeps doubles cannot tell neighbours apart: send the digits.
      let isSafe = number.magnitude < 9_007_199_254_740_992 || number != number.rounded()
      return isSafe && number.isFinite ? value : .string(number.textForm)
    default: return .string(Self.shortened(value.textForm ?? ""))
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

  /// Why an identity cannot be sent, or nil when it can.
  static func problem(withIdentity identity: String) -> String? {
    if identity.utf16.count > identityLimit {
      return "the identity is longer than \(identityLimit) characters"
    }
    if identity.unicodeScalars.allSatisfy(\.properties.isWhitespace) {
      return "the identity is blank"
    }
    return nil
  }
}
