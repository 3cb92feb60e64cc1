extension JSONScanner {
  /// Reads a string from its opening quote to its closing one.
  public mutating func string(_ bytes: Span<UInt8>) throws(JSONError) -> Text {
    position += 1
    let start = position
    var hasEscapes = false
    while position < bytes.count {
      skipPlainText(bytes)
      guard position < bytes.count else { break }
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        position += 1
        return Text(range: start..<(position - 1), hasEscapes: hasEscapes)
      } else if byte == UInt8(ascii: "\\") {
        hasEscapes = true
        try escape(bytes)
      } else if byte < 0x20 {
        throw JSONError(.controlCharacter, at: position)
      } else if byte < 0x80 {
        position += 1
      } else {
        let length = utf8Length(bytes, at: position)
        guard length > 0 else { throw JSONError(.notUTF8, at: position) }
        position += length
      }
    }
    throw JSONError(.unexpectedEnd, at: position)
  }

  /// Passes over text, eight bytes at a time, up to a quote, a backslash, a control character or a
  /// byte that is not ASCII. The last seven bytes are left to the caller.
  @inline(__always)
  private mutating func skipPlainText(_ bytes: Span<UInt8>) {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let raw = bytes.bytes
    while position + 8 <= raw.byteCount {
      let word = UInt64(
        littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self))
      // A subtraction that borrows sets the top bit of its byte. It may go on into bytes behind,
      // and so the first one that is found is right.
      let quotes = (word ^ (ones &* 0x22)) &- ones
      let backslashes = (word ^ (ones &* 0x5C)) &- ones
      let controls = word &- (ones &* 0x20)
      let found = (quotes | backslashes | controls | word) & (ones &* 0x80)
      guard found == 0 else {
        position += found.trailingZeroBitCount / 8
        return
      }
      position += 8
    }
  }

  private mutating func escape(_ bytes: Span<UInt8>) throws(JSONError) {
    let start = position
    guard position + 1 < bytes.count else { throw JSONError(.unexpectedEnd, at: bytes.count) }
    switch bytes[position + 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"),
      UInt8(ascii: "f"), UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      position += 2
    case UInt8(ascii: "u"):
      guard let unit = hex(bytes, at: position + 2) else { throw JSONError(.badEscape, at: start) }
      position += 6
      if unit & 0xF800 == 0xD800 {
        guard unit < 0xDC00, position + 1 < bytes.count,
          bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u"),
          let low = hex(bytes, at: position + 2), low & 0xFC00 == 0xDC00
        else { throw JSONError(.badEscape, at: start) }
        position += 6
      }
    default: throw JSONError(.badEscape, at: start)
    }
  }

  /// The text of a string that was read, with its escapes resolved.
  public static func decode(_ text: Text, _ bytes: Span<UInt8>) -> String {
    guard text.hasEscapes else {
      return String(unsafeUninitializedCapacity: text.range.count) { target in
        for (index, at) in text.range.enumerated() { target[index] = bytes[at] }
        return text.range.count
      }
    }
    var units = [UInt8]()
    units.reserveCapacity(text.range.count)
    var at = text.range.lowerBound
    while at < text.range.upperBound {
      guard bytes[at] == UInt8(ascii: "\\") else {
        units.append(bytes[at])
        at += 1
        continue
      }
      at += 2
      switch bytes[at - 1] {
      case UInt8(ascii: "b"): units.append(0x08)
      case UInt8(ascii: "f"): units.append(0x0C)
      case UInt8(ascii: "n"): units.append(0x0A)
      case UInt8(ascii: "r"): units.append(0x0D)
      case UInt8(ascii: "t"): units.append(0x09)
      case UInt8(ascii: "u"):
        var code = UInt32(hex(bytes, at: at) ?? 0)
        at += 4
        if code & 0xFC00 == 0xD800 {
          code = 0x10000 + (code & 0x3FF) << 10 + UInt32(hex(bytes, at: at + 2) ?? 0) & 0x3FF
          at += 6
        }
        if let scalar = Unicode.Scalar(code) { units += Array(String(scalar).utf8) }
      case let other: units.append(other)
      }
    }
    return String(decoding: units, as: UTF8.self)
  }
}

private func hex(_ bytes: Span<UInt8>, at start: Int) -> UInt16? {
  guard start + 4 <= bytes.count else { return nil }
  var value: UInt16 = 0
  for index in start..<(start + 4) {
    guard let digit = Character(Unicode.Scalar(bytes[index])).hexDigitValue, bytes[index] < 0x80
    else { return nil }
    value = value << 4 | UInt16(digit)
  }
  return value
}

/// The length of the well-formed UTF-8 sequence that begins at `start`, or 0 (Unicode, table 3-7).
func utf8Length(_ bytes: Span<UInt8>, at start: Int) -> Int {
  func byte(_ offset: Int, _ range: ClosedRange<UInt8>) -> Bool {
    start + offset < bytes.count && range.contains(bytes[start + offset])
  }
  let tail: ClosedRange<UInt8> = 0x80...0xBF
  switch bytes[start] {
  case 0xC2...0xDF: return byte(1, tail) ? 2 : 0
  case 0xE0: return byte(1, 0xA0...0xBF) && byte(2, tail) ? 3 : 0
  case 0xED: return byte(1, 0x80...0x9F) && byte(2, tail) ? 3 : 0
  case 0xE1...0xEF: return byte(1, tail) && byte(2, tail) ? 3 : 0
  case 0xF0: return byte(1, 0x90...0xBF) && byte(2, tail) && byte(3, tail) ? 4 : 0
  case 0xF1...0xF3: return byte(1, tail) && byte(2, tail) && byte(3, tail) ? 4 : 0
  case 0xF4: return byte(1, 0x80...0x8F) && byte(2, tail) && byte(3, tail) ? 4 : 0
  default: return 0
  }
}

/// The keys of one object so far, to find one that stands twice.
///
/// Small objects compare their few keys; past sixteen a set takes over, so that an object with very
/// many keys is still read in linear time.
public struct JSONKeys: Sendable {
  private var plain = InlineArray<16, Range<Int>>(repeating: 0..<0)
  private var count = 0
  private var decoded: Set<ExactString> = []
  private var usesSet = false

  public init() {}

  public mutating func add(
    _ text: JSONScanner.Text, _ bytes: Span<UInt8>
  ) throws(JSONError) {
    if !usesSet, text.hasEscapes || count == 16 {
      usesSet = true
      for index in 0..<count {
        let key = JSONScanner.Text(range: plain[index], hasEscapes: false)
        decoded.insert(ExactString(JSONScanner.decode(key, bytes)))
      }
    }
    if usesSet {
      guard decoded.insert(ExactString(JSONScanner.decode(text, bytes))).inserted else {
        throw JSONError(.duplicateKey, at: text.range.lowerBound - 1)
      }
      return
    }
    for index in 0..<count where sameBytes(plain[index], text.range, bytes) {
      throw JSONError(.duplicateKey, at: text.range.lowerBound - 1)
    }
    plain[count] = text.range
    count += 1
  }

  private func sameBytes(_ a: Range<Int>, _ b: Range<Int>, _ bytes: Span<UInt8>) -> Bool {
    guard a.count == b.count else { return false }
    for index in 0..<a.count where bytes[a.lowerBound + index] != bytes[b.lowerBound + index] {
      return false
    }
    return true
  }
}
