import Definitions
import Values

/// What an event has beside its properties.
public struct EventCall: Sendable, Equatable {
  /// What tells it apart in its model.
  public let insertID: String
  /// The same for ever, whoever sends it again: Heap takes it for the same event then.
  public let idempotencyKey: String
  public let name: String
  /// Nil: that of its arrival.
  public let timestamp: Instant?
  /// Whether an earlier request with it got no definite answer.
  public let wasInDoubt: Bool

  /// The hex SHA-256 of destination, model and insert id.
  static func idempotencyKey(
    destination: String, model: String, insertID: String
  ) -> String {
    let text = Array("\(destination)\0\(model)\0\(insertID)".utf8)
    return SHA256.digest(of: text.span).hex
  }
}
