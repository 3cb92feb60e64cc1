import Operations
import Testing
import Values

/// An edited encoding at the guard.
struct GuardedEncodingTests {
  private static let json = "booleans: json\n"

  /// Ten buyers who were told of in the form that the file destination takes.
  private func told() throws -> GuardedPlace {
    let shop = try GuardedPlace()
    try write("booleans: string\n", shop)
    try shop.order(0..<10, day: 0)
    #expect(shop.held(try shop.run(day: 0)) == [])
    return shop
  }

  private func write(_ settings: String, _ shop: GuardedPlace) throws {
    let calls = shop.place.folder.appendingPathComponent("identify.ndjson").path
    try shop.place.write(
      "file.destination", "---\ntype: file\npath: \(calls)\n\(settings)---\n")
  }

  /// How many users were told a form of true last.
  private func count(_ form: String, _ shop: GuardedPlace) throws -> Int {
    try shop.place.told().filter { $0[2] == form }.count
  }

  @Test("it is held until it is approved, and new values go out in the old form meanwhile")
  func held() throws {
    let shop = try told()
    try write(Self.json, shop)
    try shop.order(10..<11, day: 1)
    let report = try shop.run(day: 1)
    // The new one was told in the old form, and would be told again as the others.
    #expect(shop.held(report) == ["buyers encoding_changed 11"])
    #expect(report.sent == 1 && report.pending == 0 && report.held == 11)
    #expect(try count("\"true\"", shop) == 11)
    #expect(try shop.place.session.status().needsAttention)
    let approvals = try shop.place.session.approve("buyers")
    #expect(approvals.map(\.changes) == [11] && approvals.map(\.reason) == [.encodingChanged])
    try shop.order(11..<13, day: 2)
    let next = try shop.run(day: 2)
    #expect(shop.held(next) == [] && next.sent == 13)
    #expect(try count("true", shop) == 13)
    #expect(try shop.place.session.status().held == 0)
  }

  @Test("past a hundred members an approved encoding is no swing, and other changes are")
  func many() throws {
    let shop = try GuardedPlace()
    try write("booleans: string\n", shop)
    try shop.order(0..<200, day: 0)
    try shop.run(day: 0)
    try write(Self.json, shop)
    #expect(shop.held(try shop.run(day: 1)) == ["buyers encoding_changed 200"])
    _ = try shop.place.session.approve("buyers")
    try shop.order(200..<300, day: 1)
    // The hundred are a swing by themselves; with them the approved ones wait.
    #expect(shop.held(try shop.run(day: 1, minute: 1)) == ["buyers swing 300"])
    _ = try shop.place.session.approve("buyers")
    #expect(try shop.run(day: 1, minute: 2).sent == 300)
    #expect(try count("true", shop) == 300)
  }

  @Test("more than was shown is held again")
  func more() throws {
    let shop = try told()
    try write(Self.json, shop)
    #expect(shop.held(try shop.run(day: 1)) == ["buyers encoding_changed 10"])
    _ = try shop.place.session.approve("buyers")
    // In the old form again, one more is told; then the edit comes back.
    try write("booleans: string\n", shop)
    try shop.order(10..<11, day: 1)
    #expect(shop.held(try shop.run(day: 1, minute: 1)) == [])
    try write(Self.json, shop)
    #expect(shop.held(try shop.run(day: 1, minute: 2)) == ["buyers encoding_changed 11"])
    #expect(try count("\"true\"", shop) == 11)
  }

  @Test("a plan says what a run would hold, and what it would send once that is approved")
  func planned() throws {
    let shop = try told()
    try write(Self.json, shop)
    shop.place.session.at = Instant(milliseconds: GuardedPlace.start + GuardedPlace.day)
    #expect(try shop.place.session.plan().held == 10)
    try shop.run(day: 1)
    _ = try shop.place.session.approve("buyers")
    let plan = try shop.place.session.plan()
    #expect(plan.held == 0 && plan.destinations[0].sent == 10)
    #expect(try shop.run(day: 1, minute: 1).sent == 10)
  }
}
