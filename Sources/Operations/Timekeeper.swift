import Dispatch
import Foundation
import Synchronization
import Values

/// Why a wait was over.
public enum Wakening: Sendable {
  case time
  /// Somebody asks for the definitions to be read again.
  case reread
  /// Somebody asks for the end.
  case stop
}

/// The clock that a service goes by, and its waiting.
public protocol Timekeeper: AnyObject {
  var now: Instant { get }
  /// Whether somebody asked for the end.
  var isStopping: Bool { get }
  /// Waits until an instant, or until somebody asks for something. Each request to read again is told
  /// once, that for the end for ever.
  func wait(until instant: Instant) -> Wakening
  /// Waits a number of seconds, or until somebody asks for the end.
  func pause(seconds: Double)
}

/// The system's clock. `reread` and `stop` may be called from any thread.
public final class SystemTimekeeper: Timekeeper, Sendable {
  private struct Requests {
    var isStopping = false
    var isRereading = false
  }

  private let requests = Mutex(Requests())
  private let bell = DispatchSemaphore(value: 0)
  /// A clock that is set is noticed after so many milliseconds.
  private static let longestNap: Int64 = 30_000

  public init() {}

  public var now: Instant { Session.clock() }

  public var isStopping: Bool { requests.withLock { $0.isStopping } }

  public func stop() {
    requests.withLock { $0.isStopping = true }
    bell.signal()
  }

  public func reread() {
    requests.withLock { $0.isRereading = true }
    bell.signal()
  }

  public func wait(until instant: Instant) -> Wakening {
    while true {
      if let wakening = requests.withLock({ Self.take(&$0) }) { return wakening }
      let left = (instant - now).milliseconds
      guard left > 0 else { return .time }
      _ = bell.wait(timeout: .now() + .milliseconds(Int(min(left, Self.longestNap))))
    }
  }

  private static func take(_ requests: inout Requests) -> Wakening? {
    if requests.isStopping { return .stop }
    defer { requests.isRereading = false }
    return requests.isRereading ? .reread : nil
  }

  public func pause(seconds: Double) {
    let end = DispatchTime.now() + seconds
    while !isStopping, DispatchTime.now() < end { _ = bell.wait(timeout: end) }
  }
}
