import Foundation
import Operations
import Testing
import Values

/// A destination that knows users by a trait.
struct TraitIdentityTests {
  private static let day: Int64 = 86_400_000

  private func place() throws -> Workplace {
    try Workplace(
      [
        ("vip.audience", "---\nname: VIP\n---\nevent('Bought').count() >= 1\n"),
        ("bought.trait", "---\nname: Bought\n---\nevent('Bought').count()\n"),
        ("city.trait", "---\nname: City\n---\ntrait('town')\n"),
      ], settings: "identity: trait email\n")
  }

  private func bought(_ user: String, _ id: String, day: Int64 = 1) -> String {
    "{\"type\":\"track\",\"event\":\"Bought\",\"messageId\":\"\(id)\",\"userId\":\"\(user)\","
      + "\"timestamp\":\"\(Instant(milliseconds: day * Self.day))\"}\n"
  }

  private func identify(_ user: String, _ traits: String, day: Int64) -> String {
    "{\"type\":\"identify\",\"messageId\":\"\(user) \(day) \(traits.hashValue)\","
      + "\"userId\":\"\(user)\",\"traits\":\(traits),"
      + "\"timestamp\":\"\(Instant(milliseconds: day * Self.day))\"}\n"
  }

  /// Runs and sends, and gives the lines that this wrote.
  private func sent(_ place: Workplace, day: Int64) throws -> [String] {
    let before = try lines(place).count
    place.session.at = Instant(milliseconds: day * Self.day)
    let plan = try place.session.plan()
    let run = try place.run(at: day * Self.day, sends: true)
    #expect(plan.requests == run.requests && plan.destinations.first?.sent == run.sent)
    #expect(try place.session.verify().difference == nil)
    return Array(try lines(place).dropFirst(before))
  }

  private func lines(_ place: Workplace) throws -> [String] {
    let file = place.folder.appendingPathComponent("identify.ndjson")
    guard let data = try? Data(contentsOf: file) else { return [] }
    return try String(decoding: data, as: UTF8.self).split(separator: "\n").map { line in
      let call = try Value(json: String(line))
      return (call["userId"].textForm ?? "") + " " + call["traits"].json
    }
  }

  private func report(_ place: Workplace, day: Int64) throws -> DestinationReport {
    try place.run(at: day * Self.day, sends: true)
    place.session.at = Instant(milliseconds: day * Self.day)
    return try #require(try place.session.plan().destinations.first)
  }

