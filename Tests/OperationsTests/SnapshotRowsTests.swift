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
      CREATE VIEW memberships AS SELECT profile FROM members;
      \(MembershipSchema.recentVersion8)
      \(MembershipSchema.latestVersion9)
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

  private func count(_ table: String, _ connection: Connection) throws -> Int64 {
    try connection.prepareFresh("SELECT count(*) FROM \(table)").first { $0.int(0) } ?? 0
  }

  @Test(
    "wait in any order, and are what came last, wherever they lie", arguments: [1, 7, 1000],
    [0, 10, 60, 100, 1000])
  func writing(limit: Int, recent: Int64) throws {
    let connection = try connection()
    var expected: [[String]: [String]] = [:]
    for run in 0..<6 {
      let latest: Int64 = [0, 3, 25, 50, 1000].randomElement() ?? 0
      var rows = try MemberRows(
        connection, Self.definitions, at: Int64(run),
        recent: RecentLimit(count: recent, share: 0, latest: latest), rows: 0, limit: limit)
      for profile in (Int64(1)...60).shuffled().prefix(40) {
        let place = Int.random(in: 0..<3)
        let value = Bool.random() ? "\(run)" : nil
        try rows.set(value, place, profile)
        let key = ["\(Self.definitions[place])", "\(profile)"]
        expected[key] = value.map { key + [$0, "\(run)"] }
      }
      try rows.flush()
      #expect(try contents(connection) == Set(expected.values))
      #expect(
        try count("latest_members", connection) + count("recent_members", connection) <= recent)
      for profile in Int64(1)...60 {
        let key = ["5", "\(profile)"]
        #expect(try rows.value(1, profile) == expected[key]?[2])
      }
    }
  }

  /// A run that gives profiles a value of the first definition.
  private func write(
    _ value: String?, _ profiles: ClosedRange<Int64>, _ at: Int64, _ limit: RecentLimit,
    _ connection: Connection
  ) throws {
    var rows = try MemberRows(connection, Self.definitions, at: at, recent: limit, rows: 100)
    for profile in profiles { try rows.set(value, 0, profile) }
    try rows.flush()
  }

  private func counts(_ connection: Connection) throws -> [Int64] {
    try ["settled_members", "recent_members", "latest_members"].map { try count($0, connection) }
  }

  @Test("go into the large table once they are many, and those that are taken back do not")
  func settling() throws {
    let connection = try connection()
    let limit = RecentLimit(count: 5, share: 0.1, latest: 0)
    func run(_ at: Int64, _ profiles: ClosedRange<Int64>, _ value: String?) throws {
      try write(value, profiles, at, limit, connection)
    }
    func counts() throws -> [Int64] {
      let noted = try connection.prepare("SELECT rows FROM recent_rows WHERE name = 'members'")
        .first { $0.int(0) }
      return try self.counts(connection).dropLast() + [noted ?? 0]
    }
    try run(1, 1...8, "1")
    #expect(try counts() == [0, 8, 8])
    try run(2, 7...8, nil)
    #expect(try counts() == [0, 8, 10])
    try run(3, 1...1, nil)
    #expect(try counts() == [5, 0, 0])
    #expect(try contents(connection) == Set((2...6).map { ["3", "\($0)", "1", "1"] }))
    try run(4, 2...3, nil)
    try run(5, 3...3, "5")
    #expect(try counts() == [5, 2, 3])
    try connection.execute("BEGIN")
    try run(6, 1...9, "6")
    #expect(try counts() == [9, 0, 0])
    try connection.execute("ROLLBACK")
    #expect(try counts() == [5, 2, 3])
    let rest = [["3", "3", "5", "5"]] + (4...6).map { ["3", "\($0)", "1", "1"] }
    #expect(try contents(connection) == Set(rest))
  }

  @Test("are few of a run in a table of their own, and many of one are not")
  func latest() throws {
    let connection = try connection()
    let limit = RecentLimit(count: 10, share: 0, latest: 3)
    func run(_ at: Int64, _ profiles: ClosedRange<Int64>, _ value: String?) throws {
      try write(value, profiles, at, limit, connection)
    }
    func counts() throws -> [Int64] { try self.counts(connection) }
    try run(1, 1...2, "1")
    #expect(try counts() == [0, 0, 2])
    try run(2, 2...2, "2")
    #expect(try counts() == [0, 0, 2])
    // They are three as they are counted, so that the next one finds no room.
    try run(3, 3...3, "3")
    #expect(try counts() == [0, 2, 1])
    try run(4, 1...1, nil)
    try run(5, 4...7, "5")
    #expect(
      try contents(connection)
        == Set(
          [["3", "2", "2", "2"], ["3", "3", "3", "3"]] + (4...7).map { ["3", "\($0)", "5", "5"] }))
    #expect(try counts()[2] == 0)
    try run(6, 2...2, nil)
    #expect(try counts()[0] == 0 && counts()[2] == 1)
    // What is settled takes the latest along.
    try run(7, 8...9, "7")
    #expect(try counts() == [7, 0, 0])
  }

  @Test("are found for profiles in their order, far ahead, and back again", arguments: [0, 1, 3])
  func reading(recent: Int) throws {
    let connection = try connection()
    var expected: [Int64: [Int64: String]] = [:]
    for profile in Int64(1)...400 {
      for definition in Self.definitions where Int.random(in: 0..<3) == 0 {
        // In any of the tables, taken away again, or with another value by now.
        var value: String?
        for (place, table) in ["settled", "recent", "latest"].enumerated()
        where place == 0 ? Bool.random() : Int.random(in: 0...3) < recent {
          value = place > 0 && Int.random(in: 0..<4) == 0 ? nil : "\(profile * definition) \(place)"
          try connection.run(
            "INSERT INTO \(table)_members VALUES (?, ?, ?, 0)", .init(profile),
            .init(definition), .init(value))
        }
        if let value { expected[profile, default: [:]][definition] = value }
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
