import Foundation
import SQLite
import Testing

extension Rollcall {
  /// A connection of the test's own to the store.
  func connection() throws -> Connection { try Connection(path: store, mode: .readWrite) }

  /// The first column of a query's rows.
  func rows(_ sql: String) throws -> [String] {
    try connection().prepareFresh(sql).all { $0.text(0) }
  }

  func count(_ sql: String) throws -> Int {
    try connection().prepareFresh(sql).first { Int($0.int(0)) } ?? -1
  }

  /// Everything that the store holds, table by table and row by row.
  func contents() throws -> [String] {
    let connection = try connection()
    let tables = try connection.prepareFresh(
      "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"
    ).all { $0.text(0) }
    var lines: [String] = []
    for table in tables {
      let columns = try connection.prepareFresh("SELECT name FROM pragma_table_info('\(table)')")
        .all { "quote(\"\($0.text(0))\")" }
      let rows = try connection.prepareFresh(
        "SELECT \(columns.joined(separator: " || ',' || ")) FROM \"\(table)\" ORDER BY 1"
      ).all { table + ": " + $0.text(0) }
      lines += rows
    }
    for pragma in ["user_version", "application_id"] {
      lines += try connection.prepareFresh("PRAGMA \(pragma)").all { pragma + ": " + $0.text(0) }
    }
    return lines
  }

  /// The snapshot: `key user` to the JSON of the value.
  func snapshot() throws -> [String: String] {
    let rows = try connection().prepareFresh("SELECT definition, user_id, value FROM memberships")
      .all { ($0.text(0) + " " + $0.text(1), $0.text(2)) }
    return Dictionary(uniqueKeysWithValues: rows)
  }

  /// What is to be sent: destination, definition and user of each pending row.
  func pendingRows() throws -> [String] {
    try rows(
      """
      SELECT t.fingerprint || ' ' || d.key || ' ' || i.external_id
      FROM pending AS p JOIN destinations AS t ON t.id = p.destination
        JOIN definitions AS d ON d.id = p.definition JOIN identities AS i ON i.id = p.profile
      ORDER BY 1
      """)
  }
}
