import Testing

@testable import Values

/// Sums and averages are exact in the decimals that people wrote, and rounded once.
@Suite struct ExactSumTests {
  private static func sum(_ numbers: [Double]) -> ExactSum {
    var sum = ExactSum()
    for number in numbers { sum.add(number) }
    return sum
  }

  @Test(
    "a sum is what one would work out on paper",
    arguments: [
      ([0.1, 0.2], 0.3), ([0.1, 0.2, -0.3], 0), ([0.1, 0.1, 0.1], 0.3), ([1.1, 2.2], 3.3),
      ([], nil), ([0], 0),
      ([-0.0], 0), ([11.77, 12], 23.77), ([-11.77, 11.77], 0),
      ([Double.leastNonzeroMagnitude], Double.leastNonzeroMagnitude),
      ([1e308, -1e308], 0),
      // What a running double would lose, and what it would lose for ever.
      ([1e16, 1, -1e16], 1), ([1e300, 1, -1e300], 1), ([1e300, 0.1, 0.2, -1e300], 0.3),
      ([1e20, 0.01, -1e20], 0.01), ([1e-300, 1, -1], 1e-300),
      ([Double.leastNonzeroMagnitude, 1e308, -1e308], Double.leastNonzeroMagnitude),
      ([1e308, Double.leastNonzeroMagnitude], 1e308), ([-1e300, -1, 1e300], -1),
      // Half-way between two doubles, below zero and among wide sums.
      ([-1e300, -9_007_199_254_740_992, -3, 1e300], -9_007_199_254_740_996),
      ([-1e300, -9_007_199_254_740_992, -1, 1e300], -9_007_199_254_740_992),

      ([-1e300, -0.1, 1e300, -0.2], -0.3),
      ([1e308, 1e308, -1e308], 1e308), ([-1e308, -1e308, 1e308], -1e308), ([-1e22, -0.5], -1e22),
      ([1.7976931348623157e308, 1e291], 1.7976931348623157e308), ([1e308, 1e308], nil),
      ([-1e308, -1e308], nil),
      ([9_007_199_254_740_992, 1], 9_007_199_254_740_992),
      ([9_007_199_254_740_992, 1, 1], 9_007_199_254_740_994),
      ([9_007_199_254_740_992, 3], 9_007_199_254_740_996),
      ([-9_007_199_254_740_992, -1], -9_007_199_254_740_992),
    ] as [([Double], Double?)])
  func sums(_ numbers: [Double], _ expected: Double?) {
    #expect(Self.sum(numbers).sum == expected)
    #expect(Self.sum(numbers.reversed()).sum == expected)
    #expect(Self.sum(numbers).count == numbers.count)
  }

  @Test(
    "an average is the exact sum divided once",
    arguments: [
      ([0.1, 0.2], 0.15), ([1, 2], 1.5), ([1, 1, 2], 4.0 / 3), ([1e300, 1, -1e300], 1.0 / 3),
      ([], nil),
      ([1e308, 1e308], 1e308), ([1e308, 1e308, 1e308], 1e308), ([-1e308, -1e308], -1e308),
      ([Double.leastNonzeroMagnitude, 0], Double.leastNonzeroMagnitude),
      ([Double.leastNonzeroMagnitude, 0, 0], 0), ([-1e300, -2, 1e300], -2.0 / 3),
      ([0.3, 0.3, 0.3], 0.3),
      ([9.99, 9.99, 9.99], 9.99), ([1e23, 1e23, 1e23], 1e23),
    ] as [([Double], Double?)])
  func averages(_ numbers: [Double], _ expected: Double?) {
    #expect(Self.sum(numbers).average == expected)
  }

  /// A decimal as the test wrote it: the sum's input and the judge's are made from the same text.
  private struct Decimal {
    let mantissa: Int64
    let exponent: Int

    var double: Double { Double("\(mantissa)e\(exponent)") ?? .nan }
  }

