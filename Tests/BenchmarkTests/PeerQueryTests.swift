import Foundation
import Operations
import SQLite
import Testing
import Values

@testable import benchmarks

/// The SQL that the peers run says what the definitions say: SQLite stands for all of them here.
@Suite struct PeerQueryTests {
  @Test func sixtyDefinitionsHaveTheMembersThatTheirSQLFinds() throws {
    let folder = try BenchFolder()
    let data = Dataset(population: Population(events: 12_000, users: 800), folder: folder.path)
    try data.generate()
    let set = try DefinitionSet(source: BenchFolder.source, count: 60)
    try set.writeDefinitions(60, to: folder.file("audiences"))
    var session = Session(
      storePath: folder.file("store.sqlite"), folder: folder.file("audiences"))
    _ = try session.ingest([data.events])
    let tables = try CallTables(data.events)
    for day in [0, 1, 30] {
      let now = Population.end + Values.Duration(milliseconds: Int64(day) * 86_400_000)
      session.at = now
      var options = RunOptions()
      options.sends = false
      options.allowsFuture = true
      _ = try session.run(options)
      var found = 0
      for entry in set.entries {
        let members = try Self.members(entry.key, session)
        found += members.isEmpty ? 0 : 1
        let sql = try set.sql(entry, .sqlite)
        #expect(try tables.users(sql, now: now) == members, "\(entry.key), day \(day)")
      }
      #expect(found > 30)
    }
  }

  private static func members(_ key: String, _ session: Session) throws -> Set<Int64> {
    var lines: [String] = []
    try session.export(key, .csv) { lines.append($0) }
    return try Set(
      lines.dropFirst().map { line in
        try #require(Int64(line.dropFirst().prefix { $0 != "," }))
      })
  }
}

/// The calls of a file as the tables that the SQL reads.
private final class CallTables {
  private let connection: Connection

  init(_ file: String) throws {
    connection = try Connection(path: ":memory:", mode: .create)
    try connection.execute(
      """
      CREATE TABLE events (uid, name TEXT, t INTEGER, ord INTEGER, category TEXT, sku, quantity,
        cents INTEGER, url TEXT);
      CREATE TABLE users (uid, plan TEXT, country TEXT, age INTEGER);
      CREATE INDEX e ON events (name, uid, t);
      """)
    let text = try String(contentsOfFile: file, encoding: .utf8)
    for (line, json) in text.split(separator: "\n").enumerated() {
      try add(try Value(json: String(json)), line)
    }
  }

  private func add(_ call: Value, _ line: Int) throws {
    guard case .string(let id) = call["userId"], let user = Int64(id.dropFirst()),
      let time = call["timestamp"].date?.milliseconds
    else { return }
    let parts = call["properties"]
    if call["type"] == .string("identify") {
      try connection.run(
        "INSERT INTO users VALUES (?, ?, ?, ?)", .integer(user), call["traits"]["plan"].datum,
        call["traits"]["country"].datum, call["traits"]["age"].datum)
    } else {
      let cents = Int64(((parts["total"].numeric ?? 0) * 100).rounded())
      let name = call["event"].isPresent ? call["event"] : .string("Page Viewed")
      try connection.run(
        "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", .integer(user), name.datum,
        .integer(time), .integer((time - Population.start.milliseconds) * (1 << 24) + Int64(line)),
        parts["category"].datum, parts["sku"].datum, parts["quantity"].datum, .integer(cents),
        parts["url"].datum)
    }
  }

  func users(_ sql: String, now: Instant) throws -> Set<Int64> {
    let query = sql.replacing("{now}", with: String(now.milliseconds)).replacing("{only}", with: "")
    return Set(try connection.prepareFresh(query).all { $0.int(0) })
  }
}

extension Value {
  fileprivate var datum: Datum {
    switch self {
    case .string(let text): .text(text)
    case .number(let number): .integer(Int64(number))
    default: .null
    }
  }
}
