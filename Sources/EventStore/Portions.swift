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
    var written: [Batch] = []
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

  /// An empty batch, in memory that was used before where there is some.
  func batch(_ limit: BatchLimit) -> Batch {
    guard var batch = state.withLock({ $0.written.popLast() }) else { return Batch(limit) }
    batch.empty(limit)
    return batch
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

  /// Takes back a portion that is written. Its memory is for another one, and has no other owner then.
  func makeRoom(_ portion: consuming Portion) {
    let batch = portion.batch
    _ = consume portion
    state.withLock { $0.written.append(batch) }
    _ = consume batch
    room.signal()
  }

  /// Ends the scan, and waits until its thread has let go of the file.
  func close() {
    state.withLock { $0.isClosed = true }
    room.signal()
    end.wait()
  }
}
