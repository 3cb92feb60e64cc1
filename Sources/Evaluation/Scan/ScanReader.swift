import Values

/// Reads the packed form in place: the bytes are handed to each call, and nothing is copied or counted.
struct ScanReader {
  var at: Int

  @inline(__always)
  mutating func varint(_ bytes: Span<UInt8>) -> UInt64 {
    var byte = bytes[at]
    at += 1
    if byte < 0x80 { return UInt64(byte) }
    var result = UInt64(byte & 0x7F)
    var shift: UInt64 = 7
    repeat {
      byte = bytes[at]
      at += 1
      result |= UInt64(byte & 0x7F) << shift
      shift += 7
    } while byte >= 0x80
    return result
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

  /// Passes over one value.
  @inline(__always)
  mutating func skip(_ bytes: Span<UInt8>) {
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
