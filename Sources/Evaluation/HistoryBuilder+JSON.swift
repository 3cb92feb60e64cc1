import Values

extension HistoryBuilder {
  /// Adds a call as it came to the histories of its owners.
  ///
  /// - Parameters:
  ///   - call: what is known of it.
  ///   - line: its JSON.
  /// - Throws: `JSONError` when the line is none. The call is not added then.
  public mutating func add(
    _ call: ArrivedCall, _ line: Span<UInt8>, to owners: CallOwners
  ) throws(JSONError) {
    let start = writer.count
    do throws(JSONError) {
      let head = writer.head(call.kind.record, call.event, isAnonymous: call.isAnonymous)
      var content = CallContent(call.kind)
      try content.pack(line, into: &writer, names, &keys)
      append(time: call.time, row: call.row, start, head, owners)
    } catch {
      writer.truncate(to: start)
      throw error
    }
  }
}

/// What a call says: its properties or traits, its context and its write key, packed in this order.
///
/// A part that stands in its order is packed as the line is passed over; of the others the places are
/// kept for the end.
private struct CallContent {
  private enum Part: Int { case content, context, writeKey }

  private let kind: ArrivedCall.Kind
  private let contentKey: StaticString?
  /// Where the parts begin in the line.
  private var places = InlineArray<3, Int?>(repeating: nil)
  /// Where the call's name begins, when it becomes a property.
  private var name: Int?
  /// How many parts are packed.
  private var packed: Int

  init(_ kind: ArrivedCall.Kind) {
    self.kind = kind
    contentKey = kind.contentKey
    packed = 0
  }

  mutating func pack(
    _ line: Span<UInt8>, into writer: inout PackedWriter, _ names: NameTable,
    _ keys: inout KeyNumbers
  ) throws(JSONError) {
    let start = writer.count
    if contentKey == nil { absent(&writer) }
    // A name may still come, and is a property then: the parts behind these have to wait.
    let inPlace = kind.nameProperty == nil ? 3 : 1
    var scanner = JSONScanner()
    guard try scanner.peek(line) == .object else {
      throw JSONError(.unexpectedByte, at: scanner.position)
    }
    if try scanner.open(line) {
      repeat {
        let key = try scanner.key(line)
        if let part = part(key, line) {
          guard places[part.rawValue] == nil else {
            throw JSONError(.duplicateKey, at: key.range.lowerBound - 1)
          }
          places[part.rawValue] = scanner.position
          if part.rawValue == packed, packed < inPlace, name == nil {
            try writer.json(line, &scanner, &keys)
            packed += 1
          } else {
            try scanner.skipValue(line)
          }
        } else {
          if kind.nameProperty != nil, key.isExactly("name", in: line),
            try scanner.peek(line) != .null
          {
            name = scanner.position
          }
          try scanner.skipValue(line)
        }
      } while try scanner.next(line, close: UInt8(ascii: "}"))
    }
    try scanner.end(line)
    if let name, let property = kind.nameProperty {
      writer.truncate(to: start)
      try writer.object(line, at: places[0], adding: property, at: name, names, &keys)
      packed = 1
    }
    while packed < 3 { try packNext(line, into: &writer, &keys) }
  }

  /// Packs the next part from its place.
  private mutating func packNext(
    _ line: Span<UInt8>, into writer: inout PackedWriter, _ keys: inout KeyNumbers
  ) throws(JSONError) {
    guard let place = places[packed] else { return absent(&writer) }
    var scanner = JSONScanner(at: place)
    try writer.json(line, &scanner, &keys)
    packed += 1
  }

  private mutating func absent(_ writer: inout PackedWriter) {
    writer.tag(.null)
    packed += 1
  }

  private func part(_ key: JSONScanner.Text, _ line: Span<UInt8>) -> Part? {
    if let contentKey, key.isExactly(contentKey, in: line) { return .content }
    if key.isExactly("context", in: line) { return .context }
    return key.isExactly("writeKey", in: line) ? .writeKey : nil
  }
}

extension JSONScanner.Text {
  @inline(__always)
  fileprivate func isExactly(_ name: StaticString, in line: Span<UInt8>) -> Bool {
    guard hasEscapes || range.count == name.utf8CodeUnitCount else { return false }
    return isExactly(
      Span(
        _unsafeElements: UnsafeBufferPointer(
          start: name.utf8Start, count: name.utf8CodeUnitCount)), in: line)
  }
}