  @Test("a user without the trait is held and counted, and told when it comes")
  func comes() throws {
    let place = try place()
    try place.ingest(
      bought("ann", "1") + identify("ann", #"{"email":"a@x"}"#, day: 1) + bought("bob", "2"))
    #expect(try sent(place, day: 2) == [#"a@x {"bought":1,"vip":true}"#])
    let held = try report(place, day: 2)
    #expect(held.withoutIdentity == 1 && held.sharedIdentity == 0 && held.pending == 0)
    try place.ingest(identify("bob", #"{"email":"b@x"}"#, day: 3))
    #expect(try sent(place, day: 3) == [#"b@x {"bought":1,"vip":true}"#])
    #expect(try report(place, day: 3).withoutIdentity == 0)
    #expect(try place.rows("SELECT count(*) FROM pending") == [["0"]])
  }

  @Test("when it changes the new identity gets every value, and the old one loses its own")
  func changes() throws {
    let place = try place()
    try place.ingest(
      bought("ann", "1") + identify("ann", #"{"email":"a@x","town":"Bern"}"#, day: 1))
    #expect(try sent(place, day: 2) == [#"a@x {"bought":1,"city":"Bern","vip":true}"#])
    try place.ingest(identify("ann", #"{"email":"new@x"}"#, day: 3))
    #expect(
      try sent(place, day: 3) == [
        #"new@x {"bought":1,"city":"Bern","vip":true}"#,
        #"a@x {"bought":"","city":"","vip":false}"#,
      ])
    #expect(try sent(place, day: 4) == [])
    #expect(try place.rows("SELECT count(*) FROM former_identities") == [["0"]])
  }

  @Test("when it changes at the hour of a later call, the tick of that hour finds it")
  func changesLater() throws {
    let place = try place()
    try place.ingest(
      bought("ann", "1") + identify("ann", #"{"email":"a@x"}"#, day: 1)
        + identify("ann", #"{"email":"new@x"}"#, day: 9))
    #expect(try sent(place, day: 2) == [#"a@x {"bought":1,"vip":true}"#])
    #expect(
      try sent(place, day: 9) == [
        #"new@x {"bought":1,"vip":true}"#, #"a@x {"bought":"","vip":false}"#,
      ])
  }

  @Test("when it disappears the identity loses its values, and the user is held")
  func disappears() throws {
    let place = try place()
    try place.ingest(bought("ann", "1") + identify("ann", #"{"email":"a@x"}"#, day: 1))
    _ = try sent(place, day: 2)
    try place.ingest(identify("ann", #"{"email":null}"#, day: 3) + bought("ann", "2", day: 3))
    #expect(try sent(place, day: 3) == [#"a@x {"bought":"","vip":false}"#])
    #expect(try report(place, day: 3).withoutIdentity == 1)
    for blank in [#"" ""#, "[1]", #"{"a":1}"#] {
      try place.ingest(identify("ann", #"{"email":\#(blank)}"#, day: 4))
      #expect(try sent(place, day: 4) == [])
    }
  }

  @Test("who loses it is held and counted, also when nothing else of the user changed")
  func loses() throws {
    let place = try place()
    try place.ingest(bought("ann", "1") + identify("ann", #"{"email":"a@x"}"#, day: 1))
    _ = try sent(place, day: 2)
    try place.ingest(identify("ann", #"{"email":null}"#, day: 3))
    #expect(try sent(place, day: 3) == [#"a@x {"bought":"","vip":false}"#])
    let held = try report(place, day: 4)
    #expect(held.withoutIdentity == 1 && held.pending == 0)
    try place.ingest(identify("ann", #"{"email":"a@x"}"#, day: 5))
    #expect(try sent(place, day: 5) == [#"a@x {"bought":1,"vip":true}"#])
    #expect(try report(place, day: 5).withoutIdentity == 0)
    #expect(try place.rows("SELECT count(*) FROM pending") == [["0"]])
  }

  @Test("when it comes back the identity gets what the user has then, and nothing else stays")
  func comesBack() throws {
    let place = try place()
    try place.ingest(
      bought("ann", "1") + identify("ann", #"{"email":"a@x","town":"Bern"}"#, day: 1))
    _ = try sent(place, day: 2)
    try place.ingest(identify("ann", #"{"email":"b@x","town":null}"#, day: 3))
    _ = try sent(place, day: 3)
    try place.ingest(identify("ann", #"{"email":"a@x"}"#, day: 4))
    #expect(
      try sent(place, day: 4) == [
        #"a@x {"bought":1,"vip":true}"#, #"b@x {"bought":"","vip":false}"#,
      ])
    #expect(try sent(place, day: 5) == [])
  }

  @Test("there and back again between two sends is no call at all")
  func thereAndBack() throws {
    let place = try place()
    try place.ingest(bought("ann", "1") + identify("ann", #"{"email":"a@x"}"#, day: 1))
    _ = try sent(place, day: 2)
    try place.ingest(identify("ann", #"{"email":"b@x"}"#, day: 3))
    try place.run(at: 3 * Self.day)
    try place.ingest(identify("ann", #"{"email":"a@x"}"#, day: 4))
    #expect(try sent(place, day: 4) == [])
  }

  @Test("two users with one identity are both held and reported, until one of them has another")
  func shared() throws {
    let place = try place()
    try place.ingest(bought("ann", "1") + identify("ann", #"{"email":"a@x"}"#, day: 1))
    #expect(try sent(place, day: 2) == [#"a@x {"bought":1,"vip":true}"#])
    try place.ingest(
      bought("bob", "2") + bought("bob", "3") + identify("bob", #"{"email":"a@x"}"#, day: 3)
        + bought("ann", "4", day: 3))
    #expect(try sent(place, day: 3) == [])
    #expect(try report(place, day: 3).sharedIdentity == 2)
    // Ann leaves it to bob, who has bought as often as ann.
    try place.ingest(identify("ann", #"{"email":"ann@x"}"#, day: 4))
    #expect(
      try sent(place, day: 4).sorted() == [
        #"a@x {"bought":2}"#, #"ann@x {"bought":2,"vip":true}"#,
      ])
    #expect(try report(place, day: 4).sharedIdentity == 0)
    #expect(try place.rows("SELECT count(*) FROM pending") == [["0"]])
  }

  @Test("an identity that goes from one user to another is told the difference")
  func handedOn() throws {
    let place = try place()
    try place.ingest(
      bought("ann", "1") + identify("ann", #"{"email":"a@x","town":"Bern"}"#, day: 1)
        + identify("bob", #"{"town":"Basel"}"#, day: 1))
    _ = try sent(place, day: 2)
    try place.ingest(
      identify("ann", #"{"email":null}"#, day: 3) + identify("bob", #"{"email":"a@x"}"#, day: 3))
    #expect(try sent(place, day: 3) == [#"a@x {"bought":0,"city":"Basel","vip":false}"#])
  }

  @Test("merged users are one, known by what the one is known by")
  func merged() throws {
    let place = try place()
    try place.ingest(
      bought("old", "1") + identify("old", #"{"email":"a@x"}"#, day: 1) + bought("new", "2"))
    #expect(try sent(place, day: 2) == [#"a@x {"bought":1,"vip":true}"#])
    try place.ingest(
      """
      {"type":"alias","messageId":"m","previousId":"old","userId":"new",\
      "timestamp":"1970-01-04T00:00:00Z"}

      """)
    #expect(try sent(place, day: 3) == [#"a@x {"bought":2}"#])
  }

  @Test("while the destination's file is gone nothing is taken back, and then what changed is sent")
  func paused() throws {
    let place = try place()
    try place.ingest(
      bought("ann", "1") + identify("ann", #"{"email":"a@x"}"#, day: 1) + bought("bob", "2")
        + identify("bob", #"{"email":"b@x"}"#, day: 1))
    _ = try sent(place, day: 2)
    let file = place.session.folder + "/file.destination"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    try FileManager.default.removeItem(atPath: file)
    try place.ingest(identify("bob", #"{"email":null}"#, day: 3))
    try place.run(at: 3 * Self.day, sends: true)
    try place.write("file.destination", text)
    #expect(try sent(place, day: 4) == [#"b@x {"bought":"","vip":false}"#])
  }

  @Test("the trait is no definition to anybody: not in plan, status, export or check")
  func hidden() throws {
    let place = try place()
    try place.ingest(bought("ann", "1") + identify("ann", #"{"email":"a@x"}"#, day: 1))
    let report = try place.run(at: 2 * Self.day, sends: true)
    #expect(report.definitions.map(\.key) == ["bought", "city", "vip"])
    #expect(try place.session.plan().definitions.count == 3)
    #expect(try place.session.status().definitions.map(\.key) == ["bought", "city", "vip"])
    #expect(place.session.check().project.definitions.count == 3)
    #expect(throws: OperationError.self) {
      try place.session.export("identity trait email", .ndjson) { _ in }
    }
  }
}
