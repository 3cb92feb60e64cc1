import Evaluation
import Foundation
import SQLite
import Testing

@testable import EventStore

/// A long tail is packed a range of identities at a time, and comes to the same.
@Suite struct CallSpillTests {
  /// A store with so many calls of fewer users, some of them late, and some about accounts.
  private func store(_ bench: Workbench, calls: Range<Int>) throws -> Connection {
    let connection = try bench.connection()
    if calls.lowerBound == 0 {
      try connection.execute(
        EventStoreSchema.historiesVersion2 + EventStoreSchema.partRunsVersion7)
    }
    let lines = calls.map { number in
      let user = number * number % 97
      let second = String(format: "%02d", number * 7 % 60)
      let kind =
        number % 11 == 0
        ? "\"type\":\"group\",\"groupId\":\"g\(number % 5)\""
        : "\"type\":\"track\",\"event\":\"E\(number % 6)\""
      return "{\(kind),\"messageId\":\"m\(number)\",\"userId\":\"u\(user)\","
        + "\"timestamp\":\"2026-01-01T00:00:\(second)Z\",\"properties\":{\"n\(number % 4)\":\(number)}}"
    }
    var ingest = try Ingest(connection: connection, rejectsPath: bench.rejectsPath)
    _ = try ingest.file(bench.write(lines))
    return connection
  }

  private func pack(_ connection: Connection, callsInRange: Int64) throws -> [String] {
    let names = try HistoryNames.load(connection)
    let watermark = try Histories.watermark(connection)
    try connection.transaction("pack") {
      _ = try HistoryPacking.catchUp(
        connection, names, upTo: watermark, callsInRange: callsInRange)
      try HistoryParts.foldWithin(connection)
    }
    return try connection.prepareFresh(
      """
      SELECT identity || ' ' || kind || ' ' || hex(data) FROM histories
      UNION ALL SELECT id || name FROM history_names UNION ALL SELECT watermark FROM packed
      ORDER BY 1
      """
    ).all { $0.text(0) }
  }

  @Test(arguments: [1, 7, 50, 399] as [Int64])
  func rangesComeToTheSameAsOne(callsInRange: Int64) throws {
    let (whole, ranges) = (try Workbench(), try Workbench())
    for calls in [0..<400, 400..<520] {
      let expected = try pack(store(whole, calls: calls), callsInRange: 1000)
      let found = try pack(store(ranges, calls: calls), callsInRange: callsInRange)
      #expect(expected.count > 50)
      #expect(found == expected)
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: ranges.folder.path)
    #expect(!left.contains { $0.contains("pack") })
  }

  @Test func everyPartGivesBackWhatItWasGiven() throws {
    let bench = try Workbench()
    let spill = try CallSpill(bench.path("calls"), bounds: [10, 10, 20])
    let bytes: [UInt8] = [1, 2, 3, 4, 5]
    for identity in [20, 9, 10, 19, 25] as [Int64] {
      try spill.add(
        PackedCall(identity: identity, time: -identity, row: 1 << 40, head: 2),
        bytes.span.extracting(0..<Int(identity % 6)))
    }
    var found: [String] = []
    for part in 0..<spill.partCount {
      try spill.read(part) { call, bytes in
        #expect(call.time == -call.identity && call.row == 1 << 40 && call.head == 2)
        #expect(bytes.count == Int(call.identity % 6))
        found.append("\(part):\(call.identity)")
      }
    }
    #expect(found == ["0:9", "2:10", "2:19", "3:20", "3:25"])
  }

