extension Value {
  /// Reads one JSON text.
  ///
  /// - Throws: `JSONError` with the place of the first mistake.
  public init(json bytes: Span<UInt8>) throws(JSONError) {
    var scanner = JSONScanner()
    self = try scanner.value(bytes)
    try scanner.end(bytes)
  }

  /// Reads one JSON text.
  public init(json text: String) throws(JSONError) {
    self = try Value(json: Array(text.utf8).span)
  }

  /// Compact JSON: no spaces, keys in their order, `/` and non-ASCII raw, numbers as ECMAScript
  /// prints them. A number past the range of a double has no JSON form: it is the string
  /// `"Infinity"` or `"-Infinity"`, so that what is written can be read again.
  public var json: String {
    var out = ""
    write(json: &out)
    return out
  }

  /// Appends the compact JSON to `out`.
  public func write(json out: inout String) { write(to: &out, quotesInfinity: true) }

  /// The text form of an array or an object: compact JSON, but for numbers past the range.
  var compactText: String {
    var out = ""
    write(to: &out, quotesInfinity: false)
    return out
  }

  private func write(to out: inout String, quotesInfinity: Bool) {
    switch self {
    case .absent: out += "null"
    case .boolean(let flag): out += flag ? "true" : "false"
    case .number(let number):
      let quote = quotesInfinity && !number.isFinite ? "\"" : ""
      out += quote + number.textForm + quote
    case .string(let text): writeQuoted(text, to: &out)
    case .array(let elements):
      out += "["
      for (index, element) in elements.enumerated() {
        if index > 0 { out += "," }
        element.write(to: &out, quotesInfinity: quotesInfinity)
      }
      out += "]"
    case .object(let members):
      out += "{"
      for (index, member) in members.enumerated() {
        if index > 0 { out += "," }
        writeQuoted(member.key, to: &out)
        out += ":"
        member.value.write(to: &out, quotesInfinity: quotesInfinity)
      }
      out += "}"
    }
  }
}

extension JSONScanner {
  /// Reads one value of any kind into memory.
  public mutating func value(_ bytes: Span<UInt8>) throws(JSONError) -> Value {
    switch try peek(bytes) {
    case .null:
      try null(bytes)
      return .absent
    case .boolean: return .boolean(try boolean(bytes))
    case .number: return .number(Double(decimal: bytes, try number(bytes)))
    case .string: return .string(Self.decode(try string(bytes), bytes))
    case .array:
      var elements: [Value] = []
      guard try open(bytes) else { return .array([]) }
      repeat { elements.append(try value(bytes)) } while try next(bytes, close: UInt8(ascii: "]"))
      return .array(elements)
    case .object:
      var members: [Value.Member] = []
      guard try open(bytes) else { return .object([]) }
      var keys = JSONKeys()
      repeat {
        let text = try key(bytes)
        try keys.add(text, bytes)
        members.append(Value.Member(Self.decode(text, bytes), try value(bytes)))
      } while try next(bytes, close: UInt8(ascii: "}"))
      return .object(members)
    }
  }
}

/// Writes a JSON string as `JSON.stringify` does: only quotes, backslashes and control characters
/// are escaped.
private func writeQuoted(_ text: String, to out: inout String) {
  out += "\""
  if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) {
    out += text
  } else {
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case "\u{8}": out += "\\b"
      case "\u{C}": out += "\\f"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: out.unicodeScalars.append(scalar)
      }
    }
  }
  out += "\""
}
