import Testing

@testable import Oracle

@Suite struct PathTests {
  let one: OracleValue = [
    "a": ["b": 1], "a.b": 2, "list": [1, nil, "2", ["k": 3], [4, 5]], "none": nil,
    "items": [["price": 5], ["price": nil], ["price": 7], "x"], "empty": [],
  ]

  func first(_ keys: String...) -> OracleValue {
    let steps = keys.map { $0 == "$" ? OracleStep.each : .key($0) }
    return value(
      .reduced(OracleStream("A"), .first(OracleField(.property, steps))), [track("A", noon, one)])
  }

  func texts(_ keys: String...) -> OracleValue {
    let steps = keys.map { $0 == "$" ? OracleStep.each : .key($0) }
    return value(
      .reduced(OracleStream("A"), .unique(OracleField(.property, steps))), [track("A", noon, one)])
  }

  @Test func `a dot walks into objects only`() {
    #expect(first("a", "b") == 1)
    #expect(first("a.b") == 2)
    #expect(first("items", "price") == nil)
    #expect(first("list", "0") == nil)
    #expect(first("none") == nil)
    #expect(first("none", "x") == nil)
    #expect(first("missing") == nil)
    #expect(first("a") == ["b": 1])
  }

  @Test func `a dollar fans out over arrays only`() {
    #expect(texts("items", "$", "price") == ["5", "7"])
    #expect(texts("list", "$") == ["1", "2", "[4,5]", #"{"k":3}"#])
    #expect(texts("list", "$", "$") == ["4", "5"])
    #expect(texts("a", "$") == nil)
    #expect(texts("a.b", "$") == nil)
    #expect(texts("empty", "$") == nil)
    #expect(texts("$") == nil)
  }

  @Test func `a comparator is true when some value satisfies it`() {
    let prices = OracleField(.property, "items", "$", "price")
    func passes(_ test: OracleTest, _ field: OracleField) -> Bool {
      let condition = OracleCondition.compare(.field(field), test)
      return count(OracleStream("A", [.where(condition)]), [track("A", noon, one)]) == 1
    }
    func relation(_ relation: OracleTest.Relation, _ number: Double) -> OracleTest {
      .relation(relation, .literal(.number(number)))
    }
    #expect(passes(relation(.equal, 5), prices))
    #expect(passes(relation(.notEqual, 5), prices))
    #expect(!passes(relation(.equal, 6), prices))
    #expect(passes(relation(.greater, 6), prices))
    #expect(!passes(relation(.greater, 7), prices))
    #expect(passes(.noneOf([.number(5)]), prices))
    #expect(!passes(.noneOf([.number(5), .number(7)]), prices))
    #expect(passes(.exists, prices))
    #expect(!passes(.absent, prices))
    #expect(!passes(.omits([.string("5")]), prices))
    #expect(passes(.omits([.string("6")]), prices))
    let none = OracleField(.property, "empty", "$")
    #expect(!passes(.exists, none))
    #expect(passes(.absent, none))
    #expect(passes(.omits([.string("6")]), none))
    #expect(!passes(relation(.notEqual, 5), none))
    let both = OracleTest.relation(.equal, .field(OracleField(.property, "list", "$", "k")))
    #expect(!passes(both, prices))
    #expect(passes(.relation(.less, .field(prices)), prices))
  }

  @Test func `an event with a dollar in its where counts once`() {
    let prices = OracleField(.property, "items", "$", "price")
    let condition = OracleCondition.compare(
      .field(prices), .relation(.greater, .literal(.number(0))))
    #expect(count(OracleStream("A", [.where(condition)]), [track("A", noon, one)]) == 1)
  }

  @Test func `a computed trait that is a bare dollar path is an array`() {
    let calls = [identify(noon, ["items": [["p": 1], ["p": "x"], [:]], "one": ["p": 3]])]
    #expect(value(.field(trait("items", "$", "p")), calls) == [1, "x"])
    #expect(value(.field(trait("one", "$", "p")), calls) == nil)
    #expect(value(.field(trait("one", "p")), calls) == 3)
    #expect(value(.field(trait("items")), calls) == [["p": 1], ["p": "x"], [:]])
  }
}
