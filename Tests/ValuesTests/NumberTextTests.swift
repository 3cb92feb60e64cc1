import Foundation
import Testing
import Values

/// A number's text form is what ECMAScript prints.
@Suite struct NumberTextTests {
  /// Results of `String(x)` in V8.
  static let printed: [(Double, String)] = [
    (0, "0"), (-0.0, "0"), (42, "42"), (-1, "-1"), (0.1, "0.1"), (0.1 + 0.2, "0.30000000000000004"),
    (1.0 / 3, "0.3333333333333333"), (2.0 / 3, "0.6666666666666666"), (-1.5, "-1.5"),
    (99.99, "99.99"), (14.64, "14.64"), (9.995, "9.995"), (1.005, "1.005"), (4.35, "4.35"),
    (1_234_567.01, "1234567.01"), (1_234_567_890.125, "1234567890.125"),
    (90_071_992_547_409.91, "90071992547409.9"), (4_294_967_296.5, "4294967296.5"),
    (1.0000000000000002, "1.0000000000000002"), (4_503_599_627_370_495.5, "4503599627370495.5"),
    // Whole numbers: plain digits up to 10^21, the ones past the precision filled with zeros.
    (1e15, "1000000000000000"), (1e16, "10000000000000000"), (1e17, "100000000000000000"),
    (9_007_199_254_740_991, "9007199254740991"), (9_007_199_254_740_992, "9007199254740992"),
    (9_007_199_254_740_993.0, "9007199254740992"), (9_007_199_254_740_994, "9007199254740994"),
    (-9_007_199_254_740_992, "-9007199254740992"), (18_014_398_509_481_984, "18014398509481984"),
    (18_014_398_509_481_988, "18014398509481988"), (36_028_797_018_963_968, "36028797018963970"),
    (9_223_372_036_854_775_808, "9223372036854776000"),
    (18_446_744_073_709_551_616, "18446744073709552000"),
    (1.2345678901234568e20, "123456789012345680000"), (1e20, "100000000000000000000"),
    (9.999999999999999e20, "999999999999999900000"),
    // From there on, and below 10^-6, with an exponent.
    (999_999_999_999_999_999_999.0, "1e+21"), (1e21, "1e+21"), (-1e21, "-1e+21"),
    (1.5e21, "1.5e+21"), (1_180_591_620_717_411_303_424, "1.1805916207174113e+21"),
    (1e22, "1e+22"), (1e23, "1e+23"), (8.41e21, "8.41e+21"), (1e300, "1e+300"),
    (1.7976931348623157e308, "1.7976931348623157e+308"), (0.000_001, "0.000001"),
    (0.000_001_2, "0.0000012"), (0.000_012, "0.000012"), (0.000_035, "0.000035"),
    (0.00001, "0.00001"), (0.0000125, "0.0000125"), (-0.000_012_34, "-0.00001234"),
    (1e-7, "1e-7"), (1.2e-7, "1.2e-7"), (9.5e-7, "9.5e-7"), (1.23e-18, "1.23e-18"),
    (1.1e-300, "1.1e-300"), (2.2250738585072014e-308, "2.2250738585072014e-308"),
    (Double.leastNormalMagnitude.nextDown, "2.225073858507201e-308"),
    (Double.leastNormalMagnitude / 4, "5.562684646268003e-309"),
    (4 * Double.leastNonzeroMagnitude, "2e-323"), (3 * Double.leastNonzeroMagnitude, "1.5e-323"),
    (2 * Double.leastNonzeroMagnitude, "1e-323"), (Double.leastNonzeroMagnitude, "5e-324"),
    (-Double.leastNonzeroMagnitude, "-5e-324"),
    (.infinity, "Infinity"), (-.infinity, "-Infinity"), (.nan, "NaN"),
  ]

  @Test("a number prints as ECMAScript has it", arguments: printed)
  func prints(_ number: Double, _ text: String) {
    #expect(number.textForm == text)
  }

  @Test("a text form reads back as its number, and no shorter one would")
  func shortest() {
    var generator = SeededGenerator(seed: 2)
    for _ in 0..<20_000 {
      let number = generator.anyDouble()
      let text = number.textForm
      #expect(strtod(text, nil) == number)
      let digits = text.prefix { $0 != "e" }.filter(\.isWholeNumber)
      let significant = Substring(digits.drop { $0 == "0" }.reversed()).drop { $0 == "0" }.count
      guard significant > 1 else { continue }
      let shorter = String(format: "%.\(significant - 2)e", number)
      #expect(strtod(shorter, nil) != number, "\(text) could be \(shorter)")
    }
  }

  @Test("amounts of money print with the digits that they were written with")
  func money() {
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<20_000 {
      let cents = Int.random(in: -9_999_999_999_999...9_999_999_999_999, using: &generator)
      let magnitude = String(cents.magnitude)
      let padded = String(repeating: "0", count: max(0, 3 - magnitude.count)) + magnitude
      var text = padded.dropLast(2) + "." + padded.suffix(2)
      while text.last == "0" { text.removeLast() }
      if text.last == "." { text.removeLast() }
      if cents < 0 { text = "-" + text }
      #expect((Double(cents) / 100).textForm == text)
    }
  }
}
