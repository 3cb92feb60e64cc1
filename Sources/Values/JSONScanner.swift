/// Walks over JSON text byte by byte and validates all that it passes: structure, UTF-8, escapes,
/// numbers, depth, and keys that stand twice in one object.
///
/// The bytes are handed to each call, so that the scanner itself can be kept and copied freely. It
/// builds nothing: a caller asks for ranges and decodes what it needs. RFC 8259 is the grammar; a
/// lone surrogate escape and a duplicate key are refused, for no reader would agree on them.
public struct JSONScanner: Sendable {
  /// Objects and arrays may be nested this deep.
  public static let depthLimit = 200

  /// The next byte to read.
  public var position: Int
  private var depth = 0

  public init(at position: Int = 0) { self.position = position }

  /// A string's content between its quotes, in bytes.
  public struct Text: Sendable {
    public let range: Range<Int>
    public let hasEscapes: Bool
  }

  /// What kind of value begins at a byte.
  public enum Kind: Sendable { case object, array, string, number, boolean, null }

  public mutating func skipSpace(_ bytes: Span<UInt8>) {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x0A, 0x0D, 0x09: position += 1
      default: return
      }
    }
  }

  /// The kind of the value at the next byte that is not white space, which stays unread.
  public mutating func peek(_ bytes: Span<UInt8>) throws(JSONError) -> Kind {
    skipSpace(bytes)
    guard position < bytes.count else { throw JSONError(.unexpectedEnd, at: position) }
    switch bytes[position] {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
    case UInt8(ascii: "n"): return .null
    default:
      let isText = bytes[position] < 0x80 || utf8Length(bytes, at: position) > 0
      throw JSONError(isText ? .unexpectedByte : .notUTF8, at: position)
    }
  }

  /// Reads an object's or array's opening bracket. False when it is empty, and closed again.
  public mutating func open(_ bytes: Span<UInt8>) throws(JSONError) -> Bool {
    let close: UInt8 = bytes[position] == UInt8(ascii: "{") ? UInt8(ascii: "}") : UInt8(ascii: "]")
    guard depth < Self.depthLimit else { throw JSONError(.tooDeep, at: position) }
    position += 1
    skipSpace(bytes)
    guard position < bytes.count else { throw JSONError(.unexpectedEnd, at: position) }
    if bytes[position] == close {
      position += 1
      return false
    }
    depth += 1
    return true
  }

  /// After an element: true when a comma leads to another one, false when `close` ended it.
  public mutating func next(
    _ bytes: Span<UInt8>, close: UInt8
  ) throws(JSONError) -> Bool {
    if position < bytes.count, bytes[position] == UInt8(ascii: ",") {
      position += 1
      return true
    }
    skipSpace(bytes)
    guard position < bytes.count else { throw JSONError(.unexpectedEnd, at: position) }
    let byte = bytes[position]
    guard byte == UInt8(ascii: ",") || byte == close else {
      throw JSONError(.unexpectedByte, at: position)
    }
    position += 1
    if byte == close { depth -= 1 }
    return byte != close
  }

  /// Reads a key and its colon.
  public mutating func key(_ bytes: Span<UInt8>) throws(JSONError) -> Text {
    skipSpace(bytes)
    guard position < bytes.count else { throw JSONError(.unexpectedEnd, at: position) }
    guard bytes[position] == UInt8(ascii: "\"") else {
      throw JSONError(.unexpectedByte, at: position)
    }
    let text = try string(bytes)
    if position < bytes.count, bytes[position] == UInt8(ascii: ":") {
      position += 1
      return text
    }
    skipSpace(bytes)
    guard position < bytes.count else { throw JSONError(.unexpectedEnd, at: position) }
    guard bytes[position] == UInt8(ascii: ":") else {
      throw JSONError(.unexpectedByte, at: position)
    }
    position += 1
    return text
  }

  /// Reads `true` or `false`.
  public mutating func boolean(_ bytes: Span<UInt8>) throws(JSONError) -> Bool {
    let isTrue = bytes[position] == UInt8(ascii: "t")
    try word(isTrue ? "true" : "false", bytes)
    return isTrue
  }

  /// Reads `null`.
  public mutating func null(_ bytes: Span<UInt8>) throws(JSONError) { try word("null", bytes) }

  private mutating func word(
    _ word: StaticString, _ bytes: Span<UInt8>
  ) throws(JSONError) {
    for index in 0..<word.utf8CodeUnitCount {
      guard position + index < bytes.count else {
        throw JSONError(.unexpectedEnd, at: position + index)
      }
      guard bytes[position + index] == word.utf8Start[index] else {
        throw JSONError(.unexpectedByte, at: position + index)
      }
    }
    position += word.utf8CodeUnitCount
  }

  /// Reads a number: `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`. Returns its bytes.
  public mutating func number(_ bytes: Span<UInt8>) throws(JSONError) -> Range<Int> {
    let start = position
    if bytes[position] == UInt8(ascii: "-") { position += 1 }
    let whole = digits(bytes)
    guard whole > 0, whole == 1 || bytes[position - whole] != UInt8(ascii: "0") else {
      throw JSONError(.badNumber, at: start)
    }
    if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
      position += 1
      guard digits(bytes) > 0 else { throw JSONError(.badNumber, at: start) }
    }
    if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
      position += 1
      if position < bytes.count,
        bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-")
      {
        position += 1
      }
      guard digits(bytes) > 0 else { throw JSONError(.badNumber, at: start) }
    }
    return start..<position
  }

  private mutating func digits(_ bytes: Span<UInt8>) -> Int {
    let start = position
    while position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
    return position - start
  }

  /// Passes over one value of any kind, validating it. Returns its bytes.
  @discardableResult
  public mutating func skipValue(_ bytes: Span<UInt8>) throws(JSONError) -> Range<Int> {
    let kind = try peek(bytes)
    let start = position
    switch kind {
    case .string: _ = try string(bytes)
    case .number: _ = try number(bytes)
    case .boolean: _ = try boolean(bytes)
    case .null: try null(bytes)
    case .array:
      guard try open(bytes) else { break }
      repeat { try skipValue(bytes) } while try next(bytes, close: UInt8(ascii: "]"))
    case .object:
      guard try open(bytes) else { break }
      var keys = JSONKeys()
      repeat {
        let text = try key(bytes)
        try keys.add(text, bytes)
        try skipValue(bytes)
      } while try next(bytes, close: UInt8(ascii: "}"))
    }
    return start..<position
  }

  /// Reads to the end of the text and refuses anything but white space there.
  public mutating func end(_ bytes: Span<UInt8>) throws(JSONError) {
    skipSpace(bytes)
    guard position == bytes.count else { throw JSONError(.trailingText, at: position) }
  }
}
