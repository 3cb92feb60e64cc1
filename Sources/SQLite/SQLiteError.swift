import CSQLite

/// What SQLite answered, without any bound value.
public struct SQLiteError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What a caller can do something about.
  public enum Kind: Equatable, Sendable {
    /// Another process holds the store, and went on holding it past the busy timeout.
    case busy
    /// The file, its folder or its file system does not let itself be written.
    case readOnly
    /// The file cannot be opened: it is missing, is a folder, or may not be read.
    case cannotOpen
    /// The file holds something else than a SQLite database.
    case notADatabase
    /// The database is damaged.
    case corrupt
    /// The disk is full.
    case full
    /// A uniqueness, a check or another constraint of the schema refused a row.
    case constraint
    case other
  }

  public let kind: Kind
  /// SQLite's extended result code.
  public let code: Int32
  /// SQLite's message: names of tables and columns, never values.
  public let message: String

  public var description: String { "SQLite \(code): \(message)" }

  public init(code: Int32, message: String) {
    self.code = code
    self.message = message
    kind =
      switch code & 0xFF {
      case SQLITE_BUSY, SQLITE_LOCKED: .busy
      case SQLITE_READONLY, SQLITE_PERM: .readOnly
      case SQLITE_CANTOPEN: .cannotOpen
      case SQLITE_NOTADB: .notADatabase
      case SQLITE_CORRUPT: .corrupt
      case SQLITE_FULL: .full
      case SQLITE_CONSTRAINT: .constraint
      default: .other
      }
  }

  /// A row that does not hold what this program wrote: the store is damaged.
  public static func damaged(_ table: String) -> SQLiteError {
    SQLiteError(code: SQLITE_CORRUPT, message: "a row of \(table) cannot be read")
  }

  /// A file that lies beside the store for a while cannot be written or read.
  ///
  /// - Parameter isFull: whether the disk is full.
  public static func fileBeside(isFull: Bool) -> SQLiteError {
    SQLiteError(
      code: isFull ? SQLITE_FULL : SQLITE_IOERR,
      message: "a file beside the store cannot be written or read")
  }

  init(_ handle: OpaquePointer?, _ code: Int32) {
    let extended = handle.map { sqlite3_extended_errcode($0) } ?? code
    let text = handle.map { String(cString: sqlite3_errmsg($0)) }
    self.init(
      code: extended & 0xFF == code & 0xFF ? extended : code,
      message: text ?? String(cString: sqlite3_errstr(code)))
  }
}
