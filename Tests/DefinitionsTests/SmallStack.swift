import Foundation
import Synchronization

/// Runs `body` on a thread with a stack of 512 KiB, as threads other than the main one may have.
func onSmallStack<Result: Sendable>(_ body: @escaping @Sendable () -> Result) -> Result {
  let outcome = Outcome<Result>()
  let done = DispatchSemaphore(value: 0)
  let thread = Thread {
    outcome.value.withLock { $0 = body() }
    done.signal()
  }
  thread.stackSize = 512 << 10
  thread.start()
  done.wait()
  guard let result = outcome.value.withLock({ $0 }) else { fatalError("the thread has ended") }
  return result
}

private final class Outcome<Result: Sendable>: Sendable {
  let value = Mutex<Result?>(nil)
}
