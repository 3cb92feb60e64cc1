import Operations
import SQLite
import Testing

/// Full runs that read the digests of an earlier one.
struct DigestTests {
  private static let day: Int64 = 86_400_000

  private static func call(
    _ id: String, _ user: String, day: Int64, event: String = "Order Completed", more: String = ""
  ) -> String {
    """
    {"type":"track","messageId":"\(id)","userId":"\(user)","event":"\(event)",\
    "timestamp":"1970-01-\(day + 1 < 10 ? "0" : "")\(day + 1)T00:00:00Z","properties":{"total":5}\(more)}

    """
  }

  /// Three buyers of different days, after the first full run, at day 10.
  private func place(_ query: String = "event('Order Completed').within(30 days).count() >= 1")
    throws
    -> Workplace
  {
    let place = try Workplace([("buyers.audience", "---\nname: Buyers\n---\n\(query)\n")])
    try place.ingest(
      Self.call("1", "ann", day: 2) + Self.call("2", "bob", day: 5)
        + Self.call("3", "cyd", day: 8))
    try place.run(at: 10 * Self.day, isFull: true)
    return place
  }

  private func buyers(_ place: Workplace) throws -> Set<String> {
    Set(try place.memberships().filter { $0[0] == "buyers" }.map { $0[1] })
  }

  private func change(_ place: Workplace, _ sql: String) throws {
    try Connection(path: place.session.storePath, mode: .readWrite).execute(sql)
  }

  @Test("a full run leaves digests, and the next one reads them in place of the histories")
  func reads() throws {
    let place = try place()
    #expect(try place.rows("SELECT last FROM digests") == [["3"]])
    // Nobody is in a block without profiles.
    try change(place, "UPDATE digests SET data = x'00'")
    try place.run(at: 11 * Self.day, isFull: true)
    #expect(try buyers(place) == [])
  }

  @Test("time goes on over digests: members leave at the end of the window")
  func windows() throws {
    let place = try place()
    #expect(try buyers(place) == ["user ann", "user bob", "user cyd"])
    try place.run(at: 33 * Self.day, isFull: true)
    #expect(try buyers(place) == ["user bob", "user cyd"])
    try place.run(at: 60 * Self.day, isFull: true)
    #expect(try buyers(place) == [])
    #expect(try place.session.verify().difference == nil)
    #expect(try place.rows("SELECT at FROM digested") == [["\(10 * Self.day)"]])
  }

  @Test("who has a new event is read from the history, and so is who is new")
  func outdated() throws {
    let place = try place()
    try place.ingest(Self.call("4", "ann", day: 12) + Self.call("5", "dan", day: 12))
    try place.run(at: 33 * Self.day, isFull: true, outdatedShare: 1)
    #expect(try buyers(place) == ["user ann", "user bob", "user cyd", "user dan"])
    #expect(try place.rows("SELECT watermark FROM digested") == [["3"]])
    #expect(try place.session.verify().difference == nil)
  }

  @Test("digests of which many are out of date are made anew")
  func renewed() throws {
    let place = try place()
    try place.ingest(Self.call("4", "ann", day: 12))
    try place.run(at: 33 * Self.day, isFull: true)
    #expect(try place.rows("SELECT watermark, at FROM digested") == [["4", "\(33 * Self.day)"]])
    #expect(try buyers(place) == ["user ann", "user bob", "user cyd"])
  }

  @Test("a profile that gains or loses ids is read from the history")
  func moved() throws {
    let place = try place()
    let alias =
      #"{"type":"alias","messageId":"6","userId":"cyd","previousId":"ann","timestamp":"1970-01-12T00:00:00Z"}"#
    try place.ingest(alias + "\n")
    try place.run(at: 12 * Self.day)
    #expect(try place.rows("SELECT profile FROM undigested") == [["1"], ["3"]])
    try place.run(at: 13 * Self.day, isFull: true, outdatedShare: 1)
    #expect(try buyers(place) == ["user bob", "user cyd"])
    #expect(try place.rows("SELECT watermark FROM digested") == [["3"]])
    #expect(try place.session.verify().difference == nil)
  }

  @Test("another query makes other digests")
  func edited() throws {
    let place = try place()
    let before = try place.rows("SELECT fingerprint FROM digested")
    try place.write(
      "buyers.audience",
      "---\nname: Buyers\n---\nevent('Order Completed').sum(property('total')) >= 6\n")
    try place.run(at: 11 * Self.day)
    try place.run(at: 12 * Self.day, isFull: true)
    #expect(try buyers(place) == [])
    #expect(try place.rows("SELECT fingerprint FROM digested") != before)
    #expect(try place.session.verify().difference == nil)
  }

  @Test("a plan reads digests and makes none")
  func plan() throws {
    let place = try place()
    try place.ingest(Self.call("4", "dan", day: 12))
    place.session.at = .init(milliseconds: 40 * Self.day)
    let plan = try place.session.plan(isFull: true)
    #expect(plan.definitions[0].tally.left == 3)
    #expect(try place.rows("SELECT watermark, at FROM digested") == [["3", "\(10 * Self.day)"]])
  }

  @Test("what one pass cannot do is read from the history")
  func general() throws {
    let place = try place("event('Order Completed').where(context('ip') = '7').count() >= 1")
    let context = #","context":{"ip":"7"}"#
    try place.ingest(Self.call("4", "ann", day: 9, more: context))
    try place.run(at: 11 * Self.day, isFull: true)
    #expect(try buyers(place) == ["user ann"])
    try place.run(at: 12 * Self.day, isFull: true)
    #expect(try buyers(place) == ["user ann"])
    #expect(try place.rows("SELECT at FROM digested") == [["\(11 * Self.day)"]])
    #expect(try place.session.verify().difference == nil)
  }

  @Test(
    "verify finds a digest that is not its history's, and rebuild takes them all away",
    arguments: [
      "UPDATE digests SET data = x'00'",
      // The same profile, and no event of it.
      "UPDATE digests SET data = x'00010200'",
    ])
  func damaged(sql: String) throws {
    let place = try place()
    try change(place, sql)
    let difference = try #require(try place.session.verify().difference)
    #expect(difference.hasPrefix("a digest is not what its history comes to"))
    _ = try place.session.rebuild()
    #expect(try place.rows("SELECT * FROM digested") == [])
    #expect(try place.rows("SELECT * FROM digests") == [])
    try place.run(at: 11 * Self.day, isFull: true)
    #expect(try buyers(place).count == 3)
    #expect(try place.session.verify().difference == nil)
  }
}
