/// Random numbers that are the same for the same seed on every machine: SplitMix64.
///
/// The method: https://prng.di.unimi.it/splitmix64.c
struct Randomness: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// A sequence of its own for one element of a data set, whatever came before it.
  init(seed: UInt64, element: Int) {
    state = seed ^ (UInt64(truncatingIfNeeded: element) &* 0xD134_2543_DE82_EF95)
    state = next()
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A whole number from 0 up to and without `bound`.
  mutating func below(_ bound: Int) -> Int {
    Int(((next() >> 32) &* UInt64(bound)) >> 32)
  }

  /// A number from 0 up to and without 1.
  mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }
}

/// Zipf's law over a few thousand ranks: rank k is drawn with a weight of 1/k.
struct Zipf {
  private let sums: [Double]

  init(_ count: Int) {
    var sum = 0.0
    sums = (1...count).map { rank in
      sum += 1 / Double(rank)
      return sum
    }
  }

  /// A rank, the most frequent is 0.
  func rank(_ random: inout Randomness) -> Int {
    let wanted = random.unit() * (sums.last ?? 0)
    var low = 0
    var high = sums.count - 1
    while low < high {
      let middle = (low + high) / 2
      if sums[middle] > wanted { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
