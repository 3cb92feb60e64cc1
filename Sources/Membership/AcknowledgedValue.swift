import Definitions

/// What an encoded value says of a member.
public enum AcknowledgedValue {
  /// Whether a value makes a member, or is present: an audience's is not `false`, a trait's is neither
  /// the empty text nor the value that counts as never sent.
  ///
  /// - Parameters:
  ///   - json: the encoded value; nil when there is none.
  ///   - standard: the definition's default value as JSON.
  public static func isMember(
    _ json: String?, _ kind: Definition.Kind, standard: String?
  ) -> Bool {
    guard let json else { return false }
    return switch kind {
    case .audience: json != "false" && json != "\"false\""
    case .trait: json != "\"\"" && json != standard
    }
  }
}
