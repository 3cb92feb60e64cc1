/// The margins of conditions for the profiles of a chunk. A row has one for each profile, and is combined with
/// others as a whole, some places at a time; or it has one for each group of a run, where the condition is for
/// all other profiles what it is by default.
struct MarginTable: ~Copyable {
  private let base: UnsafeMutablePointer<Double>
  private let rows: Int
  /// How many places a row has.
  let width: Int

  /// One row more than asked for is there for what is in between.
  init(rows: Int, width: Int) {
    self.rows = rows
    self.width = width
    base = .allocate(capacity: (rows + 1) * width + 1)
    base.initialize(repeating: 0, count: (rows + 1) * width + 1)
  }

  deinit { base.deallocate() }

  @inline(__always)
  private func start(_ row: Int, _ count: Int) -> UnsafeMutablePointer<Double> {
    precondition(UInt(bitPattern: row) < UInt(bitPattern: rows) && count <= width)
    return base + row * width
  }

  /// A row, of which the first places are asked for.
  @inline(__always)
  func margins(_ row: Int, count: Int) -> UnsafePointer<Double> {
    UnsafePointer(start(row, count))
  }

  @inline(__always)
  mutating func set(_ row: Int, _ place: Int, _ margin: Double) {
    precondition(UInt(bitPattern: place) < UInt(bitPattern: width))
    start(row, 0)[place] = margin
  }

  mutating func fill(_ row: Int, _ margin: Double, count: Int) {
    start(row, count).update(repeating: margin, count: count)
  }

  /// Makes a row the opposite of another one.
  mutating func negate(_ row: Int, _ other: Int, count: Int) {
    let (result, margins) = (start(row, count), start(other, count))
    for place in 0..<count { result[place] = -margins[place] }
  }

  /// Makes a row the least of it and another one.
  mutating func lower(_ row: Int, to other: Int, count: Int) {
    let (result, margins) = (start(row, count), start(other, count))
    for place in 0..<count {
      result[place] = margins[place] < result[place] ? margins[place] : result[place]
    }
  }

  /// Makes a row the greatest of it and another one.
  mutating func raise(_ row: Int, to other: Int, count: Int) {
    let (result, margins) = (start(row, count), start(other, count))
    for place in 0..<count {
      result[place] = margins[place] > result[place] ? margins[place] : result[place]
    }
  }

  // MARK: Rows of groups

  /// Makes a row of profiles the least of it and a row of groups, which by default is infinite.
  mutating func lower(
    _ row: Int, to other: Int, _ isEndlessByDefault: Bool, count: Int,
    of groups: borrowing ScratchList<DigestChunk.Group>, _ run: DigestChunk.Run
  ) {
    combine(
      row, other, isKept: isEndlessByDefault, filler: -.infinity, count: count, of: groups, run
    ) { $0 < $1 ? $0 : $1 }
  }

  /// Makes a row of profiles the greatest of it and a row of groups.
  mutating func raise(
    _ row: Int, to other: Int, _ isEndlessByDefault: Bool, count: Int,
    of groups: borrowing ScratchList<DigestChunk.Group>, _ run: DigestChunk.Run
  ) {
    combine(
      row, other, isKept: !isEndlessByDefault, filler: .infinity, count: count, of: groups, run
    ) { $0 > $1 ? $0 : $1 }
  }

  @inline(__always)
  private mutating func combine(
    _ row: Int, _ other: Int, isKept: Bool, filler: Double, count: Int,
    of groups: borrowing ScratchList<DigestChunk.Group>, _ run: DigestChunk.Run,
    _ chosen: (Double, Double) -> Double
  ) {
    let (result, margins) = (start(row, count), start(other, run.count))
    let between = base + rows * width
    for index in 0..<run.count {
      let place = Int(groups[run.start + index].profile)
      precondition(UInt(bitPattern: place) < UInt(bitPattern: count))
      let margin = chosen(margins[index], result[place])
      if isKept { result[place] = margin } else { between[index] = margin }
    }
    if isKept { return }
    // Whoever has no group is what the condition is by default.
    result.update(repeating: filler, count: count)
    for index in 0..<run.count {
      result[Int(groups[run.start + index].profile)] = between[index]
    }
  }
}
