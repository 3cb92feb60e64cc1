import Values

/// The numbers of the keys that were met, found by their bytes.
struct KeyNumbers {
  private let names: NameTable
  /// By a hash of the key: its number, and where its bytes stand.
  private var known: [UInt64: (number: Int32, bytes: Range<Int>)] = [:]
  private var bytes: [UInt8] = []

  init(_ names: NameTable) { self.names = names }

  /// The number of a key as it stands in a text.
  mutating func number(of text: JSONScanner.Text, _ line: Span<UInt8>) -> Int32 {
    guard !text.hasEscapes else { return names.number(of: JSONScanner.decode(text, line)) }
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for index in text.range { hash = (hash ^ UInt64(line[index])) &* 0x100_0000_01b3 }
    if let entry = known[hash] {
      if isSame(entry.bytes, text.range, line) { return entry.number }
      return names.number(of: JSONScanner.decode(text, line))
    }
    let number = names.number(of: JSONScanner.decode(text, line))
    // Keys may be ids: no more are remembered than people think of.
    guard known.count < 10_000 else { return number }
    let start = bytes.count
    for index in text.range { bytes.append(line[index]) }
    known[hash] = (number, start..<bytes.count)
    return number
  }

  private func isSame(_ key: Range<Int>, _ range: Range<Int>, _ line: Span<UInt8>) -> Bool {
    guard key.count == range.count else { return false }
    for offset in 0..<key.count
    where bytes[key.lowerBound + offset] != line[range.lowerBound + offset] {
      return false
    }
    return true
  }
}

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
    case .number: number(Double(decimal: line, try scanner.number(line)))
    case .string:
      let text = try scanner.string(line)
      tag(.string)
      if text.hasEscapes {
        let decoded = JSONScanner.decode(text, line).utf8
        varint(UInt64(decoded.count))
        bytes += decoded
      } else {
        varint(UInt64(text.range.count))
        append(line.extracting(text.range))
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
      if try scanner.open(line) {
        repeat {
          let text = try scanner.key(line)
          varint(UInt64(keys.number(of: text, line)))
          try json(line, &scanner, &keys)
        } while try scanner.next(line, close: UInt8(ascii: "}"))
      }
      close(start)
    }
  }

  /// Leaves room for a length of one byte, and returns its place.
  private mutating func open() -> Int {
    bytes.append(0)
    return bytes.count - 1
  }

  /// Writes the length of what stands behind a place, which moves when the length is longer.
  private mutating func close(_ place: Int) {
    let length = bytes.count - place - 1
    if length < 0x80 {
      bytes[place] = UInt8(length)
    } else {
      var prefix = PackedWriter()
      prefix.varint(UInt64(length))
      bytes.replaceSubrange(place...place, with: prefix.bytes)
    }
  }

  private mutating func append(_ part: Span<UInt8>) {
    part.withUnsafeBufferPointer { bytes.append(contentsOf: $0) }
  }
}

extension HistoryBuilder {
  /// Adds a call as it came, a track, identify, group or alias call, to the histories of some
  /// identities.
  ///
  /// - Parameters:
  ///   - event: the call without its content.
  ///   - line: its JSON.
  /// - Throws: `JSONError` when the line is none. The call is not added then.
  public mutating func add(
    _ event: ProfileEvent, _ line: Span<UInt8>, to identities: [Int64]
  ) throws(JSONError) {
    let start = writer.bytes.count
    do throws(JSONError) {
      let parts = try CallParts(line, content: event.contentKey)
      let head = writer.head(event, names)
      for part in [parts.content, parts.context, parts.writeKey] {
        if let part {
          var scanner = JSONScanner(at: part)
          try writer.json(line, &scanner, &keys)
        } else {
          writer.value(.absent, names)
        }
      }
      append(event, start, head, identities)
    } catch {
      writer.bytes.removeSubrange(start...)
      throw error
    }
  }
}

extension ProfileEvent {
  /// The key of what a call says.
  fileprivate var contentKey: StaticString? {
    switch kind {
    case .event: "properties"
    case .identify, .group: "traits"
    case .alias: nil
    }
  }
}

/// Where the parts of a call begin.
private struct CallParts {
  var content: Int?
  var context: Int?
  var writeKey: Int?

  init(_ line: Span<UInt8>, content key: StaticString?) throws(JSONError) {
    var scanner = JSONScanner()
    guard try scanner.peek(line) == .object else {
      throw JSONError(.unexpectedByte, at: scanner.position)
    }
    guard try scanner.open(line) else { return }
    repeat {
      let name = try scanner.key(line)
      scanner.skipSpace(line)
      let place = scanner.position
      if let key, Self.isName(key, name, line) {
        content = place
      } else if Self.isName("context", name, line) {
        context = place
      } else if Self.isName("writeKey", name, line) {
        writeKey = place
      }
      try scanner.skipValue(line)
    } while try scanner.next(line, close: UInt8(ascii: "}"))
    try scanner.end(line)
  }

  private static func isName(
    _ name: StaticString, _ text: JSONScanner.Text, _ line: Span<UInt8>
  ) -> Bool {
    if text.hasEscapes {
      return JSONScanner.decode(text, line).isExactly(name.description)
    }
    guard text.range.count == name.utf8CodeUnitCount else { return false }
    for offset in 0..<name.utf8CodeUnitCount
    where line[text.range.lowerBound + offset] != name.utf8Start[offset] {
      return false
    }
    return true
  }
}
