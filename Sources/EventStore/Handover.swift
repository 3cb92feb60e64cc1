import Foundation
import Synchronization

/// Passes elements from one thread to another one, and used ones back.
///
/// There are as many as it was made with, so that memory is bounded. Whoever ends first says so, and
/// the other side is told instead of waiting for ever.
final class Handover<Element: Sendable>: Sendable {
  private struct State {
    var empty: [Element]
    var full: [Element] = []
    var isEnded = false
    var isClosed = false
  }

  private let state: Mutex<State>
  private let emptyCount = DispatchSemaphore(value: 0)
  private let fullCount = DispatchSemaphore(value: 0)

  init(_ elements: [Element]) {
    state = Mutex(State(empty: elements))
    for _ in elements { emptyCount.signal() }
  }

  // MARK: The filling side

  /// Waits for an element to fill; nil when the other side wants no more.
  func empty() -> Element? {
    emptyCount.wait()
    return state.withLock { $0.isClosed ? nil : $0.empty.removeFirst() }
  }

  /// Hands over an element that is full.
  func put(_ element: Element) {
    state.withLock { $0.full.append(element) }
    fullCount.signal()
  }

  /// Says that nothing more comes.
  func end() {
    state.withLock { $0.isEnded = true }
    fullCount.signal()
  }

  // MARK: The emptying side

  /// Waits for a full element; nil when nothing more comes.
  func next() -> Element? {
    fullCount.wait()
    return state.withLock { $0.full.isEmpty ? nil : $0.full.removeFirst() }
  }

  /// Gives back an element that may be filled again.
  func giveBack(_ element: Element) {
    state.withLock { $0.empty.append(element) }
    emptyCount.signal()
  }

  /// Says that no more is wanted.
  func close() {
    state.withLock { $0.isClosed = true }
    emptyCount.signal()
  }
}

/// Work on a thread of its own, whose error comes out where it is waited for.
final class Worker: Sendable {
  private let failure = Mutex<(any Error)?>(nil)
  private let group = DispatchGroup()

  init(_ body: @escaping @Sendable () throws -> Void) {
    group.enter()
    Thread.detachNewThread { [self] in
      do { try body() } catch { failure.withLock { $0 = error } }
      group.leave()
    }
  }

  /// Waits for the end, however it comes.
  func wait() { group.wait() }

  /// Waits for the end.
  ///
  /// - Throws: what the work threw.
  func finish() throws {
    wait()
    if let failure = failure.withLock({ $0 }) { throw failure }
  }
}
