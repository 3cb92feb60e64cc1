import Delivery
import Testing
import Values

struct SenderTests {
  @Test("one request holds each user once, with all the changed properties, sorted by key")
  func oneItemAUser() throws {
    let office = try Office()
    try office.set(1, 1, "true")
    try office.set(1, 3, "\"Bern\"")
    try office.set(2, 2, "4")
    let report = try office.send()
    #expect(
      office.transport.bodies == [
        """
        {"app_id":"11","users":[\
        {"identity":"user-1","properties":{"city":"Bern","vip":"true"}},\
        {"identity":"user-2","properties":{"orders":4}}]}
        """
      ])
    #expect(report.sent == 3 && report.requests == 1 && report.failure == nil)
    #expect(try office.count("pending") == 0)
    #expect(try office.count("acknowledged", where: "in_doubt = 0") == 3)
  }

  @Test("a value never sent and at its default sends nothing, and leaves nothing pending")
  func defaultsSendNothing() throws {
    let office = try Office()
    try office.set(1, 1, nil)
    try office.set(1, 2, "0")
    try office.set(1, 3, nil)
    #expect(try office.outbox.count() == 0)
    #expect(try office.send().requests == 0)
    #expect(try office.count("pending") == 0)
    #expect(try office.count("acknowledged") == 0)
  }

  @Test("what went away is sent: false, 0, and the absent value")
  func leavingIsSent() throws {
    let office = try Office()
    for definition in 1...3 as ClosedRange<Int64> { try office.set(1, definition, "7") }
    try office.set(1, 1, "true")
    try office.send()
    try office.set(1, 1, nil)
    try office.set(1, 2, "0")
    try office.set(1, 3, nil)
    try office.send()
    #expect(
      office.transport.bodies.last
        == """
        {"app_id":"11","users":[\
        {"identity":"user-1","properties":{"city":"","orders":0,"vip":"false"}}]}
        """)
  }

  @Test("with absent: keep a trait that went away sends nothing")
  func keepSendsNothing() throws {
    let office = try Office(absent: .keep)
    try office.set(1, 3, "7")
    try office.send()
    try office.set(1, 3, nil)
    #expect(try office.send().requests == 0)
    #expect(try office.count("pending") == 0)
  }

  @Test("in and out again before a send is no call at all")
  func neverAttemptedCancelsOut() throws {
    let office = try Office()
    try office.set(1, 1, "true")
    try office.set(1, 1, nil)
    #expect(try office.send().requests == 0)
  }

  @Test("an attempt without a definite answer does not cancel out: false is sent for sure")
  func inDoubtIsSent() throws {
    let office = try Office()
    try office.set(1, 1, "true")
    office.transport.answers = [.unclear(reason: "reset", retryAfter: nil)]
    #expect(try office.send(attempts: 1).failure == "reset")
    #expect(try office.count("acknowledged", where: "in_doubt = 1 AND value IS NULL") == 1)
    try office.set(1, 1, nil)
    #expect(try office.send().sent == 1)
    #expect(office.transport.bodies.last?.contains("\"vip\":\"false\"") == true)
    #expect(try office.count("acknowledged", where: "in_doubt = 1") == 0)
  }

  @Test("a value acknowledged before and in doubt since is sent again, though it is the same")
  func doubtAboutAnotherValue() throws {
    let office = try Office()
    try office.set(1, 3, "\"Bern\"")
    try office.send()
    try office.set(1, 3, "\"Basel\"")
    office.transport.answers = [.unclear(reason: "status 503", retryAfter: nil)]
    try office.send(attempts: 1)
    try office.set(1, 3, "\"Bern\"")
    #expect(try office.send().sent == 1)
  }

  @Test("an unclear request is repeated byte for byte, after longer and longer waits")
  func retries() throws {
    let office = try Office()
    try office.set(1, 1, "true")
    office.transport.answers = [
      .unclear(reason: "status 503", retryAfter: nil),
      .unclear(reason: "status 429", retryAfter: 7),
    ]
    let report = try office.send()
    #expect(report.requests == 3 && report.sent == 1 && report.failure == nil)
    #expect(Set(office.transport.bodies).count == 1)
    #expect(office.waits.count == 2)
    #expect((0.25...0.5).contains(office.waits[0]))
    #expect(office.waits[1] == 7)
  }

  @Test("an address that cannot be used stops the sender and leaves everything pending")
  func unusable() throws {
    let office = try Office()
    try office.set(1, 1, "true")
    office.transport.answers = [.unusable(reason: "status 404")]
    let report = try office.send()
    #expect(report.failure?.hasPrefix("status 404") == true)
    #expect(report.requests == 1)
    #expect(try office.outbox.count() == 1)
    #expect(try office.count("acknowledged") == 0)
  }

  @Test("one bad row of a thousand is found in at most 21 requests, and the others arrive")
  func halving() throws {
    let office = try Office()
    for user in 1...1000 as ClosedRange<Int64> { try office.set(user, 1, "true") }
    office.transport.judge = { body in
      body.contains("\"user-637\"") ? .refused(status: 400, body: "no") : nil
    }
    let report = try office.send()
    #expect(report.requests <= 21)
    #expect(report.sent == 999 && report.quarantined == 1 && report.failure == nil)
    #expect(try office.count("quarantine", where: "identity = 'user-637' AND status = 400") == 1)
    #expect(try office.count("pending") == 0)
  }

  @Test("a quarantined value is not tried again until it changes")
  func quarantineHolds() throws {
    let office = try Office()
    try office.set(1, 3, "\"bad\"")
    office.transport.answers = [.refused(status: 400, body: "no")]
    try office.send()
    try office.set(1, 3, "\"bad\"")
    #expect(try office.send().requests == 0)
    try office.set(1, 3, "\"good\"")
    #expect(try office.send().sent == 1)
    #expect(try office.count("quarantine") == 0)
  }

  @Test("a refused value that goes back to its default leaves the quarantine")
  func quarantineEnds() throws {
    let office = try Office()
    try office.set(1, 1, "true")
    office.transport.answers = [.refused(status: 400, body: "no")]
    try office.send()
    #expect(try office.count("quarantine") == 1)
    try office.set(1, 1, nil)
    #expect(try office.send().requests == 0)
    #expect(try office.count("quarantine") == 0)
  }

  @Test("after five bad rows in one batch the sender stops")
  func manyBadRows() throws {
    let office = try Office()
    for user in 1...40 as ClosedRange<Int64> { try office.set(user, 1, "true") }
    office.transport.judge = { _ in .refused(status: 400, body: "no") }
    let report = try office.send()
    #expect(report.failure?.contains("nothing more is sent") == true)
    #expect(report.quarantined == 4)
    #expect(try office.outbox.count() == 36)
  }

  @Test("an identity that is too long or blank is put aside without a request")
  func badIdentities() throws {
    let office = try Office()
    try office.set(1, 1, "true", name: String(repeating: "x", count: 256))
    try office.set(2, 1, "true", name: " ")
    try office.set(3, 1, "true", name: String(repeating: "x", count: 255))
    let report = try office.send()
    #expect(report.sent == 1 && report.quarantined == 2 && report.requests == 1)
    #expect(try office.count("quarantine", where: "status IS NULL") == 2)
  }

  @Test("a batch has a thousand users and a mebibyte at most")
  func limits() throws {
    let office = try Office()
    for user in 1...1001 as ClosedRange<Int64> { try office.set(user, 1, "true") }
    try office.send()
    #expect(office.transport.bodies.count == 2)
    let text = String(repeating: "é", count: 1023)
    for user in 2001...2700 as ClosedRange<Int64> { try office.set(user, 3, "\"\(text)\"") }
    try office.send()
    #expect(office.transport.bodies.count == 4)
    #expect(office.transport.bodies.allSatisfy { $0.utf8.count <= 1 << 20 })
  }

  @Test("rows that need no call are cleared in parts, and nothing behind them is forgotten")
  func settledInParts() throws {
    let office = try Office()
    for user in 1...30 as ClosedRange<Int64> { try office.set(user, 1, nil) }
    try office.set(31, 1, "true")
    var outbox = office.outbox
    outbox.limits.settled = 10
    let first = try outbox.batch()
    #expect(first.settled.count == 10 && first.items.isEmpty && first.end?.object == 10)
    #expect(try outbox.batch(after: .init(lane: .users, object: 10)).end?.object == 20)
    #expect(
      try outbox.batch(after: .init(lane: .users, object: 30)).items.map(\.identity) == ["user-31"])
    #expect(try office.send().sent == 1)
    #expect(try office.count("pending") == 0)
  }

  @Test("a definition that is off keeps its rows pending, and sends none")
  func frozen() throws {
    let office = try Office()
    try office.set(1, 1, "true")
    try office.connection.execute("UPDATE definitions SET is_enabled = 0")
    #expect(try office.outbox.count() == 0)
    #expect(try office.send().requests == 0)
    #expect(try office.count("pending") == 1)
    try office.connection.execute("UPDATE definitions SET is_enabled = 1")
    #expect(try office.send().sent == 1)
  }

  @Test("a run that changes a value while its request is under way leaves it pending")
  func changedMeanwhile() throws {
    let office = try Office()
    try office.set(1, 3, "\"Bern\"")
    office.transport.judge = { body in
      if body.contains("Bern") { try? office.set(1, 3, "\"Basel\"") }
      return .accepted
    }
    try office.send()
    #expect(try office.outbox.count() == 1)
    try office.send()
    #expect(office.transport.bodies.last?.contains("Basel") == true)
    #expect(try office.outbox.count() == 0)
  }
}
