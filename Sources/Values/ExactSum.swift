import Foundation

/// Adds numbers by their decimal forms, exactly, and rounds once at the end.
///
/// `0.1 + 0.2` is `0.3` here. Sums that fit keep one 128-bit integer of the smallest unit seen so
/// far: 11.77 + 12 is 2377 hundredths. The first one that does not fit moves to an accumulator that
/// covers the whole range of a double.
public struct ExactSum: Sendable {
  private var mantissa: Int128 = 0
  private var exponent = 0
  private var wide: WideSum?
  /// How many numbers were added.
  public private(set) var count = 0

  public init() {}

  /// Adds a finite number.
  public mutating func add(_ number: Double) {
    count += 1
    let form = number.shortestDecimal
    if wide != nil {
      wide?.add(Int128(form.mantissa), exponent: form.exponent)
      return
    }
    if let sum = aligned(form) {
      mantissa = sum
    } else {
      var sum = WideSum()
      sum.add(mantissa, exponent: exponent)
      sum.add(Int128(form.mantissa), exponent: form.exponent)
      wide = sum
    }
  }

  /// Takes away a number that was added. What is left is as if it never had been.
  public mutating func remove(_ number: Double) {
    add(-number)
    count -= 2
  }

  /// The sum in the smaller of the two units, or nil when it does not fit.
  private mutating func aligned(_ form: (mantissa: Int64, exponent: Int)) -> Int128? {
    func scaled(_ value: Int128, by power: Int) -> Int128? {
      if power == 0 || value == 0 { return value }
      guard power <= 18 else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: integerPowersOfTen[power])
      return overflow ? nil : product
    }
    let unit = min(exponent, form.exponent)
    guard let a = scaled(mantissa, by: exponent - unit),
      let b = scaled(Int128(form.mantissa), by: form.exponent - unit)
    else { return nil }
    let (sum, overflow) = a.addingReportingOverflow(b)
    guard !overflow else { return nil }
    exponent = unit
    return sum
  }

  /// The nearest double to the sum, or nil when there is none: nothing added, or out of range.
  public var sum: Double? { quotient(1) }

  /// The nearest double to the sum divided by the number of values.
  public var average: Double? { quotient(count) }

  private func quotient(_ divisor: Int) -> Double? {
    guard count > 0 else { return nil }
    if wide == nil, mantissa.magnitude < 1 << 53, exponent >= -15 {
      // Both fit a double, and Int64 is converted much faster than Int128.
      let unit = Int64(integerPowersOfTen[-exponent])
      let (denominator, overflow) = unit.multipliedReportingOverflow(by: Int64(divisor))
      if !overflow, denominator < 1 << 53 { return Double(Int64(mantissa)) / Double(denominator) }
    }
    var sum = wide ?? WideSum()
    if wide == nil { sum.add(mantissa, exponent: exponent) }
    return sum.rounded(dividedBy: divisor)
  }
}

private let integerPowersOfTen: [Int128] = (0...18).map { power in
  (0..<power).reduce(Int128(1)) { product, _ in product * 10 }
}

/// A decimal fixed-point number from 10^-400 to 10^400, in limbs of nine digits.
private struct WideSum: Sendable {
  private static let base: Int128 = 1_000_000_000
  private static let lowest = -405
  private var limbs = [Int128](repeating: 0, count: 90)

  mutating func add(_ mantissa: Int128, exponent: Int) {
    let place = exponent - Self.lowest
    var index = place / 9
    // Split first: a mantissa of 38 digits times a part of a limb would not fit.
    var rest = mantissa.magnitude
    let sign: Int128 = mantissa < 0 ? -1 : 1
    while rest > 0 {
      let part = Int128(rest % 1_000_000_000) * integerPowersOfTen[place % 9]
      limbs[index] += sign * (part % Self.base)
      limbs[index + 1] += sign * (part / Self.base)
      rest /= 1_000_000_000
      index += 1
    }
  }

  /// The nearest double to this number divided by `divisor`; nil past the range of a double.
  ///
  /// The quotient is written out in decimal, far past the 770 digits that decide between two
  /// doubles, with a last digit that says whether something was left; the C library rounds it.
  func rounded(dividedBy divisor: Int) -> Double? {
    var limbs = limbs
    var carry: Int128 = 0
    for index in limbs.indices {
      let total = limbs[index] + carry
      carry = total >= 0 ? total / Self.base : -((-total + Self.base - 1) / Self.base)
      limbs[index] = total - carry * Self.base
    }
    let negative = carry < 0
    if negative {
      var borrow: Int128 = 1
      for index in limbs.indices {
        let total = Self.base - 1 - limbs[index] + borrow
        limbs[index] = total % Self.base
        borrow = total / Self.base
      }
    }
    var text = negative ? "-0" : "0"
    var remainder: Int128 = 0
    for place in stride(from: limbs.count - 1, through: -90, by: -1) {
      let total = remainder * Self.base + (place >= 0 ? limbs[place] : 0)
      let digits = String(total / Int128(divisor))
      text += String(repeating: "0", count: 9 - digits.count) + digits
      remainder = total % Int128(divisor)
    }
    text += remainder == 0 ? "0" : "1"
    let value = strtod(text + "e\(Self.lowest - 90 * 9 - 1)", nil)
    return value.isFinite ? value : nil
  }
}
