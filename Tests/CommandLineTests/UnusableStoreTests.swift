import Foundation
import SQLite
import Testing
import Values

@Suite("A store that cannot be used")
struct UnusableStoreTests {
  /// Every verb that opens a store.
  private static let verbs = [
    ["ingest", "calls.ndjson"], ["run", "--at", "2023-04-01"], ["plan", "--at", "2023-04-01"],
    ["send"], ["status"], ["verify"], ["export", "recent"], ["preview", "recent"],
  ]

  /// Runs verbs on a store and expects each to say the same and to exit with 4.
  private static func expect(
    _ message: String, _ rollcall: Rollcall, _ verbs: [[String]] = verbs, launcher: [String] = [],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for words in verbs {
      let outcome = try rollcall.run(words + ["--wait", "0s"], launcher: launcher)
      #expect(outcome.ending == .code(4), "\(words)", sourceLocation: sourceLocation)
      #expect(outcome.output == "", "\(words)", sourceLocation: sourceLocation)
      #expect(outcome.errors == message, "\(words)", sourceLocation: sourceLocation)
    }
  }

  @Test("After every command the store is one file, which can be copied")
  func oneFile() throws {
    let rollcall = try Rollcall.withOrders()
    for words in Self.verbs {
      _ = try rollcall.run(words)
      #expect(!rollcall.exists("rollcall.sqlite-wal"), "\(words)")
    }
  }

  @Test("While another process writes, writers say so, and readers read")
  func locked() throws {
    let rollcall = try Rollcall.withOrders()
    try rollcall.json("run", "--at", "2023-03-01", "--no-send")
    let holder = try rollcall.connection()
    try holder.execute("BEGIN IMMEDIATE")
    try Self.expect(
      """
      error: the store 'rollcall.sqlite' is locked by another process
        help: try again when it is done, or wait longer with --wait 1m

      """, rollcall,
      [
        ["ingest", "calls.ndjson"], ["run", "--at", "2023-04-01"], ["plan", "--at", "2023-04-01"],
      ])
    for words in [["status"], ["verify"], ["export", "recent"], ["preview", "recent"]] {
      #expect(try rollcall.run(words).ending == .code(0), "\(words)")
    }
    try holder.execute("ROLLBACK")
    try rollcall.json("run", "--at", "2023-04-01", "--no-send")
  }

  @Test("Row 34, no overlap: while another run goes on, a run says so, and ingest goes on")
  func anotherRun() throws {
    let rollcall = try Rollcall.withOrders()
    let descriptor = open(rollcall.store + ".run.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    try #require(descriptor >= 0 && flock(descriptor, LOCK_EX) == 0)
    defer { close(descriptor) }
    try Self.expect(
      "error: another run is going on\n  help: try again when it is done, or use --wait 10m\n",
      rollcall, [["run", "--at", "2023-04-01"], ["plan", "--at", "2023-04-01"]])
    #expect(try rollcall.run("ingest", "calls.ndjson").ending == .code(0))
  }

  @Test("A read-only one", .enabled(if: Self.canDropPrivileges))
  func readOnly() throws {
    let rollcall = try Rollcall.withOrders()
    let before = try rollcall.contents()
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o555], ofItemAtPath: rollcall.folder.path)
    defer {
      try? FileManager.default.setAttributes(
        [.posixPermissions: 0o755], ofItemAtPath: rollcall.folder.path)
    }
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o444], ofItemAtPath: rollcall.store)
    let message = """
      error: the store 'rollcall.sqlite' is read-only
        help: allow this user to write the file and its folder

      """
    try Self.expect(message, rollcall, launcher: Self.unprivileged)
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: rollcall.folder.path)
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o644], ofItemAtPath: rollcall.store)
    let isUnchanged = try rollcall.contents() == before
    #expect(isUnchanged)
  }

  @Test("A file that is no database")
  func noDatabase() throws {
    let rollcall = try Rollcall.withOrders()
    let text = String(repeating: "This is no database. ", count: 100)
    try rollcall.write(text, to: "rollcall.sqlite")
    try Self.expect(
      "error: 'rollcall.sqlite' is not a store\n  help: name another file with --store FILE\n",
      rollcall)
    #expect(try rollcall.read("rollcall.sqlite") == text)
  }

  @Test("Another program's database, which stays as it is, byte for byte")
  func foreign() throws {
    let rollcall = try Rollcall.withOrders()
    try rollcall.remove("rollcall.sqlite")
    let other = try Connection(path: rollcall.store, mode: .create)
    try other.execute("CREATE TABLE notes(text TEXT); INSERT INTO notes VALUES ('mine')")
    let before = try Data(contentsOf: URL(fileURLWithPath: rollcall.store))
    try Self.expect(
      """
      error: 'rollcall.sqlite' is a SQLite database, but not a Rollcall store
        help: name another file with --store FILE

      """, rollcall)
    let isUnchanged = try Data(contentsOf: URL(fileURLWithPath: rollcall.store)) == before
    #expect(isUnchanged)
  }

  @Test("One from a newer version")
  func newer() throws {
    let rollcall = try Rollcall.withOrders()
    try rollcall.connection().execute("PRAGMA user_version = 99")
    let before = try rollcall.contents()
    try Self.expect(
      """
      error: the store 'rollcall.sqlite' is from a newer version (99, this one knows 9)
        help: use a newer rollcall

      """, rollcall)
    let isUnchanged = try rollcall.contents() == before
    #expect(isUnchanged)
  }

  @Test("One that is not there or is empty, which ingest alone makes")
  func missing() throws {
    let rollcall = try Rollcall.withOrders()
    try rollcall.remove("rollcall.sqlite")
    let readers = Array(Self.verbs.dropFirst())
    try Self.expect(
      """
      error: there is no store 'rollcall.sqlite'
        help: make one with 'rollcall ingest FILE', or name another with --store FILE

      """, rollcall, readers)
    #expect(!rollcall.exists("rollcall.sqlite"))
    try rollcall.write("", to: "rollcall.sqlite")
    try Self.expect(
      """
      error: the store 'rollcall.sqlite' is not set up yet
        help: run 'rollcall ingest FILE'

      """, rollcall, readers)
    #expect(try rollcall.read("rollcall.sqlite") == "")
    #expect(try rollcall.json("ingest", "calls.ndjson")["accepted"] == .number(7))
  }

  // MARK: Privileges

  private static let setpriv = "/usr/bin/setpriv"

  /// What starts a program as a user who may not write everything.
  private static let unprivileged =
    geteuid() == 0 ? [setpriv, "--reuid=65534", "--regid=65534", "--clear-groups"] : []

  private static let canDropPrivileges =
    geteuid() != 0 || FileManager.default.isExecutableFile(atPath: setpriv)
}
