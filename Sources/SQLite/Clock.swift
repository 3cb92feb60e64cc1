import CSQLite
import Foundation

/// SQLite's view of the system, in which a restricted statement finds no clock.
///
/// `date('now')`, `CURRENT_TIMESTAMP` and their like ask the file system layer for the time, however
/// they are spelt; nothing else of SQLite does. While a thread runs a restricted statement, the
/// question is noted and not answered.
enum Clock {
  /// The name under which connections open their files.
  static let systemName: String? = {
    guard let usual, pthread_key_create(&key, nil) == 0 else { return nil }
    let system = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
    system.initialize(to: usual.pointee)
    let name = "rollcall"
    system.pointee.pNext = nil
    system.pointee.zName = UnsafePointer(strdup(name))
    system.pointee.xCurrentTimeInt64 = { _, time in
      if let restriction = pthread_getspecific(Clock.key) {
        Unmanaged<Restriction>.fromOpaque(restriction).takeUnretainedValue().note(.clock)
        return SQLITE_ERROR
      }
      guard let usual = Clock.usual, let ask = usual.pointee.xCurrentTimeInt64 else {
        return SQLITE_ERROR
      }
      return ask(usual, time)
    }
    // It lives as long as the process.
    return sqlite3_vfs_register(system, 0) == SQLITE_OK ? name : nil
  }()

  nonisolated(unsafe) private static let usual = sqlite3_vfs_find(nil)
  nonisolated(unsafe) private static var key = pthread_key_t()

  /// Runs `body` on this thread without a clock for SQLite.
  static func hidden<Result>(
    _ restriction: Restriction, _ body: () throws -> Result
  ) throws -> Result {
    guard systemName != nil else {
      throw SQLiteError(code: SQLITE_ERROR, message: "the clock cannot be kept from a statement")
    }
    pthread_setspecific(key, Unmanaged.passUnretained(restriction).toOpaque())
    defer { pthread_setspecific(key, nil) }
    return try body()
  }
}