  @Test func aFolderThatIsNotThereIsAnError() {
    #expect(throws: SQLiteError.fileBeside(isFull: false)) {
      try CallSpill("/nowhere/calls", bounds: [])
    }
  }

  @Test func aFullDiskIsAnError() throws {
    let descriptor = open("/dev/full", O_RDWR | O_CLOEXEC)
    try #require(descriptor >= 0)
    let spill = CallSpill(descriptor: descriptor, bounds: [])
    let bytes: [UInt8] = [1]
    try spill.add(PackedCall(identity: 1, time: 1, row: 1, head: 1), bytes.span)
    #expect(throws: SQLiteError.fileBeside(isFull: true)) { try spill.read(0) { _, _ in } }
  }

  @Test func aFileThatWasCutShortIsAnError() throws {
    let bench = try Workbench()
    let path = bench.path("calls")
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    try #require(descriptor >= 0)
    let spill = CallSpill(descriptor: descriptor, bounds: [])
    let bytes: [UInt8] = [1]
    try spill.add(PackedCall(identity: 1, time: 1, row: 1, head: 1), bytes.span)
    try spill.read(0) { call, _ in #expect(call.identity == 1) }
    #expect(truncate(path, 20) == 0)
    #expect(throws: SQLiteError.fileBeside(isFull: false)) { try spill.read(0) { _, _ in } }
  }

  // MARK: Errors on either thread

  /// Packs 400 calls of which something is damaged, and returns what came of it.
  private func failure(_ damage: String, callsInRange: Int64 = 50) throws -> SQLiteError? {
    let bench = try Workbench()
    let connection = try store(bench, calls: 0..<400)
    try connection.execute(damage)
    let failure = #expect(throws: SQLiteError.self) {
      try pack(connection, callsInRange: callsInRange)
    }
    #expect(try HistoryPacking.watermark(connection) == 0)
    #expect(try connection.prepare("SELECT 1 FROM histories").first { $0.int(0) } == nil)
    return failure
  }

  @Test(arguments: [50, 1000] as [Int64])
  func aDamagedRowIsAnError(callsInRange: Int64) throws {
    let last = "UPDATE events SET body = '{' WHERE seq = 400"
    #expect(try failure(last, callsInRange: callsInRange) == .damaged("events"))
    let type = "UPDATE events SET type = 9 WHERE seq = 200"
    #expect(try failure(type, callsInRange: callsInRange) == .damaged("events"))
  }

  @Test func aDamagedRowEndsTheReadingOfManyMore() throws {
    let bench = try Workbench()
    let connection = try store(bench, calls: 0..<400)
    // Several portions come behind it.
    try connection.execute(
      """
      UPDATE events SET body = '{' WHERE seq = 1;
      UPDATE events SET body = '{"properties":"' || hex(zeroblob(50000)) || '"}' WHERE seq > 1;
      """)
    #expect(throws: SQLiteError.damaged("events")) { try pack(connection, callsInRange: 50) }
  }

  @Test func aTableThatRefusesAHistoryEndsTheOtherThread() throws {
    let refusal = try failure(
      """
      CREATE TRIGGER refusal BEFORE INSERT ON histories WHEN new.identity > 10
      BEGIN SELECT raise(ABORT, 'no more'); END
      """)
    #expect(refusal?.message.contains("no more") == true)
  }

  @Test(arguments: [0, 1] as [Int32])
  func aSpillThatFailsIsAnError(size: Int32) throws {
    let bench = try Workbench()
    let connection = try store(bench, calls: 0..<400)
    try connection.execute(
      "UPDATE events SET body = '{\"properties\":\"' || hex(zeroblob(\(1 + size * 10000))) || '\"}'"
    )
    // It fails when the pieces are read, or, when they are large, already while rows are.
    let descriptor = open("/dev/full", O_RDWR | O_CLOEXEC)
    try #require(descriptor >= 0)
    let spill = CallSpill(descriptor: descriptor, bounds: [20, 40])
    #expect(throws: SQLiteError.fileBeside(isFull: true)) {
      try connection.transaction("pack") {
        var packing = try HistoryPacking(connection, NameTable(), .row)
        try packing.takeByRanges(after: 0, upTo: 400, spill)
      }
    }
  }

  @Test func progressGoesToTheEnd() throws {
    let bench = try Workbench()
    let connection = try store(bench, calls: 0..<300)
    let names = try HistoryNames.load(connection)
    var last = (0, 0)
    try connection.transaction("pack") {
      _ = try HistoryPacking.catchUp(
        connection, names, upTo: 300, callsInRange: 100, progress: { last = ($0, $1) })
    }
    #expect(last == (600, 600))
  }
}
