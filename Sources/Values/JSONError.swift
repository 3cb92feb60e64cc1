/// Why a text is not the JSON that was expected, and where.
public struct JSONError: Error, Equatable, Sendable {
  /// What is wrong; `message` puts it into words.
  public enum Reason: Equatable, Sendable {
    case unexpectedEnd
    case unexpectedByte
    case notUTF8
    case controlCharacter
    case badEscape
    case badNumber
    case duplicateKey
    case tooDeep
    case trailingText
  }

  public let reason: Reason
  /// Bytes before the place.
  public let offset: Int

  public init(_ reason: Reason, at offset: Int) {
    self.reason = reason
    self.offset = offset
  }

  /// The reason in words, without any of the text's content.
  public var message: String {
    let place = "at byte \(offset + 1)"
    return switch reason {
    case .unexpectedEnd: "the JSON ends too early, \(place)"
    case .unexpectedByte: "not JSON \(place)"
    case .notUTF8: "not UTF-8 \(place)"
    case .controlCharacter: "a control character inside a string \(place)"
    case .badEscape: "not a JSON escape \(place)"
    case .badNumber: "not a JSON number \(place)"
    case .duplicateKey: "an object has the same key twice, the second one \(place)"
    case .tooDeep: "nested more than \(JSONScanner.depthLimit) deep \(place)"
    case .trailingText: "text after the end of the JSON \(place)"
    }
  }
}
