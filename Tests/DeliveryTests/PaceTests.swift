import Definitions
import Delivery
import Testing
import Values

/// The published limits.
struct PaceTests {
  @Test("31 requests that name one identity take 30 seconds, and those of others do not wait")
  func properties() {
    var pace = Pace([.propertiesOfIdentity])
    for second in 0..<30 {
      #expect(pace.delay(["ann"], at: Double(second) / 2) == 0)
      pace.note(["ann"], at: Double(second) / 2)
    }
    #expect(pace.delay(["bob"], at: 15) == 0)
    #expect(pace.delay(["ann", "bob"], at: 15) == 15)
    #expect(pace.delay(["ann"], at: 29.75) == 0.25)
    #expect(pace.delay(["ann"], at: 30) == 0)
    pace.note(["ann"], at: 30)
    #expect(pace.delay(["ann"], at: 30) == 0.5)
  }

  @Test("events: 1,000 a minute for an identity, 15,000 for an app")
  func events() {
    var pace = Pace([.eventsOfIdentity, .eventsOfApp])
    let ann = [String](repeating: "ann", count: 600)
    pace.note(ann, at: 0)
    #expect(pace.delay([String](repeating: "ann", count: 400), at: 1) == 0)
    #expect(pace.delay([String](repeating: "ann", count: 401), at: 1) == 59)
    // 150 requests of a thousand events need nine minutes at least.
    var clock = 0.0
    var whole = Pace([.eventsOfIdentity, .eventsOfApp])
    for request in 0..<150 {
      let identities = (0..<1000).map { "\(request) \($0)" }
      clock += whole.delay(identities, at: clock)
      whole.note(identities, at: clock)
    }
    #expect(clock == 9 * 60)
  }

  @Test("what alone is more than a limit goes when nothing else counts any more")
  func larger() {
    var pace = Pace([.eventsOfIdentity])
    let many = [String](repeating: "ann", count: 1001)
    #expect(pace.delay(many, at: 5) == 0)
    pace.note(["ann"], at: 5)
    #expect(pace.delay(many, at: 6) == 59)
  }

  @Test("thousands of requests later nothing of the first ones counts")
  func forgotten() {
    var pace = Pace([.propertiesOfIdentity])
    for second in 0..<5000 {
      #expect(pace.delay(["ann"], at: Double(second)) == 0)
      pace.note(["ann"], at: Double(second))
    }
  }

  @Test("the sender keeps the limit while it looks for a bad property")
  func sender() throws {
    let (report, times, office) = try Self.bisecting(.published)
    #expect(report.requests == 127 && report.quarantined == 64)
    for (place, time) in times.enumerated() where place >= 30 {
      #expect(time - times[place - 30] >= 30)
    }
    #expect(report.paced > 80 && report.paced == office.waits.reduce(0, +))
  }

  @Test("a sender without pacing never waits")
  func unpaced() throws {
    let (report, _, office) = try Self.bisecting(.off)
    #expect(report.requests == 127 && report.paced == 0 && office.waits.isEmpty)
  }

  /// Sends 64 properties of one user, each of which is refused; each answer takes a tenth of a second.
  private static func bisecting(
    _ pacing: DestinationDefinition.Pacing
  ) throws -> (Sender.Report, times: [Double], Office) {
    let office = try Office(pacing: pacing)
    let parts = (0..<64).map { "\"p\($0)\":\($0)" }.joined(separator: ",")
    try office.set(1, 3, "{\(parts)}")
    var times: [Double] = []
    office.transport.meanwhile = {
      office.seconds += 0.1
      times.append(office.seconds)
    }
    office.transport.judge = { _ in .refused(status: 400, body: "no") }
    return (try office.send(), times, office)
  }
}
