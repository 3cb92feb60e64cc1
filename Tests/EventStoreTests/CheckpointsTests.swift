import Foundation
import SQLite
import Testing

@testable import EventStore

@Suite final class CheckpointsTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  private func pagesInLog(_ connection: Connection) throws -> Int64? {
    try connection.prepareFresh("PRAGMA wal_checkpoint(PASSIVE)").first { $0.int(1) }
  }

  @Test func `a long log begins anew`() throws {
    let connection = try bench.connection()
    let checkpoints = Checkpoints(path: bench.path("store.sqlite"), pageLimit: 50)
    for batch in 0..<40 {
      try connection.transaction("test") {
        for number in 0..<100 {
          try connection.run(
            "INSERT INTO events(type, time, message_hash, body) VALUES (0, 0, ?1, ?2)",
            .init(batch * 100 + number), .text(String(repeating: "x", count: 1000)))
        }
      }
      try checkpoints.start(after: connection)
      checkpoints.wait()
      // Some thirty pages a transaction: the one that passes the limit, and the one after it.
      #expect(try pagesInLog(connection) ?? .max < 120)
    }
    try checkpoints.finish(connection)
    #expect(try bench.rows("SELECT count(*) FROM events") == ["4000"])
    #expect(try bench.rows("PRAGMA integrity_check") == ["ok"])
  }

  @Test func `a copy that fails is no error of the writer's`() throws {
    let connection = try bench.connection()
    let checkpoints = Checkpoints(path: bench.path("missing/store.sqlite"))
    try checkpoints.start(after: connection)
    checkpoints.wait()
    try checkpoints.start(after: connection)
    try checkpoints.finish(connection)
  }
}
