import Foundation
import Testing
import Values

/// Decimal texts become the nearest double, whichever way they are written.
@Suite struct DecimalTests {
  private static func double(_ text: String) -> Double {
    let bytes = Array(text.utf8)
    return Double(decimal: bytes.span, 0..<bytes.count)
  }

  private static func isSame(_ a: Double, _ b: Double) -> Bool { a.bitPattern == b.bitPattern }

  @Test("random decimals of every length and size are read as strtod reads them")
  func againstStrtod() {
    var generator = SeededGenerator(seed: 4)
    for _ in 0..<50_000 {
      var text = Bool.random(using: &generator) ? "-" : ""
      text += generator.digits(Bool.random(using: &generator) ? 1...6 : 1...30)
      if Bool.random(using: &generator) { text += "." + generator.digits(1...30) }
      if Bool.random(using: &generator) {
        let wide = Int.random(in: 0..<4, using: &generator) == 0
        let exponent = Int.random(in: wide ? -400...400 : -25...25, using: &generator)
        text += exponent < 0 || Bool.random(using: &generator) ? "e\(exponent)" : "E+\(exponent)"
      }
      #expect(Self.isSame(Self.double(text), strtod(text, nil)), "\(text)")
      let number = strtod(text, nil)
      #expect(text.numericForm == (number.isFinite ? number : nil), "\(text)")
    }
  }

  @Test("the exact decimals of doubles and the points half-way between two are rounded right")
  func halfWays() {
    var generator = SeededGenerator(seed: 5)
    for _ in 0..<500 {
      let number = generator.anyDouble()
      let exact = String(format: "%.1100e", number)
      #expect(Self.isSame(Self.double(exact), number))
    }
    #expect(Self.double("9007199254740993") == 9_007_199_254_740_992)
    #expect(Self.double("9007199254740995") == 9_007_199_254_740_996)
    #expect(Self.double("9007199254740993.0000000000000000000000000001") == 9_007_199_254_740_994)
    #expect(Self.double("2.4703282292062327e-324") == 0)
    #expect(Self.double("2.4703282292062328e-324") == Double.leastNonzeroMagnitude)
    #expect(Self.double("1.7976931348623158e308") == .greatestFiniteMagnitude)
    #expect(Self.double("1.7976931348623159e308") == .infinity)
  }

  @Test("the sign of zero is kept, and every double that was printed reads back")
  func roundTrip() {
    #expect(Self.isSame(Self.double("-0"), -0.0))
    #expect(Self.isSame(Self.double("-0.000e10"), -0.0))
    #expect(Self.isSame(Self.double("-1e-400"), -0.0))
    var generator = SeededGenerator(seed: 6)
    for _ in 0..<20_000 {
      let number = generator.anyDouble()
      #expect(Self.isSame(Self.double("\(number)"), number))
    }
  }

  @Test(
    "a string is numeric when all of it has the form of language.md section 3",
    arguments: [
      ("0", 0), ("12", 12), ("-3.5", -3.5), (".20", 0.2), ("-.5", -0.5), ("1e3", 1000),
      ("1E3", 1000), ("1e+3", 1000), ("1e-3", 0.001), (".5e1", 5), ("00123", 123),
      ("-007.50", -7.5),
      ("-0", 0), ("1.7976931348623157e308", 1.7976931348623157e308), ("1e-999", 0),
      ("5e-324", Double.leastNonzeroMagnitude),
      ("1e00000000000000000000000000003", 1000), ("0e99999999999999999999", 0),
    ])
  func numeric(_ text: String, _ number: Double) {
    #expect(text.numericForm == number)
    #expect(Value.string(text).numeric == number)
  }

  @Test(
    "a string of any other form is not",
    arguments: [
      "", " ", "+5", "5.", "-", ".", "-.", "e5", ".e5", "1e", "1e+", "1.e5", "1 ", " 1", "1\n",
      "1_000",
      "1,000", "0x10", "1f", "inf", "-inf", "infinity", "nan", "NaN", "--1", "1-", "1.2.3", "1e5.0",
      "1e5e5", "½", "٣", "１２", "1\u{301}", "1\u{0}", "−1", "1e999", "-1e999", "$5", "5%", "true",
    ])
  func notNumeric(_ text: String) {
    #expect(text.numericForm == nil)
    #expect(Value.string(text).numeric == nil)
  }

  @Test("how long a numeric string is does not matter")
  func longTexts() {
    let zeros = String(repeating: "0", count: 10_000)
    #expect((zeros + "7").numericForm == 7)
    #expect(("0." + zeros + "7").numericForm == 0)
    #expect(("1" + zeros + "e-10000").numericForm == 1)
    #expect(("1" + zeros).numericForm == nil)
    #expect(("0." + zeros + "7e10001").numericForm == 7)
    // An exponent too long to be counted is still weighed against all the digits before it.
    let manyZeros = String(repeating: zeros, count: 10)
    #expect(("0." + manyZeros + "7e1000000").numericForm == nil)
    #expect((manyZeros + "7e-1000000").numericForm == 0)
  }

  @Test("neither a boolean nor a list is numeric, nor is a number past the range of a double")
  func otherValues() {
    for value: Value in [
      .boolean(true), .absent, .array([.number(1)]), .object([]), .number(.infinity), .number(.nan),
    ] {
      #expect(value.numeric == nil)
    }
    #expect(Value.number(1.5).numeric == 1.5)
  }
}
