import SQLite
import Synchronization

/// Looks up the users of an ingest's first batch while its message ids are looked up.
///
/// Both are some thousand pages, here and there in the store. It is begun inside the writer's
/// transaction, before that has changed anything but the message index: as nobody else commits, this
/// connection sees what the writer does.
final class IdentityLookUp: Sendable {
  /// What the store has for each text of the batch.
  struct IDs: Sendable {
    var users: [Int64] = []
    var anonymous: [Int64] = []
  }

  private final class Found: Sendable {
    let ids = Mutex(IDs())
  }

  private let found: Found
  private let worker: Worker

  /// - Parameter batch: the first of an ingest, so that its new texts are all there are.
  init(_ batch: Batch, path: String) {
    let found = Found()
    self.found = found
    worker = Worker {
      let connection = try Connection(
        path: path, mode: .readOnly, cacheSize: BatchWriter.cacheSizeForLookUps)
      let ids = try IDs(
        users: TextTable.ids(of: batch.users.texts, .user, connection),
        anonymous: TextTable.ids(of: batch.anonymous.texts, .anonymous, connection))
      found.ids.withLock { $0 = ids }
    }
  }

  /// Waits for the end, however it comes.
  func wait() { worker.wait() }

  /// Waits for what was found.
  ///
  /// - Throws: `SQLiteError`.
  func finish() throws -> IDs {
    try worker.finish()
    return found.ids.withLock { $0 }
  }
}
