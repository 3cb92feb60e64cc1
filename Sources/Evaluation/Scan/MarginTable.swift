/// The margins of conditions for the profiles of a chunk: a row for each condition, a place in it for each
/// profile. Rows are combined as wholes, some places at a time.
struct MarginTable: ~Copyable {
  private let base: UnsafeMutablePointer<Double>
  private let rows: Int
  /// How many places a row has.
  let width: Int
  /// Of each profile the gathered conditions that fail, a bit each; and how long the first of all that
  /// were gathered stays as it is.
  private let failing: UnsafeMutablePointer<UInt64>
  private let lengths: UnsafeMutablePointer<Double>

  init(rows: Int, width: Int) {
    self.rows = rows
    self.width = width
    base = .allocate(capacity: max(1, rows * width))
    base.initialize(repeating: 0, count: rows * width)
    failing = .allocate(capacity: max(1, width))
    failing.initialize(repeating: 0, count: width)
    lengths = .allocate(capacity: max(1, width))
    lengths.initialize(repeating: .infinity, count: width)
  }

  deinit {
    base.deallocate()
    failing.deallocate()
    lengths.deallocate()
  }

  @inline(__always)
  private func start(_ row: Int) -> UnsafeMutablePointer<Double> {
    precondition(UInt(bitPattern: row) < UInt(bitPattern: rows))
    return base + row * width
  }

  @inline(__always)
  mutating func set(_ row: Int, _ place: Int, _ margin: Double) {
    precondition(UInt(bitPattern: place) < UInt(bitPattern: width))
    start(row)[place] = margin
  }

  // MARK: Rows

  mutating func fill(_ row: Int, _ margin: Double, count: Int) {
    precondition(count <= width)
    start(row).update(repeating: margin, count: count)
  }

  mutating func copy(_ row: Int, from other: Int, count: Int) {
    precondition(count <= width)
    start(row).update(from: start(other), count: count)
  }

  /// Makes a row the opposite of another one.
  mutating func negate(_ row: Int, _ other: Int, count: Int) {
    precondition(count <= width)
    let (result, margins) = (start(row), start(other))
    for place in 0..<count { result[place] = -margins[place] }
  }

  /// Makes a row the least of it and another one.
  mutating func lower(_ row: Int, to other: Int, count: Int) {
    precondition(count <= width)
    let (result, margins) = (start(row), start(other))
    for place in 0..<count {
      result[place] = margins[place] < result[place] ? margins[place] : result[place]
    }
  }

  /// Makes a row the greatest of it and another one.
  mutating func raise(_ row: Int, to other: Int, count: Int) {
    precondition(count <= width)
    let (result, margins) = (start(row), start(other))
    for place in 0..<count {
      result[place] = margins[place] > result[place] ? margins[place] : result[place]
    }
  }

  // MARK: What rows come to

  /// Forgets what was gathered: the lengths of all conditions, or the bits alone.
  mutating func clearLengths(count: Int) {
    precondition(count <= width)
    lengths.update(repeating: .infinity, count: count)
  }

  mutating func clearBits(count: Int) {
    precondition(count <= width)
    failing.update(repeating: 0, count: count)
  }

  /// Takes in whether the condition of a row fails, as a bit, and how long it stays as it is.
  mutating func gather(_ row: Int, bit: UInt64, count: Int) {
    precondition(count <= width && bit < 64)
    let margins = start(row)
    for place in 0..<count {
      failing[place] |= (margins[place].bitPattern >> 63) << bit
      let length = margins[place].magnitude
      lengths[place] = length < lengths[place] ? length : lengths[place]
    }
  }

  @inline(__always)
  func failing(at place: Int) -> UInt64 {
    precondition(UInt(bitPattern: place) < UInt(bitPattern: width))
    return failing[place]
  }

  @inline(__always)
  func length(at place: Int) -> Double {
    precondition(UInt(bitPattern: place) < UInt(bitPattern: width))
    return lengths[place]
  }
}
