import SQLite
import Testing
import Values

@testable import EventStore

@Suite final class MessageFilterTests {
  private let bench: Workbench
  private let connection: Connection

  init() throws {
    bench = try Workbench()
    connection = try bench.connection()
  }

  /// Numbers that are spread as hashes are.
  private func hash(_ number: Int) -> UInt64 {
    SHA256.digest(of: Array("\(number)".utf8).span).first64Bits
  }

  private func messages(_ numbers: some Sequence<Int>) -> [Batch.Message] {
    numbers.enumerated().map { Batch.Message(hash: hash($1), entry: $0) }
      .sorted { $0.hash < $1.hash }
  }

  private func add(_ numbers: Range<Int>, to index: MessageIndex) throws {
    let entries = numbers.map { MessageEntry(hash: hash($0), seq: Int64($0)) }
    try index.add(entries.sorted(by: MessageEntry.precedes))
  }

  @Test func `it lets each of its entries through, and of others one in fifty at most`() {
    for entries in [MessageFilter.smallestRun, 40_000] {
      var filter = MessageFilter(entries: entries)
      let hashes = (0..<entries).map(hash) + [0, .max]
      for hash in hashes { filter.add(hash) }
      func passes(_ hash: UInt64) -> Bool {
        let block = MessageFilter.block(of: hash, count: filter.blockCount)
        return MessageFilter.passes(hash, filter.bytes(of: block).span)
      }
      #expect(hashes.allSatisfy(passes))
      let others = (0..<10_000).count { passes(hash(-1 - $0)) }
      #expect((1..<200).contains(others))
    }
  }

  @Test func `a block and its row fill a page and no more`() throws {
    let index = try MessageIndex(connection)
    try add(1..<20_001, to: index)
    #expect(MessageFilter.blockCount(for: 20_000) == 7)
    func pages(_ type: String) throws -> Int64? {
      try connection.prepareFresh(
        "SELECT count(*) FROM dbstat WHERE name = 'message_filters' AND pagetype = '\(type)'"
      ).first { $0.int(0) }
    }
    #expect(try pages("leaf") == 7)
    #expect(try pages("overflow") == 0)
  }

  @Test func `only a long run has one, and it goes with the run`() throws {
    let index = try MessageIndex(connection)
    try add(1..<10_001, to: index)
    #expect(try index.runs().map(index.hasFilter) == [false])
    for number in 1..<4 { try add((number * 10_000 + 1)..<((number + 1) * 10_000 + 1), to: index) }
    #expect(try index.runs().map(\.entries) == [40_000])
    #expect(try index.runs().map(index.hasFilter) == [true])
    #expect(try index.checkedEntries().count == 40_000)
    for number in 4..<16 {
      try add((number * 10_000 + 1)..<((number + 1) * 10_000 + 1), to: index)
    }
    let run = try #require(try index.runs().first)
    #expect(try index.runs().count == 1)
    for (table, count) in [
      ("message_parts", run.partCount),
      ("message_filters", MessageFilter.blockCount(for: 160_000)),
    ] {
      let rows = try connection.prepareFresh("SELECT count(*), min(id) FROM \(table)")
        .first { ($0.int(0), $0.int(1)) }
      #expect(rows?.0 == Int64(count))
      #expect(rows?.1 == run.firstPart)
    }
  }

  @Test func `with it and without it the same is found`() throws {
    let index = try MessageIndex(connection)
    try add(1..<30_001, to: index)
    try add(30_001..<30_101, to: index)
    let asked = messages(Array(-20_000..<20) + Array(29_990..<30_200))
    let expected = asked.filter { message in
      (1..<30_101).contains(message.entry < 20_020 ? message.entry - 20_000 : message.entry + 9970)
    }
    let found = try index.matches(asked)
    #expect(found.count == 19 + 111)
    #expect(Set(found.map(\.entry)) == Set(expected.map(\.entry)))
    let run = try #require(try index.runs().first)
    try connection.execute("DELETE FROM message_filters")
    #expect(try !index.hasFilter(run))
    #expect(try index.matches(asked) == found)
  }

  @Test func `runs of an earlier version are looked up, merged, and taken away by themselves`()
    throws
  {
    let index = try MessageIndex(connection)
    for number in 0..<3 { try add((number * 20_000 + 1)..<((number + 1) * 20_000 + 1), to: index) }
    try connection.execute("DELETE FROM message_filters")
    let runs = try index.runs()
    #expect(try runs.map(index.hasFilter) == [false, false, false])
    let asked = messages(-500..<60_500)
    #expect(try index.matches(asked).count == 60_000)
    try index.remove(runs[0])
    #expect(try index.matches(asked).count == 40_000)
    try add(60_001..<80_001, to: index)
    try add(80_001..<100_001, to: index)
    #expect(try index.runs().map(\.entries) == [80_000])
    #expect(try index.runs().map(index.hasFilter) == [true])
    #expect(try index.checkedEntries().count == 80_000)
    #expect(try index.matches(messages(20_001..<100_001)).count == 80_000)
  }

  @Test func `blocks that were left behind stand for nothing`() throws {
    let index = try MessageIndex(connection)
    try add(1..<20_001, to: index)
    try connection.execute("DELETE FROM message_runs; DELETE FROM message_parts")
    try add(30_001..<30_101, to: index)
    #expect(try index.matches(messages(30_001..<30_101)).count == 100)
    try connection.execute("DELETE FROM message_runs; DELETE FROM message_parts")
    try add(40_001..<60_001, to: index)
    #expect(try index.matches(messages(40_001..<60_001)).count == 20_000)
  }

  @Test func `a block that is lost is damage, never a call that is stored twice`() throws {
    let index = try MessageIndex(connection)
    try add(1..<20_001, to: index)
    let run = try #require(try index.runs().first)
    let last = run.firstPart + Int64(MessageFilter.blockCount(for: run.entries)) - 1
    for damage in [
      "UPDATE message_filters SET bits = x'' WHERE id = \(last)",
      "DELETE FROM message_filters WHERE id = \(last)",
    ] {
      try connection.rehearsal {
        try connection.execute(damage)
        #expect(throws: SQLiteError.damaged("message_filters")) {
          try index.matches(messages(1..<20_001))
        }
      }
    }
    // Without the first block there is no filter, and everything is found in the parts.
    try connection.run("DELETE FROM message_filters WHERE id = ?1", .integer(run.firstPart))
    #expect(try index.matches(messages(1..<20_001)).count == 20_000)
  }
}
