import Foundation

/// When to try an unanswered request again.
public struct RetryPolicy: Sendable {
  /// How often one request is sent, the first time included.
  public var attempts = 5
  /// Seconds before the second attempt, doubled before each further one.
  public var base = 0.5
  /// The longest wait in seconds, whatever the destination asks for.
  public var cap = 60.0

  public init() {}

  /// Seconds to wait after a number of attempts: exponential and capped, with half of it left to
  /// chance, so that many senders do not come back together. What `Retry-After` asks for is
  /// waited in full, up to the cap.
  public func delay(
    afterAttempt attempt: Int, retryAfter: Double?, random: Double = .random(in: 0...1)
  ) -> Double {
    let exponential = min(cap, base * pow(2, Double(min(attempt, 30) - 1)))
    let jittered = exponential * (0.5 + 0.5 * random)
    return min(cap, max(jittered, retryAfter ?? 0))
  }
}
