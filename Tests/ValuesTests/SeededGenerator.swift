/// SplitMix64: the same numbers from the same seed on every machine.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return word ^ word >> 31
  }
}

extension SeededGenerator {
  /// A finite double with any sign, exponent and significand.
  mutating func anyDouble() -> Double {
    while true {
      let number = Double(bitPattern: next())
      if number.isFinite { return number }
    }
  }

  /// Decimal digits, the first of which may be 0.
  mutating func digits(_ count: ClosedRange<Int>) -> String {
    String(
      (0..<Int.random(in: count, using: &self)).map { _ in
        "0123456789".randomElement(using: &self) ?? "0"
      })
  }
}
