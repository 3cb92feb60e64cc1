import Foundation
import Values

/// A lock that the system frees when its process ends, however it ends.
///
/// One file a lock beside the store: one run at a time, one sender for each destination. SQLite's
/// own lock is held for a transaction only, and never while the network is used.
final class LockFile {
  struct Failure: Error {
    let message: String
    let help: String?
  }

  private let file: OpenFile

  /// Waits for the lock.
  ///
  /// - Parameter what: for the message when it is not to be had: "another run".
  init(store: String, _ name: String, what: String, wait: Duration) throws {
    let path = "\(store).\(name).lock"
    file = OpenFile(descriptor: open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644))
    guard file.descriptor >= 0 else {
      throw Failure(
        message: "the lock file '\(path)' cannot be opened: \(String(cString: strerror(errno)))",
        help: "allow this user to write the store's folder")
    }
    var waited: Int64 = 0
    while flock(file.descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard waited < wait.milliseconds else {
        throw Failure(
          message: "\(what) is going on", help: "try again when it is done, or use --wait 10m")
      }
      Thread.sleep(forTimeInterval: 0.02)
      waited += 20
    }
  }
}

/// Closes its file once, whichever way it ends: a number that is closed twice may by then be the file
/// of another thread.
private struct OpenFile: ~Copyable {
  /// Negative where the file could not be opened.
  let descriptor: Int32

  deinit { if descriptor >= 0 { close(descriptor) } }
}
