import Foundation
import Synchronization

/// Looks at a process' memory now and then, for the part that is not pages of files.
final class MemoryWatch: Sendable {
  private struct State {
    var isOver = false
    var peak: Int?
  }

  private let state = Mutex(State())
  private let finished = DispatchSemaphore(value: 0)
  private static let interval: TimeInterval = 0.02

  init(_ id: pid_t) {
    let thread = Thread { [self] in
      while !state.withLock({ $0.isOver }) {
        Thread.sleep(forTimeInterval: Self.interval)
        guard let bytes = Self.anonymous(id) else { continue }
        state.withLock { $0.peak = max($0.peak ?? 0, bytes) }
      }
      finished.signal()
    }
    thread.start()
  }

  /// Stops looking, and gives the largest size that was seen, in bytes.
  func end() -> Int? {
    state.withLock { $0.isOver = true }
    finished.wait()
    return state.withLock { $0.peak }
  }

  private static func anonymous(_ id: pid_t) -> Int? {
    guard let status = try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8) else {
      return nil
    }
    return bytes(named: "RssAnon", in: status)
  }

  /// A size of `/proc/ID/status`, in bytes.
  static func bytes(named name: String, in status: String) -> Int? {
    for line in status.split(separator: "\n") where line.hasPrefix(name + ":") {
      return line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first
        .flatMap { Int($0) }.map { $0 * 1024 }
    }
    return nil
  }
}
