import Evaluation
import SQLite
import Testing

@testable import EventStore

/// Parts beside the packed histories come to the same as everything in the rows.
@Suite struct HistoryPartsTests {
  private let bench: Workbench
  private let connection: Connection

  init() throws {
    bench = try Workbench()
    connection = try bench.connection()
    try connection.execute(
      EventStoreSchema.historiesVersion2 + EventStoreSchema.partRunsVersion7)
  }

  /// Takes in calls of eleven users, some of them late, a few about accounts; and packs them as runs do.
  /// Three anonymous ids stand beside a user's at first, and alone from the third portion on.
  private func take(portions: Range<Int>) throws {
    for portion in portions {
      let lines = (portion * 20..<portion * 20 + 20).map { number in
        // Who comes in the first portion has a row from then on; others come later.
        let user = portion == 0 ? number % 7 : number * number % 11
        let second = String(format: "%02d", number * 37 % 60)
        let kind =
          number % 9 == 0
          ? "\"type\":\"group\",\"groupId\":\"g\(number % 2)\""
          : "\"type\":\"track\",\"event\":\"E\(number % 6)\""
        let isAnonymous = number % 8 == 5 && number % 9 > 0
        let userID = isAnonymous && portion > 1 ? "" : "\"userId\":\"u\(user)\","
        let anonymousID = isAnonymous ? "\"anonymousId\":\"a\(number % 3)\"," : ""
        return "{\(kind),\"messageId\":\"m\(number)\",\(userID)\(anonymousID)"
          + "\"timestamp\":\"2026-01-01T00:00:\(second)Z\",\"properties\":{\"n\":\(number)}}"
      }
      var ingest = try Ingest(connection: connection, rejectsPath: bench.rejectsPath)
      _ = try ingest.file(bench.write(lines))
      let watermark = try Histories.watermark(connection)
      _ = try connection.transaction("pack") {
        try HistoryPacking.catchUp(connection, HistoryNames.load(connection), upTo: watermark)
      }
    }
  }

  private func histories(upTo watermark: Int64? = nil) throws -> Histories {
    try Histories(
      connection, HistoryNames.load(connection),
      upTo: watermark ?? Histories.watermark(connection), includesAnonymous: false)
  }

  /// What each way to read a history shows of everybody.
  private func shown(upTo watermark: Int64? = nil) throws -> [[Int64: [UInt8]]] {
    let histories = try histories(upTo: watermark)
    let all = try connection.prepareFresh("SELECT id FROM identities").all { $0.int(0) }
    let visited = Visited()
    for range in [1...4, 5...5, 6...1000] as [ClosedRange<Int64>] {
      try histories.visitAll(range, visited)
    }
    var (one, inPlace) = ([Int64: [UInt8]](), [Int64: [UInt8]]())
    for identity in all {
      let bytes = try histories.history(of: identity).bytes
      if try IdentityLinks.isRoot(identity, connection) { one[identity] = bytes }
      var found: [UInt8] = []
      try histories.withHistory(of: identity, &found) { found, bytes in
        found = bytes.withUnsafeBufferPointer { Array($0) }
      }
      if !found.isEmpty { inPlace[identity] = found }
    }
    return [one.filter { !$0.value.isEmpty }, inPlace, visited.histories]
  }

  /// Whose parts there are, in their order.
  private func owners() throws -> [Int64] {
    let parts = try HistoryParts.Reader(connection)
    try parts?.seek(0)
    var owners: [Int64] = []
    while let identity = parts?.identity {
      owners.append(identity)
      _ = try parts?.take(identity)
    }
    return owners
  }

  /// Those who have parts and no row.
  private func withoutRow() throws -> [Int64] {
    let rows = try connection.prepareFresh("SELECT identity FROM histories").all { $0.int(0) }
    return try owners().filter { !rows.contains($0) }
  }

  private func count(_ table: String) throws -> Int64 {
    try connection.prepareFresh("SELECT count(*) FROM \(table)").first { $0.int(0) } ?? -1
  }

  private func parts() throws -> Int64 { try HistoryParts.count(connection) }

  @Test("what two calls packed is one, where they follow each other")
  func following() {
    let (first, second) = (
      HistoryPacking.Packed(since: 0, upTo: 5, identities: [(1, .user)]),
      HistoryPacking.Packed(since: 5, upTo: 9, identities: [(1, .user), (2, .anonymous)])
    )
    let both = second.following(first)
    #expect(both.since == 0 && both.upTo == 9 && both.identities.map(\.identity) == [1, 1, 2])
    for packed in [second.following(nil), second.following(second)] {
      #expect(packed.since == 5 && packed.identities.count == 2)
    }
  }

