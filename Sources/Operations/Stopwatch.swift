/// Takes the time of the parts of a work, one after the other.
public final class Stopwatch {
  /// One part.
  public struct Lap: Sendable {
    public let name: String
    public let milliseconds: Double
  }

  private let clock = ContinuousClock()
  private var start: ContinuousClock.Instant
  public private(set) var laps: [Lap] = []

  public init() { start = clock.now }

  /// Ends a part: everything since the one before.
  public func lap(_ name: String) {
    let now = clock.now
    let (seconds, attoseconds) = (now - start).components
    laps.append(Lap(name: name, milliseconds: Double(seconds) * 1e3 + Double(attoseconds) / 1e15))
    start = now
  }
}
