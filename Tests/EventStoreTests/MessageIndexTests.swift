import SQLite
import Testing
import Values

@testable import EventStore

@Suite final class MessageIndexTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  /// Numbers that are spread as hashes are.
  private func hash(_ number: Int) -> UInt64 {
    SHA256.digest(of: Array("\(number)".utf8).span).first64Bits
  }

  private func messages(_ hashes: [UInt64]) -> [Batch.Message] {
    hashes.enumerated().map { Batch.Message(hash: $1, entry: $0) }.sorted { $0.hash < $1.hash }
  }

  @Test func `every entry is found, and nothing else, whatever was merged`() throws {
    let index = try MessageIndex(bench.connection())
    var rows: [UInt64: [Int64]] = [:]
    var seq: Int64 = 0
    for (round, size) in (0..<60).map({ ($0, [1, 40, 700, 2500][$0 % 4]) }) {
      var entries: [MessageEntry] = []
      for number in 0..<size {
        seq += 1
        // Some hashes come again and again.
        let hash = hash(number % 50 == 0 ? number : Int(seq))
        entries.append(MessageEntry(hash: hash, seq: seq))
        rows[hash, default: []].append(seq)
      }
      try index.add(entries.sorted(by: MessageEntry.precedes))
      guard round % 10 == 9 else { continue }
      #expect(try index.checkedEntries().count == Int(seq))
      let asked = Array(rows.keys) + (0..<1000).map { self.hash(-1 - $0) }
      let expected = asked.enumerated().flatMap { entry, hash in
        rows[hash, default: []].map { MessageIndex.Match(entry: entry, seq: $0) }
      }
      let found = try index.matches(messages(asked))
        .sorted { ($0.entry, $0.seq) < ($1.entry, $1.seq) }
      #expect(found == expected)
      for hash in rows.keys.prefix(20) {
        #expect(try index.matches(messages([hash])).map(\.seq).sorted() == rows[hash])
      }
    }
    #expect(try index.runs().contains { $0.bits > 3 })
  }

  @Test func `the least and the greatest hash have their parts`() throws {
    let index = try MessageIndex(bench.connection())
    let hashes: [UInt64] = [0, 1, 1 << 63 - 1, 1 << 63, .max - 1, .max]
    // Enough for several parts, most of which stay empty.
    var entries = hashes.enumerated().map { MessageEntry(hash: $1, seq: Int64($0 + 1)) }
    for seq in 7...5000 { entries.append(MessageEntry(hash: .max, seq: Int64(seq))) }
    try index.add(entries.sorted(by: MessageEntry.precedes))
    #expect(try index.checkedEntries().count == 5000)
    #expect(
      try index.matches(messages(hashes.dropLast())).map(\.seq) == [1, 2, 3, 4, 5])
    #expect(try index.matches(messages([.max])).count == 4995)
  }

  @Test func `rows without an entry are taken in a part at a time`() throws {
    let connection = try bench.connection()
    for seq in 1...10 {
      try connection.run(
        "INSERT INTO events(type, time, message_hash, body) VALUES (0, 0, ?1, '{}')",
        .integer(Int64(bitPattern: hash(seq))))
    }
    let index = try MessageIndex(connection)
    #expect(try index.catchUp(limit: 4))
    #expect(try index.checkedEntries().map(\.seq).sorted() == [1, 2, 3, 4])
    #expect(try index.catchUp(limit: 4))
    #expect(try !index.catchUp(limit: 4))
    #expect(try bench.indexedRows() == 10)
    #expect(try !index.catchUp(limit: 4))
    #expect(try bench.indexedRows() == 10)
  }

  @Test func `a part that is lost is damage, never a call that is stored twice`() throws {
    let path = try bench.write([track(id: "1"), track(id: "2")])
    for damage in [
      "DELETE FROM message_parts", "UPDATE message_parts SET seqs = x''",
      "UPDATE message_parts SET seqs = substr(seqs, 1, 15)",
    ] {
      let bench = try Workbench()
      var ingest = try bench.ingest()
      #expect(try ingest.file(path).accepted == 2)
      try bench.connection().execute(damage)
      #expect(throws: SQLiteError.damaged("message_parts")) { try ingest.file(path) }
      #expect(try bench.rows("SELECT count(*) FROM events") == ["2"])
    }
    let index = try MessageIndex(bench.connection())
    for seq in 1...3 { try index.add([MessageEntry(hash: hash(seq), seq: Int64(seq))]) }
    try bench.connection().execute("DELETE FROM message_parts WHERE id = 2")
    #expect(throws: SQLiteError.damaged("message_parts")) {
      try index.add([MessageEntry(hash: hash(4), seq: 4)])
    }
  }

  @Test func `a word is sought from where the last one was found`() {
    var bytes: [UInt8] = []
    for word in stride(from: UInt64(10), through: 1000, by: 10) { bytes.append(word: word) }
    let words = bytes.span
    for start in 0...words.wordCount {
      for word in UInt64(0)...1005 {
        let first = (start..<words.wordCount).first { words.word($0) >= word }
        #expect(words.firstPlace(notBelow: word, from: start) == first ?? words.wordCount)
      }
    }
  }
}
