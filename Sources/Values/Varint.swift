/// Unsigned numbers in as few bytes as they need (LEB128): seven bits a byte, the lowest first.
public enum Varint {
  /// Puts a number behind the others.
  public static func append(_ number: UInt64, to bytes: inout [UInt8]) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// The number that begins at a place, which moves behind it; nil where there is none.
  @inlinable
  @inline(__always)
  public static func read(_ bytes: Span<UInt8>, at place: inout Int) -> UInt64? {
    guard place < bytes.count else { return nil }
    var (number, shift) = (UInt64(bytes[place]), UInt64(7))
    place += 1
    // Most are of one byte.
    if number < 0x80 { return number }
    number &= 0x7F
    while place < bytes.count, shift < 64 {
      let byte = bytes[place]
      place += 1
      number |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return number }
      shift += 7
    }
    return nil
  }
}
