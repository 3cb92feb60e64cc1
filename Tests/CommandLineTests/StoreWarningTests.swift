import Foundation
import SQLite
import Testing
import Values

@Suite("Definitions held against the store")
struct StoreWarningTests {
  private static let good = "good: 1 audience, 0 traits, 0 destinations"
  private static let withoutExamples = "\n  without examples: big\n"

  /// A store with two orders, 66 days apart, and one definition.
  private static func prepared(_ query: String) throws -> Rollcall {
    let rollcall = try Rollcall()
    try rollcall.ingest(
      order("ann", at: "2022-12-24T12:00:00Z", id: "1", revenue: "40")
        + order("bob", at: "2023-02-28T12:00:00Z", id: "2", revenue: "80"))
    try rollcall.define("big.audience", query)
    return rollcall
  }

  private static let unseen = "event('Order Complete').within(67 days).count() >= 1"
  private static let misspelt = "OR event('Order Completed').sum(property('revnue')) >= 1"

  @Test("Check warns of names and windows, exits with 0, and leaves the store as it is")
  func warns() throws {
    let rollcall = try Self.prepared(Self.unseen + "\n" + Self.misspelt)
    let before = try rollcall.contents()
    let outcome = try rollcall.run("check")
    #expect(outcome.ending == .code(0))
    #expect(outcome.errors == "")
    #expect(
      outcome.output == """
        warning[unseen-event]: no event 'Order Complete' is on file
          --> audiences/big.audience:4:7
         4 | \(Self.unseen)
           |       ^^^^^^^^^^^^^^^^ never seen in the store
           = help: did you mean 'Order Completed'?

        warning[long-window]: the window is longer than the events on file
          --> audiences/big.audience:4:25
         4 | \(Self.unseen)
           |                         ^^^^^^^^^^^^^^^ reaches back to before the first event
           = help: the first event is from 2022-12-24T12:00:00.000Z, the last from 2023-02-28T12:00:00.000Z

        warning[unseen-property]: none of the 2 'Order Completed' events on file has a property 'revnue'
          --> audiences/big.audience:5:42
         5 | \(Self.misspelt)
           |                                          ^^^^^^^^ never seen in the store
           = help: did you mean 'revenue'?

        \(Self.good), 3 warnings\(Self.withoutExamples)
        """)
    let isUnchanged = try rollcall.contents() == before
    #expect(isUnchanged)
    _ = try rollcall.run("check")
    #expect(!rollcall.exists("rollcall.sqlite-wal") && !rollcall.exists("rollcall.sqlite-shm"))
  }

  @Test("They are in the document of check, with those that need no store, by place")
  func document() throws {
    let rollcall = try Self.prepared(
      "event('Order Complete').count() >= 1 AND trait('plan') != 'pro' && true = 'true'")
    let document = try rollcall.json("check", "--portable")
    #expect(
      document["diagnostics"].elements.map(\.["id"].textForm) == [
        "unseen-event", "unequal-misses-absent", "unseen-trait", "constant-condition",
        "not-portable", "not-portable",
      ])
    #expect(document.keys == ["diagnostics", "definitions", "models", "left_out"])
    #expect(document["left_out"] == .absent)
  }

  @Test("--at says up to when there were events")
  func instant() throws {
    let rollcall = try Self.prepared("event('Order Completed').within(60 days).count() >= 1")
    #expect(try rollcall.json("check")["diagnostics"].elements.isEmpty)
    let then = try rollcall.json("check", "--at", "2023-01-01")["diagnostics"]
    #expect(then.elements.map(\.["id"]) == [.string("long-window")])
    #expect(
      try rollcall.json("check", "--at", "2022-01-01")["diagnostics"].elements.isEmpty,
      "without events there is no span")
  }

  @Test("They come once nothing is wrong, and not without a store or events")
  func silent() throws {
    let rollcall = try Self.prepared(Self.unseen)
    try rollcall.define("wrong.audience", "trait('x')")
    let wrong = try rollcall.json("check", exits: 1)
    #expect(wrong["diagnostics"].elements.map(\.["id"]) == [.string("condition-expected")])
    try rollcall.remove("audiences/wrong.audience")
    for store in ["nowhere.sqlite", "none/nowhere.sqlite"] {
      let outcome = try rollcall.run("check", "--store", store)
      #expect(outcome.ending == .code(0) && outcome.errors == "")
      #expect(outcome.output == Self.good + Self.withoutExamples)
      #expect(!rollcall.exists(store))
    }
    let empty = try Rollcall()
    try empty.ingest("")
    try empty.define("big.audience", Self.unseen)
    #expect(try empty.run("check").output == Self.good + Self.withoutExamples)
  }

  /// Ways to make a store that cannot be read, and why not.
  private static let spoilt: [(@Sendable (Rollcall) throws -> Void, String)] = [
    (
      { try $0.write(String(repeating: "no database", count: 100), to: "rollcall.sqlite") },
      "'rollcall.sqlite' is not a store"
    ),
    (
      { try $0.connection().execute("PRAGMA user_version = 99") },
      "the store 'rollcall.sqlite' is from a newer version (99, this one knows 9)"
    ),
    (
      { try $0.connection().execute("UPDATE events SET body = '{'") },
      "the store 'rollcall.sqlite' is damaged (a row of events cannot be read)"
    ),
    ({ try $0.write("", to: "rollcall.sqlite") }, "the store 'rollcall.sqlite' is not set up yet"),
  ]

  @Test(
    "A store that cannot be read is no failure: a note says why", arguments: 0..<spoilt.count)
  func unreadable(_ place: Int) throws {
    let (spoil, reason) = Self.spoilt[place]
    let rollcall = try Self.prepared(Self.unseen + "\n" + Self.misspelt)
    try spoil(rollcall)
    let outcome = try rollcall.run("check")
    #expect(outcome.ending == .code(0))
    #expect(outcome.output == Self.good + Self.withoutExamples)
    #expect(
      outcome.errors.hasPrefix("note: the definitions were not held against the store: \(reason)\n")
    )
    let document = try rollcall.json("check")
    #expect(document["left_out"] == .string(reason))
    #expect(document["diagnostics"].elements.isEmpty)
  }

  @Test("A folder in the store's place is no failure either")
  func folder() throws {
    let rollcall = try Self.prepared(Self.unseen)
    let outcome = try rollcall.run("check", "--store", "audiences")
    #expect(outcome.ending == .code(0))
    #expect(outcome.errors.contains("the store 'audiences' cannot be opened"))
  }

  @Test("A writer is not waited for, and one that keeps readers out is a reason to leave them out")
  func beside() throws {
    let rollcall = try Self.prepared(Self.unseen)
    let writer = try rollcall.connection()
    try writer.execute("BEGIN IMMEDIATE; INSERT INTO names(name) VALUES ('Order Complete')")
    let ids = try rollcall.json("check", "--wait", "0s")["diagnostics"].elements.map(\.["id"])
    #expect(ids == ["unseen-event", "long-window"].map(Value.string))
    try writer.execute("ROLLBACK; PRAGMA locking_mode = EXCLUSIVE; BEGIN IMMEDIATE; COMMIT")
    let document = try rollcall.json("check", "--wait", "0s")
    #expect(
      document["left_out"] == .string("the store 'rollcall.sqlite' is locked by another process"))
  }

  @Test("A preview shows them beside its result, for its definition and what that refers to")
  func preview() throws {
    let rollcall = try Self.prepared(Self.unseen)
    try rollcall.define("other.audience", "event('Other').count() >= 1")
    try rollcall.define("both.audience", "trait('other') = true OR trait('plan') != 'pro'")
    let outcome = try rollcall.run("preview", "both", "--at", "2023-03-01")
    #expect(outcome.ending == .code(0))
    #expect(
      outcome.output == """
        both  both
          0 members of 2 users (0.0 %), at 2023-03-01T00:00:00.000Z

        """)
    let headings = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("warning") }
    #expect(
      headings == [
        "warning[unequal-misses-absent]: != leaves out those that have no value at all",
        "warning[unseen-trait]: there is no identify call on file, and so no trait 'plan'",
        "warning[unseen-event]: no event 'Other' is on file",
      ])
    let document = try rollcall.json("preview", "both", "--at", "2023-03-01")
    #expect(
      document["warnings"].elements.map(\.["id"].textForm)
        == ["unequal-misses-absent", "unseen-trait", "unseen-event"])
  }

  @Test("The example definitions have nothing that the sample's store has never seen")
  func examples() throws {
    let rollcall = try Rollcall.withSample()
    let outcome = try rollcall.run("check")
    #expect(outcome.ending == .code(0))
    #expect(!outcome.output.contains("warning["), "\(outcome.output)")
  }

  @Test("Nothing of a person or of a value is in them")
  func privacy() throws {
    let rollcall = try Self.prepared(
      "event('Order Completed').where(property('ann') = 1).count() > 1")
    let everything =
      try rollcall.run("check").everything + rollcall.run("check", "--json").everything
    for secret in ["bob", "80"] { #expect(!everything.contains(secret)) }
  }
}
