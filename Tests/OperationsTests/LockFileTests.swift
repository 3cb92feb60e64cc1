import Foundation
import Scratch
import Synchronization
import Testing
import Values

@testable import Operations

struct LockFileTests {
  @Test("a lock that is not to be had closes no file but its own")
  func closesOnce() throws {
    let folder = Scratch.folder("lock")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let store = folder.appendingPathComponent("store.sqlite").path
    let lock = try LockFile(store: store, "run", what: "a run", wait: Duration(milliseconds: 0))
    defer { withExtendedLifetime(lock) {} }

    let isOver = Mutex(false)
    let ended = DispatchGroup()
    let refused = Mutex(0)
    ended.enter()
    Thread.detachNewThread {
      while !isOver.withLock({ $0 }) {
        do {
          _ = try LockFile(store: store, "run", what: "a run", wait: Duration(milliseconds: 0))
        } catch {
          refused.withLock { $0 += 1 }
        }
      }
      ended.leave()
    }
    // A file closed twice is seen here: this thread is given its number in between.
    var lost = 0
    var opened = 0
    while opened < 1000 || refused.withLock({ $0 }) < 1000 {
      let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
      try #require(descriptor >= 0)
      if close(descriptor) != 0 { lost += 1 }
      opened += 1
    }
    isOver.withLock { $0 = true }
    ended.wait()
    #expect(lost == 0)
  }
}
