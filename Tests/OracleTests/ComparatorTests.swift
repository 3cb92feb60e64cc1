import Testing

@testable import Oracle

@Suite struct ComparatorTests {
  static let texts: [OracleValue] = ["", "a", true, 0, [], ["k": nil]]

  @Test(
    arguments: [
      (true, .string("true"), true), (50, .string("50.0"), true), ("00123", .string("123"), false),
      ("00123", .number(123), true), ("50.0", .number(50), true), (".20", .number(0.2), true),
      ("50", .string("50.0"), false), (1, .boolean(true), false), (true, .number(1), false),
      (false, .string("false"), true), ("True", .boolean(true), false), ("a", .string("A"), false),
      ("", .string(""), true), (nil, .string(""), false), (nil, .string("null"), false),
      (-0.0, .number(0), true), (0, .string("-0"), true), (1e21, .string("1e+21"), true),
      (1e21, .string("1000000000000000000000"), true), ([1, "a"], .string(#"[1,"a"]"#), true),
      (["b": 1, "a": 2], .string(#"{"b":1,"a":2}"#), true),
      (["b": 1, "a": 2], .string(#"{"a":2,"b":1}"#), false),
      ("\u{E9}", .string("\u{E9}"), true), ("\u{E9}", .string("e\u{301}"), false),
      ("2026-03-10", .string("2026-03-10T00:00:00Z"), false),
      ("2026-03-10", .date("2026-03-10"), true),
      (0.1, .string(".1"), true), (.number(.infinity), .number(5), false),
      ("9007199254740993", .number(9_007_199_254_740_992), true),
    ] as [(OracleValue, OracleLiteral, Bool)])
  func `equality`(value: OracleValue, literal: OracleLiteral, expected: Bool) {
    #expect(passes(value, .relation(.equal, .literal(literal))) == expected)
    #expect(
      passes(value, .relation(.notEqual, .literal(literal))) == (value.isPresent && !expected))
    #expect(passes(value, .oneOf([.string("zzz"), literal])) == expected)
    #expect(passes(value, .noneOf([.string("zzz"), literal])) == (value.isPresent && !expected))
  }

  @Test(
    arguments: [
      (3, .number(2), 1), ("3", .string("2"), 1), ("10", .string("9"), 1), (2, .string("2.0"), 0),
      (-1, .number(1e-7), -1), (".5", .number(0.5), 0), ("b", .string("a"), nil),
      (true, .number(0), nil),
      ("2026-03-10", .string("2026-03-10T00:00:00Z"), 0), ("2026-03-11", .date("2026-03-10"), 1),
      ("2026-03-10T01:00+02:00", .string("2026-03-10"), -1), ("2026", .string("2026-03-10"), nil),
      (nil, .number(1), nil), ([3], .number(2), nil), ("2026-02-30", .string("2026-03-10"), nil),
      (.number(.infinity), .number(1), nil),
    ] as [(OracleValue, OracleLiteral, Int?)])
  func `order`(value: OracleValue, literal: OracleLiteral, expected: Int?) {
    func passes(_ relation: OracleTest.Relation) -> Bool {
      OracleTests.passes(value, .relation(relation, .literal(literal)))
    }
    #expect(passes(.greater) == (expected == 1))
    #expect(passes(.atLeast) == (expected == 1 || expected == 0))
    #expect(passes(.less) == (expected == -1))
    #expect(passes(.atMost) == (expected == -1 || expected == 0))
  }

  @Test func `exists and absent`() {
    for value in Self.texts {
      #expect(passes(value, .exists))
      #expect(!passes(value, .absent))
    }
    #expect(!passes(nil, .exists))
    #expect(passes(nil, .absent))
    #expect(passes(.number(.infinity), .exists))
  }

  @Test func `contains and omits`() {
    let cases: [(OracleValue, [OracleLiteral], Bool)] = [
      ("/user/1", [.string("/user/")], true), ("abc", [.string("x"), .string("c")], true),
      ("abc", [.string("C")], false), ("abc", [.string("")], true), ("", [.string("")], true),
      (150, [.number(50)], true), (150, [.string("5")], true), (true, [.string("ru")], true),
      (1.5, [.string(".")], true), (["red", 1], [.string(#""red""#)], true),
      (nil, [.string("")], false),
      ("e\u{301}", [.string("e")], true), ("e\u{301}", [.string("\u{301}")], true),
      ("\u{E9}", [.string("e")], false), ("\u{E9}", [.string("e\u{301}")], false),
      ("a\r\nb", [.string("\n")], true), ("50", [.number(50.0)], true),
      ("aab", [.string("ab")], true),
    ]
    for (value, list, expected) in cases {
      #expect(passes(value, .contains(list)) == expected, "\(value) contains \(list)")
      #expect(passes(value, .omits(list)) == !expected, "\(value) omits \(list)")
    }
  }

  @Test func `starts and ends`() {
    #expect(passes("abc", .startsWith(.string("ab"))))
    #expect(!passes("abc", .startsWith(.string("b"))))
    #expect(passes("abc", .endsWith(.string("bc"))))
    #expect(!passes("abc", .endsWith(.string("ab"))))
    #expect(passes("", .startsWith(.string(""))))
    #expect(!passes(nil, .startsWith(.string(""))))
    #expect(!passes(nil, .endsWith(.string(""))))
    #expect(passes(150, .startsWith(.number(15))))
    #expect(passes(150, .endsWith(.string("0"))))
    #expect(passes("e\u{301}", .startsWith(.string("e"))))
    #expect(passes("e\u{301}", .endsWith(.string("\u{301}"))))
    #expect(!passes("\u{E9}", .startsWith(.string("e"))))
    #expect(!passes("b", .endsWith(.string("ab"))))
  }

  @Test func `dates before and after another`() {
    let midnight = OracleScalar.literal(.string("2026-03-10"))
    #expect(passes("2026-03-09T23:59:59.999", .beforeDate(midnight)))
    #expect(!passes("2026-03-10T00:00Z", .beforeDate(midnight)))
    #expect(!passes("2026-03-10T00:00Z", .afterDate(midnight)))
    #expect(passes("2026-03-10T00:00:00.001Z", .afterDate(midnight)))
    #expect(passes("2026-03-09", .beforeDate(.literal(.date("2026-03-10T00:00+01:00")))))
    #expect(!passes("soon", .beforeDate(midnight)))
    #expect(!passes(1, .beforeDate(midnight)))
    #expect(!passes(nil, .afterDate(midnight)))
    #expect(!passes("2026-03-10", .beforeDate(.literal(.string("later")))))
  }

  @Test func `dates around now`() {
    let two = OracleDuration(2, .hour)
    let rows: [(Int64, last: Bool, next: Bool, beforeLast: Bool, afterNext: Bool)] = [
      (-2 * hour - 1, false, false, true, false), (-2 * hour, true, false, true, false),
      (-1, true, false, false, false), (0, true, true, false, false),
      (1, false, true, false, false),
      (2 * hour, false, true, false, true), (2 * hour + 1, false, false, false, true),
    ]
    for (offset, last, next, beforeLast, afterNext) in rows {
      let value = OracleValue.string(OracleDate.text(of: noon + offset))
      #expect(passes(value, .withinLast(two)) == last)
      #expect(passes(value, .withinNext(two)) == next)
      #expect(passes(value, .beforeLast(two)) == beforeLast)
      #expect(passes(value, .afterNext(two)) == afterNext)
    }
    #expect(!passes("soon", .beforeLast(two)))
    #expect(!passes(nil, .afterNext(two)))
  }

  @Test func `logic is two-valued`() {
    let x = OracleScalar.field(property("x"))
    let isOne = OracleCondition.compare(x, .relation(.equal, .literal(.number(1))))
    let isNotOne = OracleCondition.compare(x, .relation(.notEqual, .literal(.number(1))))
    let calls = [track("A", noon, ["x": 1]), track("A", noon, ["x": 2]), track("A", noon)]
    #expect(count(OracleStream("A", [.where(isOne)]), calls) == 1)
    #expect(count(OracleStream("A", [.where(isNotOne)]), calls) == 1)
    #expect(count(OracleStream("A", [.where(.not(isOne))]), calls) == 2)
    #expect(count(OracleStream("A", [.where(.not(isNotOne))]), calls) == 2)
    #expect(count(OracleStream("A", [.where(.and([isOne, isNotOne]))]), calls) == 0)
    #expect(count(OracleStream("A", [.where(.or([isOne, isNotOne]))]), calls) == 2)
  }

  @Test func `a literal may stand on the left`() {
    let x = OracleScalar.field(property("x"))
    let calls = [track("A", noon, ["x": 3])]
    let condition = OracleCondition.compare(.literal(.number(2)), .relation(.less, x))
    #expect(count(OracleStream("A", [.where(condition)]), calls) == 1)
    #expect(holds(.compare(.literal(.string("abc")), .contains([.string("b")])), []))
  }
}
