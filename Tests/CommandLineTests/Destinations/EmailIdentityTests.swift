import Testing
import Values

@Suite("Users whom Heap knows by their e-mail")
struct EmailIdentityTests {
  private static func prepared(_ settings: String = "") throws -> (Rollcall, RehearsalHeap) {
    let (rollcall, heap) = try Rollcall.withHeap("identity: trait email\n" + settings)
    try rollcall.define("vip.audience", "event('Bought').count() >= 1")
    try rollcall.define("bought.trait", "event('Bought').count()")
    try rollcall.define("city.trait", "trait('town')")
    try rollcall.add(
      bought("ann", day: 1), email("ann", #""a@x","town":"Bern""#, day: 1),
      bought("bob", day: 1), email("bob", #""b@x""#, day: 1))
    try rollcall.json("run", "--at", Call.time(2))
    #expect(heap.user("a@x") == all && heap.user("b@x") == #"{"bought":1,"vip":"true"}"#)
    return (rollcall, heap)
  }

  private static let all = #"{"bought":1,"city":"Bern","vip":"true"}"#
  private static let none = #"{"bought":"","city":"","vip":"false"}"#

  private static func bought(_ user: String, day: Int) -> String {
    Call.track("Bought", user, day: day, id: "\(user) \(day)")
  }

  /// An identify call with an e-mail as JSON, and perhaps other traits behind it.
  private static func email(_ user: String, _ email: String, day: Int) -> String {
    Call.identify(user, #"{"email":\#(email)}"#, day: day)
  }

  /// What the two users have, and that nothing was written that was there.
  private static func expect(
    _ heap: RehearsalHeap, _ users: [String: String],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    guard case .object(let held) = heap.state()["users"] else { return }
    let found = Dictionary(
      uniqueKeysWithValues: held.map { ($0.key, $0.value["properties"].json) })
    #expect(found == users, sourceLocation: sourceLocation)
    #expect(heap.noOpWrites == 0, sourceLocation: sourceLocation)
  }

  @Test("one that changes: the new one gets every value, the old one loses its own")
  func changes() throws {
    let (rollcall, heap) = try Self.prepared()
    try rollcall.add(Self.email("ann", #""n@x""#, day: 3))
    let run = try rollcall.json("run", "--at", Call.time(4))
    #expect(run["sent"] == .number(6) && run["held_users"] == .number(0))
    Self.expect(
      heap, ["n@x": Self.all, "a@x": Self.none, "b@x": #"{"bought":1,"vip":"true"}"#])
    #expect(try rollcall.json("run", "--at", Call.time(5))["requests"] == .number(0))
  }

  @Test("one that changes, with 'absent: keep': the old one leaves the audience and keeps the rest")
  func changesKeeping() throws {
    let (rollcall, heap) = try Self.prepared("absent: keep\n")
    try rollcall.add(Self.email("ann", #""n@x""#, day: 3))
    try rollcall.json("run", "--at", Call.time(4))
    Self.expect(
      heap,
      [
        "n@x": Self.all, "a@x": #"{"bought":1,"city":"Bern","vip":"false"}"#,
        "b@x": #"{"bought":1,"vip":"true"}"#,
      ])
  }

  @Test("one that disappears: it loses its values, and the user is held, counted, and exits 3")
  func disappears() throws {
    let (rollcall, heap) = try Self.prepared()
    try rollcall.add(Self.email("ann", "null", day: 3), Self.bought("ann", day: 3))
    let plan = try rollcall.json("plan", "--at", Call.time(4), exits: 3)
    #expect(plan["held_users"] == .number(1))
    let run = try rollcall.run("run", "--at", Call.time(4))
    #expect(run.ending == .code(3))
    #expect(run.output.contains("; 1 user held without an identity\n"), "\(run.output)")
    #expect(run.output.hasSuffix("0 pending; 1 user held\n"), "\(run.output)")
    Self.expect(heap, ["a@x": Self.none, "b@x": #"{"bought":1,"vip":"true"}"#])
    let status = try rollcall.json("status", "--at", Call.time(4), exits: 3)
    #expect(status["held_users"] == .number(1) && status["held"] == .number(0))
    #expect(status["destinations"][0]["without_identity"] == .number(1))
    let send = try rollcall.json("send", "--at", Call.time(4), exits: 3)
    #expect(send["held_users"] == .number(1) && send["requests"] == .number(0))
  }

  @Test("one that comes back: it gets what the user has then")
  func comesBack() throws {
    let (rollcall, heap) = try Self.prepared()
    try rollcall.add(Self.email("ann", "null", day: 3))
    try rollcall.json("run", "--at", Call.time(4), exits: 3)
    try rollcall.add(Self.bought("ann", day: 5), Self.email("ann", #""a@x","town":null"#, day: 5))
    let run = try rollcall.json("run", "--at", Call.time(6))
    #expect(run["sent"] == .number(2) && run["held_users"] == .number(0))
    Self.expect(
      heap,
      ["a@x": #"{"bought":2,"city":"","vip":"true"}"#, "b@x": #"{"bought":1,"vip":"true"}"#])
    #expect(try rollcall.run("status", "--at", Call.time(6)).ending == .code(0))
  }

  @Test("one that two users share: both are held, counted, and exit 3, until one has another")
  func shared() throws {
    let (rollcall, heap) = try Self.prepared()
    try rollcall.add(
      Self.email("bob", #""a@x""#, day: 3), Self.bought("bob", day: 3),
      Self.bought("ann", day: 3))
    let run = try rollcall.run("run", "--at", Call.time(4))
    #expect(run.ending == .code(3))
    #expect(run.output.contains("2 users held with an identity of more than one"))
    // Bob's own is nobody's now; what both have is left as it was.
    Self.expect(heap, ["a@x": Self.all, "b@x": #"{"bought":"","vip":"false"}"#])
    let again = try rollcall.json("run", "--at", Call.time(5), exits: 3)
    #expect(again["held_users"] == .number(2) && again["requests"] == .number(0))
    #expect(again["destinations"][0]["shared_identity"] == .number(2))
    // Bob has another: both are told, each under their own.
    try rollcall.add(Self.email("bob", #""new@x""#, day: 6))
    try rollcall.json("run", "--at", Call.time(7))
    Self.expect(
      heap,
      [
        "a@x": #"{"bought":2,"city":"Bern","vip":"true"}"#,
        "b@x": #"{"bought":"","vip":"false"}"#, "new@x": #"{"bought":2,"vip":"true"}"#,
      ])
  }
}
