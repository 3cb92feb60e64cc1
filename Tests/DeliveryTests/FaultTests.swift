import Delivery
import Testing
import Values

/// Requests that are refused, or not answered.
struct FaultTests {
  private let unanswered = Answer.unclear(reason: "status 503", retryAfter: nil)

  /// Refuses every body that holds one of these texts.
  private func refusing(_ texts: String...) -> (String) -> Answer? {
    { body in
      texts.contains { body.contains($0) } ? .refused(status: 400, body: "bad thing") : nil
    }
  }

  // MARK: The bad property

  @Test("of a bad row the good properties arrive, and the bad one is kept with its answer")
  func badProperty() throws {
    let office = try Office()
    for user in 1...8 as ClosedRange<Int64> {
      try office.set(user, 1, "true")
      try office.set(user, 2, "4")
      try office.set(user, 3, user == 6 ? "\"rotten\"" : "\"Bern\"")
    }
    office.transport.judge = refusing("rotten")
    let report = try office.send()
    #expect(report.sent == 23 && report.quarantined == 1 && report.failure == nil)
    #expect(
      try office.count(
        "quarantine",
        where: """
          identity = 'user-6' AND property = 'city' AND status = 400 AND body = 'bad thing'
            AND reason = 'refused'
          """) == 1)
    #expect(try office.count("pending") == 0)
    #expect(try office.count("acknowledged", where: "in_doubt = 1 OR value IS NULL") == 0)
    // Each property arrived once.
    let arrived = office.transport.bodies.filter { !$0.contains("rotten") }
    for user in 1...8 {
      #expect(arrived.count { $0.contains("\"user-\(user)\"") && $0.contains("orders") } == 1)
    }
  }

  @Test("a part of an object is found, too")
  func badPart() throws {
    let office = try Office()
    try office.set(1, 3, #"{"a":1,"b":"rotten","c":3}"#)
    office.transport.judge = refusing("rotten")
    let report = try office.send()
    #expect(report.sent == 2 && report.quarantined == 1)
    #expect(try office.count("quarantine", where: "property = 'city.b'") == 1)
    #expect(try office.count("pending") == 0)
  }

  // MARK: Quarantine

  @Test("what was refused is tried again alone when its value changes, in no batch with others")
  func triedAlone() throws {
    let office = try Office()
    try office.set(1, 3, "\"rotten\"")
    office.transport.judge = refusing("rotten")
    try office.send()
    try office.set(1, 3, "\"still rotten\"")
    try office.set(1, 2, "4")
    try office.set(2, 3, "\"Bern\"")
    let report = try office.send()
    #expect(report.requests == 2 && report.sent == 2 && report.quarantined == 1)
    #expect(
      office.transport.bodies.last == """
        {"app_id":"11","users":[{"identity":"user-1","properties":{"city":"still rotten"}}]}
        """)
    try office.set(1, 3, "\"fine\"")
    #expect(try office.send().sent == 1)
    #expect(try office.count("quarantine") == 0)
  }

  @Test("many that are refused again do not end the delivery: that they are bad was known")
  func manySuspects() throws {
    let office = try Office()
    office.transport.judge = refusing("rotten")
    for user in 1...8 as ClosedRange<Int64> {
      try office.set(user, 3, "\"rotten\"")
      try office.send()
    }
    for user in 1...8 as ClosedRange<Int64> { try office.set(user, 3, "\"rotten too\"") }
    let report = try office.send()
    #expect(report.failure == nil && report.requests == 8 && report.quarantined == 8)
  }

  @Test("everything in quarantine is sent once more when that is asked for, in batches")
  func retryQuarantined() throws {
    let office = try Office()
    office.transport.judge = refusing("rotten")
    for user in 1...4 as ClosedRange<Int64> {
      try office.set(user, 3, "\"rotten \(user)\"")
      try office.send()
    }
    #expect(try office.count("quarantine") == 4)
    office.transport.judge = refusing("rotten 3")
    let before = office.transport.bodies.count
    let report = try office.send(retriesQuarantined: true)
    #expect(report.sent == 3 && report.quarantined == 1)
    #expect(office.transport.bodies[before].contains("user-4"))
    #expect(try office.count("quarantine", where: "identity = 'user-3'") == 1)
    #expect(try office.count("quarantine") == 1)
    #expect(try office.send().requests == 0)
    #expect(try office.count("pending") == 0)
  }

  @Test("what is asked to be tried again and not answered stays in quarantine")
  func retryUnanswered() throws {
    let office = try Office()
    try office.set(1, 3, "\"rotten\"")
    office.transport.answers = [.refused(status: 400, body: "no"), unanswered]
    try office.send()
    #expect(try office.send(attempts: 1, retriesQuarantined: true).failure == "status 503")
    #expect(try office.count("quarantine") == 1)
    // It may have arrived: the next call settles that, alone.
    #expect(try office.send().sent == 1)
    #expect(try office.count("quarantine") == 0)
  }

  @Test("what cannot be sent is not tried again")
  func impossibleIsNotRetried() throws {
    let office = try Office()
    try office.set(1, 1, "true", name: " ")
    try office.send()
    let report = try office.send(retriesQuarantined: true)
    #expect(report.requests == 0 && report.quarantined == 0)
    #expect(try office.count("quarantine") == 1)
  }

  // MARK: Waiting

  @Test("the waits are the same for the same seed, and others for another")
  func seeds() throws {
    func waits(_ seed: UInt64?) throws -> [Double] {
      let office = try Office()
      try office.set(1, 1, "true")
      office.transport.answers = [Answer](repeating: unanswered, count: 9)
      try office.send(attempts: 9, seed: seed)
      return office.waits
    }
    #expect(try waits(1) == waits(1) && waits(nil) == waits(nil))
    #expect(try waits(1) != waits(2))
    for (place, wait) in try waits(7).enumerated() {
      let longest = min(60, 0.5 * Double(1 << place))
      #expect((longest / 2...longest).contains(wait))
    }
  }

  @Test("a run gives up when the unanswered requests have taken its patience, and says so")
  func patience() throws {
    let office = try Office()
    for user in 1...3000 as ClosedRange<Int64> { try office.set(user, 1, "true") }
    office.transport.judge = { [unanswered] _ in unanswered }
    // Each request takes four seconds before it fails.
    office.transport.meanwhile = { office.seconds += 4 }
    let report = try office.send(attempts: 20, patience: 30)
    #expect(report.failure == "status 503: no definite answer in 30 s of trying")
    #expect(report.sent == 0 && office.seconds <= 34)
    #expect(report.requests > 1)
    office.transport.judge = nil
    #expect(try office.send().sent == 3000)
  }

  @Test("a wait that the destination asks for is kept, and one past the patience ends the run")
  func retryAfter() throws {
    let office = try Office()
    try office.set(1, 1, "true")
    office.transport.answers = [.unclear(reason: "status 429", retryAfter: 200)]
    #expect(try office.send().sent == 1)
    #expect(office.waits == [200])
    try office.set(1, 1, nil)
    office.transport.answers = [.unclear(reason: "status 429", retryAfter: 3599.5)]
    let report = try office.send()
    #expect(
      report.failure == "status 429: it asks to come back in 3600 s, and a run waits 300 s at most")
    #expect(report.requests == 1 && office.waits == [200])
    #expect(try office.outbox.count() == 1)
  }

  @Test("answers that come do not use up the patience, however long the run takes")
  func longRun() throws {
    let office = try Office()
    for user in 1...5000 as ClosedRange<Int64> { try office.set(user, 1, "true") }
    office.transport.meanwhile = { office.seconds += 100 }
    #expect(try office.send().sent == 5000)
  }
}
