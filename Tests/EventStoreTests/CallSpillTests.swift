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
        EventStoreSchema.historiesVersion2 + EventStoreSchema.historyPartsVersion5)
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
      try HistoryParts.fold(connection)
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
