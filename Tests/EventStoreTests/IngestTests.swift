import EventStore
import Foundation
import SQLite
import Testing
import Values

@Suite final class IngestTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  @Test func `what is kept of the store in memory is as before`() throws {
    let connection = try bench.connection()
    func size() throws -> Int64? {
      try connection.prepareFresh("PRAGMA cache_size").first { $0.int(0) }
    }
    let usual = try size()
    #expect(try connection.withCache(of: 300, size) == -300)
    #expect(throws: CancellationError.self) {
      try connection.withCache(of: 300) { throw CancellationError() }
    }
    var ingest = try Ingest(connection: connection, rejectsPath: bench.rejectsPath)
    _ = try ingest.file(bench.write([String]()))
    #expect(try size() == usual)
  }

  @Test func `what is derived does not wait for the disk, and all else does`() throws {
    let connection = try bench.connection()
    func level() throws -> Int64? {
      try connection.prepareFresh("PRAGMA synchronous").first { $0.int(0) }
    }
    let (normal, full) = (Int64(1), Int64(2))
    #expect(try connection.derivation("test", level) == normal)
    #expect(try level() == full)
    #expect(throws: CancellationError.self) {
      try connection.derivation("test") { throw CancellationError() }
    }
    #expect(try level() == full)
  }

  @Test func `a call of every type becomes a row`() throws {
    let rest = #""timestamp":"2026-01-02T03:04:05.678Z"}"#
    let lines = [
      #"{"type":"track","event":"Order Completed","userId":"u1","anonymousId":"a1",\#(rest)"#,
      #"{"type":"page","name":"Home","anonymousId":"a1",\#(rest)"#,
      #"{"type":"screen","name":"Start","userId":7,\#(rest)"#,
      #"{"type":"identify","userId":"u1","anonymousId":"a1","traits":{"plan":"pro"},\#(rest)"#,
      #"{"type":"group","userId":"u1","groupId":"g1",\#(rest)"#,
      #"{"type":"alias","userId":"u1","previousId":"u0",\#(rest)"#,
    ]
    var ingest = try bench.ingest()
    let summary = try ingest.file(bench.write(lines))
    #expect(summary.accepted == 6 && summary.lines == 6)
    #expect(
      try bench.rows(
        """
        SELECT concat_ws FROM (SELECT e.seq || ' ' || e.type || ' ' || ifnull(n.name, '-') || ' '
          || ifnull(u.external_id, '-') || ' ' || ifnull(a.external_id, '-') || ' '
          || ifnull(g.external_id, '-') || ' ' || e.time AS concat_ws
        FROM events AS e LEFT JOIN names AS n ON n.id = e.event
        LEFT JOIN identities AS u ON u.id = e.user AND u.kind = 0
        LEFT JOIN identities AS a ON a.id = e.anonymous AND a.kind = 1
        LEFT JOIN identities AS g ON g.id = e.account AND g.kind = 2
        ORDER BY e.seq)
        """) == [
          "1 0 Order Completed u1 a1 - 1767323045678",
          "2 1 Page Viewed - a1 - 1767323045678",
          "3 2 Screen Viewed 7 - - 1767323045678",
          "4 3 - u1 a1 - 1767323045678",
          "5 4 - u1 - g1 1767323045678",
          "6 5 - u1 - - 1767323045678",
        ])
    #expect(try bench.rows("SELECT body FROM events ORDER BY seq") == lines)
    #expect(try bench.rows("SELECT id FROM names ORDER BY id") == ["16", "17", "18"])
    #expect(summary.rejectsFile == nil)
    #expect(!FileManager.default.fileExists(atPath: bench.rejectsPath))
  }

  @Test func `the same file again gives only duplicates`() throws {
    let path = try bench.write([track(id: "m1"), track(user: "u2"), track("Other", id: "m3")])
    var first = try bench.ingest(batchLines: 2)
    #expect(try first.file(path).accepted == 3)
    for _ in 0..<2 {
      var again = try bench.ingest(batchLines: 2)
      let summary = try again.file(path)
      #expect(summary.accepted == 0 && summary.duplicates == 3 && summary.conflicts == 0)
      #expect(summary.resumedAtLine == nil)
    }
    #expect(try bench.rows("SELECT count(*) FROM events") == ["3"])
    #expect(try bench.rows("SELECT count(*) FROM ingests") == ["0"])
  }

  @Test func `a message id counts once and the first call stays`() throws {
    let summary = try bench.take(
      track(id: "m1", properties: #"{"total":1}"#),
      track(id: "m1", properties: #"{"total":1}"#),
      track(id: "m1", properties: #"{"total": 1}"#),
      track(user: "nobody", id: "m1", properties: #"{"total":1}"#),
      track("Other", id: "m1", properties: #"{"total":1}"#),
      track(id: "m1", at: "2026-01-02T03:04:06Z", properties: #"{"total":1}"#))
    #expect(summary.accepted == 1 && summary.duplicates == 5 && summary.conflicts == 4)
    #expect(try bench.rows("SELECT properties FROM event_log") == [#"{"total":1}"#])
    #expect(try bench.rows("SELECT external_id FROM identities") == ["u1"])
  }

  @Test func `what a sender adds on the way is no conflict`() throws {
    let call = #""messageId":"m","type":"identify","userId":"u","timestamp":"2026-01-02T00:00:00Z""#
    let summary = try bench.take(
      #"{\#(call),"sentAt":"2026-01-02T00:00:01Z"}"#,
      #"{"receivedAt":"2026-01-02T00:00:09Z",\#(call),"event":"not read"}"#,
      #"{"messageId":"m","type":"identify","userId":"u","timestamp":"2026-01-02T01:00:00+01:00"}"#)
    #expect(summary.accepted == 1 && summary.duplicates == 2 && summary.conflicts == 0)
  }

  @Test func `a message id is a text however it is written`() throws {
    func call(_ id: String) -> String {
      #"{"messageId":\#(id),"type":"identify","userId":"u","timestamp":"2026-01-02"}"#
    }
    let summary = try bench.take(
      call("42"), call(#""42""#), call(#""4\u0032""#), call("42.0"), call("43"))
    #expect(summary.accepted == 2 && summary.duplicates == 3)
  }

  @Test func `a call without a message id is known by its line`() throws {
    let line = track()
    let id = "content-" + SHA256.digest(of: Array(line.utf8).span).hex
    let summary = try bench.take(
      line, "  \(line)\t", track(properties: "{ }"), track("Other", id: id))
    #expect(summary.accepted == 2 && summary.duplicates == 2 && summary.conflicts == 1)
  }

  @Test func `calls whose message ids share a hash are told apart`() throws {
    try bench.take(track(id: "m1"))
    let connection = try bench.connection()
    // The hash of the row to come is put on the row that is there, and the index made anew.
    let hash = Int64(bitPattern: SHA256.digest(of: Array("m2".utf8).span).first64Bits)
    try connection.run("UPDATE events SET message_hash = ?1", .integer(hash))
    try connection.execute(
      "DELETE FROM message_runs; DELETE FROM message_parts; DELETE FROM message_filters")
    let summary = try bench.take(track(id: "m2"), track(id: "m2"))
    #expect(summary.accepted == 1 && summary.duplicates == 1)
  }

  @Test func `duplicates are found in the batch, in earlier batches and in earlier files`() throws {
    let ids = (0..<300).map { $0 * 7 % 100 }
    let path = try bench.write(ids.map { track(user: "u\($0)", id: "m\($0)") })
    for batchLines in [1000, 90, 33, 7] {
      var ingest = try bench.ingest(batchLines: batchLines)
      let summary = try ingest.file(path)
      let isFirst = batchLines == 1000
      #expect(summary.accepted == (isFirst ? 100 : 0) && summary.conflicts == 0)
      #expect(summary.duplicates == (isFirst ? 200 : 300))
    }
    // Every second one is new, so that the new ones do not lie side by side.
    let mixed = try bench.write(
      (0..<150).map { track(user: "u\($0)", id: $0 % 2 == 0 ? "m\($0 / 2)" : "n\($0)") })
    for accepted in [75, 0] {
      var ingest = try bench.ingest()
      #expect(try ingest.file(mixed).accepted == accepted)
    }
    #expect(
      try bench.rows("SELECT message_id FROM event_log ORDER BY seq")
        == ids.prefix(100).map { "m\($0)" } + stride(from: 1, to: 150, by: 2).map { "n\($0)" })
    #expect(try bench.indexedRows() == 175)
  }

  @Test func `ids are given in the order of the calls, whatever the size of a batch`() throws {
    let lines = ["zoe", "bob", "ann", "zoe", "cai", "bob", "al"].map { user in
      #"{"type":"identify","userId":"\#(user)","anonymousId":"of \#(user)","#
        + #""timestamp":"2026-01-02","traits":{"n":"\#(user)"}}"#
    }
    for (size, name) in [(1, "one"), (3, "two"), (100, "three")] {
      let other = try Workbench()
      var ingest = try other.ingest(batchLines: size)
      _ = try ingest.file(other.write(lines, to: name))
      #expect(
        try other.rows("SELECT external_id FROM identities ORDER BY id")
          == ["zoe", "bob", "ann", "cai", "al"].flatMap { [$0, "of \($0)"] })
    }
  }

  @Test func `a long file is stored in larger parts than a short one`() throws {
    let path = try bench.write((0..<250_010).map { track(user: "u\($0 % 9)", id: "\($0)") })
    var ingest = try bench.ingest()
    var lines: [Int] = []
    let summary = try ingest.file(path) { lines.append($0.lines) }
    #expect(lines == [50_000, 250_000, 250_010] && summary.accepted == 250_010)
    #expect(try bench.indexedRows() == 250_010)
  }

  @Test func `at the end of a long file the log is copied, and the connection as it was`() throws {
    // It keeps the store open, so that nobody is the last one.
    let other = try bench.connection()
    let connection = try bench.connection()
    var ingest = try Ingest(
      connection: connection, rejectsPath: bench.rejectsPath, batchLines: 500)
    let lines = (0..<5000).map { track(user: "u\($0)", id: "m\($0)") }
    #expect(try ingest.file(bench.write(lines)).accepted == 5000)
    func pragma(_ name: String, _ connection: Connection) throws -> Int64? {
      try connection.prepareFresh("PRAGMA \(name)").first { $0.int(0) }
    }
    let size = try FileManager.default.attributesOfItem(atPath: bench.path("store.sqlite"))[.size]
    #expect(try (size as? Int64) == pragma("page_count", other).map { $0 * 4096 })
    for name in ["cache_size", "wal_autocheckpoint", "journal_size_limit"] {
      #expect(try pragma(name, connection) == pragma(name, other), "\(name)")
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `an error ends the ingest of a stream that stays open and silent`() throws {
    let blocked = bench.path("missing-folder/rejects.ndjson")
    var ingest = try Ingest(
      connection: bench.connection(), rejectsPath: blocked, batchLines: 2)
    let pipe = Pipe()
    pipe.fileHandleForWriting.write(Data("\(track(id: "1"))\nno call\n".utf8))
    #expect(throws: IngestFailure.cannotWriteRejects(path: blocked, code: ENOENT)) {
      try ingest.standardInput(pipe.fileHandleForReading.fileDescriptor)
    }
    try pipe.fileHandleForWriting.close()
  }

  @Test func `a stream that cannot be read is named`() throws {
    let descriptor = open(bench.folder.path, O_RDONLY | O_CLOEXEC)
    defer { close(descriptor) }
    var ingest = try bench.ingest()
    #expect(throws: IngestFailure.cannotRead(path: "-", code: EISDIR)) {
      try ingest.standardInput(descriptor)
    }
    #expect(try bench.rows("SELECT count(*) FROM events") == ["0"])
  }

  @Test func `blank lines, CRLF, a byte order mark and a missing last newline are accepted`() throws
  {
    let text = "\u{FEFF}\(track(id: "1"))\r\n\r\n   \n\(track(id: "2"))\r\n\n\(track(id: "3"))"
    var ingest = try bench.ingest(batchLines: 1)
    let summary = try ingest.file(bench.write(Array(text.utf8)))
    #expect(summary.accepted == 3 && summary.rejected == 0 && summary.lines == 6)
    #expect(
      try bench.rows("SELECT body FROM events ORDER BY seq")
        == ["1", "2", "3"].map { track(id: $0) })
  }

  @Test func `an empty file is nothing`() throws {
    for bytes in [[], Array("\n".utf8), [0xEF, 0xBB, 0xBF]] {
      var ingest = try bench.ingest()
      let summary = try ingest.file(bench.write(bytes))
      #expect(summary.accepted == 0 && summary.rejected == 0)
    }
  }

  @Test func `a missing file and a folder are named`() throws {
    var ingest = try bench.ingest()
    let missing = bench.path("missing.ndjson")
    #expect(throws: IngestFailure.cannotOpen(path: missing, code: ENOENT)) {
      try ingest.file(missing)
    }
    #expect(throws: IngestFailure.cannotOpen(path: bench.folder.path, code: EISDIR)) {
      try ingest.file(bench.folder.path)
    }
    #expect(
      IngestFailure.cannotOpen(path: "a.ndjson", code: ENOENT).description
        == "cannot open a.ndjson: No such file or directory")
  }

  @Test func `a stream is read to its end and leaves no place behind`() throws {
    let path = try bench.write([track(id: "1"), track(id: "2"), "no call"])
    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
    var ingest = try bench.ingest(batchLines: 1)
    var seen: [Ingest.Progress] = []
    let summary = try ingest.standardInput(file.fileDescriptor) { seen.append($0) }
    #expect(summary.accepted == 2 && summary.rejected == 1 && summary.resumedAtLine == nil)
    #expect(seen.allSatisfy { $0.totalBytes == nil })
    #expect(seen.map(\.lines) == [1, 2, 3, 3])
    #expect(try bench.rejects().first?.hasPrefix(#"{"file":"-","line":3,"#) == true)
    #expect(try bench.rows("SELECT count(*) FROM ingests") == ["0"])
  }

  @Test func `two connections that take turns share their ids`() throws {
    let users = (0..<40).map { "user-\($0)" }
    let left = try bench.write(
      users.map { track("Event \($0.suffix(1))", user: $0, id: "l\($0)") }, to: "left.ndjson")
    let right = try bench.write(
      users.reversed().map { track("Event \($0.suffix(1))", user: $0, id: "r\($0)") },
      to: "right.ndjson")
    var first = try bench.ingest(batchLines: 7)
    var inner: [Ingest.Summary] = []
    let outer = try first.file(left) { progress in
      guard progress.lines == 14 else { return }
      var second = try self.bench.ingest(batchLines: 3)
      inner.append(try second.file(right))
      inner.append(try second.file(left))
    }
    // The inner one of the same file takes it up at the place that the outer one has stored.
    #expect(inner.map(\.accepted) == [40, 40])
    #expect(inner.map(\.resumedAtLine) == [nil, 15])
    // The outer one goes on from its own place, and what it finds is there already.
    #expect(outer.accepted == 14 && outer.duplicates == 26 && outer.conflicts == 0)
    #expect(try bench.rows("SELECT count(*) FROM events") == ["80"])
    #expect(try bench.rows("SELECT count(*) FROM identities") == ["40"])
    #expect(try bench.rows("SELECT count(*) FROM names") == ["12"])
    #expect(
      try bench.rows(
        "SELECT user_id FROM event_log GROUP BY user_id HAVING count(DISTINCT event) <> 1") == [])
  }

  @Test func `an id that is known from an earlier batch is not given twice`() throws {
    let lines = (0..<100).map { track("E\($0 % 3)", user: "u\($0 % 7)", id: "m\($0)") }
    var ingest = try bench.ingest(batchLines: 10)
    _ = try ingest.file(bench.write(lines))
    #expect(
      try bench.rows("SELECT event || ' ' || user_id FROM event_log ORDER BY seq")
        == (0..<100).map { "E\($0 % 3) u\($0 % 7)" })
    #expect(try bench.rows("SELECT count(*) FROM identities") == ["7"])
  }

  @Test func `an id that another connection gave to somebody else is not remembered`() throws {
    let path = try bench.write([track(user: "u1", id: "m1"), track(user: "u1", id: "m2")])
    var ingest = try bench.ingest(batchLines: 1)
    _ = try ingest.file(path) { progress in
      guard progress.lines == 1 else { return }
      let other = try self.bench.connection()
      try other.execute("DELETE FROM events; DELETE FROM identities")
      try other.execute("INSERT INTO identities(kind, external_id) VALUES (0, 'somebody else')")
    }
    #expect(try bench.rows("SELECT user_id FROM event_log") == ["u1"])
  }
}
