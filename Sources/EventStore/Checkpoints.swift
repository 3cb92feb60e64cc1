import Foundation
import SQLite
import Synchronization

/// Copies what is committed from the write-ahead log into the store while the next batch is written.
///
/// The log begins anew only when all of it is copied, and while a writer goes on that is never. So
/// once the log is long, the writer waits for the copy and does the rest itself.
///
/// It opens a connection of its own for each copy. One that fails is made up for by the next; what
/// is committed is safe in the log.
final class Checkpoints: Sendable {
  private struct State {
    var isRunning = false
    var hasRun = false
    /// The pages in the log when it was last looked at.
    var pages: Int64 = 0
  }

  private let path: String
  private let pageLimit: Int64
  private let state = Mutex(State())
  private let queue = DispatchQueue(label: "checkpoints")
  private let group = DispatchGroup()

  /// From so many bytes of a log on the writer waits.
  static let logLimit: Int64 = 512 << 20

  /// - Parameters:
  ///   - path: the store's file.
  ///   - pageLimit: from so many pages on the writer waits.
  init(path: String, pageLimit: Int64) {
    self.path = path
    self.pageLimit = pageLimit
  }

  /// Copies what the writer's connection has committed, unless a copy is going on already.
  func start(after connection: Connection) throws {
    if state.withLock(\.pages) >= pageLimit { try finish(connection) }
    let starts = state.withLock { state in
      defer { (state.isRunning, state.hasRun) = (true, true) }
      return !state.isRunning
    }
    guard starts else { return }
    try connection.execute("PRAGMA wal_autocheckpoint = 0")
    queue.async(group: group) { [self] in
      let pages = try? Self.copy(Connection(path: path, mode: .readWrite))
      state.withLock { state in
        state.isRunning = false
        state.pages = pages ?? state.pages
      }
    }
  }

  /// Waits for the copy and does the rest, so that the log begins anew with the next transaction.
  func finish(_ connection: Connection) throws {
    wait()
    guard state.withLock(\.hasRun) else { return }
    _ = try Self.copy(connection)
    state.withLock { $0.pages = 0 }
  }

  /// Waits until nothing is going on.
  func wait() { group.wait() }

  /// Copies what no reader holds up, and returns the number of pages in the log.
  private static func copy(_ connection: Connection) throws -> Int64 {
    try connection.prepare("PRAGMA wal_checkpoint(PASSIVE)").first { $0.int(1) } ?? 0
  }
}
