import EventStore
import Foundation
import Testing
import Values

@Suite final class RejectsTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  @Test func `bad lines are set aside with a reason and the others are stored`()
    throws
  {
    let summary = try bench.take(
      track(id: "1"),
      track(id: "2", at: "2026-02-30T00:00:00Z"),
      #"{"event":"A","userId":"u","timestamp":"2026-01-02"}"#,
      "",
      #"{"type":"track","event":"A","timestamp":"2026-01-02"}"#,
      #"{"type":"track","#,
      track(id: "3", properties: #"{"a":1,"a":2}"#),
      track(id: "4", properties: #"{"a":"\udc00"}"#),
      track(id: "5\u{0}"),
      track(id: "6", properties: String(repeating: #"{"a":"#, count: 220)),
      track(id: "7"))
    #expect(summary.accepted == 2 && summary.rejected == 8 && summary.lines == 11)
    #expect(summary.rejectsFile == bench.rejectsPath)
    let rejects = try bench.rejects().map { try Value(json: $0) }
    #expect(rejects.map { $0["line"].textForm } == [2, 3, 5, 6, 7, 8, 9, 10].map { "\($0)" })
    #expect(
      rejects.compactMap { $0["reason"].textForm } == [
        "the timestamp is not an ISO 8601 date",
        "the call has no type",
        "the call has neither userId nor anonymousId",
        "the JSON ends too early, at byte 17",
        "an object has the same key twice, the second one at byte 128",
        "not a JSON escape at byte 127",
        "a control character inside a string at byte 16",
        "nested more than 200 deep at byte 1116",
      ])
    #expect(
      try bench.rejects()[2]
        == #"{"file":"\#(bench.path("events.ndjson"))","line":5,"#
        + #""reason":"the call has neither userId nor anonymousId","#
        + #""text":"{\"type\":\"track\",\"event\":\"A\",\"timestamp\":\"2026-01-02\"}"}"#)
    #expect(rejects[6]["text"] == .string(track(id: "5\u{0}")))
    #expect(try bench.rows("SELECT message_id FROM event_log ORDER BY seq") == ["1", "7"])
  }

  @Test func `a line that is not UTF-8 is kept in base64`() throws {
    var bytes = Array(track(id: "1").utf8)
    bytes.append(contentsOf: [0x0A, 0x7B, 0xFF, 0x0A])
    bytes.append(contentsOf: Array(track(id: "2").utf8))
    var ingest = try bench.ingest()
    let summary = try ingest.file(bench.write(bytes))
    #expect(summary.accepted == 2 && summary.rejected == 1)
    let reject = try Value(json: try bench.rejects()[0])
    #expect(reject["bytes_base64"] == .string("e/8="))
    #expect(!reject["text"].isPresent)
  }

  @Test(arguments: [10 << 20, (1 << 20) + 1])
  func `a line over the limit is refused and its beginning kept`(size: Int) throws {
    // Two bytes a character, so that the cut falls into one.
    let long = Array(("x" + String(repeating: "é", count: size / 2)).utf8)
    let newline = [UInt8(ascii: "\n")]
    for ending in [newline, []] {
      let path = try bench.write(Array(track(id: "1").utf8) + newline + long + ending, to: "long")
      var ingest = try bench.ingest()
      let summary = try ingest.file(path)
      #expect(summary.rejected == 1 && summary.lines == 2)
      let reject = try Value(json: try #require(try bench.rejects().last))
      #expect(reject["truncated"] == .boolean(true))
      #expect(reject["reason"] == .string("the line is longer than 1 MiB"))
      #expect(
        reject["text"].textForm == "x" + String(repeating: "é", count: (64 << 10) / 2 - 1))
    }
    let path = try bench.write(
      long + newline + long + newline + Array(track(id: "2").utf8) + newline, to: "between")
    var ingest = try bench.ingest(batchLines: 2)
    let summary = try ingest.file(path)
    #expect(summary.accepted == 1 && summary.rejected == 2 && summary.lines == 3)
  }

  @Test func `a line of just the limit is taken`() throws {
    let frame = track(id: "1", properties: #"{"a":""}"#).utf8.count
    let line = track(
      id: "1", properties: #"{"a":"\#(String(repeating: "x", count: (1 << 20) - frame))"}"#)
    #expect(line.utf8.count == 1 << 20)
    for ending in ["\n", "\r\n", ""] {
      var ingest = try bench.ingest()
      let summary = try ingest.file(bench.write(Array((line + ending).utf8)))
      #expect(summary.rejected == 0 && summary.accepted + summary.duplicates == 1)
    }
  }

  @Test func `rejects are added to those of earlier files`() throws {
    try bench.take("one")
    try bench.take("two")
    #expect(try bench.rejects().count == 2)
    // A torn last line stays alone on its line.
    let torn = try String(contentsOfFile: bench.rejectsPath, encoding: .utf8).dropLast(3)
    try torn.write(toFile: bench.rejectsPath, atomically: false, encoding: .utf8)
    try bench.take("three")
    let lines = try bench.rejects()
    #expect(lines.count == 3)
    #expect(try Value(json: lines[2])["text"] == .string("three"))
  }

  @Test func `nothing is stored when the rejects cannot be written`() throws {
    let blocked = bench.path("missing-folder/rejects.ndjson")
    var ingest = try Ingest(connection: bench.connection(), rejectsPath: blocked)
    let path = try bench.write([track(id: "1"), "broken"])
    #expect(throws: IngestFailure.cannotWriteRejects(path: blocked, code: ENOENT)) {
      try ingest.file(path)
    }
    #expect(try bench.rows("SELECT count(*) FROM events") == ["0"])
  }
}
