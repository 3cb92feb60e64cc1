import Foundation
import SQLite
import Testing

@testable import EventStore

@Suite final class CheckpointsTests {
  let bench: Workbench

  init() throws { bench = try Workbench() }

  private func fill(_ connection: Connection) throws {
    try connection.transaction("test") {
      for number in 0..<200 {
        try connection.run(
          "INSERT INTO events(type, time, message_hash, body) VALUES (0, 0, ?1, ?2)",
          .init(number), .text(String(repeating: "x", count: 1000)))
      }
    }
  }

  /// Whether all pages of the store are in its file.
  private func isCopied(_ bench: Workbench, _ connection: Connection) throws -> Bool {
    let file = try FileManager.default.attributesOfItem(atPath: bench.path("store.sqlite"))
    let pages = try connection.prepareFresh("PRAGMA page_count").first { Int($0.int(0)) }
    return file[.size] as? Int == pages.map { $0 * 4096 }
  }

  @Test func `what is committed is copied meanwhile`() throws {
    let connection = try bench.connection()
    try fill(connection)
    #expect(try !isCopied(bench, connection))
    let checkpoints = Checkpoints(path: bench.path("store.sqlite"), pageLimit: 10_000)
    try checkpoints.start(after: connection)
    checkpoints.wait()
    #expect(try isCopied(bench, connection))
  }

  @Test func `once the log is long the writer copies it itself`() throws {
    let connection = try bench.connection()
    // The copy meanwhile is that of another store, so that only the writer can copy this one.
    let other = try Workbench()
    try fill(other.connection())
    let long = try other.connection()
    try fill(long)
    let checkpoints = Checkpoints(path: other.path("store.sqlite"), pageLimit: 50)
    try fill(connection)
    try checkpoints.start(after: connection)
    checkpoints.wait()
    #expect(try !isCopied(bench, connection))
    try checkpoints.start(after: connection)
    #expect(try isCopied(bench, connection))
    #expect(try bench.rows("PRAGMA integrity_check") == ["ok"])
    withExtendedLifetime(long) {}
  }

  @Test func `a copy that fails is no error of the writer's`() throws {
    let connection = try bench.connection()
    let checkpoints = Checkpoints(path: bench.path("missing/store.sqlite"), pageLimit: 10_000)
    try checkpoints.start(after: connection)
    checkpoints.wait()
    try checkpoints.start(after: connection)
    try checkpoints.finish(connection)
  }
}
