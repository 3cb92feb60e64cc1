import SQLite
import Testing
import Values

@testable import EventStore
@testable import Operations

@Suite("Parts of histories are folded when they have become many")
struct FoldingTests {
  private func place() throws -> Workplace {
    let place = try Workplace([
      (
        "buyers.audience",
        "---\nname: Buyers\n---\nevent('Bought').within(1 hour).count() >= 2\n"
      ),
      ("spent.trait", "---\nname: Spent\n---\nevent('Bought').sum(property('total'))\n"),
    ])
    place.partLimit = HistoryParts.Limit(count: 3, share: 0)
    return place
  }

  private func calls(_ users: Range<Int>, minute: Int) -> String {
    users.map {
      """
      {"type":"track","messageId":"\(minute) \($0)","userId":"u\($0)","event":"Bought",\
      "timestamp":"1970-01-01T00:\(minute):00Z","properties":{"total":\(minute)}}

      """
    }.joined()
  }

  private func parts(_ place: Workplace) throws -> Int? {
    Int(try place.rows("SELECT coalesce(sum(parts), 0) FROM part_runs")[0][0])
  }

  private static let rows = "SELECT identity, kind, hex(data) FROM histories ORDER BY identity"

  @Test("by the run that would have more, which does what it would have done")
  func threshold() throws {
    let place = try place()
    try place.ingest(calls(0..<5, minute: 10))
    try place.run(at: 600_000)
    #expect(try parts(place) == 0)
    try place.ingest(calls(0..<2, minute: 11))
    try place.run(at: 660_000)
    try place.ingest(calls(1..<2, minute: 12))
    try place.run(at: 720_000)
    // A new user has no row yet.
    try place.ingest(calls(7..<8, minute: 13))
    let before = try place.run(at: 780_000)
    #expect(try parts(place) == 3)
    #expect(before.run.evaluated == 1)
    try place.ingest(calls(1..<3, minute: 14))
    let report = try place.run(at: 840_000)
    #expect(try parts(place) == 0)
    #expect(report.method == .tick)
    #expect(report.run.evaluated == 2 && report.run.entered == 1 && report.run.changed == 2)
    #expect(try place.session.verify().difference == nil)

    let folded = try place.rows(Self.rows)
    _ = try place.session.rebuild()
    #expect(try place.rows(Self.rows) == folded)
    let full = try place.run(at: 840_000, isFull: true)
    #expect(full.run.entered + full.run.left + full.run.changed == 0)
  }

  @Test("not by a plan, which leaves them as they are")
  func plan() throws {
    let place = try place()
    try place.ingest(calls(0..<5, minute: 10))
    try place.run(at: 600_000)
    try place.ingest(calls(0..<3, minute: 11))
    try place.run(at: 660_000)
    let before = try place.rows("SELECT id, hex(parts) FROM part_blocks")
    try place.ingest(calls(0..<5, minute: 12))
    place.session.at = Instant(milliseconds: 720_000)
    #expect(try place.session.plan().evaluated == 5)
    #expect(try place.rows("SELECT id, hex(parts) FROM part_blocks") == before)
    #expect(try parts(place) == 3)
  }

  @Test("a full run over parts that nobody else has seen is a run over rows")
  func full() throws {
    let place = try place()
    place.partLimit = HistoryParts.Limit(count: .max)
    let folded = try self.place()
    folded.partLimit = HistoryParts.Limit(count: 0, share: 0)
    for store in [place, folded] {
      try store.ingest(calls(0..<9, minute: 10))
      try store.run(at: 600_000)
      try store.ingest(calls(0..<5, minute: 11))
      try store.run(at: 660_000)
      try store.ingest(calls(2..<8, minute: 12))
      try store.run(at: 720_000, isFull: true, threads: 2)
    }
    #expect(try parts(place) == 11)
    #expect(try parts(folded) == 0)
    #expect(try place.memberships() == folded.memberships())
    #expect(try place.session.verify().difference == nil)
  }

  @Test("a store of version 6 keeps its parts, which lay in a row each")
  func version6() throws {
    let (place, same) = (try self.place(), try self.place())
    for store in [place, same] {
      store.partLimit = HistoryParts.Limit(count: .max)
      for (minute, users) in [(10, 0..<9), (11, 0..<5), (12, 2..<8)] {
        try store.ingest(calls(users, minute: minute))
        try store.run(at: Int64(minute) * 60_000)
      }
    }
    try makeVersion6(place)
    #expect(try place.rows("SELECT count(*) FROM history_parts") == [["11"]])
    for store in [place, same] {
      try store.ingest(calls(1..<3, minute: 13))
      try store.run(at: 780_000)
    }
    #expect(try place.rows("PRAGMA user_version") == [["\(Store.migration.version)"]])
    #expect(
      try place.rows("SELECT count(*) FROM sqlite_schema WHERE name LIKE 'history_parts%'")
        == [["0"]])
    // Those of one user became one.
    #expect(try parts(place) == 8 + 2 && parts(same) == 11 + 2)
    #expect(try place.memberships() == same.memberships())
    #expect(try place.session.verify().difference == nil)
    place.partLimit = HistoryParts.Limit(count: 0, share: 0)
    try place.run(at: 800_000)
    _ = try same.session.rebuild()
    #expect(try parts(place) == 0)
    #expect(try place.rows(Self.rows) == same.rows(Self.rows))
  }

  /// Makes it a store of version 6, with each part in a row of its own.
  private func makeVersion6(_ place: Workplace) throws {
    let parts = try {
      let connection = try Connection(path: place.session.storePath, mode: .readOnly)
      let runs = try connection.prepare("SELECT id FROM part_runs ORDER BY id").all { $0.int(0) }
      var parts: [(identity: Int64, bytes: [UInt8])] = []
      for run in runs {
        let reader = try HistoryParts.Reader(connection, runs: [run])
        while let identity = reader.identity {
          parts += try reader.take(identity).map { (identity, $0.bytes) }
        }
      }
      return parts
    }()
    try place.makeVersion(6)
    let connection = try Connection(path: place.session.storePath, mode: .readWrite)
    for part in parts {
      try connection.run(
        "INSERT INTO history_parts(identity, data) VALUES (?, ?)", .init(part.identity),
        .blob(part.bytes))
    }
  }
}
