import Testing

@testable import Oracle

@Suite struct WindowTests {
  let two = OracleDuration(2, .hour)
  let four = OracleDuration(4, .hour)

  /// How many of the events at these offsets from noon are kept.
  func kept(_ filters: [OracleFilter], _ offsets: Int64...) -> [Bool] {
    offsets.map { offset in
      count(OracleStream("A", filters), [track("A", noon + offset)]) == 1
    }
  }

  @Test func `an event counts from its own instant on`() {
    #expect(kept([], 0, 1, -1) == [true, false, true])
    let calls = [track("A", noon + 1)]
    #expect(count(OracleStream("A"), calls, at: noon) == 0)
    #expect(count(OracleStream("A"), calls, at: noon + 1) == 1)
  }

  @Test func `within includes both ends`() {
    let filters = [OracleFilter.within(two)]
    #expect(kept(filters, -2 * hour - 1, -2 * hour, 0, 1) == [false, true, true, false])
  }

  @Test func `between includes both ends, whichever is written first`() {
    for filters in [[OracleFilter.between(two, four)], [.between(four, two)]] {
      #expect(kept(filters, -4 * hour - 1, -4 * hour, -2 * hour) == [false, true, true])
      #expect(kept(filters, -2 * hour + 1, 0) == [false, false])
    }
  }

  /// How many parents at noon minus ten hours have a child at these offsets from them.
  func parents(_ filters: [OracleFilter], _ offsets: Int64...) -> [Bool] {
    offsets.map { offset in
      let start = noon - 10 * hour
      let child = OracleCondition.compare(
        .reduced(OracleStream("B", filters), .count), .relation(.equal, .literal(.number(1))))
      let calls = [track("A", start), track("B", start + offset)]
      return count(OracleStream("A", [.where(child)]), calls) == 1
    }
  }

  @Test func `a nested event is strictly later than its parent`() {
    #expect(parents([], -1, 0, 1, 10 * hour, 10 * hour + 1) == [false, false, true, true, false])
  }

