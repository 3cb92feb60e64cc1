/// An integer of any size, as plain as can be: what sums are held against.
struct BigInteger: Equatable, Comparable {
  /// Base 2^32, the lowest first, without zeros at the top.
  private var limbs: [UInt32] = []
  private var isNegative = false

  init(_ number: Int64) {
    isNegative = number < 0
    var rest = number.magnitude
    while rest > 0 {
      limbs.append(UInt32(truncatingIfNeeded: rest))
      rest >>= 32
    }
  }

  private init(limbs: [UInt32], isNegative: Bool) {
    var limbs = limbs
    while limbs.last == 0 { limbs.removeLast() }
    self.limbs = limbs
    self.isNegative = isNegative && !limbs.isEmpty
  }

  static func * (left: BigInteger, right: BigInteger) -> BigInteger {
    var product = [UInt32](repeating: 0, count: left.limbs.count + right.limbs.count)
    for (i, a) in left.limbs.enumerated() {
      var carry: UInt64 = 0
      for (j, b) in right.limbs.enumerated() {
        let total = UInt64(a) * UInt64(b) + UInt64(product[i + j]) + carry
        product[i + j] = UInt32(truncatingIfNeeded: total)
        carry = total >> 32
      }
      product[i + right.limbs.count] = UInt32(carry)
    }
    return BigInteger(limbs: product, isNegative: left.isNegative != right.isNegative)
  }

  static prefix func - (number: BigInteger) -> BigInteger {
    BigInteger(limbs: number.limbs, isNegative: !number.isNegative)
  }

  static func + (left: BigInteger, right: BigInteger) -> BigInteger {
    if right.limbs.isEmpty { return left }
    if left.limbs.isEmpty { return right }
    if left.isNegative != right.isNegative { return left - (-right) }
    var sum: [UInt32] = []
    var carry: UInt64 = 0
    for index in 0..<max(left.limbs.count, right.limbs.count) {
      let total = left.limb(index) + right.limb(index) + carry
      sum.append(UInt32(truncatingIfNeeded: total))
      carry = total >> 32
    }
    return BigInteger(limbs: sum + [UInt32(carry)], isNegative: left.isNegative)
  }

  static func - (left: BigInteger, right: BigInteger) -> BigInteger {
    if left.isNegative != right.isNegative || right.limbs.isEmpty { return left + (-right) }
    if left.isNegative { return (-right) - (-left) }
    if left < right { return -(right - left) }
    var difference: [UInt32] = []
    var borrow: UInt64 = 0
    for index in left.limbs.indices {
      let taken = right.limb(index) + borrow
      let limb = UInt64(left.limbs[index])
      borrow = limb < taken ? 1 : 0
      difference.append(UInt32(truncatingIfNeeded: limb &- taken))
    }
    return BigInteger(limbs: difference, isNegative: false)
  }

  static func < (left: BigInteger, right: BigInteger) -> Bool {
    if left.isNegative != right.isNegative { return left.isNegative }
    let (a, b) = left.isNegative ? (right.limbs, left.limbs) : (left.limbs, right.limbs)
    if a.count != b.count { return a.count < b.count }
    return a.reversed().lexicographicallyPrecedes(b.reversed())
  }

  static func power(_ base: Int64, _ exponent: Int) -> BigInteger {
    var power = BigInteger(1)
    for _ in 0..<exponent { power = power * BigInteger(base) }
    return power
  }

  private func limb(_ index: Int) -> UInt64 { index < limbs.count ? UInt64(limbs[index]) : 0 }
}
