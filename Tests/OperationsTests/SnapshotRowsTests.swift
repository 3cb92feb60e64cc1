import SQLite
import Testing

@testable import Membership

@Suite("Rows of the snapshot")
struct SnapshotRowsTests {
  private static let definitions: [Int64] = [3, 5, 9]

  private func connection() throws -> Connection {
    let connection = try Connection(path: ":memory:", mode: .create)
    try connection.execute(
      """
      CREATE TABLE definitions(id INTEGER PRIMARY KEY);
      INSERT INTO definitions VALUES (3), (5), (9);
      CREATE TABLE members(profile INTEGER, definition INTEGER, value TEXT, since INTEGER,
        PRIMARY KEY (definition, profile)) WITHOUT ROWID;
      """)
    return connection
  }

  private func contents(_ connection: Connection) throws -> Set<[String]> {
    Set(
      try connection.prepareFresh("SELECT definition, profile, value, since FROM members").all {
        row in
        (0..<4).map { row.text($0) }
      })
  }

  @Test("wait in any order, and are what came last", arguments: [1, 7, 1000])
  func writing(limit: Int) throws {
    let connection = try connection()
    var expected: [[String]: [String]] = [:]
    for run in 0..<4 {
      var rows = try MemberRows(connection, Self.definitions, at: Int64(run), limit: limit)
      for profile in (Int64(1)...60).shuffled().prefix(40) {
        let place = Int.random(in: 0..<3)
        let value = Bool.random() ? "\(run)" : nil
        try rows.set(value, place, profile)
        let key = ["\(Self.definitions[place])", "\(profile)"]
        expected[key] = value.map { key + [$0, "\(run)"] }
      }
      try rows.flush()
      #expect(try contents(connection) == Set(expected.values))
      for profile in Int64(1)...60 {
        let key = ["5", "\(profile)"]
        #expect(try rows.value(1, profile) == expected[key]?[2])
      }
    }
  }

  @Test("are found for profiles in their order, far ahead, and back again")
  func reading() throws {
    let connection = try connection()
    var expected: [Int64: [Int64: String]] = [:]
    for profile in Int64(1)...400 {
      for definition in Self.definitions where Int.random(in: 0..<3) == 0 {
        try connection.run(
          "INSERT INTO members VALUES (?, ?, ?, 0)", .init(profile), .init(definition),
          .init("\(profile * definition)"))
        expected[profile, default: [:]][definition] = "\(profile * definition)"
      }
    }
    let rows = try SnapshotRows(connection)
    let jumps = (0..<100).map { _ in Int64.random(in: 1...400) }
    for profile in Array(0...401) + [3, 3, 390, 400, 1] + jumps {
      var found: [Int64: String] = [:]
      try rows.forEach(of: profile) { found[$0] = $1 }
      #expect(found == expected[profile] ?? [:])
    }
  }
}
