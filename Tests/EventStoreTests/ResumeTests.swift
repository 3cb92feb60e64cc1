import EventStore
import Foundation
import SQLite
import Testing

/// An ingest that ends half-way is simulated by an error from the progress callback, which comes
/// after a commit just as a kill between two batches would.
@Suite final class ResumeTests {
  let bench: Workbench
  private struct Killed: Error {}

  init() throws { bench = try Workbench() }

  private func lines(_ count: Int, broken: Set<Int> = []) -> [String] {
    (1...count).map { broken.contains($0) ? "broken \($0)" : track(user: "u\($0)", id: "m\($0)") }
  }

  /// Ingests until `line` is reached, and dies.
  private func die(at line: Int, in path: String, batchLines: Int = 10) throws {
    var ingest = try bench.ingest(batchLines: batchLines)
    #expect(throws: Killed.self) {
      try ingest.file(path) { if $0.lines >= line { throw Killed() } }
    }
  }

  @Test func `an ingest that was cut off is finished by running it again`() throws {
    let path = try bench.write(lines(95, broken: [3, 42]) + [track(user: "u1", id: "m1")])
    try die(at: 40, in: path)
    #expect(try bench.rows("SELECT count(*) FROM events") == ["39"])
    #expect(
      try bench.rows("SELECT file || ' ' || lines || ' ' || rejected FROM ingests")
        == ["\(path) 40 1"])
    try die(at: 60, in: path)
    var ingest = try bench.ingest(batchLines: 10)
    var progress: [Ingest.Progress] = []
    let summary = try ingest.file(path) { progress.append($0) }
    #expect(summary.resumedAtLine == 61)
    #expect(summary.lines == 96 && summary.accepted == 93 && summary.duplicates == 1)
    #expect(summary.rejected == 2 && summary.rejectsFile == bench.rejectsPath)
    #expect(progress.map(\.lines) == [70, 80, 90, 96])
    #expect(progress.last.map { $0.bytes == $0.totalBytes } == true)
    #expect(try bench.rejects().count == 2)
    #expect(
      try bench.rows("SELECT user_id FROM event_log ORDER BY seq")
        == (1...95).filter { ![3, 42].contains($0) }.map { "u\($0)" })
    #expect(try bench.rows("SELECT count(*) FROM ingests") == ["0"])
  }

  @Test func `a file that grew meanwhile is taken up at the place`() throws {
    let path = try bench.write(lines(30))
    try die(at: 30, in: path)
    try bench.write(lines(35))
    var ingest = try bench.ingest()
    let summary = try ingest.file(path)
    #expect(summary.resumedAtLine == 31 && summary.accepted == 35 && summary.duplicates == 0)
  }

  @Test func `a changed beginning is read again from the start`() throws {
    let path = try bench.write(lines(30))
    try die(at: 20, in: path)
    var changed = lines(30)
    changed[0] = track(user: "x", id: "m0")
    try bench.write(changed)
    var ingest = try bench.ingest()
    let summary = try ingest.file(path)
    #expect(summary.resumedAtLine == nil && summary.lines == 30)
    #expect(summary.accepted == 11 && summary.duplicates == 19)
  }

  @Test func `a file that became shorter is read again from the start`() throws {
    let path = try bench.write(lines(30))
    try die(at: 20, in: path)
    try bench.write(lines(5))
    var ingest = try bench.ingest()
    let summary = try ingest.file(path)
    #expect(summary.resumedAtLine == nil && summary.lines == 5 && summary.duplicates == 5)
    #expect(try bench.rows("SELECT count(*) FROM ingests") == ["0"])
  }

  @Test func `two spellings of a path are the same file`() throws {
    let path = try bench.write(lines(30))
    try die(at: 20, in: path)
    var ingest = try bench.ingest()
    let name = URL(fileURLWithPath: path).lastPathComponent
    let summary = try ingest.file(
      "\(bench.folder.path)/./../\(bench.folder.lastPathComponent)/\(name)")
    #expect(summary.resumedAtLine == 21)
  }

  @Test func `a place after a line over the limit is found again`() throws {
    var text = lines(9)
    text.insert(String(repeating: "x", count: 4 << 20), at: 5)
    let path = try bench.write(text)
    try die(at: 8, in: path, batchLines: 2)
    var ingest = try bench.ingest(batchLines: 2)
    let summary = try ingest.file(path)
    #expect(summary.resumedAtLine == 9 && summary.accepted == 9 && summary.rejected == 1)
  }

  @Test func `a batch that fails leaves nothing and no id behind`() throws {
    let connection = try bench.connection()
    // A trigger stands for a full disk in the middle of a batch.
    try connection.execute(
      """
      CREATE TRIGGER stop BEFORE INSERT ON events WHEN NEW.time = 0
      BEGIN SELECT raise(ABORT, 'stopped'); END
      """)
    let path = try bench.write(
      [track("New", user: "u1", id: "m1"), track("New", user: "u2", id: "m2", at: "1970-01-01")])
    var ingest = try Ingest(connection: connection, rejectsPath: bench.rejectsPath)
    #expect(throws: SQLiteError.self) { try ingest.file(path) }
    #expect(try bench.rows("SELECT count(*) FROM identities") == ["0"])
    try connection.execute("DROP TRIGGER stop")
    // Ids are given anew, in another order than the first time.
    _ = try ingest.file(bench.write([track("Old", user: "u2", id: "m0")], to: "other.ndjson"))
    let summary = try ingest.file(path)
    #expect(summary.accepted == 2)
    #expect(
      try bench.rows("SELECT event || ' ' || user_id FROM event_log ORDER BY seq")
        == ["Old u2", "New u1", "New u2"])
  }
}
