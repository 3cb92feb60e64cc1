/// How many belong to each pair of some audiences.
public struct CrossTable: Sendable, Equatable {
  /// How many audiences there are.
  public let size: Int
  /// The lower triangle, row by row, with the audiences' own sizes at the ends of the rows.
  private var counts: [Int]

  public init(size: Int) {
    self.size = size
    counts = [Int](repeating: 0, count: size * (size + 1) / 2)
  }

  /// Counts one profile.
  ///
  /// - Parameter audiences: those that it belongs to, ascending.
  mutating func add(_ audiences: [Int]) {
    for (number, row) in audiences.enumerated() {
      let start = row * (row + 1) / 2
      for column in audiences[...number] { counts[start + column] += 1 }
    }
  }

  mutating func add(_ other: CrossTable) {
    for place in counts.indices { counts[place] += other.counts[place] }
  }

  /// How many belong to both; to one audience alone when it is named twice.
  public func common(_ a: Int, _ b: Int) -> Int {
    let (row, column) = (max(a, b), min(a, b))
    return counts[row * (row + 1) / 2 + column]
  }

  /// The share of those in `a` that are in `b` too, from 0 to 1; nil when nobody is in `a`.
  public func share(of a: Int, in b: Int) -> Double? {
    let size = common(a, a)
    return size > 0 ? Double(common(a, b)) / Double(size) : nil
  }
}
