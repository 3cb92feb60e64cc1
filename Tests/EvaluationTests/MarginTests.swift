import Testing
import Values

@testable import Evaluation

/// Conditions of many profiles as numbers, and what they come to.
struct MarginTests {
  private static let now: Int64 = 1000
  private static let outcomes: [(Bool, Int64)] = [1001, 1500, 2000, .max].flatMap {
    [(true, $0), (false, $0)]
  }

  private func margin(_ outcome: (Bool, Int64)) -> Double {
    Margin.of(Evaluator.Outcome(outcome.0, until: outcome.1), at: Self.now)
  }

  /// What AND (`deciding` false) and OR are by the rule: of those that decide the last to turn, else the
  /// first.
  private func combined(_ parts: [(Bool, Int64)], deciding: Bool) -> (Bool, Int64) {
    let decisive = parts.filter { $0.0 == deciding }.map(\.1)
    if let last = decisive.max() { return (deciding, last) }
    return (!deciding, parts.map(\.1).min() ?? .max)
  }

  private static let pairs = outcomes.flatMap { a in outcomes.map { (a, $0) } }

  /// What a row of a place for each pair says, held against what each should be.
  private func expect(
    _ table: borrowing MarginTable, row: Int,
    _ outcome: ((Bool, Int64), (Bool, Int64)) -> (Bool, Int64)
  ) {
    var verdicts = Verdicts(words: 2, width: Self.pairs.count)
    verdicts.fill(1, 1 << 6, count: Self.pairs.count)
    verdicts.gather(69, table, row: row, count: Self.pairs.count)
    for (place, (a, b)) in Self.pairs.enumerated() {
      let expected = outcome(a, b)
      #expect(verdicts.word(1, at: place) == 1 << 6 | (expected.0 ? 1 << 5 : 0), "\(a) \(b)")
      #expect(Margin.until(verdicts.length(at: place), at: Self.now) == expected.1, "\(a) \(b)")
    }
  }

  @Test("rows of margins combine as outcomes do, one place like any other")
  func rows() {
    let count = Self.pairs.count
    var table = MarginTable(rows: 3, width: count)
    for (place, (a, b)) in Self.pairs.enumerated() {
      table.set(0, place, margin(a))
      table.set(1, place, margin(b))
    }
    expect(table, row: 0) { a, _ in a }
    table.fill(2, .infinity, count: count)
    table.lower(2, to: 0, count: count)
    table.lower(2, to: 1, count: count)
    expect(table, row: 2) { combined([$0, $1], deciding: false) }
    table.fill(2, -.infinity, count: count)
    table.raise(2, to: 0, count: count)
    table.raise(2, to: 1, count: count)
    expect(table, row: 2) { combined([$0, $1], deciding: true) }
    table.negate(2, 1, count: count)
    expect(table, row: 2) { _, b in (!b.0, b.1) }
  }

  @Test("a row of groups is for all others what it is by default", arguments: [true, false])
  func rowsOfGroups(holdsByDefault: Bool) {
    let count = Self.pairs.count
    var table = MarginTable(rows: 3, width: count)
    var groups = ScratchList<DigestChunk.Group>()
    // Every third one has a group, behind one of another run.
    groups.append(DigestChunk.Group(profile: 0, start: 0))
    var run = DigestChunk.Run(start: 1, count: 0)
    for (place, (a, b)) in Self.pairs.enumerated() {
      table.set(0, place, margin(a))
      if !place.isMultiple(of: 3) { continue }
      table.set(1, run.count, margin(b))
      groups.append(DigestChunk.Group(profile: Int32(place), start: 0))
      run.count += 1
    }
    let all = Self.pairs.map { "\($0)" }
    func part(_ a: (Bool, Int64), _ b: (Bool, Int64)) -> (Bool, Int64) {
      let place = all.firstIndex(of: "\((a, b))") ?? 0
      return place.isMultiple(of: 3) ? b : (holdsByDefault, .max)
    }
    table.fill(2, .infinity, count: count)
    table.lower(2, to: 0, count: count)
    table.lower(2, to: 1, holdsByDefault, count: count, of: groups, run)
    expect(table, row: 2) { combined([$0, part($0, $1)], deciding: false) }
    table.fill(2, -.infinity, count: count)
    table.raise(2, to: 0, count: count)
    table.raise(2, to: 1, holdsByDefault, count: count, of: groups, run)
    expect(table, row: 2) { combined([$0, part($0, $1)], deciding: true) }
    var verdicts = Verdicts(words: 1, width: count)
    verdicts.fill(0, holdsByDefault ? 1 << 63 : 0, count: count)
    verdicts.gather(63, table, row: 1, of: groups, run)
    for (place, (a, b)) in Self.pairs.enumerated() {
      let expected = part(a, b)
      #expect(verdicts.word(0, at: place) == (expected.0 ? 1 << 63 : 0))
      #expect(Margin.until(verdicts.length(at: place), at: Self.now) == expected.1)
    }
  }

  @Test("of some rows the bits are of each, and the length is of the first that turns")
  func gathered() {
    var table = MarginTable(rows: 2, width: 1)
    var verdicts = Verdicts(words: 1, width: 1)
    #expect(Margin.until(verdicts.length(at: 0), at: Self.now) == .max)
    table.set(0, 0, margin((false, 2000)))
    table.set(1, 0, margin((true, 1500)))
    verdicts.gather(63, table, row: 0, count: 1)
    verdicts.gather(0, table, row: 1, count: 1)
    #expect(verdicts.word(0, at: 0) == 1)
    #expect(Margin.until(verdicts.length(at: 0), at: Self.now) == 1500)
    verdicts.clearLengths(count: 1)
    #expect(Margin.until(verdicts.length(at: 0), at: Self.now) == .max)
  }
}