  @Test("every way to read a history shows its parts", arguments: [nil, 61] as [Int64?])
  func read(watermark: Int64?) throws {
    try take(portions: 0..<1)
    #expect(try parts() == 0)
    try take(portions: 1..<5)
    #expect(try parts() > 20)
    #expect(try withoutRow().count == 3)
    let withParts = try shown(upTo: watermark)
    #expect(try HistoryPacking.difference(connection) == nil)
    try connection.transaction("rebuild") { try HistoryPacking.rebuild(connection) }
    #expect(try count("part_runs") + count("part_lists") + count("part_blocks") == 0)
    let expected = try shown(upTo: watermark)
    #expect(expected[0].count > 9)
    for way in withParts { #expect(way == expected[0]) }
    #expect(expected[1] == expected[0] && expected[2] == expected[0])
  }

  @Test("who has parts alone is shown as what they are, in their place, and folded into a row")
  func withoutRows() throws {
    try take(portions: 0..<5)
    let identities = try withoutRow()
    #expect(identities.count == 3)
    let visited = Visited()
    // The last range ends with one of them, and the one behind it begins with nobody's row.
    let end = try #require(identities.last)
    for range in [1...(end - 1), end...end, (end + 1)...1000] {
      try histories().visitAll(range, visited)
    }
    #expect(visited.order == visited.order.sorted())
    let kinds = try connection.prepareFresh("SELECT id, kind FROM identities")
      .all { ($0.int(0), IdentityKind(rawValue: $0.int(1))) }
    for (identity, kind) in kinds { #expect(visited.kinds[identity] == kind) }
    #expect(identities.allSatisfy { visited.kinds[$0] == .anonymous })
    try HistoryParts.fold(connection)
    let folded = Visited()
    try histories().visitAll(1...1000, folded)
    #expect(folded.order == visited.order && folded.kinds == visited.kinds)
    #expect(folded.histories == visited.histories)
    #expect(try HistoryPacking.difference(connection) == nil)
  }

  @Test("to pack calls of those who have rows reads no row")
  func rowsAreNotRead() throws {
    try take(portions: 0..<4)
    // Whoever looks for these rows finds none, and writes new ones.
    try connection.execute("DELETE FROM histories WHERE identity < 4")
    try HistoryParts.erase(connection)
    let rows = try count("histories")
    try take(portions: 4..<5)
    #expect(try count("histories") == rows)
    #expect(try withoutRow().contains { $0 < 4 })
  }

  @Test("what was packed is said with its kind")
  func kinds() throws {
    try take(portions: 0..<3)
    let since = try HistoryPacking.watermark(connection)
    try connection.execute("UPDATE packed SET watermark = 20")
    let packed = try connection.rehearsal {
      try HistoryPacking.catchUp(connection, HistoryNames.load(connection), upTo: since)
    }
    let kinds = try connection.prepareFresh("SELECT id, kind FROM identities")
      .all { ($0.int(0), IdentityKind(rawValue: $0.int(1))) }
    let known = Dictionary(uniqueKeysWithValues: kinds)
    #expect(packed.identities.allSatisfy { known[$0.identity] == $0.kind })
    #expect(Set(packed.identities.map(\.kind)) == [.user, .anonymous, .account])
  }

  @Test("of ids that are one profile the parts of all are shown")
  func links() throws {
    try take(portions: 0..<4)
    try connection.execute(
      """
      INSERT INTO links(identity, target, root) SELECT i.id, j.id, j.id
      FROM identities AS i, identities AS j WHERE i.external_id = 'u1' AND j.external_id = 'u4'
      """)
    let withParts = try shown()
    try connection.transaction("rebuild") { try HistoryPacking.rebuild(connection) }
    let expected = try shown()
    for way in withParts { #expect(way == expected[0]) }
  }

  private static let rows =
    "SELECT identity || ' ' || kind || ' ' || hex(data) FROM histories ORDER BY identity"

  @Test(
    "folded, they are in the rows, as if everything were packed anew",
    arguments: [1, 3, 1000])
  func fold(atOnce: Int) throws {
    try take(portions: 0..<5)
    let parts = Int(try parts())
    var steps = [0]
    try HistoryParts.fold(connection, atOnce: atOnce) { done, all in
      #expect(all == parts)
      steps.append(done)
    }
    #expect(parts > 20 && steps.last == parts && steps == steps.sorted())
    #expect(steps.count == (atOnce == 1000 ? 2 : steps.count) && steps.count > 1)
    #expect(try count("part_runs") + count("part_lists") + count("part_blocks") == 0)
    let folded = try connection.prepareFresh(Self.rows).all { $0.text(0) }
    try connection.transaction("rebuild") { try HistoryPacking.rebuild(connection) }
    #expect(try connection.prepareFresh(Self.rows).all { $0.text(0) } == folded)
  }

  @Test("half folded, nothing is there twice; what comes then, and the rest, is folded as well")
  func halfFolded() throws {
    try take(portions: 0..<4)
    let before = try shown()
    let owners = try owners()
    var reader = try FoldReader(connection)
    var portion = FoldedPortion()
    try reader.read(owners.count / 2, into: &portion)
    #expect(try connection.transaction("fold") { try portion.write(connection) })
    #expect(try self.owners() == Array(owners.dropFirst(owners.count / 2)))
    #expect(try shown() == before)
    #expect(try HistoryPacking.difference(connection) == nil)
    // Of those who are folded too.
    try take(portions: 4..<5)
    #expect(try Set(self.owners()).intersection(portion.histories.map(\.identity)).count > 0)
    #expect(try HistoryPacking.difference(connection) == nil)
    let after = try shown()
    // Broken off again, before it is as far as the first time.
    reader = try FoldReader(connection)
    try reader.read(1, into: &portion)
    #expect(try connection.transaction("fold") { try portion.write(connection) })
    #expect(try shown() == after)
    #expect(try HistoryPacking.difference(connection) == nil)
    try HistoryParts.fold(connection, atOnce: 2)
    #expect(try shown() == after)
    #expect(try HistoryPacking.difference(connection) == nil)
    #expect(try parts() == 0)
  }

  @Test("where somebody else packs while a fold goes on, what it has read is not written")
  func packedMeanwhile() throws {
    try take(portions: 0..<4)
    var reader = try FoldReader(connection)
    var portion = FoldedPortion()
    try reader.read(3, into: &portion)
    try take(portions: 4..<5)
    let after = try shown()
    #expect(try !connection.transaction("fold") { try portion.write(connection) })
    #expect(try shown() == after)
    // Nor is more read.
    try reader.read(3, into: &portion)
    #expect(reader.isAtEnd && portion.histories.isEmpty)
    #expect(try !connection.transaction("fold") { try portion.write(connection) })
    #expect(try shown() == after)
    try HistoryParts.fold(connection, atOnce: 3)
    #expect(try shown() == after)
    #expect(try parts() == 0)
    #expect(try HistoryPacking.difference(connection) == nil)
  }

  @Test("histories that are long are folded a few at a time")
  func longHistories() throws {
    try take(portions: 0..<3)
    let owners = try owners()
    var reader = try FoldReader(connection)
    var portion = FoldedPortion()
    try reader.read(1000, upTo: 1, into: &portion)
    #expect(portion.histories.map(\.identity) == [owners[0]])
    #expect(!reader.isAtEnd && !portion.isLast)
    let size = portion.histories[0].history.bytes.count
    try reader.read(1000, upTo: 2 * size, into: &portion)
    #expect(portion.histories.count > 1 && portion.histories.count < owners.count - 1)
  }

  @Test("runs stay few, for many of one size become one, with the same parts")
  func merging() throws {
    var (runs, merges): (Int64, Int) = (0, 0)
    for portion in 0..<(HistoryParts.fanOut * 2) {
      try take(portions: portion..<(portion + 1))
      let now = try count("part_runs")
      #expect(now < 2 * HistoryParts.fanOut)
      if now < runs { merges += 1 }
      runs = now
    }
    #expect(merges > 0)
    #expect(try HistoryPacking.difference(connection) == nil)
    let blocks = try connection.prepare("SELECT sum(last_block - first_block + 1) FROM part_runs")
      .first { $0.int(0) }
    #expect(try count("part_blocks") == blocks)
    #expect(
      try connection.prepare("SELECT count(DISTINCT run) FROM part_lists").first { $0.int(0) }
        == count("part_runs"))
    let withParts = try shown()
    try connection.transaction("rebuild") { try HistoryPacking.rebuild(connection) }
    let expected = try shown()
    for way in withParts { #expect(way == expected[0]) }
  }

  @Test(
    "a part that is missing or nobody's is a difference",
    arguments: [
      "DELETE FROM part_runs WHERE id = 3",
      "UPDATE part_runs SET folded = 2 WHERE id = 3",
      "UPDATE part_lists SET identities = x'0102' WHERE run = 3",
      """
      UPDATE part_blocks SET parts = cast(substr(parts, 1, length(parts) - 1) || x'05' AS BLOB)
      WHERE id = 2
      """,
      "UPDATE part_lists SET identities = x'01E807' WHERE run = 3",
      "DELETE FROM histories WHERE identity = 1",
      "INSERT INTO histories SELECT max(identity) + 1, 0, data FROM histories",
    ])
  func damage(_ damage: String) throws {
    try take(portions: 0..<4)
    #expect(try HistoryPacking.difference(connection) == nil)
    try connection.execute(damage)
    #expect(try HistoryPacking.difference(connection) != nil)
  }

  @Test(
    "a list or a block that cannot be read is damage, and says so",
    arguments: [
      "DELETE FROM part_lists WHERE run = 2", "DELETE FROM part_blocks WHERE id = 2",
      "UPDATE part_lists SET until = since WHERE run = 2",
      "UPDATE part_lists SET since = 2 WHERE run = 2",
      "UPDATE part_lists SET identities = x'02' WHERE run = 2",
      "UPDATE part_lists SET identities = x'020100' WHERE run = 2",
      "UPDATE part_lists SET identities = x'0100' WHERE run = 2",
      "UPDATE part_lists SET since = -5 WHERE run = 2",
      "UPDATE part_lists SET identities = x'FF' WHERE run = 2",
      "UPDATE part_lists SET identities = x'01FFFFFFFFFFFFFFFFFF01' WHERE run = 2",
      "UPDATE part_blocks SET parts = x'' WHERE id = 2",
      "UPDATE part_blocks SET parts = substr(parts, 1, length(parts) - 1) WHERE id = 2",
      "UPDATE part_blocks SET parts = x'FF' WHERE id = 2",
    ])
  func unreadable(_ damage: String) throws {
    try take(portions: 0..<4)
    try connection.execute(damage)
    #expect(connection.changes == 1)
    #expect(throws: SQLiteError.self) { try HistoryPacking.difference(connection) }
    #expect(throws: SQLiteError.self) { try HistoryParts.fold(connection, atOnce: 2) }
    #expect(throws: SQLiteError.self) { try shown() }
  }

  @Test("a part of nobody is not folded in silence, and stays")
  func nobody() throws {
    try take(portions: 0..<3)
    try connection.execute("UPDATE part_lists SET identities = x'01E807' WHERE run = 2")
    let runs = try count("part_runs")
    #expect(throws: SQLiteError.damaged("part_lists")) { try HistoryParts.fold(connection) }
    #expect(try count("part_runs") == runs)
  }

  @Test("they are many from a number and a share of the histories on")
  func limit() throws {
    try take(portions: 0..<3)
    let parts = try parts()
    let rows = try connection.prepareFresh("SELECT max(identity) FROM histories").first {
      $0.int(0)
    }
    let share = Double(parts) / Double(try #require(rows))
    func isExceeded(_ count: Int64, _ share: Double, adding more: Int64 = 0) throws -> Bool {
      try HistoryParts.Limit(count: count, share: share).isExceeded(adding: more, connection)
    }
    #expect(try isExceeded(parts - 1, 0))
    #expect(try !isExceeded(parts, 0))
    #expect(try isExceeded(parts, 0, adding: 1))
    #expect(try isExceeded(0, share * 0.99))
    #expect(try !isExceeded(0, share * 1.01))
  }
}

/// Remembers the histories that it was shown.
private final class Visited: HistoryVisitor {
  var histories: [Int64: [UInt8]] = [:]
  var kinds: [Int64: IdentityKind] = [:]
  var order: [Int64] = []

  func visit(_ identity: Int64, _ kind: IdentityKind, _ history: Span<UInt8>) {
    let bytes = history.withUnsafeBufferPointer { Array($0) }
    if !bytes.isEmpty { histories[identity] = bytes }
    kinds[identity] = kind
    order.append(identity)
  }
}
