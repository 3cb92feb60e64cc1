import SQLite
import Testing
import Values

@Suite("Rows are visited in place")
struct VisitTests {
  private final class Reader: RowVisitor {
    var rows: [(number: Int64, bytes: [UInt8])] = []
    var end = Int64.max

    struct Enough: Error {}

    func visit(_ row: VisitedRow) throws {
      if row.int(0) >= end { throw Enough() }
      let bytes = row.withBytes(1) { span in span.indices.map { span[$0] } }
      rows.append((row.int(0), bytes))
    }
  }

  private func table() throws -> Connection {
    let connection = try Connection(path: ":memory:", mode: .create)
    try connection.execute("CREATE TABLE blobs(id INTEGER PRIMARY KEY, data BLOB) STRICT")
    for number in 1...9 {
      // The last ones do not fit their page.
      let bytes = [UInt8](repeating: UInt8(number), count: number * number * 100)
      try connection.run(
        "INSERT INTO blobs VALUES (?, ?)", .init(Int64(10 - number)), .blob(bytes))
    }
    return connection
  }

  @Test("in the order of the query, with all their bytes")
  func order() throws {
    let reader = Reader()
    try table().visit(
      "SELECT visit(id, data) FROM blobs WHERE id BETWEEN ? AND ? ORDER BY id", .init(2), .init(8),
      visitor: reader)
    #expect(reader.rows.map(\.number) == Array(2...8))
    for row in reader.rows {
      let number = Int(10 - row.number)
      #expect(row.bytes == [UInt8](repeating: UInt8(number), count: number * number * 100))
    }
  }

  @Test("what a visitor throws ends the query, and is thrown on")
  func failure() throws {
    let connection = try table()
    let reader = Reader()
    reader.end = 4
    #expect(throws: Reader.Enough.self) {
      try connection.visit("SELECT visit(id, data) FROM blobs ORDER BY id", visitor: reader)
    }
    #expect(reader.rows.map(\.number) == [1, 2, 3])
    let again = Reader()
    try connection.visit("SELECT visit(id, data) FROM blobs ORDER BY id", visitor: again)
    #expect(again.rows.count == 9)
  }

  @Test("nobody is visited by a query of somebody else")
  func nobody() throws {
    let connection = try table()
    #expect(throws: SQLiteError.self) {
      try connection.execute("SELECT visit(id, data) FROM blobs")
    }
  }
}
