import SQLite

/// Varints (LEB128) in the bytes of standings.
extension [UInt8] {
  mutating func append(varint number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    append(UInt8(rest))
  }

  /// The number that begins at a place, which moves behind it.
  ///
  /// - Throws: `SQLiteError.damaged` where there is none.
  func varint(at place: inout Int) throws -> UInt64 {
    var (result, shift): (UInt64, UInt64) = (0, 0)
    while place < count, shift < 64 {
      let byte = self[place]
      place += 1
      result |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return result }
      shift += 7
    }
    throw SQLiteError.damaged("standings")
  }
}
