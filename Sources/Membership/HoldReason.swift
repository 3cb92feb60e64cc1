/// Why the changes of a definition wait until somebody approves them.
public enum HoldReason: String, Sendable, CaseIterable {
  /// More changes than its guard allows.
  case swing
  /// Its file is gone, and its values would be taken away.
  case removed
  /// It has another key: the old values would be taken away, and given again under the new one.
  case keyChanged = "key_changed"
  /// The destination's file asks for another encoding: what was told would be sent again.
  case encodingChanged = "encoding_changed"
}
