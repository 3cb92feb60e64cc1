import Foundation

/// How many numbers there are of each size, to three significant digits.
///
/// A number is rounded down to its first three digits: 1,234 counts as 1,230, and 12.5 as itself. So
/// there are at most 900 sizes between two powers of ten, and the edge of a histogram's bin, which has
/// three digits at most, never cuts through one: the bins hold exactly what they say.
public struct NumberCounts: Sendable {
  /// What lies from one edge of a histogram up to the next.
  public struct Bin: Sendable, Equatable {
    public let from: Double
    /// Not in the bin; nil: everything from `from` on.
    public let to: Double?
    public let count: Int
  }

  public private(set) var count = 0
  public private(set) var minimum: Double?
  public private(set) var maximum: Double?
  private var sizes: [Double: Int] = [:]
  /// Numbers past what a double holds.
  public private(set) var infinite = 0

  public init() {}

  public mutating func add(_ number: Double) {
    count += 1
    guard number.isFinite else {
      infinite += 1
      return
    }
    minimum = min(minimum ?? number, number)
    maximum = max(maximum ?? number, number)
    sizes[Self.size(of: number), default: 0] += 1
  }

  public mutating func add(_ other: NumberCounts) {
    count += other.count
    infinite += other.infinite
    if let low = other.minimum { minimum = min(minimum ?? low, low) }
    if let high = other.maximum { maximum = max(maximum ?? high, high) }
    sizes.merge(other.sizes, uniquingKeysWith: +)
  }

  /// The number that half of all are below, to three digits.
  public var median: Double? { quantile(0.5, .down, sizes.sorted { $0.key < $1.key }) }

  /// A histogram of at most `limit` bins of one width, which is 1, 2 or 5 times a power of ten.
  ///
  /// Where a few numbers are far larger than the others, the last bin takes them all. Bins in the middle
  /// may be empty.
  public func bins(_ limit: Int = 12) -> [Bin] {
    let sorted = sizes.sorted { $0.key < $1.key }
    guard let first = sorted.first?.key, let last = sorted.last?.key, limit > 1 else { return [] }
    let bulk = max(first, quantile(0.97, .up, sorted) ?? last)
    var width = Step(atLeast: max((bulk - first) / Double(limit), Self.digit(of: bulk)))
    if first == first.rounded(), bulk == bulk.rounded(), width.value < 1 { width = .one }
    while (bulk / width.value).rounded(.down) - (first / width.value).rounded(.down)
      >= Double(limit - 1)
    { width = width.next }
    let start = (first / width.value).rounded(.down)
    let end = (bulk / width.value).rounded(.down) + 1
    // What is no multiple by a hair's breadth is put right against the edges themselves.
    var counts = [Int](repeating: 0, count: Int(end - start) + 1)
    for (size, count) in sorted {
      var place = Int(min(max((size / width.value).rounded(.down), start), end) - start)
      if place > 0, size < width.times(start + Double(place)) { place -= 1 }
      if place < counts.count - 1, size >= width.times(start + Double(place + 1)) { place += 1 }
      counts[place] += count
    }
    let hasTail = (counts.last ?? 0) > 0
    return counts.indices.dropLast(hasTail ? 0 : 1).map { place in
      let isTail = place == counts.count - 1
      return Bin(
        from: width.times(start + Double(place)),
        to: isTail ? nil : width.times(start + Double(place + 1)), count: counts[place])
    }
  }

  private func quantile(
    _ share: Double, _ rule: FloatingPointRoundingRule, _ sorted: [(key: Double, value: Int)]
  ) -> Double? {
    let rank = Int((Double(count - infinite - 1) * share).rounded(rule))
    var passed = 0
    for (size, count) in sorted {
      passed += count
      if passed > rank { return size }
    }
    return nil
  }

  // MARK: Three digits

  /// A number rounded down to three significant digits.
  static func size(of number: Double) -> Double {
    guard number != 0 else { return 0 }
    let exponent = (log10(number.magnitude)).rounded(.down) - 2
    // Past these the powers of ten are not exact any more.
    guard (-22...22).contains(exponent) else { return number }
    if exponent >= 0 {
      let unit = pow(10, exponent)
      return (number / unit).rounded(.down) * unit
    }
    let unit = pow(10, -exponent)
    // A decimal of three digits comes back from there as itself.
    let near = (number * unit).rounded()
    return near / unit == number ? number : (number * unit).rounded(.down) / unit
  }

  /// The worth of the third digit.
  private static func digit(of number: Double) -> Double {
    number == 0 ? 0 : pow(10, log10(number.magnitude).rounded(.down) - 2)
  }
}

/// 1, 2 or 5 times a power of ten.
private struct Step {
  var digit: Double
  var exponent: Double

  static let one = Step(digit: 1, exponent: 0)

  init(digit: Double, exponent: Double) {
    self.digit = digit
    self.exponent = exponent
  }

  init(atLeast width: Double) {
    guard width > 0, width.isFinite else {
      self = .one
      return
    }
    self.init(digit: 1, exponent: log10(width).rounded(.down))
    while value < width * (1 - 1e-9) { self = next }
  }

  var next: Step {
    switch digit {
    case 1: Step(digit: 2, exponent: exponent)
    case 2: Step(digit: 5, exponent: exponent)
    default: Step(digit: 1, exponent: exponent + 1)
    }
  }

  var value: Double { times(1) }

  /// So many steps, as the double that is nearest to the decimal.
  func times(_ count: Double) -> Double {
    exponent >= 0 ? count * digit * pow(10, exponent) : count * digit / pow(10, -exponent)
  }
}
