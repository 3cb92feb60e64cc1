import Definitions
import Delivery
import Membership
import SQLite
import Testing
import Values

struct GuardLedgerTests {
  private static func record(_ office: Office, _ definition: Int64) throws -> GuardLedger.Record {
    try #require(
      try GuardLedger(office.connection, destination: office.state.id).records()
        .first { $0.definition == definition })
  }

  @Test("the store counts what was acknowledged as the sender does")
  func counts() throws {
    let office = try Office()
    for user in 1...5 as ClosedRange<Int64> {
      try office.set(user, 1, "true")
      try office.set(user, 2, "\(user)")
      try office.set(user, 3, "\"Bern\"")
    }
    try office.send()
    for definition in 1...3 as ClosedRange<Int64> {
      let record = try Self.record(office, definition)
      #expect(record.members == 5 && record.delivered == 5)
    }
    try office.set(1, 1, nil)
    try office.set(1, 2, "0")
    try office.set(1, 3, nil)
    try office.set(2, 3, "\"Basel\"")
    try office.send()
    #expect(try Self.record(office, 1).members == 4)
    #expect(try Self.record(office, 2).members == 4)
    #expect(try Self.record(office, 3).members == 4)
    #expect(try Self.record(office, 3).delivered == 7)
    try office.connection.run("DELETE FROM acknowledged WHERE definition = 3")
    #expect(try Self.record(office, 3).members == 0)
  }

  @Test(
    "the schema and the code agree on which value makes a member",
    arguments: [
      "true", "false", "\"true\"", "\"false\"", "\"\"", "0", "1", "\"x\"", "\"0\"",
    ])
  func members(_ json: String) throws {
    let office = try Office()
    let cases: [(Int64, Definition.Kind, String?)] = [
      (1, .audience, nil), (2, .trait, "0"), (3, .trait, nil),
    ]
    for (definition, kind, standard) in cases {
      try office.connection.run(
        "INSERT INTO acknowledged VALUES (?, 0, 'ann', ?, 'x', ?, 0)", .init(office.state.id),
        .init(definition), .init(json))
      let isMember = AcknowledgedValue.isMember(json, kind, standard: standard)
      #expect(try Self.record(office, definition).members == (isMember ? 1 : 0))
    }
  }

  @Test("what is held is not sent, is pending all the same, and the others go on")
  func held() throws {
    let office = try Office()
    try office.set(1, 1, "true")
    try office.set(1, 3, "\"Bern\"")
    let ledger = GuardLedger(office.connection, destination: office.state.id)
    try ledger.settle(at: Instant(milliseconds: 0))
    let hold = GuardLedger.Hold(try Self.record(office, 1), .swing, changes: 1)
    try ledger.hold([hold])
    #expect(try ledger.holds() == [hold])
    #expect(try office.send().sent == 1)
    #expect(office.transport.bodies.last?.contains("vip") == false)
    #expect(try office.outbox.count() == 1)
    try ledger.approve(hold)
    #expect(try Self.record(office, 1).approved == 1)
    #expect(try office.send().sent == 1)
    #expect(try Self.record(office, 1).approved == 0)
  }

  @Test("a tally says what comes, goes and changes; the same value again is no change")
  func tally() throws {
    let office = try Office()
    try office.set(1, 3, "\"Bern\"")
    try office.set(2, 3, "\"Bern\"")
    try office.set(4, 3, "\"Bern\"")
    try office.send()
    try office.set(1, 3, "\"Basel\"")
    try office.set(2, 3, nil)
    try office.set(3, 3, "\"Bern\"")
    try office.set(4, 3, "\"Bern\"")
    try office.connection.execute(
      "UPDATE acknowledged SET in_doubt = 1 WHERE identity = 'user-4'")
    #expect(
      try office.outbox.tallies(of: [3])
        == [3: PendingTally(entered: 1, left: 1, changed: 1)])
    #expect(try office.outbox.tallies(of: [1]).isEmpty)
    #expect(try office.outbox.count() == 4)
  }

  @Test("a day that is over begins anew, and an approval ends when all of it has arrived")
  func settle() throws {
    let office = try Office()
    let ledger = GuardLedger(office.connection, destination: office.state.id)
    try ledger.settle(at: Instant(milliseconds: 0))
    // A day without a change has not begun.
    try ledger.settle(at: Instant(milliseconds: 5000))
    try ledger.settle(at: Instant(milliseconds: 0))
    try office.connection.execute(
      "UPDATE guards SET members = 500, baseline = 400, delivered = 90")
    try office.set(1, 1, "true")
    try ledger.settle(at: Instant(milliseconds: 86_399_999))
    #expect(try Self.record(office, 1).delivered == 90)
    try ledger.settle(at: Instant(milliseconds: 86_400_000))
    #expect(try Self.record(office, 1).delivered == 0)
    try office.connection.execute("UPDATE guards SET approved = 7, delivered = 5")
    try ledger.settle(at: Instant(milliseconds: 86_400_001))
    // Definition 1 has a pending row, 3 has none.
    #expect(try Self.record(office, 1).approved == 7)
    #expect(try Self.record(office, 1).baseline == 400)
    #expect(try Self.record(office, 3).approved == 0)
    #expect(try Self.record(office, 3).baseline == 500)
    #expect(try Self.record(office, 3).delivered == 0)
  }
}
