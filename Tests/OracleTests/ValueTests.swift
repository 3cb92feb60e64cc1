import Testing

@testable import Oracle

@Suite struct ValueTests {
  @Test(
    arguments: [
      ("12", 12), ("-3.5", -3.5), (".20", 0.2), ("1e3", 1000), ("1E+3", 1000), ("1e-3", 0.001),
      ("-.5e1", -5), ("00123", 123), ("50.0", 50), ("0.1", 0.1), ("1e-999", 0), ("-0", 0),
    ] as [(String, Double)])
  func `a string of the numeric form is that number`(text: String, number: Double) {
    #expect(OracleValue.string(text).numeric == number)
  }

  @Test(arguments: [
    "+5", "5.", " 5", "5 ", "inf", "nan", "0x10", "", "-", ".", "e5", "1e", "1e+", "1.2.3", "--1",
    "1e999", "-1e999", "\u{0661}", "\u{FF11}", "1_000", "1,5", "5\n", "-.", "1e1.5", "Infinity",
  ])
  func `any other string is not numeric`(text: String) {
    #expect(OracleValue.string(text).numeric == nil)
  }

  @Test func `booleans, arrays, objects and overflowing numbers are not numeric`() {
    for value: OracleValue in [true, false, [1], ["a": 1], nil, .number(.infinity)] {
      #expect(value.numeric == nil)
    }
    #expect(OracleValue.number(-0.0).numeric == 0)
  }

  @Test(
    arguments: [
      (42, "42"), (1e21, "1e+21"), (-0.0, "0"), (0, "0"), (0.1, "0.1"),
      (1e20, "100000000000000000000"),
      (123_456_789_012_345_683_968, "123456789012345680000"), (1.5e21, "1.5e+21"),
      (1e-6, "0.000001"),
      (1e-7, "1e-7"), (1.5e-7, "1.5e-7"), (-99.5, "-99.5"), (5e300 * 1e8, "Infinity"),
      (-1.5e-10, "-1.5e-10"), (.leastNonzeroMagnitude, "5e-324"), (0.000123, "0.000123"),
      (.greatestFiniteMagnitude, "1.7976931348623157e+308"), (1e16, "10000000000000000"),
      (9_007_199_254_740_992, "9007199254740992"), (0.30000000000000004, "0.30000000000000004"),
      (1e100, "1e+100"), (12345.678, "12345.678"), (-1e21, "-1e+21"), (4.35, "4.35"),
    ] as [(Double, String)])
  func `a number prints as ECMAScript prints it`(number: Double, text: String) {
    #expect(OracleValue.number(number).text == text)
  }

  @Test func `other text forms`() {
    #expect(OracleValue.absent.text == nil)
    #expect(OracleValue.string("").text == "")
    #expect(OracleValue.boolean(true).text == "true")
    #expect(OracleValue.boolean(false).text == "false")
    let object: OracleValue = [
      "b": [42, 1e21, -0.0, nil, true, "é/\u{1F600}"], "a": ["x": "\"\\\n\u{1}\u{7F}\u{2028}"],
    ]
    let expected =
      #"{"b":[42,1e+21,0,null,true,"é/😀"],"a":{"x":"\"\\\n\u0001"#
      + "\u{7F}\u{2028}" + #""}}"#
    #expect(object.text.map { ExactText($0) } == ExactText(expected))
    #expect(OracleValue.array([]).text == "[]")
    #expect(OracleValue.object([]).text == "{}")
  }

  @Test(
    arguments: [
      ("1970-01-01", 0), ("2026-03-10", noon - 12 * hour), ("2026-03-10T12:00", noon),
      ("2026-03-10T12:00Z", noon), ("2026-03-10T12:00:00", noon),
      ("2026-03-10T12:00:00.000Z", noon),
      ("2026-03-10T12:00:01.5", noon + 1500), ("2026-03-10T12:00:00.0019999Z", noon + 1),
      ("2026-03-10T14:00+02:00", noon), ("2026-03-10T14:00:00+0200", noon),
      ("2026-03-10T14:00+02", noon), ("2026-03-10T06:30:00.25-0530", noon + 250),
      ("2026-03-10T06:30-05:30", noon), ("2026-03-11T00:30:00+12:30", noon),
      ("1969-12-31T23:59:59.9999Z", -1), ("2000-02-29", 951_782_400_000),
      ("2024-02-29", 1_709_164_800_000), ("1600-01-01", -11_676_096_000_000),
      ("2023-08-25T02:00:00-07:00", 1_692_954_000_000),
    ] as [(String, Int64)])
  func `a text of the date form is an instant`(text: String, instant: Int64) {
    #expect(OracleValue.string(text).instant == instant)
  }

