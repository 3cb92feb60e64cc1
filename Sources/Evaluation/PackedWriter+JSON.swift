import Values

extension PackedWriter {
  /// Packs the JSON value at the scanner's place, without building it in memory.
  mutating func json(
    _ line: Span<UInt8>, _ scanner: inout JSONScanner, _ keys: inout KeyNumbers
  ) throws(JSONError) {
    switch try scanner.peek(line) {
    case .null:
      try scanner.null(line)
      tag(.null)
    case .boolean: tag(try scanner.boolean(line) ? .yes : .no)
    case .number: number(line, try scanner.number(line))
    case .string:
      let text = try scanner.string(line)
      if text.hasEscapes {
        string(JSONScanner.decode(text, line).utf8.span)
      } else {
        string(line.extracting(text.range))
      }
    case .array:
      tag(.array)
      let start = open()
      if try scanner.open(line) {
        repeat {
          try json(line, &scanner, &keys)
        } while try scanner.next(line, close: UInt8(ascii: "]"))
      }
      close(start)
    case .object:
      tag(.object)
      let start = open()
      try members(line, &scanner, &keys)
      close(start)
    }
  }

  /// Packs the members of the object at the scanner's place, but for one of this key.
  private mutating func members(
    _ line: Span<UInt8>, _ scanner: inout JSONScanner, _ keys: inout KeyNumbers,
    except key: String? = nil
  ) throws(JSONError) {
    guard try scanner.open(line) else { return }
    var seen = SeenKeys()
    repeat {
      let text = try scanner.key(line)
      if let key, text.isExactly(key.utf8.span, in: line) {
        try scanner.skipValue(line)
        continue
      }
      let number = keys.number(of: text, line)
      guard seen.add(number) else {
        throw JSONError(.duplicateKey, at: text.range.lowerBound - 1)
      }
      varint(UInt64(number))
      try json(line, &scanner, &keys)
    } while try scanner.next(line, close: UInt8(ascii: "}"))
  }

  /// Packs the object at a place with the value at another one as one more member, which wins over one
  /// of the same key; that alone when there is no object.
  mutating func object(
    _ line: Span<UInt8>, at place: Int?, adding key: String, at value: Int, _ names: NameTable,
    _ keys: inout KeyNumbers
  ) throws(JSONError) {
    tag(.object)
    let start = open()
    if let place {
      var scanner = JSONScanner(at: place)
      if try scanner.peek(line) == .object { try members(line, &scanner, &keys, except: key) }
    }
    varint(UInt64(names.number(of: key)))
    var scanner = JSONScanner(at: value)
    try json(line, &scanner, &keys)
    close(start)
  }

  /// Packs a number as it stands in a text.
  ///
  /// Up to fifteen characters, of which two at most behind the point, are packed as they are: the double
  /// of them, in hundredths, says the same.
  private mutating func number(_ line: Span<UInt8>, _ range: Range<Int>) {
    let isNegative = line[range.lowerBound] == UInt8(ascii: "-")
    let digits = (isNegative ? range.lowerBound + 1 : range.lowerBound)..<range.upperBound
    var mantissa: Int64 = 0
    var point: Int?
    for at in digits {
      let digit = line[at] &- UInt8(ascii: "0")
      if digit < 10 {
        mantissa = mantissa &* 10 &+ Int64(digit)
      } else if line[at] == UInt8(ascii: ".") {
        point = at
      } else {
        return number(Double(decimal: line, range))
      }
    }
    let decimals = point.map { range.upperBound - $0 - 1 } ?? 0
    guard digits.count <= 15, decimals <= 2, mantissa > 0 || !isNegative else {
      return number(Double(decimal: line, range))
    }
    if isNegative { mantissa = -mantissa }
    let hundredths = decimals == 0 ? mantissa * 100 : decimals == 1 ? mantissa * 10 : mantissa
    if hundredths % 100 == 0 { integer(hundredths / 100) } else { self.hundredths(hundredths) }
  }
}

extension JSONScanner.Text {
  /// Whether this is a certain text.
  func isExactly(_ name: Span<UInt8>, in line: Span<UInt8>) -> Bool {
    if hasEscapes { return name.hasSameBytes(as: Array(JSONScanner.decode(self, line).utf8).span) }
    return name.hasSameBytes(as: line.extracting(range))
  }
}
