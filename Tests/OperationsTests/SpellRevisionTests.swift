import Membership
import Operations
import Testing
import Values

struct SpellRevisionTests {
  private func spell(_ since: Int64, _ until: Int64, _ value: String = "true") -> StoredSpell {
    StoredSpell(profile: 1, since: since, until: until, value: value)
  }

  @Test("what reaches over a border is cut there, and joined where both sides have one value")
  func borders() {
    let old = [spell(0, 10), spell(15, 25), spell(30, 40, "5")]
    #expect(SpellRevision.revise(old, with: [], in: 5..<35) == [spell(0, 5), spell(35, 40, "5")])
    #expect(
      SpellRevision.revise(old, with: [spell(5, 8), spell(20, 35, "5")], in: 5..<35)
        == [spell(0, 8), spell(20, 40, "5")])
    #expect(
      SpellRevision.revise(old, with: [spell(5, 35, "6")], in: 5..<35)
        == [spell(0, 5), spell(5, 35, "6"), spell(35, 40, "5")])
    #expect(SpellRevision.revise([], with: [spell(5, 35)], in: 5..<35) == [spell(5, 35)])
  }

  @Test("texts of one look and other scalars are two values")
  func exactValues() {
    let spells = [spell(0, 5, "\"\u{E9}\""), spell(5, 9, "\"e\u{301}\"")]
    #expect(SpellRevision.revise([spells[0]], with: [spells[1]], in: 5..<9) == spells)
  }

  @Test("only what was known and is another now counts as changed")
  func changes() {
    let old = [spell(0, 10), spell(15, 25), spell(30, 40)]
    let new = [spell(0, 12), spell(20, 25), spell(30, 40), spell(50, 60)]
    let all = SpellRevision.changes(from: old, to: new, in: [0..<100])
    #expect(all == SpellChanges(added: 2, removed: 1, altered: 1))
    let some = SpellRevision.changes(from: old, to: new, in: [0..<10, 26..<45])
    #expect(some == SpellChanges())
    #expect(SpellRevision.changes(from: old, to: new, in: []) == SpellChanges())
  }

  @Test("periods of the calendar are cut at the ends of the range")
  func periods() throws {
    func instants(_ texts: String...) throws -> [Int64] {
      try texts.map { try #require(Instant(iso8601: $0)).milliseconds }
    }
    let edges = try instants("2024-01-30T12:00:00Z", "2024-02-01", "2024-03-01", "2024-03-04")
    #expect(
      Period.month.all(in: edges[0]..<edges[3])
        == [edges[0]..<edges[1], edges[1]..<edges[2], edges[2]..<edges[3]])
    // 2024-02-05 was a Monday.
    let weeks = try instants("2024-02-04", "2024-02-05", "2024-02-12", "2024-02-13")
    #expect(
      Period.week.all(in: weeks[0]..<weeks[3])
        == [weeks[0]..<weeks[1], weeks[1]..<weeks[2], weeks[2]..<weeks[3]])
    #expect(Period.day.all(in: -5..<5) == [-5..<0, 0..<5])
    #expect(
      Period.week.start(of: Instant(milliseconds: -4 * 86_400_000)).milliseconds < -345_600_000)
  }
}
