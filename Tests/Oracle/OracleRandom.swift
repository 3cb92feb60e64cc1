/// A small seeded generator (SplitMix64) with choices that do not depend on the library's version.
public struct OracleRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// The same seed gives the same choices.
  public init(seed: UInt64) { state = seed }

  /// The next 64 bits; see https://prng.di.unimi.it/splitmix64.c.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number in a range.
  public mutating func int(in range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(next() % UInt64(range.count))
  }

  /// True in `percent` of a hundred cases.
  public mutating func chance(_ percent: Int) -> Bool { int(in: 0...99) < percent }

  /// One of some elements, of which there must be at least one.
  public mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[int(in: 0...(elements.count - 1))]
  }

  /// One of some elements, each as likely as its weight.
  public mutating func pick<Element>(weighted elements: [(Int, Element)]) -> Element {
    var left = int(in: 0...(elements.reduce(0) { $0 + $1.0 } - 1))
    for (weight, element) in elements {
      if left < weight { return element }
      left -= weight
    }
    preconditionFailure("weights must be positive")
  }

  /// The elements in another order.
  public mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
    var result = elements
    for index in result.indices.dropFirst() { result.swapAt(index, int(in: 0...index)) }
    return result
  }
}
