import Foundation
import SQLite
import Testing
import Values

/// A row that somebody else has changed must not read as "nothing": that would be an exit.
@Suite("A damaged row")
struct DamagedRowTests {
  @Test("An event that cannot be read stops the run, which leaves everything as it was")
  func event() throws {
    let rollcall = try Rollcall.withOrders()
    _ = try rollcall.json("run", "--no-send", "--at", "2023-03-01")
    let before = try rollcall.run("export", "recent").output
    try Connection(path: rollcall.store, mode: .readWrite)
      .execute("UPDATE packed SET watermark = 0; UPDATE events SET body = '{' WHERE seq = 1")
    let run = try rollcall.run("run", "--full", "--no-send", "--at", "2023-03-02")
    #expect(run.ending == .code(4))
    #expect(run.errors.contains("damaged (a row of events cannot be read)"))
    #expect(try rollcall.run("export", "recent").output == before)
  }

  @Test(
    "A packed history that is not what its events come to is found, and rebuilt",
    arguments: [
      "UPDATE histories SET data = substr(data, 1, 0) WHERE identity = 1",
      "DELETE FROM histories WHERE identity = 1",
      "INSERT INTO histories(identity, kind, data) VALUES (1000, 0, x'')",
      "UPDATE events SET time = time + 1 WHERE seq = 1",
    ])
  func history(damage: String) throws {
    let rollcall = try Rollcall.withOrders()
    // Nobody has a value, so that only the histories can differ.
    _ = try rollcall.json("run", "--no-send", "--at", "2020-03-01")
    #expect(try rollcall.run("verify").ending == .code(0))
    try Connection(path: rollcall.store, mode: .readWrite).execute(damage)
    let verify = try rollcall.run("verify")
    #expect(verify.ending == .code(1))
    #expect(verify.output.contains("different: "))
    let rebuild = try rollcall.run("rebuild")
    #expect(rebuild.ending == .code(0))
    #expect(rebuild.output.hasPrefix("packed "))
    #expect(try rollcall.run("verify").ending == .code(0))
  }

  @Test("A member's value that cannot be read is not sent as false")
  func member() throws {
    let heap = try RehearsalHeap()
    let rollcall = try Rollcall.withOrders()
    rollcall.environment = heap.environment
    _ = try rollcall.json("run", "--no-send", "--at", "2023-03-01")
    let connection = try Connection(path: rollcall.store, mode: .readWrite)
    try connection.run("UPDATE latest_members SET value = 'tru'")
    let send = try rollcall.run("send", "--now", "--at", "2023-03-01")
    #expect(send.ending == .code(4))
    #expect(send.errors.contains("damaged (a row of members cannot be read)"))
    #expect(heap.properties.isEmpty)
  }

  @Test("A result that cannot be written is no success")
  func output() throws {
    let rollcall = try Rollcall.withOrders()
    _ = try rollcall.json("run", "--no-send", "--at", "2023-03-01")
    try rollcall.write("rollcall export recent > /dev/full\necho code $?\n", to: "full")
    let printed = try rollcall.shell("full")
    #expect(printed.hasPrefix("error: the output cannot be written: "))
    #expect(printed.hasSuffix("code 3\n"))
  }
}
