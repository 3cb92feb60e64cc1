import Operations
import Testing
import Values

/// Users who leave because their account does.
struct AccountForecastTests {
  private static let day: Int64 = 86_400_000

  private func call(_ id: String, _ type: String, _ user: String, day: Int64) -> String {
    let rest = type == "group" ? "\"groupId\":\"acme\"" : "\"event\":\"Used\""
    return """
      {"type":"\(type)","messageId":"\(id)","userId":"\(user)",\(rest),\
      "timestamp":"\(Instant(milliseconds: day * Self.day))"}

      """
  }

  @Test("an account's change is foreseen for its users, at its instant, and looked back at")
  func travels() throws {
    let place = try Workplace([
      (
        "active.audience",
        "---\nname: Active\ntype: accounts\n---\nevent('Used').within(10 days).count() >= 2\n"
      ),
      ("in_active.audience", "---\nname: In Active\n---\ntrait('active') = true\n"),
    ])
    try place.ingest(
      call("g1", "group", "ann", day: 1) + call("g2", "group", "bob", day: 1)
        + call("u1", "track", "ann", day: 2) + call("u2", "track", "ann", day: 3))
    // Ann's use of day 2 leaves the account's ten days a millisecond into day 12.
    let expected: [(day: Int64, within: [Int])] = [
      (4, [0, 0, 1]), (5, [0, 0, 1]), (6, [0, 1, 1]), (12, [1, 1, 1]),
    ]
    for (day, within) in expected {
      place.session.at = Instant(milliseconds: day * Self.day)
      let overview = try place.session.report()
      let audiences = overview.audiences
      #expect(audiences.map(\.definition.key) == ["active", "in_active"])
      #expect(audiences.map(\.members) == [1, 2])
      #expect(overview.accounts == 1 && overview.users == 2)
      for (horizon, accounts) in zip(Forecast.Horizon.allCases, within) {
        #expect(audiences[0].forecast?.leaving(horizon) == accounts, "day \(day), \(horizon)")
        #expect(audiences[1].forecast?.leaving(horizon) == 2 * accounts, "day \(day), \(horizon)")
      }
      #expect(try place.session.preview("in_active").forecast == audiences[1].forecast)
    }
    place.session.at = Instant(milliseconds: 18 * Self.day)
    let trend = try place.session.preview("in_active").trend
    #expect(trend.suffix(3).map(\.size) == [2, 2, 0])
    #expect(trend.suffix(3).map { $0.at.milliseconds / Self.day } == [4, 11, 18])
  }
}