  @Test("random sums and averages are the doubles nearest to the exact ones", arguments: 0..<8)
  func againstIntegers(_ seed: UInt64) {
    var generator = SeededGenerator(seed: 10 + seed)
    // From money to everything that a double can hold; the last two move to the wide sum.
    let scales = [-2...0, -6...2, -18...18, -40...40, -330...290]
    for round in 0..<60 {
      let scale = scales[round % scales.count]
      var decimals = (0..<Int.random(in: 1...12, using: &generator)).map { _ in
        let digits = Int.random(in: 1...15, using: &generator)
        let limit = (0..<digits).reduce(Int64(1)) { power, _ in power * 10 } - 1
        return Decimal(
          mantissa: Int64.random(in: -limit...limit, using: &generator),
          exponent: Int.random(in: scale, using: &generator))
      }
      // Take some away again, so that what is left is small beside what was added.
      for decimal in decimals where Int.random(in: 0..<3, using: &generator) == 0 {
        decimals.append(Decimal(mantissa: -decimal.mantissa, exponent: decimal.exponent))
      }
      // Below the normal range a double has too few digits to stand for what was written.
      decimals.removeAll {
        $0.mantissa != 0 && $0.double.magnitude < Double.leastNormalMagnitude
      }
      let lowest = decimals.map(\.exponent).min() ?? 0
      var numerator = BigInteger(0)
      for decimal in decimals {
        numerator =
          numerator + BigInteger(decimal.mantissa) * .power(10, decimal.exponent - lowest)
      }
      let sum = Self.sum(decimals.map(\.double))
      guard !decimals.isEmpty else { continue }
      let count = Int64(decimals.count)
      #expect(Self.isNearest(sum.sum, numerator, exponent: lowest))
      #expect(Self.isNearest(sum.average, numerator, exponent: lowest, divisor: count))
    }
  }

  /// Whether `number` is the double nearest to `numerator * 10^exponent / divisor`, the even one of
  /// two that are as near.
  private static func isNearest(
    _ number: Double?, _ numerator: BigInteger, exponent: Int = 0, divisor: Int64 = 1
  ) -> Bool {
    guard let number else { return false }
    let isNegative = numerator < BigInteger(0)
    guard number != 0 else { return numerator == BigInteger(0) }
    guard (number < 0) == isNegative else { return false }
    // In quarters of the last binary place: the borders are half a place away, but only a quarter
    // below a power of two.
    let magnitude = number.magnitude
    let place = max(Int(magnitude.exponent) - 52, -1074)
    let significand = Int64(magnitude / Double(sign: .plus, exponent: place, significand: 1))
    let isPowerOfTwo = significand == 1 << 52 && place > -1074
    let low = BigInteger(significand * 4 - (isPowerOfTwo ? 1 : 2))
    let high = BigInteger(significand * 4 + 2)
    var exact = isNegative ? -numerator : numerator
    var unit = BigInteger(divisor)
    if exponent < 0 {
      unit = unit * .power(10, -exponent)
    } else {
      exact = exact * .power(10, exponent)
    }
    if place - 2 < 0 {
      exact = exact * .power(2, 2 - place)
    } else {
      unit = unit * .power(2, place - 2)
    }
    let isOnBorder = exact == low * unit || exact == high * unit
    return low * unit <= exact && exact <= high * unit && (!isOnBorder || significand % 2 == 0)
  }

  @Test("the judge of these tests knows the nearest double from its neighbours")
  func judge() {
    #expect(Self.isNearest(0.3, BigInteger(3), exponent: -1))
    #expect(!Self.isNearest(0.1 + 0.2, BigInteger(3), exponent: -1))
    #expect(!Self.isNearest(0.3.nextDown, BigInteger(3), exponent: -1))
    #expect(Self.isNearest(-0.1, BigInteger(-1), divisor: 10))
    #expect(!Self.isNearest(0.1, BigInteger(-1), divisor: 10))
    #expect(!Self.isNearest(1.0.nextDown, BigInteger(1)))
    let tie = BigInteger(9_007_199_254_740_993)
    #expect(Self.isNearest(9_007_199_254_740_992, tie))
    #expect(!Self.isNearest(9_007_199_254_740_994, tie))
  }

  @Test("sums of seventeen-digit doubles do not depend on the order")
  func order() {
    var generator = SeededGenerator(seed: 30)
    for _ in 0..<300 {
      let numbers = (0..<20).map { _ in generator.anyDouble() / 32 }
      let expected = Self.sum(numbers).sum
      #expect(Self.sum(numbers.shuffled(using: &generator)).sum == expected)
      #expect(Self.sum(numbers + numbers.map { -$0 }).sum == 0)
    }
  }

  @Test("a million cents are ten thousand")
  func many() {
    var sum = ExactSum()
    for _ in 0..<1_000_000 { sum.add(0.01) }
    #expect(sum.sum == 10_000)
    #expect(sum.average == 0.01)
  }
}
