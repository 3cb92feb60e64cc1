/// Numbers side by side, each in as many bits as the largest needs, so that any of them is read without
/// the ones before it.
///
///     the least, zigzag; how much more the greatest is; how much more each is, in so many bits, the lowest first;
///     zeros up to a whole byte
struct PackedNumbers {
  /// The greatest.
  let greatest: Int64
  private let least: Int64
  private let start: Int
  private let width: Int
  private let mask: UInt64
  private let count: Int

  /// So many bytes follow the last number of a block, so that eight can be read wherever one begins.
  static let padding = 8

  /// Moves the reader behind so many numbers.
  @inline(__always)
  init(_ reader: inout ScanReader, count: Int, _ block: Span<UInt8>) {
    least = reader.zigzag(block)
    let span = reader.varint(block)
    greatest = least &+ Int64(bitPattern: span)
    width = Self.width(span)
    mask = width == 64 ? .max : (1 << UInt64(width)) - 1
    start = reader.at
    self.count = count
    reader.at += (count * width + 7) / 8
    precondition(count >= 0 && reader.at + Self.padding <= block.count)
  }

  @inline(__always)
  func number(_ index: Int, _ block: Span<UInt8>) -> Int64 {
    precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
    let bit = index &* width
    let word = block.bytes.unsafeLoadUnaligned(
      fromUncheckedByteOffset: start &+ bit >> 3, as: UInt64.self)
    let more = UInt64(littleEndian: word) >> UInt64(bit & 7) & mask
    return least &+ Int64(bitPattern: more)
  }

  /// How many bits a number up to this takes. What begins in the middle of a byte ends in the eighth one at most.
  fileprivate static func width(_ span: UInt64) -> Int {
    let width = 64 - span.leadingZeroBitCount
    return width > 56 ? 64 : width
  }
}

extension PackedWriter {
  /// Writes so many numbers side by side.
  mutating func numbers(_ count: Int, _ number: (Int) -> Int64) {
    var (least, greatest) = (Int64.max, Int64.min)
    for index in 0..<count {
      least = min(least, number(index))
      greatest = max(greatest, number(index))
    }
    if count == 0 { (least, greatest) = (0, 0) }
    let span = UInt64(bitPattern: greatest &- least)
    zigzag(least)
    varint(span)
    let width = PackedNumbers.width(span)
    var (bits, held): (UInt64, Int) = (0, 0)
    for index in 0..<count {
      let more = UInt64(bitPattern: number(index) &- least)
      bits |= more << UInt64(held)
      held += width
      // Of a number of 64 bits nothing is held back.
      while held >= 8 {
        append(UInt8(truncatingIfNeeded: bits))
        bits >>= 8
        held -= 8
      }
    }
    if held > 0 { append(UInt8(truncatingIfNeeded: bits)) }
  }
}
