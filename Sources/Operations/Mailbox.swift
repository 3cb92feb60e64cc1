import Foundation
import Synchronization

/// What some threads found, on the way to the one that writes. It holds a bounded number of letters, so
/// that nobody runs ahead of the writer.
final class Mailbox<Letter: Sendable>: Sendable {
  private struct Contents {
    var letters: [Letter] = []
    var failure: (any Error)?
    var senders: Int
    var isClosed = false
  }

  private let contents: Mutex<Contents>
  private let room: DispatchSemaphore
  private let mail = DispatchSemaphore(value: 0)

  init(senders: Int, capacity: Int) {
    contents = Mutex(Contents(senders: senders))
    room = DispatchSemaphore(value: capacity)
  }

  /// Runs `body` for each sender on a thread of its own. What it throws comes out where the letters are
  /// read.
  func start(_ body: @escaping @Sendable () throws -> Void) {
    for _ in 0..<contents.withLock({ $0.senders }) {
      let thread = Thread { [self] in
        do {
          try body()
          finish()
        } catch {
          finish(error)
        }
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
  }

  /// Sends a letter when there is room. False when nobody reads any more.
  func send(_ letter: Letter) -> Bool {
    room.wait()
    let isOpen = contents.withLock { contents in
      if !contents.isClosed { contents.letters.append(letter) }
      return !contents.isClosed
    }
    if !isOpen { room.signal() }
    mail.signal()
    return isOpen
  }

  /// Says that a sender has sent all, or has failed.
  func finish(_ failure: (any Error)? = nil) {
    contents.withLock { contents in
      contents.senders -= 1
      contents.failure = contents.failure ?? failure
    }
    mail.signal()
  }

  /// Hands over all letters until the last sender has finished. What a sender failed with is thrown at
  /// the end; when `each` throws, the senders are told to stop, and waited for.
  func read(_ each: (Letter) throws -> Void) throws {
    var failure: (any Error)?
    while true {
      mail.wait()
      let (letters, isDone) = contents.withLock { contents in
        defer { contents.letters = [] }
        return (contents.letters, contents.senders == 0)
      }
      for letter in letters {
        room.signal()
        guard failure == nil else { continue }
        do {
          try each(letter)
        } catch {
          failure = error
          contents.withLock { $0.isClosed = true }
        }
      }
      if isDone { break }
    }
    if let failure = failure ?? contents.withLock({ $0.failure }) { throw failure }
  }
}
