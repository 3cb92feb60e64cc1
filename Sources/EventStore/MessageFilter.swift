/// Says of most message ids that a run does not hold them, and that at a small part of its size.
///
/// It is a Bloom filter of some ten bits an entry, which lets one in a hundred of the others through. It
/// lies in blocks of 4 KB each in `message_filters`, in the order of the hashes, so that a batch reads
/// each block once and in order. The first has the number of the run's first part, the others follow it:
/// a run has more parts than blocks. A run of an earlier version has none, and is looked up without.
///
/// Source: Bloom, "Space/time trade-offs in hash coding with allowable errors", CACM 13 (1970); Kirsch,
/// Mitzenmacher, "Less hashing, same performance", 2006, for bits from two numbers.
struct MessageFilter {
  /// In bytes. A row of them fills a page of 4 KB, or a quarter of one of 16.
  static let blockSize = 4032
  /// How many entries a block stands for, more or less.
  static let blockLength = 3200
  /// Shorter runs have no filter: most of their parts are read for a batch either way.
  static let smallestRun = 1 << 14
  private static let bitsOfEntry = 6

  let blockCount: Int
  /// The blocks, one behind the other.
  private var bytes: [UInt8]

  /// An empty filter for a run of so many entries.
  init(entries: Int) {
    blockCount = Self.blockCount(for: entries)
    bytes = [UInt8](repeating: 0, count: blockCount * Self.blockSize)
  }

  /// How many blocks the filter of a run has; 0 when it has no filter.
  static func blockCount(for entries: Int) -> Int {
    entries < smallestRun ? 0 : (entries + blockLength - 1) / blockLength
  }

  /// The bits of a block.
  func bytes(of block: Int) -> [UInt8] {
    Array(bytes[(block * Self.blockSize)..<((block + 1) * Self.blockSize)])
  }

  /// The block of a hash, of so many.
  static func block(of hash: UInt64, count: Int) -> Int {
    Int(hash.multipliedFullWidth(by: UInt64(count)).high)
  }

  /// Takes in an entry.
  mutating func add(_ hash: UInt64) {
    guard blockCount > 0 else { return }
    let start = Self.block(of: hash, count: blockCount) * Self.blockSize
    for number in 0..<Self.bitsOfEntry {
      let bit = Self.bit(number, of: hash)
      bytes[start + bit / 8] |= 1 << UInt8(bit % 8)
    }
  }

  /// Whether a block lets a hash through: always when its entry is in it, otherwise rarely.
  static func passes(_ hash: UInt64, _ block: Span<UInt8>) -> Bool {
    for number in 0..<bitsOfEntry {
      let bit = bit(number, of: hash)
      if block[bit / 8] & (1 << UInt8(bit % 8)) == 0 { return false }
    }
    return true
  }

  /// One of the bits of a hash in its block. The first bits of the hash, which say in which block it is,
  /// have no part in it.
  private static func bit(_ number: Int, of hash: UInt64) -> Int {
    let first = UInt32(truncatingIfNeeded: hash)
    let step = UInt32(truncatingIfNeeded: (hash &* 0x9E37_79B9_7F4A_7C15) >> 32) | 1
    let mixed = first &+ UInt32(number) &* step
    return Int((UInt64(mixed) * UInt64(blockSize * 8)) >> 32)
  }
}