  @Test(arguments: [
    "2026-02-30", "2026-02-29", "1900-02-29", "2026-13-01", "2026-00-01", "2026-01-00",
    "2026-04-31", "2026-03-10T24:00", "2026-03-10T12:60", "2026-03-10T12:00:60", "2026-3-10",
    "2026-03-10T12", "2026-03-10 12:00", "2026-03-10t12:00", "2026-03-10T12:00z", "2026-03-10T",
    "2026-03-10T12:00:00.", "2026-03-10T12:00:00.Z", " 2026-03-10", "2026-03-10 ", "20260310",
    "2026-03-10T12:00+2", "2026-03-10T12:00+02:", "2026-03-10T12:00+02:60", "2026-03-10T12:00+24",
    "2026-03-10T12:00Z1", "soon", "", "26-03-10", "+2026-03-10", "2026-03-10T12:00:00,5",
    "2026-03-10T12:00+020", "\u{0662}026-03-10", "2026-03-10T12:00.5", "2026-03-10T1200",
  ])
  func `nothing else is a date`(text: String) {
    #expect(OracleValue.string(text).instant == nil)
  }

  @Test func `a number is not a date`() {
    #expect(OracleValue.number(20_260_310).instant == nil)
  }

  @Test func `instants print with milliseconds`() {
    #expect(OracleDate.text(of: noon + 7) == "2026-03-10T12:00:00.007Z")
    #expect(OracleDate.text(of: -1) == "1969-12-31T23:59:59.999Z")
    #expect(OracleDate.text(of: 951_782_400_000) == "2000-02-29T00:00:00.000Z")
    for instant in stride(from: -70_000 * day, to: 70_000 * day, by: Int(day * 13 + 12_345_678)) {
      #expect(OracleDate.instant(of: OracleDate.text(of: instant)) == instant)
    }
  }

  @Test func `sums and averages are exact before they are rounded`() {
    func sum(_ numbers: Double...) -> Double? { OracleDecimal.quotient(ofSum: numbers, by: 1) }
    func avg(_ numbers: Double...) -> Double? {
      OracleDecimal.quotient(ofSum: numbers, by: numbers.count)
    }
    #expect(sum(0.1, 0.2) == 0.3)
    #expect(sum(1e21, 0.1, -1e21) == 0.1)
    #expect(sum(1e308, 1e308) == nil)
    #expect(sum(-1e308, -1e308) == nil)
    #expect(sum(1e308, 1e308, -1e308) == 1e308)
    #expect(avg(1e308, 1e308) == 1e308)
    #expect(sum(0.1, -0.1) == 0)
    #expect(sum(-0.0) == 0)
    #expect(avg(1, 2) == 1.5)
    #expect(avg(1, 1, 2) == 4.0 / 3)
    #expect(avg(0.1, 0.2) == 0.15)
    #expect(avg(0, 0, 1) == 1.0 / 3)
    #expect(avg(0, 0, -1) == -1.0 / 3)
    #expect(sum(.leastNonzeroMagnitude, .leastNonzeroMagnitude) == 2 * .leastNonzeroMagnitude)
    // Half of the decimal 5e-324 is more than half of the double, which is below 4.95e-324.
    #expect(avg(.leastNonzeroMagnitude, 0) == .leastNonzeroMagnitude)
    #expect(avg(.leastNonzeroMagnitude, 0, 0) == 0)
    #expect(avg(.leastNonzeroMagnitude, .leastNonzeroMagnitude, 0) == .leastNonzeroMagnitude)
    #expect(sum(9_007_199_254_740_992, 1) == 9_007_199_254_740_992)
    #expect(sum(9_007_199_254_740_992, 3) == 9_007_199_254_740_996)
    #expect(sum(9_007_199_254_740_992, 1, 0.1) == 9_007_199_254_740_994)
  }

  @Test func `the nearest double of one decimal is the double itself`() {
    var random = OracleRandom(seed: 7)
    for _ in 0..<2000 {
      let number = Double(bitPattern: random.next())
      guard number.isFinite else { continue }
      #expect(OracleDecimal.quotient(ofSum: [number], by: 1) == number)
      let whole = Double(random.int(in: -1_000_000...1_000_000))
      let other = Double(random.int(in: 1...1000))
      let many = [whole] + Array(repeating: 0, count: Int(other) - 1)
      #expect(OracleDecimal.quotient(ofSum: many, by: Int(other)) == whole / other)
    }
  }
}
