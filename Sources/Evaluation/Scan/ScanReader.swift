import Values

/// Reads the packed form in place: the bytes are handed to each call, and nothing is copied or counted.
struct ScanReader {
  var at: Int

  @inline(__always)
  mutating func varint(_ bytes: Span<UInt8>) -> UInt64 {
    let byte = bytes[at]
    if byte < 0x80 {
      at += 1
      return UInt64(byte)
    }
    if let word = word(bytes), let varint = WordVarint(word) {
      at += varint.count
      return varint.value
    }
    return longVarint(bytes)
  }

  /// A varint at the end of the bytes, or one of many bytes.
  private mutating func longVarint(_ bytes: Span<UInt8>) -> UInt64 {
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = bytes[at]
      at += 1
      result |= UInt64(byte & 0x7F) << shift
      shift += 7
      if byte < 0x80 { return result }
    }
  }

  /// The eight bytes here; nil where there are fewer.
  @inline(__always)
  private func word(_ bytes: Span<UInt8>) -> UInt64? {
    guard at <= bytes.count - 8 else { return nil }
    return UInt64(
      littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self))
  }

  @inline(__always)
  mutating func zigzag(_ bytes: Span<UInt8>) -> Int64 {
    let number = varint(bytes)
    return Int64(bitPattern: number >> 1) ^ -Int64(bitPattern: number & 1)
  }

  @inline(__always)
  mutating func tag(_ bytes: Span<UInt8>) -> PackedTag {
    at += 1
    return PackedTag(rawValue: bytes[at - 1]) ?? .null
  }

  /// Passes over one value. The next tag is anybody's guess, so nothing branches on it where eight bytes
  /// can be read.
  @inline(__always)
  mutating func skip(_ bytes: Span<UInt8>) {
    guard let word = word(bytes), word & 0xFF <= UInt64(PackedTag.object.rawValue),
      let varint = WordVarint(word >> 8 | 1 << 63)
    else { return skipByTag(bytes) }
    let tag = word & 0xFF
    let fixed = Int(truncatingIfNeeded: Self.fixedBytes >> (tag * 4) & 0xF)
    let isCounted = Int(truncatingIfNeeded: Self.countedTags >> tag & 1)
    let isLong = Int(truncatingIfNeeded: Self.longTags >> tag & 1)
    at += 1 + fixed + varint.count & -isCounted + Int(truncatingIfNeeded: varint.value) & -isLong
  }

  /// Four bits for each tag: how many bytes there are besides a varint.
  private static var fixedBytes: UInt64 {
    1 << (4 * UInt64(PackedTag.decimal.rawValue)) | 8 << (4 * UInt64(PackedTag.double.rawValue))
  }
  /// A bit for each tag whose value is one varint, or whose length is.
  private static var countedTags: UInt64 { bit(.integer) | bit(.decimal) | longTags }
  private static var longTags: UInt64 { bit(.string) | bit(.array) | bit(.object) }

  @inline(__always)
  private static func bit(_ tag: PackedTag) -> UInt64 { 1 << UInt64(tag.rawValue) }

  private mutating func skipByTag(_ bytes: Span<UInt8>) {
    switch tag(bytes) {
    case .null, .no, .yes: break
    case .integer: _ = varint(bytes)
    case .decimal:
      _ = varint(bytes)
      at += 1
    case .double: at += 8
    case .string, .array, .object:
      let length = Int(varint(bytes))
      at += length
    }
  }

  /// Moves to the member `key` of the object here; false when there is none, or no object.
  mutating func enter(_ key: Int32, _ bytes: Span<UInt8>) -> Bool {
    guard tag(bytes) == .object else { return false }
    let end = Int(varint(bytes)) + at
    while at < end {
      if Int32(varint(bytes)) == key { return true }
      skip(bytes)
    }
    return false
  }

  /// The number here; nil for a value of another kind.
  @inline(__always)
  mutating func number(_ bytes: Span<UInt8>) -> Double? {
    switch tag(bytes) {
    case .integer: return Double(zigzag(bytes))
    case .decimal:
      let mantissa = zigzag(bytes)
      return Double(mantissa) / (bytes[at] == 2 ? 100 : 1)
    case .double:
      var pattern: UInt64 = 0
      for index in 0..<8 { pattern |= UInt64(bytes[at + index]) << UInt64(8 * index) }
      return Double(bitPattern: pattern)
    default: return nil
    }
  }

  /// The number here in hundredths; nil for a value of another kind, and for a number that is not kept in
  /// whole hundredths.
  @inline(__always)
  mutating func hundredths(_ bytes: Span<UInt8>) -> Int64? {
    switch tag(bytes) {
    case .integer:
      let (product, overflow) = zigzag(bytes).multipliedReportingOverflow(by: 100)
      return overflow ? nil : product
    case .decimal:
      let mantissa = zigzag(bytes)
      return bytes[at] == 2 ? mantissa : nil
    default: return nil
    }
  }

  /// The range of the text here; nil for a value of another kind.
  @inline(__always)
  mutating func text(_ bytes: Span<UInt8>) -> Range<Int>? {
    guard tag(bytes) == .string else { return nil }
    let length = Int(varint(bytes))
    return at..<(at + length)
  }

  /// Reads one value into memory.
  func value(_ bytes: Span<UInt8>, _ names: NameTable) -> Value {
    var reader = self
    if let number = reader.number(bytes) { return .number(number) }
    reader = self
    if let range = reader.text(bytes) {
      return .string(
        bytes.extracting(range).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) })
    }
    reader = self
    reader.skip(bytes)
    let copy = bytes.extracting(at..<reader.at).withUnsafeBufferPointer { Array($0) }
    var packed = PackedReader(bytes: copy, at: 0)
    return packed.value(names)
  }
}

/// A varint that begins a word, read without a branch for each byte.
private struct WordVarint {
  let value: UInt64
  /// How many bytes it has.
  let count: Int

  /// Nil when it goes on behind the word.
  @inline(__always)
  init?(_ word: UInt64) {
    let ends = ~word & 0x8080_8080_8080_8080
    guard ends != 0 else { return nil }
    count = ends.trailingZeroBitCount / 8 + 1
    // The bytes up to the first one that ends it; seven bits of each are moved together, pair by pair.
    var bits = word & (ends ^ (ends - 1)) & 0x7F7F_7F7F_7F7F_7F7F
    bits = bits & 0x007F_007F_007F_007F | (bits & 0x7F00_7F00_7F00_7F00) >> 1
    bits = bits & 0x0000_3FFF_0000_3FFF | (bits & 0x3FFF_0000_3FFF_0000) >> 2
    value = bits & 0x0000_0000_0FFF_FFFF | (bits & 0x0FFF_FFFF_0000_0000) >> 4
  }
}
