import Testing

@testable import Oracle

@Suite struct ReducerTests {
  let x = property("x")

  func reduced(_ reducer: OracleReducer, _ values: OracleValue...) -> OracleValue {
    let calls = values.enumerated().map { index, value in
      track("A", noon - 100 + Int64(index), ["x": value])
    }
    return value(.reduced(OracleStream("A"), reducer), calls)
  }

  @Test func `count`() {
    #expect(reduced(.count) == 0)
    #expect(reduced(.count, 1, nil, "a") == 3)
  }

  @Test func `sum and avg`() {
    #expect(reduced(.sum(x)) == nil)
    #expect(reduced(.sum(x), "a", true, nil) == nil)
    #expect(reduced(.sum(x), 0.1, 0.2) == 0.3)
    #expect(reduced(.sum(x), 1, "2", "x", true, nil, "3.5", .number(.infinity)) == 6.5)
    #expect(reduced(.sum(x), 1e308, 1e308) == nil)
    #expect(reduced(.avg(x)) == nil)
    #expect(reduced(.avg(x), 1, "2", "x") == 1.5)
    #expect(reduced(.avg(x), 0.1, 0.2, 0.3) == 0.2)
    #expect(reduced(.avg(x), 1e308, 1e308) == 1e308)
  }

  @Test func `min and max`() {
    #expect(reduced(.min(x)) == nil)
    #expect(reduced(.max(x), "a", true) == nil)
    #expect(reduced(.min(x), 10, "9", "a", nil) == 9)
    #expect(reduced(.max(x), 10, "9", "a", nil) == 10)
    #expect(reduced(.min(x, .number), "10", 9) == 9)
    #expect(reduced(.min(x, .string), 10, "9", "a", true) == "10")
    #expect(reduced(.max(x, .string), 10, "9", "a", true) == "true")
    #expect(reduced(.max(x, .string)) == nil)
    #expect(reduced(.max(x, .string), "\u{FF5A}", "\u{1F600}") == "\u{1F600}")
    #expect(reduced(.min(x, .string), "\u{E9}", "e\u{301}") == "e\u{301}")
    #expect(reduced(.min(x, .string), "", "a") == "")
  }

  @Test func `first and last keep the type`() {
    #expect(reduced(.first(x)) == nil)
    #expect(reduced(.first(x), nil, true, "a") == true)
    #expect(reduced(.last(x), true, [1], nil) == [1])
    #expect(reduced(.last(x), nil) == nil)
  }

  @Test func `equal timestamps go by arrival`() {
    let calls = [
      track("A", noon, ["x": 1]), track("A", noon, ["x": 2]), track("A", noon - 1, ["x": 3]),
    ]
    #expect(value(.reduced(OracleStream("A"), .first(x)), calls) == 3)
    #expect(value(.reduced(OracleStream("A"), .last(x)), calls) == 2)
    #expect(value(.reduced(OracleStream("A"), .first(x)), Array(calls.prefix(2))) == 1)
  }

  @Test func `mode`() {
    #expect(reduced(.mode(x)) == nil)
    #expect(reduced(.mode(x), "a", "b") == nil)
    #expect(reduced(.mode(x, .plain, 1), "b", "a") == "a")
    #expect(reduced(.mode(x), "b", "a", "b", "a", "c") == "a")
    #expect(reduced(.mode(x), "b", "b", "a", "b", "a") == "b")
    #expect(reduced(.mode(x, .plain, 3), "b", "b", "a") == nil)
    #expect(reduced(.mode(x), 50, "50", "50.0") == "50")
    #expect(reduced(.mode(x, .number), 50, "50") == "50")
    #expect(reduced(.mode(x, .string), true, "true") == "true")
    #expect(reduced(.mode(x), "\u{E9}", "e\u{301}") == nil)
    #expect(reduced(.mode(x), [1], "[1]") == "[1]")
  }

  @Test func `mode as array takes the array as one value`() {
    let tags = OracleField(.property, "x", "$")
    #expect(reduced(.mode(tags), ["a", "b"], ["a"]) == "a")
    #expect(reduced(.mode(tags, .array), ["a", "b"], ["a", "b"], ["a"]) == #"["a","b"]"#)
    #expect(reduced(.mode(tags, .array), ["a", "b"], ["b", "a"]) == nil)
    let deep = OracleField(.property, "x", "$", "k")
    #expect(reduced(.mode(deep, .array, 1), [["k": 1]]) == #"[{"k":1}]"#)
    #expect(reduced(.mode(tags, .array, 1), "text") == nil)
  }

  @Test func `unique`() {
    #expect(reduced(.unique(x)) == nil)
    #expect(reduced(.uniqueCount(x)) == 0)
    #expect(reduced(.unique(x), "b", "a", "b", 1, "1", nil, true) == ["1", "a", "b", "true"])
    #expect(reduced(.uniqueCount(x), "b", "a", "b", 1, "1", nil, true) == 4)
    #expect(reduced(.unique(x), "\u{E9}", "e\u{301}") == ["e\u{301}", "\u{E9}"])
  }

  @Test func `a reducer takes all the values of all the events in order`() {
    let tags = OracleField(.property, "x", "$")
    #expect(reduced(.sum(tags), [1, 2], ["3", "x"]) == 6)
    #expect(reduced(.first(tags), [nil, 1], [2]) == 1)
    #expect(reduced(.last(tags), [1], [2, 3, nil], []) == 3)
    #expect(reduced(.uniqueCount(tags), [1, 1], [2]) == 2)
  }

  @Test func `reduced streams compare with each other and with literals`() {
    let calls = [track("A", noon, ["x": 60]), track("A", noon, ["x": 50]), track("B", noon)]
    let a = OracleScalar.reduced(OracleStream("A"), .count)
    let b = OracleScalar.reduced(OracleStream("B"), .count)
    #expect(holds(.compare(a, .relation(.greater, b)), calls))
    let sum = OracleScalar.reduced(OracleStream("A"), .sum(x))
    #expect(holds(.compare(sum, .relation(.greater, .literal(.number(100)))), calls))
    #expect(!holds(.compare(sum, .relation(.greater, .literal(.number(110)))), calls))
    #expect(!holds(.compare(sum, .relation(.less, .literal(.number(1)))), []))
  }
}
