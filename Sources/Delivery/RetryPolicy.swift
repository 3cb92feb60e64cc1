import Foundation

/// When to try an unanswered request again.
public struct RetryPolicy: Sendable {
  /// How often one request is sent, the first time included.
  public var attempts = 5
  /// Seconds before the second attempt, doubled before each further one.
  public var base = 0.5
  /// The longest wait in seconds that is not asked for by the destination.
  public var cap = 60.0
  /// Seconds that a run spends in all on requests without a definite answer: the time that they
  /// took, and the waits before they are sent again.
  public var patience = 300.0
  /// Seconds without a byte after which a request counts as unanswered.
  public var timeout = 30.0

  public init() {}

  /// Seconds to wait after a number of attempts: exponential and capped, with half of it left to
  /// chance, so that many senders do not come back together. What `Retry-After` asks for is waited
  /// in full, where the patience is enough.
  ///
  /// - Parameter random: from 0 to 1.
  public func delay(afterAttempt attempt: Int, retryAfter: Double?, random: Double) -> Double {
    let exponential = min(cap, base * pow(2, Double(min(attempt, 30) - 1)))
    let jittered = exponential * (0.5 + 0.5 * random)
    return max(jittered, retryAfter ?? 0)
  }
}

/// A row of random numbers that is the same for the same seed (SplitMix64).
///
/// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
public struct SeededRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
