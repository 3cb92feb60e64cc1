import Foundation

/// The time that a sender spends and waits, in seconds. Only differences count.
public struct SenderClock {
  /// Seconds since some instant. It never goes back.
  public var now: () -> Double
  /// Waits a number of seconds.
  public var wait: (Double) -> Void

  public init(now: @escaping () -> Double, wait: @escaping (Double) -> Void) {
    self.now = now
    self.wait = wait
  }

  public static var system: SenderClock {
    SenderClock(
      now: { ProcessInfo.processInfo.systemUptime },
      wait: { Thread.sleep(forTimeInterval: $0) })
  }
}
