import SQLite
import Values

/// Varints in the bytes of standings.
extension [UInt8] {
  mutating func append(varint number: UInt64) { Varint.append(number, to: &self) }

  /// The number that begins at a place, which moves behind it.
  ///
  /// - Throws: `SQLiteError.damaged` where there is none.
  func varint(at place: inout Int) throws -> UInt64 {
    guard let number = Varint.read(span, at: &place) else {
      throw SQLiteError.damaged("standings")
    }
    return number
  }
}
