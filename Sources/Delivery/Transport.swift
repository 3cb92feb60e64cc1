/// What came of one request.
public enum Answer: Sendable, Equatable {
  /// A 2xx with a complete body that is empty, a JSON object or `OK`.
  case accepted
  /// Refused for good because of what it held: sending it again would end the same way.
  case refused(status: Int, body: String)
  /// No definite answer, or "later": the request may or may not have been applied.
  /// `retryAfter` is in seconds.
  case unclear(reason: String, retryAfter: Double?)
  /// Refused whatever it held: a wrong address, say. Nothing more is sent.
  case unusable(reason: String)
}

/// One request to a destination.
public struct Request: Sendable, Equatable {
  /// Where to, below the destination's address: `/api/add_user_properties`.
  public let path: String
  public let body: String

  public init(path: String, body: String) {
    self.path = path
    self.body = body
  }
}

/// Carries requests to a destination, one at a time.
public protocol Transport {
  /// Sends one request and waits for what becomes of it.
  func send(_ request: Request) throws -> Answer
}
