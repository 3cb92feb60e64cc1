import CSQLite
import Foundation

/// One connection to a store. It belongs to one thread at a time.
public final class Connection {
  /// What the connection may do.
  public enum Mode: Sendable {
    /// Creates the file when there is none.
    case create
    /// The file must be there.
    case readWrite
    case readOnly
  }

  /// The file as it was named when it was opened.
  public let path: String
  let handle: OpaquePointer
  private var statements: [String: Statement] = [:]
  private var depth = 0
  let visits = Visits()
  /// Settled once for the process. Where another part of it has opened a connection before, SQLite
  /// refuses, and only the speed is another.
  private static let omitsMemoryStatistics =
    rollcall_sqlite_omit_memory_statistics() == SQLITE_OK

  /// Opens `path` and settles everything that SQLite would otherwise take from its build.
  ///
  /// Nothing is written: the file may turn out to be another program's. `Migration` sets the
  /// journal mode, which the file keeps.
  ///
  /// - Parameters:
  ///   - busyTimeout: how long a call waits for another process, in milliseconds.
  ///   - cacheSize: how much of the store is kept in memory, in KiB. Who reads everything once, in
  ///     order, needs little, and has it in the processor's own cache then.
  public init(
    path: String, mode: Mode, busyTimeout: Int32 = 10_000, cacheSize: Int = Connection.cacheSize
  ) throws(SQLiteError) {
    _ = Self.omitsMemoryStatistics
    var handle: OpaquePointer?
    let flags =
      switch mode {
      case .create: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      case .readWrite: SQLITE_OPEN_READWRITE
      case .readOnly: SQLITE_OPEN_READONLY
      }
    let code = sqlite3_open_v2(
      path, &handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
      Clock.systemName)
    guard code == SQLITE_OK, let handle else {
      let error = SQLiteError(handle, code)
      sqlite3_close_v2(handle)
      throw error
    }
    self.path = path
    self.handle = handle
    // The timeout comes first: the connection that switches to WAL, or is the first after the last
    // one closed, may meet another one doing the same.
    sqlite3_busy_timeout(handle, busyTimeout)
    _ = rollcall_sqlite_refuse_quoted_strings(handle)
    try visits.register(handle)
    if mode != .readOnly {
      guard sqlite3_db_readonly(handle, "main") == 0 else {
        throw SQLiteError(
          code: SQLITE_READONLY, message: "attempt to write a readonly database")
      }
      try execute("PRAGMA synchronous = FULL")
      // Debian's build overwrites everything that is deleted; FAST does it where that costs no
      // extra write.
      try execute("PRAGMA secure_delete = FAST")
      try execute("PRAGMA foreign_keys = ON")
      // A log that a long transaction made long is cut when it begins anew.
      try execute("PRAGMA journal_size_limit = \(Self.logLimit)")
    }
    try execute("PRAGMA temp_store = MEMORY")
    try execute("PRAGMA cache_size = \(-cacheSize)")
  }

  /// Runs `body` with less of the store in memory, or more, and then goes on as before.
  ///
  /// Pages that are read once, here and there, are best read into memory that is used again for the next.
  ///
  /// - Parameter cacheSize: in KiB.
  public func withCache<Result>(of cacheSize: Int, _ body: () throws -> Result) throws -> Result {
    let usual = try prepare("PRAGMA cache_size").first { $0.int(0) } ?? Int64(-Self.cacheSize)
    try execute("PRAGMA cache_size = \(-cacheSize)")
    defer { try? execute("PRAGMA cache_size = \(usual)") }
    return try body()
  }

  /// The bytes of a page of the file.
  public var pageSize: Int {
    get throws { Int(try prepare("PRAGMA page_size").first { $0.int(0) } ?? 4096) }
  }

  /// The bytes to which a write-ahead log is cut.
  public static let logLimit = 64 << 20
  /// How much of the store is kept in memory, in KiB.
  public static let cacheSize = 64 << 10

  deinit {
    statements.removeAll()
    sqlite3_close_v2(handle)
  }

  /// Runs one or more statements that take no parameters.
  public func execute(_ sql: String) throws(SQLiteError) {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw SQLiteError(handle, code) }
  }

  /// The prepared statement of this text, made once. Text must not be built from values.
  public func prepare(_ sql: String) throws(SQLiteError) -> Statement {
    if let statement = statements[sql] { return statement }
    let statement = try Statement(sql, self)
    statements[sql] = statement
    return statement
  }

  /// A statement of its own, for a loop in which the same text runs a second time.
  public func prepareFresh(_ sql: String) throws(SQLiteError) -> Statement {
    try Statement(sql, self)
  }

  /// Prepares and runs one statement.
  public func run(_ sql: String, _ values: Datum...) throws(SQLiteError) {
    let statement = try prepare(sql)
    try statement.bind(values)
    defer { statement.reset() }
    while try statement.step() {}
  }

  /// The rowid of the last insert.
  public var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(handle) }

  /// The rows that the last statement changed.
  public var changes: Int { Int(sqlite3_changes64(handle)) }

  /// The steps that SQLite's machine has taken for the statements that are prepared now: what they cost
  /// in a number that depends on no machine and no load.
  public var steps: Int {
    var steps = 0
    var statement = sqlite3_next_stmt(handle, nil)
    while let current = statement {
      steps += Int(sqlite3_stmt_status(current, SQLITE_STMTSTATUS_VM_STEP, 0))
      statement = sqlite3_next_stmt(handle, current)
    }
    return steps
  }

  /// Runs `body` in a write transaction that takes the lock at once, waiting its turn.
  ///
  /// Everything in it is committed together, or nothing when `body` throws. The label names the
  /// step for the crash tests, which end a debug build just before a chosen commit.
  public func transaction<Result>(
    _ label: StaticString, _ body: () throws -> Result
  ) throws -> Result {
    precondition(depth == 0, "a write transaction inside another one")
    try execute("BEGIN IMMEDIATE")
    depth += 1
    defer { depth -= 1 }
    do {
      let result = try body()
      CrashPoint.reach(label)
      try execute("COMMIT")
      return result
    } catch {
      // After some errors SQLite has rolled back by itself; then there is nothing to do.
      if sqlite3_get_autocommit(handle) == 0 { try? execute("ROLLBACK") }
      throw error
    }
  }

  /// The same for what is derived from other tables and can be made again: it is safe on the disk when
  /// something that is committed behind it is, and lost, if at all, as a whole.
  public func derivation<Derived>(
    _ label: StaticString, _ body: () throws -> Derived
  ) throws -> Derived {
    try execute("PRAGMA synchronous = NORMAL")
    let derived = Result { try transaction(label, body) }
    try execute("PRAGMA synchronous = FULL")
    return try derived.get()
  }

  /// Runs `body` in a write transaction and takes everything back.
  public func rehearsal<Result>(_ body: () throws -> Result) throws -> Result {
    precondition(depth == 0, "a rehearsal inside a transaction")
    try execute("BEGIN IMMEDIATE")
    depth += 1
    defer { depth -= 1 }
    let result: Result
    do {
      result = try body()
    } catch {
      if sqlite3_get_autocommit(handle) == 0 { try? execute("ROLLBACK") }
      throw error
    }
    try execute("ROLLBACK")
    return result
  }

  /// Runs `body` over one unchanging view of the store.
  public func snapshot<Result>(_ body: () throws -> Result) throws -> Result {
    try execute("BEGIN")
    defer { try? execute("COMMIT") }
    return try body()
  }
}