  @Test func `within a parent's window`() {
    let filters = [OracleFilter.withinParent(two)]
    #expect(
      parents(filters, -1, 0, 1, 2 * hour, 2 * hour + 1) == [false, false, true, true, false])
  }

  @Test func `between two ends of a parent's window`() {
    for filters in [[OracleFilter.betweenParent(two, four)], [.betweenParent(four, two)]] {
      #expect(parents(filters, 2 * hour - 1, 2 * hour) == [false, true])
      #expect(parents(filters, 4 * hour, 4 * hour + 1) == [true, false])
    }
    let zero = [OracleFilter.betweenParent(OracleDuration(0, .hour), two)]
    #expect(parents(zero, 0, 1) == [false, true])
  }

  @Test func `a window inside where is measured from now`() {
    #expect(parents([.within(two)], 8 * hour - 1, 8 * hour, 10 * hour) == [false, true, true])
  }

  @Test func `parents count once for each of them`() {
    let child = some("B", .withinParent(two))
    let calls = [
      track("A", noon - 5 * hour), track("A", noon - 4 * hour), track("B", noon - 4 * hour + 1),
      track("A", noon - 3 * hour),
    ]
    #expect(count(OracleStream("A", [.where(child)]), calls) == 2)
    #expect(count(OracleStream("A", [.where(.not(child))]), calls) == 1)
  }

  @Test func `a deeper event sees its own parent`() {
    let inner = OracleCondition.compare(
      .field(property("x")), .relation(.equal, .field(OracleField(.parentProperty, "x"))))
    let middle = some("C", .withinParent(two), .where(inner))
    let outer = some("B", .where(middle))
    let calls = [
      track("A", noon - 9 * hour, ["x": 3]), track("B", noon - 5 * hour, ["x": 1]),
      track("C", noon - 4 * hour, ["x": 1]),
    ]
    #expect(count(OracleStream("A", [.where(outer)]), calls) == 1)
    var other = calls
    other[2].properties = ["x": 3]
    #expect(count(OracleStream("A", [.where(outer)]), other) == 0)
    var late = calls
    late[2].timestamp = noon - 3 * hour + 1
    #expect(count(OracleStream("A", [.where(outer)]), late) == 0)
  }

  @Test func `a nested reducer may read the parent`() {
    let sum = OracleScalar.reduced(
      OracleStream("B"), .sum(OracleField(.parentProperty, "x")))
    let condition = OracleCondition.compare(sum, .relation(.equal, .literal(.number(6))))
    let calls = [track("A", noon - 2, ["x": 3]), track("B", noon - 1), track("B", noon)]
    #expect(count(OracleStream("A", [.where(condition)]), calls) == 1)
  }

  /// The sum of 1, 2, 4, … over the events kept, so that it tells which they are.
  func session(_ filters: [OracleFilter], _ offsets: Int64..., at now: Int64 = noon) -> OracleValue
  {
    let calls = offsets.enumerated().map { index, offset in
      track(
        "A", noon + offset, ["x": .number(Double(1 << index)), "odd": .boolean(index % 2 == 0)])
    }
    return value(.reduced(OracleStream("A", filters), .sum(property("x"))), calls, at: now)
  }

  @Test func `a session is the run of close neighbours that ends with the last event`() {
    let filters = [OracleFilter.expiresAfter(two)]
    #expect(session(filters, -7 * hour, -4 * hour, -2 * hour, 0) == 14)
    #expect(session(filters, -4 * hour - 1, -2 * hour, 0) == 6)
    #expect(session(filters, -4 * hour, -2 * hour) == 3)
    #expect(session(filters, -4 * hour, -2 * hour - 1) == nil)
    #expect(session(filters, -2 * hour, at: noon + 1) == nil)
    #expect(session(filters, 0, 0, 1) == 3)
    #expect(session(filters, -hour, hour) == 1)
    #expect(session(filters, -hour, hour, at: noon + hour) == 3)
  }

  @Test func `only the filters to its left change a session`() {
    let odd = OracleFilter.where(
      .compare(.field(property("odd")), .relation(.equal, .literal(.boolean(true)))))
    let session = OracleFilter.expiresAfter(two)
    // Events 1 and 4 are odd, and too far apart without 2.
    #expect(self.session([odd, session], -4 * hour, -2 * hour, -hour) == 4)
    #expect(self.session([session, odd], -4 * hour, -2 * hour, -hour) == 5)
    #expect(self.session([.within(two), session], -4 * hour, -2 * hour, -hour) == 6)
  }

  @Test func `a day is 24 hours`() {
    #expect(OracleDuration(1, .day).milliseconds == 24 * hour)
    #expect(OracleDuration(2, .week).milliseconds == 14 * day)
    #expect(OracleDuration(3, .minute).milliseconds == 180_000)
    #expect(OracleDuration(3, .second).milliseconds == 3000)
  }

  @Test func `boundaries hold every instant of change`() {
    let calls = numbered([
      track("A", noon - hour, ["due": "2026-03-10T15:00Z"]), track("A", noon + 5),
    ])
    let due = OracleCondition.compare(.field(property("due")), .withinNext(two))
    let body = OracleDefinition.Body.trait(.reduced(OracleStream("A", [.where(due)]), .count))
    let window = OracleDefinition.Body.trait(.reduced(OracleStream("A", [.within(two)]), .count))
    let definitions = [OracleDefinition("due", body), OracleDefinition("window", window)]
    let world = OracleWorld(calls: calls, definitions: definitions)
    func next(_ key: String, _ now: Int64) -> Int64? {
      world.nextChange(of: key, for: .user("u"), after: now)
    }
    #expect(next("due", noon) == noon + hour)
    #expect(next("due", noon + hour) == noon + 3 * hour + 1)
    #expect(next("due", noon + 3 * hour + 1) == nil)
    #expect(next("window", noon) == noon + 5)
    #expect(next("window", noon + 5) == noon + hour + 1)
    #expect(next("window", noon + hour + 1) == noon + 2 * hour + 6)
    #expect(next("window", noon + 2 * hour + 6) == nil)
  }
}
