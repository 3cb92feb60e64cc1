import CSQLite

/// Who is shown the rows of a query, in their order.
public protocol RowVisitor: AnyObject {
  func visit(_ row: VisitedRow) throws
}

/// The columns of one row, in place and valid for the call only.
public struct VisitedRow {
  fileprivate let values: UnsafeMutablePointer<OpaquePointer?>

  public func int(_ column: Int) -> Int64 { sqlite3_value_int64(values[column]) }

  /// Calls `body` with the bytes of a blob, which are not copied.
  @inline(__always)
  public func withBytes<Result>(
    _ column: Int, _ body: (Span<UInt8>) throws -> Result
  ) rethrows -> Result {
    let start = sqlite3_value_blob(values[column])?.assumingMemoryBound(to: UInt8.self)
    let count = Int(sqlite3_value_bytes(values[column]))
    return try body(Span(_unsafeElements: UnsafeBufferPointer(start: start, count: count)))
  }
}

extension Connection {
  /// Shows the rows of a query to a visitor, as arguments of the query's function `visit`.
  ///
  /// SQLite copies a blob when it is the result of a row, and not when it is a function's argument: for
  /// who reads a large table once, that is the difference. When the visitor throws, the query ends, and
  /// the error is thrown here.
  ///
  /// - Parameter sql: `SELECT visit(…) FROM …`.
  public func visit(_ sql: String, _ values: Datum..., visitor: some RowVisitor) throws {
    precondition(visits.visitor == nil, "a visit inside another one")
    let statement = try prepareFresh(sql)
    try statement.bind(values)
    visits.visitor = visitor
    defer { visits.end() }
    do {
      while try statement.step() {}
    } catch {
      throw visits.failure ?? error
    }
  }
}

/// The visits of a connection, for the function that SQLite calls.
final class Visits {
  fileprivate var visitor: (any RowVisitor)?
  fileprivate private(set) var failure: (any Error)?

  /// Makes the function known to a connection that outlives this, and runs no statement yet.
  func register(_ handle: OpaquePointer) throws(SQLiteError) {
    let code = sqlite3_create_function_v2(
      handle, "visit", -1, SQLITE_UTF8 | SQLITE_DIRECTONLY,
      Unmanaged.passUnretained(self).toOpaque(), Self.show, nil, nil, nil)
    guard code == SQLITE_OK else { throw SQLiteError(handle, code) }
  }

  fileprivate func end() {
    visitor = nil
    failure = nil
  }

  private static let show:
    @convention(c) (
      OpaquePointer?, Int32, UnsafeMutablePointer<OpaquePointer?>?
    ) -> Void = { context, _, values in
      guard let data = sqlite3_user_data(context), let values else { return }
      let visits = Unmanaged<Visits>.fromOpaque(data).takeUnretainedValue()
      do {
        guard let visitor = visits.visitor else {
          throw SQLiteError(code: SQLITE_MISUSE, message: "nobody visits the rows of this query")
        }
        try visitor.visit(VisitedRow(values: values))
      } catch {
        visits.failure = error
        sqlite3_result_error_code(context, SQLITE_ABORT)
      }
    }
}
