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
      EventStoreSchema.historiesVersion2 + EventStoreSchema.historyPartsVersion5)
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

  /// Those who have parts and no row.
  private func withoutRow() throws -> [Int64] {
    try connection.prepareFresh(
      "SELECT DISTINCT identity FROM history_parts EXCEPT SELECT identity FROM histories"
    ).all { $0.int(0) }
  }

  private func count(_ table: String) throws -> Int64 {
    try connection.prepareFresh("SELECT count(*) FROM \(table)").first { $0.int(0) } ?? -1
  }

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
    #expect(try count("history_parts") == 0)
    try take(portions: 1..<5)
    #expect(try count("history_parts") > 20)
    #expect(try withoutRow().count == 3)
    let withParts = try shown(upTo: watermark)
    #expect(try HistoryPacking.difference(connection) == nil)
    try connection.transaction("rebuild") { try HistoryPacking.rebuild(connection) }
    #expect(try count("history_parts") == 0)
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
    try connection.transaction("fold") { try HistoryParts.fold(connection) }
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
    try connection.execute("DELETE FROM histories WHERE identity < 4; DELETE FROM history_parts")
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

  @Test("folded, they are in the rows, as if everything were packed anew")
  func fold() throws {
    try take(portions: 0..<5)
    let parts = Int(try count("history_parts"))
    var last = (0, 0)
    try connection.transaction("fold") {
      try HistoryParts.fold(connection) { last = ($0, $1) }
    }
    #expect(parts > 20 && last == (parts, parts))
    #expect(try count("history_parts") == 0)
    let rows = "SELECT identity || ' ' || kind || ' ' || hex(data) FROM histories ORDER BY identity"
    let folded = try connection.prepareFresh(rows).all { $0.text(0) }
    try connection.transaction("rebuild") { try HistoryPacking.rebuild(connection) }
    #expect(try connection.prepareFresh(rows).all { $0.text(0) } == folded)
  }

  @Test(
    "a part that is missing, empty, somebody else's or nobody's is a difference",
    arguments: [
      "DELETE FROM history_parts WHERE id = 3",
      "UPDATE history_parts SET data = x'' WHERE id = 3",
      "UPDATE history_parts SET data = (SELECT data FROM history_parts WHERE id = 1) WHERE id = 3",
      "UPDATE history_parts SET identity = identity % 5 + 1 WHERE id = 3",
      "UPDATE history_parts SET identity = 0 WHERE id = 3",
      "UPDATE history_parts SET identity = 1000 WHERE id = 3",
      "INSERT INTO history_parts(identity, data) SELECT 1000, data FROM history_parts WHERE id = 1",
      "DELETE FROM histories WHERE identity = (SELECT identity FROM history_parts WHERE id = 3)",
      "DELETE FROM history_parts WHERE identity NOT IN (SELECT identity FROM histories)",
      """
      UPDATE history_parts SET data = x'' WHERE identity NOT IN (SELECT identity FROM histories)
      """,
      "INSERT INTO histories SELECT max(identity) + 1, 0, data FROM histories",
    ])
  func damage(_ damage: String) throws {
    try take(portions: 0..<4)
    #expect(try HistoryPacking.difference(connection) == nil)
    try connection.execute(damage)
    #expect(try HistoryPacking.difference(connection) != nil)
  }

  @Test("a part of nobody is not folded in silence, and everything stays")
  func nobody() throws {
    try take(portions: 0..<3)
    try connection.execute("UPDATE history_parts SET identity = 1000 WHERE id = 3")
    let parts = try count("history_parts")
    #expect(throws: SQLiteError.damaged("history_parts")) {
      try connection.transaction("fold") { try HistoryParts.fold(connection) }
    }
    #expect(try count("history_parts") == parts)
  }

  @Test("they are many from a number and a share of the histories on")
  func limit() throws {
    try take(portions: 0..<3)
    let parts = try count("history_parts")
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
