import Values

/// What came of one request.
public enum Answer: Sendable, Equatable {
  /// A 2xx with a complete body that is empty, a JSON object or `OK`.
  case accepted
  /// Refused for good because of what it held: sending it again would end the same way.
  case refused(status: Int, body: String)
  /// No definite answer, or "later": the request may or may not have been applied.
  case unclear(reason: String, retryAfter: Double?)
  /// Refused whatever it held: a wrong address, say. Nothing more is sent.
  case unusable(reason: String)
}

/// Carries request bodies to a destination, one at a time.
public protocol Transport {
  /// Sends one body and waits for what becomes of it.
  func send(_ body: String) throws -> Answer
}
