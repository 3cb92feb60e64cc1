import Evaluation
import Oracle
import SQLite
import Testing

@testable import EventStore

/// Runs of parts against a dictionary.
@Suite struct PartRunTests {
  private let connection: Connection

  init() throws {
    connection = try Workbench().connection()
    try connection.execute(
      EventStoreSchema.historiesVersion2 + EventStoreSchema.partRunsVersion7)
  }

  /// Parts of random identities, mostly short ones, some longer than a block.
  private func random(_ count: Int, _ random: inout OracleRandom) -> [Int64: [UInt8]] {
    var parts: [Int64: [UInt8]] = [:]
    for number in 0..<count {
      let identity = 1 + Int64(random.next() % UInt64(count * 3))
      let length = number % 97 == 96 ? 9000 : 1 + Int(random.next() % 120)
      parts[identity] = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }
    return parts
  }

  private func write(_ parts: [Int64: [UInt8]]) throws {
    var writer = try PartRunWriter(connection)
    for (identity, bytes) in parts.sorted(by: { $0.key < $1.key }) {
      try writer.add(identity, History(bytes: bytes))
    }
    try writer.finish()
  }

  private func expected(_ runs: [[Int64: [UInt8]]], _ identity: Int64) -> [[UInt8]] {
    runs.compactMap { $0[identity] }
  }

  @Test("what was written is read, asked for in any order and walked through from anywhere")
  func readBack() throws {
    var random = OracleRandom(seed: 11)
    var runs: [[Int64: [UInt8]]] = []
    for count in [1, 40, 6000, 300] {
      runs.append(self.random(count, &random))
      try write(runs[runs.count - 1])
    }
    #expect(try HistoryParts.count(connection) == Int64(runs.reduce(0) { $0 + $1.count }))
    // Several lists of several blocks.
    #expect(
      try connection.prepare("SELECT count(*) FROM part_lists WHERE run = 3").first { $0.int(0) }
        ?? 0 > 2)
    let reader = try #require(try HistoryParts.Reader(connection))
    for _ in 0..<4000 {
      let identity = Int64(random.next() % 20_000)
      #expect(try reader.parts(of: identity).map(\.bytes) == expected(runs, identity))
    }
    let owners = Set(runs.flatMap(\.keys)).sorted()
    for identity in owners {
      #expect(try reader.parts(of: identity).map(\.bytes) == expected(runs, identity))
    }
    for start in [0, 1, 500, owners[owners.count / 2], owners[owners.count - 1], 1 << 40] {
      try reader.seek(start)
      var walked: [Int64] = []
      while let identity = reader.identity {
        walked.append(identity)
        #expect(try reader.take(identity).map(\.bytes) == expected(runs, identity))
      }
      #expect(walked == owners.filter { $0 >= start })
    }
    // Who leaves some out comes to the same.
    try reader.seek(0)
    for identity in stride(from: owners[0], to: 20_000, by: 7) {
      #expect(try reader.take(identity).map(\.bytes) == expected(runs, identity))
      #expect(reader.identity == owners.first { $0 > identity })
    }
  }

  @Test("nothing is written for a run without parts, and nothing read")
  func empty() throws {
    try write([:])
    #expect(try HistoryParts.Reader(connection) == nil)
    #expect(try HistoryParts.count(connection) == 0)
  }

  @Test("what is folded of a run is not in it any more")
  func folded() throws {
    var random = OracleRandom(seed: 3)
    let run = self.random(3000, &random)
    try write(run)
    let owners = run.keys.sorted()
    for folded in [owners[0], owners[1700], owners[owners.count - 1]] {
      try connection.run("UPDATE part_runs SET folded = ?", .init(folded))
      let reader = try #require(try HistoryParts.Reader(connection))
      try reader.seek(0)
      #expect(reader.identity == owners.first { $0 > folded })
      #expect(try reader.parts(of: folded).isEmpty)
      if let next = owners.first(where: { $0 > folded }) {
        #expect(try reader.parts(of: next).map(\.bytes) == expected([run], next))
      }
    }
  }

  @Test("runs are merged by size, and small ones wait for others")
  func levels() {
    let levels = [1, 15, 16, 255, 256, 4095, 4096, 1 << 20].map { HistoryParts.level(for: $0) }
    #expect(levels == levels.sorted())
    #expect(Set(levels).count == 5)
  }
}
