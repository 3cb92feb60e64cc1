import Foundation
import Synchronization

/// A closed batch, and how far the file is read with it.
struct Portion: Sendable {
  let batch: Batch
  /// The bytes before the place behind the batch, and their hash.
  let offset: Int
  let prefix: UInt64
  /// The lines up to the place.
  let lines: Int
  /// Whether the end of the file is reached.
  let isLast: Bool
}

/// Hands portions from the thread that scans to the one that writes.
///
/// There are two batches at a time, one that is scanned and one that is written, and so memory is
/// bounded.
final class Portions: Sendable {
  private struct State {
    var full: [Result<Portion, IngestFailure>] = []
    var isClosed = false
  }

  private let state = Mutex(State())
  private let count = DispatchSemaphore(value: 0)
  private let room = DispatchSemaphore(value: 0)
  private let end = DispatchSemaphore(value: 0)

  /// Calls `scan` on a thread of its own, to which this object is handed.
  init(_ scan: @escaping @Sendable (Portions) throws(IngestFailure) -> Void) {
    for _ in 0..<2 { room.signal() }
    Thread.detachNewThread {
      do throws(IngestFailure) {
        try scan(self)
      } catch {
        self.put(.failure(error))
      }
      self.end.signal()
    }
  }

  // MARK: The scanning side

  /// Whether the writer has ended. What is scanned from then on is not wanted.
  var isClosed: Bool { state.withLock(\.isClosed) }

  /// Waits until one more batch may be filled; false when the writer has ended.
  func waitForRoom() -> Bool {
    room.wait()
    return !isClosed
  }

  func put(_ portion: Result<Portion, IngestFailure>) {
    state.withLock { $0.full.append(portion) }
    count.signal()
  }

  // MARK: The writing side

  /// Waits for the next portion. There is always one until the last one, or an error.
  func next() throws(IngestFailure) -> Portion {
    count.wait()
    return try state.withLock { $0.full.removeFirst() }.get()
  }

  /// Says that a portion is written and let go of.
  func makeRoom() { room.signal() }

  /// Ends the scan, and waits until its thread has let go of the file.
  func close() {
    state.withLock { $0.isClosed = true }
    room.signal()
    end.wait()
  }
}
