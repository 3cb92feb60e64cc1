/// What definitions come to for the profiles of a chunk: words of bits by rank, those of the first word for all
/// profiles and then those of the next; and for how long all audiences stay as they are, in milliseconds.
struct Verdicts: ~Copyable {
  private let bits: UnsafeMutablePointer<UInt64>
  private let lengths: UnsafeMutablePointer<Double>
  let wordCount: Int
  /// How many profiles there may be.
  let width: Int

  init(words: Int, width: Int) {
    wordCount = words
    self.width = width
    bits = .allocate(capacity: max(1, words * width))
    bits.initialize(repeating: 0, count: words * width)
    lengths = .allocate(capacity: max(1, width))
    lengths.initialize(repeating: .infinity, count: width)
  }

  deinit {
    bits.deallocate()
    lengths.deallocate()
  }

  /// Where the bits of a word are.
  @inline(__always)
  private func start(_ word: Int) -> UnsafeMutablePointer<UInt64> {
    precondition(UInt(bitPattern: word) < UInt(bitPattern: wordCount))
    return bits + word * width
  }

  /// Makes all lengths endless.
  mutating func clearLengths(count: Int) {
    precondition(count <= width)
    lengths.update(repeating: .infinity, count: count)
  }

  /// Gives all profiles the same word.
  mutating func fill(_ word: Int, _ value: UInt64, count: Int) {
    precondition(count <= width)
    start(word).update(repeating: value, count: count)
  }

  @inline(__always)
  func word(_ word: Int, at place: Int) -> UInt64 {
    precondition(UInt(bitPattern: place) < UInt(bitPattern: width))
    return start(word)[place]
  }

  @inline(__always)
  func length(at place: Int) -> Double {
    precondition(UInt(bitPattern: place) < UInt(bitPattern: width))
    return lengths[place]
  }

  @inline(__always)
  mutating func set(_ rank: Int, _ truth: Bool, at place: Int) {
    precondition(UInt(bitPattern: place) < UInt(bitPattern: width))
    let bit: UInt64 = 1 << UInt64(rank & 63)
    let word = start(rank >> 6) + place
    word.pointee = truth ? word.pointee | bit : word.pointee & ~bit
  }

  // MARK: What margins come to

  /// Takes in whether a condition holds, and how long it stays as it is.
  mutating func gather(_ rank: Int, _ table: borrowing MarginTable, row: Int, count: Int) {
    precondition(count <= width)
    let words = start(rank >> 6)
    let margins = table.margins(row, count: count)
    for place in 0..<count { take(margins[place], of: rank, words, at: place) }
  }

  /// The same of a condition whose row has a margin for each of some groups.
  mutating func gather(
    _ rank: Int, _ table: borrowing MarginTable, row: Int,
    of groups: borrowing ScratchList<DigestChunk.Group>, _ run: DigestChunk.Run
  ) {
    let words = start(rank >> 6)
    let margins = table.margins(row, count: run.count)
    for index in 0..<run.count {
      let place = Int(groups[run.start + index].profile)
      precondition(UInt(bitPattern: place) < UInt(bitPattern: width))
      take(margins[index], of: rank, words, at: place)
    }
  }

  @inline(__always)
  private mutating func take(
    _ margin: Double, of rank: Int, _ words: UnsafeMutablePointer<UInt64>, at place: Int
  ) {
    let shift = UInt64(rank & 63)
    words[place] = words[place] & ~(1 << shift) | (~margin.bitPattern >> 63) << shift
    let length = margin.magnitude
    lengths[place] = length < lengths[place] ? length : lengths[place]
  }
}
