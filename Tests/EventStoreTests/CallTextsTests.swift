import Foundation
import SQLite
import Testing

@testable import EventStore

/// Texts have one number for all batches, and each number one id.
@Suite final class CallTextsTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  private func texts(_ new: NewTexts) -> [String] {
    (0..<new.texts.count).map {
      String(decoding: new.texts.bytes[new.texts.range($0)], as: UTF8.self)
    }
  }

  @Test func `a text keeps its number, and is handed over once`() {
    var numbers = TextNumbers()
    func number(_ text: String) -> Int32 { numbers.number(of: text.utf8.span) }
    #expect(["ann", "bob", "ann", ""].map(number) == [0, 1, 0, 2])
    let first = numbers.takeNew()
    #expect(first.first == 0 && texts(first) == ["ann", "bob", ""])
    #expect(["bob", "cai", "ann"].map(number) == [1, 3, 0])
    let second = numbers.takeNew()
    #expect(second.first == 3 && texts(second) == ["cai"])
    #expect(numbers.takeNew().texts.count == 0)
  }

  @Test func `numbers begin anew when there are many, or they are long`() {
    for (count, length) in [(1_000_001, 0), (65, 1 << 20)] {
      var numbers = TextNumbers()
      let rest = String(repeating: "x", count: length)
      let all = (0..<count).allSatisfy { numbers.number(of: "\($0)\(rest)".utf8.span) == $0 }
      #expect(all)
      #expect(numbers.takeNew().texts.count == count)
      #expect(numbers.number(of: "0".utf8.span) == 0)
      let next = numbers.takeNew()
      #expect(next.first == 0 && texts(next) == ["0"])
    }
  }

  @Test func `texts are sorted as the store sorts them`() throws {
    let connection = try bench.connection()
    let pieces = ["", "a", "b", "user-", "user-1", "\u{0}", "é", "e", "zz", "aaaaaaaaaaaa"]
    for common in ["", "user-000000", "x"] {
      var texts = ByteTexts()
      var all: Set<String> = []
      for first in pieces {
        for second in pieces where !(common + first + second).isEmpty {
          guard all.insert(common + first + second).inserted else { continue }
          texts.append((common + first + second).utf8.span)
        }
      }
      try connection.execute("DELETE FROM identities")
      let insert = try connection.prepareFresh(
        "INSERT INTO identities(kind, external_id) VALUES (0, ?1)")
      for text in all { try insert.run(.text(text)) }
      let sorted = try connection.prepareFresh(
        "SELECT external_id FROM identities ORDER BY kind, external_id"
      ).all { row in row.withBytes(0) { bytes in bytes.indices.map { bytes[$0] } } }
      let order = texts.sorted(Array((0..<texts.count).reversed()))
      #expect(order.map { Array(texts.bytes[texts.range($0)]) } == sorted)
      #expect(texts.sorted([1, 0]) == order.filter { $0 < 2 } && texts.sorted([]) == [])
    }
  }

  @Test func `a table that is given numbers anew forgets what it knew of the old ones`() throws {
    let connection = try bench.connection()
    var table = try TextTable(.user, connection)
    for users in [["ann", "bob"], ["cai", "ann", "dan"]] {
      var numbers = TextNumbers()
      for user in users { _ = numbers.number(of: user.utf8.span) }
      table.take(numbers.takeNew())
      let asked = users.indices.map { Optional(Int32($0)) }
      for number in asked { table.want(number) }
      try table.find()
      for number in asked { try table.add(number) }
      table.settle()
      #expect(asked.map(table.id) == users.map { ["ann": 1, "bob": 2, "cai": 3, "dan": 4][$0] })
    }
  }

  @Test func `texts of calls that are not stored get an id when one is`() throws {
    let connection = try bench.connection()
    try connection.execute("INSERT INTO identities(id, kind, external_id) VALUES (70, 0, 'eve')")
    var table = try TextTable(.user, connection)
    var numbers = TextNumbers()
    var names: [String] = []
    /// Asks for some of all texts so far, of which these are new.
    func take(_ new: [String], asking asked: [String]) throws {
      for name in new { _ = numbers.number(of: name.utf8.span) }
      names += new
      table.take(numbers.takeNew())
      let asked = asked.map { name in names.firstIndex(of: name).map { Int32($0) } }
      for number in asked + [nil] { table.want(number) }
      try table.find()
      for number in asked + [nil] { try table.add(number) }
      table.settle()
      for number in asked.compactMap({ $0 }) {
        let found = try connection.prepareFresh(
          "SELECT id FROM identities WHERE kind = 0 AND external_id = ?1"
        ).first(.text(names[Int(number)])) { $0.int(0) }
        #expect(found != nil && table.id(number) == found)
      }
    }
    func stored() throws -> Set<String> {
      Set(try connection.prepareFresh("SELECT external_id FROM identities").all { $0.text(0) })
    }
    try take(["ann", "bob", "cai"], asking: ["cai", "ann", "cai"])
    #expect(try stored() == ["ann", "cai", "eve"])
    try take(["dan", "eve"], asking: ["eve", "ann"])
    #expect(try stored() == ["ann", "cai", "eve"])
    try take([], asking: ["dan", "bob", "cai"])
    #expect(try stored() == ["ann", "bob", "cai", "dan", "eve"])
    // Everything is known, and then nothing is.
    try take(["fay"], asking: ["ann", "eve", "fay"])
    try connection.execute("DELETE FROM identities WHERE external_id IN ('ann', 'dan')")
    table.forget()
    try take(["gus"], asking: ["gus", "dan", "ann", "bob"])
    #expect(try stored() == ["ann", "bob", "cai", "dan", "eve", "fay", "gus"])
  }

  @Test func `a first batch's identities are found beside its message ids`() throws {
    func lines(_ users: Range<Int>) -> [String] {
      users.map { number in
        #"{"type":"identify","userId":"u\#(number % 900)","anonymousId":"u\#(number % 700)","#
          + #""messageId":"m\#(number)","timestamp":"2026-01-02"}"#
      }
    }
    // Some are known, some are new, and of the known calls none gives an id.
    for (users, accepted) in [(300..<600, 300), (0..<2500, 2200), (0..<2500, 0)] {
      var ingest = try bench.ingest()
      #expect(try ingest.file(bench.write(lines(users))).accepted == accepted)
    }
    #expect(
      try bench.rows("SELECT kind || ' ' || count(*) FROM identities GROUP BY kind")
        == ["0 900", "1 700"])
    #expect(
      try bench.rows(
        """
        SELECT count(*) FROM events AS e
        JOIN identities AS u ON u.id = e.user AND u.kind = 0
        JOIN identities AS a ON a.id = e.anonymous AND a.kind = 1
        WHERE u.external_id = json_extract(e.body, '$.userId')
          AND a.external_id = json_extract(e.body, '$.anonymousId')
        """) == ["2500"])
  }

  @Test func `what goes wrong beside the message ids ends the ingest`() throws {
    let path = try bench.write((0..<2000).map { track(user: "u\($0)", id: "m\($0)") })
    var ingest = try bench.ingest()
    // The ingest has the store open; nobody else can open it where it is no more.
    let (store, other) = (bench.path("store.sqlite"), bench.path("elsewhere.sqlite"))
    try FileManager.default.moveItem(atPath: store, toPath: other)
    #expect(throws: SQLiteError.self) { try ingest.file(path) }
    try FileManager.default.moveItem(atPath: other, toPath: store)
    #expect(try bench.rows("SELECT count(*) FROM events") == ["0"])
    #expect(try ingest.file(path).accepted == 2000)
  }

  @Test func `lines of every length up to the limit are read whole`() throws {
    let lengths = [200, 255, 256, 257, 400, 511, 512, 513, 1000, 1023].map { $0 << 10 }
    let lines = lengths.flatMap { length in
      [-200, 0, 200].map { track(id: "\(length + $0)", properties: pad(to: length + $0)) }
    }
    var ingest = try bench.ingest()
    #expect(try ingest.file(bench.write(lines)).accepted == lines.count)
    #expect(try bench.rows("SELECT body FROM events ORDER BY seq") == lines)
  }

  private func pad(to length: Int) -> String {
    #"{"text":"\#(String(repeating: "x", count: length - 200))"}"#
  }
}
