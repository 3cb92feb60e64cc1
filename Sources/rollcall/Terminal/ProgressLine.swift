import Foundation
import Synchronization

/// A line on standard error that follows long work: from its second second on, and only where
/// standard error is a terminal.
final class ProgressLine: Sendable {
  private struct State {
    var started: [String: Date] = [:]
    var shown = Date.distantPast
    var isVisible = false
  }

  private let state = Mutex(State())
  private let isTerminal = isatty(STDERR_FILENO) == 1

  /// Shows how much of how much is done, at most five times a second.
  func show(_ work: String, _ done: Int, _ total: Int?) {
    guard isTerminal else { return }
    state.withLock { state in
      let now = Date()
      let start = state.started[work] ?? now
      state.started[work] = start
      let elapsed = now.timeIntervalSince(start)
      guard elapsed > 1, now.timeIntervalSince(state.shown) > 0.2 else { return }
      state.shown = now
      state.isVisible = true
      write("\r\u{1B}[K" + Self.text(work, done, total, elapsed))
    }
  }

  /// Takes the line away.
  func clear() {
    state.withLock { state in
      if state.isVisible { write("\r\u{1B}[K") }
      state = State()
    }
  }

  static func text(_ work: String, _ done: Int, _ total: Int?, _ elapsed: Double) -> String {
    let rate = elapsed > 0 ? Double(done) / elapsed : 0
    guard let total, total > 0, done <= total else {
      return "\(work): \(grouped(done)), \(grouped(Int(rate)))/s"
    }
    let width = 24
    let filled = width * done / total
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    let left = rate > 0 ? Int((Double(total - done) / rate).rounded(.up)) : 0
    return "\(work): \(bar) \(100 * done / total) %, \(grouped(Int(rate)))/s, \(left) s left"
  }

  private func write(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }
}
