import Delivery
import Membership
import Testing
import Values

struct StoppingTests {
  private static func sender(_ office: Office) -> Sender {
    Sender(
      office.connection, office.state, office.destination, office.transport,
      at: Instant(milliseconds: 0))
  }

  @Test("asked to end, a sender makes no further request, and puts nothing in doubt")
  func stopped() throws {
    let office = try Office()
    try office.set(1, 1, "true")
    var sender = Self.sender(office)
    sender.isStopping = { true }
    let report = try sender.send()
    #expect(report.failure == "stopped before everything was sent" && report.requests == 0)
    #expect(try office.count("acknowledged") == 0 && office.count("pending") == 1)
  }

  @Test("asked to end after the first of two batches, it has sent that one")
  func between() throws {
    let office = try Office()
    for user in 1...1001 as ClosedRange<Int64> { try office.set(user, 1, "true") }
    var sender = Self.sender(office)
    let transport = office.transport
    sender.isStopping = { !transport.bodies.isEmpty }
    let report = try sender.send()
    #expect(report.sent == 1000 && report.requests == 1 && report.failure != nil)
    #expect(try office.count("pending") == 1)
  }

  @Test("asked to end while no answer comes, it does not try again")
  func unanswered() throws {
    let office = try Office()
    try office.set(1, 1, "true")
    var sender = Self.sender(office)
    let transport = office.transport
    transport.answers = [.unclear(reason: "status 503", retryAfter: 60)]
    sender.isStopping = { !transport.bodies.isEmpty }
    sender.clock.wait = { _ in Issue.record("it waits") }
    #expect(try sender.send().failure == "status 503")
    #expect(transport.bodies.count == 1)
  }

  @Test("requests are counted by what came of them")
  func metered() throws {
    let office = try Office()
    office.transport.answers = [
      .accepted, .refused(status: 400, body: ""), .unclear(reason: "", retryAfter: nil),
      .unusable(reason: ""), .accepted,
    ]
    let metered = MeteredTransport(office.transport)
    for _ in 0..<5 {
      _ = try metered.send(Request(path: "/", body: "{}"))
    }
    #expect(metered.counts == [.accepted: 2, .refused: 1, .unclear: 1, .unusable: 1])
    let meters = Meters(office.connection)
    try meters.add(metered.counts, destination: office.state.id)
    try meters.add([.accepted: 1], destination: office.state.id)
    #expect(
      try meters.requests(destination: office.state.id)
        == [.accepted: 3, .refused: 1, .unclear: 1, .unusable: 1])
  }
}
