import CSQLite

/// A prepared statement. It belongs to its connection and to the thread that uses that.
///
/// It does not keep the connection alive: that one keeps its statements, and SQLite keeps the
/// database open until the last of them is gone.
public final class Statement {
  let handle: OpaquePointer

  init(_ handle: OpaquePointer) { self.handle = handle }

  init(_ sql: String, _ connection: Connection) throws(SQLiteError) {
    var handle: OpaquePointer?
    let code = sqlite3_prepare_v3(
      connection.handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
    guard code == SQLITE_OK, let handle else { throw SQLiteError(connection.handle, code) }
    self.handle = handle
  }

  deinit { sqlite3_finalize(handle) }

  /// Binds all parameters, runs the statement to its end, and makes it ready for the next use.
  public func run(_ values: Datum...) throws(SQLiteError) {
    try bind(values)
    defer { reset() }
    while try step() {}
  }

  /// Runs the statement to its end with the parameters as they are bound, which they stay.
  public func runAsBound() throws(SQLiteError) {
    defer { sqlite3_reset(handle) }
    while try step() {}
  }

  /// The rows of a query, each turned into a value by `read`.
  public func all<Row>(
    _ values: Datum..., read: (Statement) throws(SQLiteError) -> Row
  ) throws(SQLiteError) -> [Row] {
    try bind(values)
    defer { reset() }
    var rows: [Row] = []
    while try step() { rows.append(try read(self)) }
    return rows
  }

  /// The first row of a query, or nil.
  public func first<Row>(
    _ values: Datum..., read: (Statement) throws(SQLiteError) -> Row
  ) throws(SQLiteError) -> Row? {
    try bind(values)
    defer { reset() }
    return try step() ? try read(self) : nil
  }

  /// Runs the statement to its end with a text that is read in place, and not copied first.
  ///
  /// The other parameters are bound before. They stay bound, the text does not.
  public func run(text: Span<UInt8>, at index: Int32) throws(SQLiteError) {
    defer { unbind(index) }
    try text.withUnsafeBufferPointer { utf8 throws(SQLiteError) in
      try bind(inPlace: utf8, at: index)
      defer { sqlite3_reset(handle) }
      while try step() {}
    }
  }

  /// The same for several texts, places in `bytes`: one at `index`, the next `stride` further.
  public func run(
    texts places: [Range<Int>], of bytes: Span<UInt8>, at index: Int32, every stride: Int32
  ) throws(SQLiteError) {
    defer { for number in places.indices { unbind(index + Int32(number) * stride) } }
    try bytes.withUnsafeBufferPointer { utf8 throws(SQLiteError) in
      for (number, place) in places.enumerated() {
        try bind(
          inPlace: UnsafeBufferPointer(rebasing: utf8[place]), at: index + Int32(number) * stride)
      }
      defer { sqlite3_reset(handle) }
      while try step() {}
    }
  }

  /// The integer in the first column of a query's first row, sought by a text as in `run(text:at:)`.
  public func firstInt(text: Span<UInt8>, at index: Int32) throws(SQLiteError) -> Int64? {
    defer { unbind(index) }
    return try text.withUnsafeBufferPointer { utf8 throws(SQLiteError) in
      try bind(inPlace: utf8, at: index)
      defer { sqlite3_reset(handle) }
      return try step() ? int(0) : nil
    }
  }

  /// SQLite reads the bytes until the statement is reset.
  private func bind(
    inPlace text: UnsafeBufferPointer<UInt8>, at index: Int32
  ) throws(SQLiteError) {
    let code = text.withMemoryRebound(to: CChar.self) { characters in
      sqlite3_bind_text64(
        handle, index, characters.baseAddress ?? emptyText, UInt64(characters.count), nil,
        UInt8(SQLITE_UTF8))
    }
    guard code == SQLITE_OK else { throw SQLiteError(sqlite3_db_handle(handle), code) }
  }

  private func unbind(_ index: Int32) { sqlite3_bind_null(handle, index) }

  /// Calls `body` with the bytes in the first column of the row with this number, read in place.
  ///
  /// Nil when there is no such row.
  public func withBlob<Result>(
    ofRow row: Int64, _ body: (Span<UInt8>) throws -> Result
  ) throws -> Result? {
    try bind(.integer(row), at: 1)
    defer { reset() }
    return try step() ? try withBytes(0, body) : nil
  }

  /// Calls `body` for each row. The statement is reset at the end, also when `body` throws.
  public func forEach(_ values: Datum..., body: (Statement) throws -> Void) throws {
    try bind(values)
    defer { reset() }
    while try step() { try body(self) }
  }

  public func bind(_ values: [Datum]) throws(SQLiteError) {
    for (index, value) in values.enumerated() { try bind(value, at: Int32(index + 1)) }
  }

  /// Binds one parameter; the first has index 1.
  public func bind(_ value: Datum, at index: Int32) throws(SQLiteError) {
    let transient = rollcall_sqlite_transient()
    let code: Int32
    switch value {
    case .null: code = sqlite3_bind_null(handle, index)
    case .integer(let number): code = sqlite3_bind_int64(handle, index, number)
    case .real(let number): code = sqlite3_bind_double(handle, index, number)
    case .text(let text):
      var text = text
      code = text.withUTF8 { utf8 in
        utf8.withMemoryRebound(to: CChar.self) { characters in
          sqlite3_bind_text64(
            handle, index, characters.baseAddress ?? emptyText, UInt64(characters.count),
            transient, UInt8(SQLITE_UTF8))
        }
      }
    case .blob(let bytes):
      code = bytes.withUnsafeBytes { bytes in
        bytes.baseAddress == nil
          ? sqlite3_bind_zeroblob(handle, index, 0)
          : sqlite3_bind_blob64(
            handle, index, bytes.baseAddress, UInt64(bytes.count), transient)
      }
    }
    guard code == SQLITE_OK else { throw SQLiteError(sqlite3_db_handle(handle), code) }
  }

  /// Binds an integer or NULL.
  public func bind(_ number: Int64?, at index: Int32) throws(SQLiteError) {
    let code =
      if let number {
        sqlite3_bind_int64(handle, index, number)
      } else {
        sqlite3_bind_null(handle, index)
      }
    guard code == SQLITE_OK else { throw SQLiteError(sqlite3_db_handle(handle), code) }
  }

  /// Moves to the next row; false at the end.
  public func step() throws(SQLiteError) -> Bool {
    let code = sqlite3_step(handle)
    switch code {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default:
      let error = SQLiteError(sqlite3_db_handle(handle), code)
      sqlite3_reset(handle)
      throw error
    }
  }

  public func reset() {
    sqlite3_reset(handle)
    sqlite3_clear_bindings(handle)
  }

  /// Makes the statement ready for the next use with the parameters as they are bound.
  public func rewind() { sqlite3_reset(handle) }

  public var columnCount: Int32 { sqlite3_column_count(handle) }

  public func isNull(_ column: Int32) -> Bool {
    sqlite3_column_type(handle, column) == SQLITE_NULL
  }

  public func int(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  public func optionalInt(_ column: Int32) -> Int64? { isNull(column) ? nil : int(column) }

  /// The text of a column; empty for NULL.
  public func text(_ column: Int32) -> String {
    guard let start = sqlite3_column_text(handle, column) else { return "" }
    let count = Int(sqlite3_column_bytes(handle, column))
    return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  }

  public func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

  /// The bytes of a blob; empty for NULL.
  public func blob(_ column: Int32) -> [UInt8] {
    guard let start = sqlite3_column_blob(handle, column) else { return [] }
    let count = Int(sqlite3_column_bytes(handle, column))
    return [UInt8](UnsafeRawBufferPointer(start: start, count: count))
  }

  /// The same for somebody who reads them and changes by it.
  public func withBytes<Reader: ~Copyable>(
    _ column: Int32, _ reader: inout Reader, _ body: (inout Reader, Span<UInt8>) -> Void
  ) {
    let start = sqlite3_column_blob(handle, column)?.assumingMemoryBound(to: UInt8.self)
    let count = Int(sqlite3_column_bytes(handle, column))
    body(&reader, Span(_unsafeElements: UnsafeBufferPointer(start: start, count: count)))
  }

  /// The bytes of a text or a blob in place, valid for the call only.
  public func withBytes<Result>(
    _ column: Int32, _ body: (Span<UInt8>) throws -> Result
  ) rethrows -> Result {
    let start = sqlite3_column_blob(handle, column)?.assumingMemoryBound(to: UInt8.self)
    let count = Int(sqlite3_column_bytes(handle, column))
    return try body(Span(_unsafeElements: UnsafeBufferPointer(start: start, count: count)))
  }
}

/// What an empty Swift string's missing address is replaced by: NULL would bind as SQL NULL.
nonisolated(unsafe) private let emptyText: UnsafePointer<CChar> = {
  let pointer = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
  pointer.initialize(to: 0)
  return UnsafePointer(pointer)
}()
