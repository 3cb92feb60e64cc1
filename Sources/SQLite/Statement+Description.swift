import CSQLite

extension Statement {
  /// The first statement of a text, and where what follows it begins, in bytes. Nil when there is
  /// none.
  public static func first(
    of sql: String, _ connection: Connection
  ) throws(SQLiteError) -> (statement: Statement?, rest: Int) {
    var handle: OpaquePointer?
    var rest = 0
    var sql = sql
    let code = sql.withUTF8 { utf8 in
      utf8.withMemoryRebound(to: CChar.self) { text in
        guard let start = text.baseAddress else { return SQLITE_OK }
        var tail: UnsafePointer<CChar>?
        let code = sqlite3_prepare_v3(
          connection.handle, start, Int32(clamping: text.count), 0, &handle, &tail)
        rest = tail.map { $0 - start } ?? text.count
        return code
      }
    }
    guard code == SQLITE_OK else { throw SQLiteError(connection.handle, code) }
    return (handle.map { Statement($0) }, rest)
  }

  public var columnNames: [String] {
    (0..<columnCount).map { column in
      sqlite3_column_name(handle, column).map { String(cString: $0) } ?? ""
    }
  }

  /// The parameters with their signs, in order; empty for one without a name.
  public var parameterNames: [String] {
    (0..<sqlite3_bind_parameter_count(handle)).map { number in
      sqlite3_bind_parameter_name(handle, number + 1).map { String(cString: $0) } ?? ""
    }
  }

  /// Whether it leaves the database as it is.
  public var isReadOnly: Bool { sqlite3_stmt_readonly(handle) != 0 }

  /// The value of a column in its type.
  public func datum(_ column: Int32) -> Datum {
    switch sqlite3_column_type(handle, column) {
    case SQLITE_INTEGER: .integer(int(column))
    case SQLITE_FLOAT: .real(sqlite3_column_double(handle, column))
    case SQLITE_TEXT: .text(text(column))
    case SQLITE_BLOB: .blob(blob(column))
    default: .null
    }
  }
}
