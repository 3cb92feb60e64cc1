import Values

/// Beats on the clock: whole multiples of a duration since 1970-01-01T00:00:00Z.
///
/// So every divisor of a day beats at midnight UTC, whenever the service began.
public struct Cadence: Sendable, Equatable {
  public let every: Duration

  /// - Parameter every: longer than nothing.
  public init(every: Duration) {
    precondition(every > .zero, "a cadence without a length")
    self.every = every
  }

  /// The last beat up to an instant, that instant included.
  public func beat(atOrBefore instant: Instant) -> Instant {
    let length = every.milliseconds
    let (quotient, rest) = instant.milliseconds.quotientAndRemainder(dividingBy: length)
    return Instant(milliseconds: (rest < 0 ? quotient - 1 : quotient) * length)
  }

  /// The first beat behind an instant.
  public func beat(after instant: Instant) -> Instant { beat(atOrBefore: instant) + every }
}
