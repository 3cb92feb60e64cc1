/// A finite number in its shortest decimal form: `±digits × 10^exponent`, no trailing zeros.
struct OracleDecimal {
  var isNegative: Bool
  var digits: UInt64
  var exponent: Int

  /// The shortest digits that read back as this double, which is what `description` prints.
  init(_ number: Double) {
    precondition(number.isFinite)
    isNegative = number.sign == .minus
    digits = 0
    exponent = 0
    let parts = number.magnitude.description.split(separator: "e")
    var afterPoint = false
    for character in parts[0] {
      guard let digit = character.wholeNumberValue else {
        afterPoint = true
        continue
      }
      digits = digits * 10 + UInt64(digit)
      if afterPoint { exponent -= 1 }
    }
    if parts.count > 1, let power = Int(parts[1]) { exponent += power }
    if digits == 0 { exponent = 0 }
    while digits != 0, digits % 10 == 0 {
      digits /= 10
      exponent += 1
    }
  }

  /// The double nearest to the exact sum of the decimal forms, divided exactly by `count`.
  ///
  /// Nothing when the result is past the range of a double.
  static func quotient(ofSum numbers: [Double], by count: Int) -> Double? {
    let terms = numbers.map { OracleDecimal($0) }
    let lowest = min(0, terms.map(\.exponent).min() ?? 0)
    var positive = OracleNatural(0)
    var negative = OracleNatural(0)
    for term in terms {
      var size = OracleNatural(term.digits)
      for _ in lowest..<term.exponent { size = size.times(10) }
      if term.isNegative {
        negative = negative.plus(size)
      } else {
        positive = positive.plus(size)
      }
    }
    var divisor = OracleNatural(UInt64(count))
    for _ in lowest..<0 { divisor = divisor.times(10) }
    let isNegative = positive.isLess(than: negative)
    let size = isNegative ? negative.minus(positive) : positive.minus(negative)
    guard let result = OracleNatural.nearestDouble(to: size, dividedBy: divisor) else { return nil }
    return isNegative ? -result : result
  }
}

/// A natural number of any size: 32-bit limbs, the lowest first, no leading zeros.
struct OracleNatural {
  private var limbs: [UInt32]

  init(_ number: UInt64) {
    limbs = [UInt32(truncatingIfNeeded: number), UInt32(number >> 32)]
    trim()
  }

  var isZero: Bool { limbs.isEmpty }

  private mutating func trim() {
    while limbs.last == 0 { limbs.removeLast() }
  }

  func isLess(than other: Self) -> Bool {
    if limbs.count != other.limbs.count { return limbs.count < other.limbs.count }
    return limbs.reversed().lexicographicallyPrecedes(other.limbs.reversed())
  }

  func plus(_ other: Self) -> Self {
    var result = self
    var carry: UInt64 = 0
    result.limbs = (0...max(limbs.count, other.limbs.count)).map { index in
      let left = index < limbs.count ? UInt64(limbs[index]) : 0
      let right = index < other.limbs.count ? UInt64(other.limbs[index]) : 0
      let sum = left + right + carry
      carry = sum >> 32
      return UInt32(truncatingIfNeeded: sum)
    }
    result.trim()
    return result
  }

  /// `self - other`, which must not be negative.
  func minus(_ other: Self) -> Self {
    precondition(!isLess(than: other))
    var result = self
    var borrow: Int64 = 0
    for index in limbs.indices {
      let right = index < other.limbs.count ? Int64(other.limbs[index]) : 0
      let difference = Int64(limbs[index]) - right - borrow
      borrow = difference < 0 ? 1 : 0
      result.limbs[index] = UInt32(truncatingIfNeeded: difference)
    }
    result.trim()
    return result
  }

  func times(_ factor: UInt32) -> Self {
    var result = self
    var carry: UInt64 = 0
    for index in limbs.indices {
      let product = UInt64(limbs[index]) * UInt64(factor) + carry
      result.limbs[index] = UInt32(truncatingIfNeeded: product)
      carry = product >> 32
    }
    result.limbs.append(UInt32(carry))
    result.trim()
    return result
  }

  /// The double nearest to `top / bottom`, a tie going to the even one; nothing past the range.
  ///
  /// The scale is moved until the quotient has 53 bits (fewer below the normal range), the
  /// quotient is found bit by bit, and the remainder decides the rounding.
  static func nearestDouble(to top: Self, dividedBy bottom: Self) -> Double? {
    if top.isZero { return 0 }
    var remainder = top
    var divisor = bottom
    var exponent = 0
    while !remainder.isLess(than: divisor) {
      divisor = divisor.times(2)
      exponent += 1
    }
    while remainder.isLess(than: divisor) {
      remainder = remainder.times(2)
      exponent -= 1
    }
    // Now 1 <= remainder / divisor < 2, and the value is that times 2^exponent.
    guard exponent <= 1023 else { return nil }
    let bits = 53 - max(0, -1022 - exponent)
    guard bits >= 0 else { return 0 }
    if bits == 0 {
      // Between half of the smallest double and the whole of it.
      return divisor.isLess(than: remainder) ? Double.leastNonzeroMagnitude : 0
    }
    var quotient: UInt64 = 0
    for bit in 0..<bits {
      if bit > 0 { remainder = remainder.times(2) }
      quotient *= 2
      if !remainder.isLess(than: divisor) {
        remainder = remainder.minus(divisor)
        quotient += 1
      }
    }
    let doubled = remainder.times(2)
    let isAbove = divisor.isLess(than: doubled)
    let isTie = !isAbove && !doubled.isLess(than: divisor)
    if isAbove || (isTie && quotient % 2 == 1) { quotient += 1 }
    let result = Double(sign: .plus, exponent: exponent - bits + 1, significand: Double(quotient))
    return result.isFinite ? result : nil
  }
}
