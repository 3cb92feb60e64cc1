import Values

/// Turns one line into a call, or says why it is none.
///
/// The whole line is passed over once and validated; the fields may come in any order. Nothing is
/// built on the way: what is found is where the fields' values begin and end.
public struct CallScanner {
  private var fields = InlineArray<14, Field>(repeating: .none(isNull: false))

  private init() {}

  /// One field's value as it was found.
  private enum Field {
    /// Missing, or null.
    case none(isNull: Bool)
    case string(JSONScanner.Text)
    case number(Range<Int>)
    case object(Range<Int>)
    case other

    var isMissing: Bool {
      if case .none(isNull: false) = self { return true }
      return false
    }

    var isPresent: Bool {
      if case .none = self { return false }
      return true
    }
  }

  /// Reads a line that has no white space at its ends.
  ///
  /// - Throws: the first thing that is wrong; broken JSON comes before a wrong field.
  public static func scan(_ line: Span<UInt8>) throws(CallRefusal) -> Call {
    var scanner = CallScanner()
    let isObject: Bool
    do throws(JSONError) {
      isObject = try scanner.find(line)
    } catch {
      throw .notJSON(error)
    }
    guard isObject else { throw .notAnObject }
    return try scanner.call(line)
  }

  /// Finds the fields' places. False when the line is JSON, but no object.
  private mutating func find(_ line: Span<UInt8>) throws(JSONError) -> Bool {
    var json = JSONScanner()
    guard try json.peek(line) == .object else {
      try json.skipValue(line)
      try json.end(line)
      return false
    }
    if try json.open(line) {
      // Keys that are not looked at are rare, and room for them is large.
      var otherKeys: JSONKeys?
      repeat {
        let key = try json.key(line)
        if let field = Self.field(key, line) {
          guard fields[field.rawValue].isMissing else {
            throw JSONError(.duplicateKey, at: key.range.lowerBound - 1)
          }
          fields[field.rawValue] = try Self.value(&json, line)
        } else {
          if otherKeys == nil { otherKeys = JSONKeys() }
          try otherKeys?.add(key, line)
          try json.skipValue(line)
        }
      } while try json.next(line, close: UInt8(ascii: "}"))
    }
    try json.end(line)
    return true
  }

  private static func field(_ key: JSONScanner.Text, _ line: Span<UInt8>) -> CallField? {
    key.hasEscapes
      ? CallField(key: Array(JSONScanner.decode(key, line).utf8).span)
      : CallField(key: line.extracting(key.range))
  }

  private static func value(
    _ json: inout JSONScanner, _ line: Span<UInt8>
  ) throws(JSONError) -> Field {
    switch try json.peek(line) {
    case .string: return .string(try json.string(line))
    case .number: return .number(try json.number(line))
    case .object: return .object(try json.skipValue(line))
    case .null:
      try json.null(line)
      return .none(isNull: true)
    case .array, .boolean:
      try json.skipValue(line)
      return .other
    }
  }

  // MARK: What the fields say

  /// Read in place: the array is large, and would be copied.
  private subscript(field: CallField) -> Field { fields.span[field.rawValue] }

  private func call(_ line: Span<UInt8>) throws(CallRefusal) -> Call {
    let kind = try kind(line)
    let call = Call(
      kind: kind,
      time: try time(line),
      event: kind == .track ? try needed(.event, try string(.event), kind) : nil,
      name: kind == .page || kind == .screen ? try string(.name) : nil,
      messageID: try identity(.messageID),
      userID: try identity(.userID),
      anonymousID: try identity(.anonymousID),
      groupID: kind == .group ? try needed(.groupID, try identity(.groupID), kind) : nil,
      previousID: kind == .alias ? try needed(.previousID, try identity(.previousID), kind) : nil,
      properties: try object(.properties),
      traits: try object(.traits),
      context: try object(.context))
    if kind == .alias { _ = try needed(.userID, call.userID, kind) }
    guard call.userID != nil || call.anonymousID != nil else { throw .noIdentity }
    return call
  }

  private func kind(_ line: Span<UInt8>) throws(CallRefusal) -> Call.Kind {
    guard self[.type].isPresent else { throw .noType }
    guard let text = try string(.type) else { throw .unknownType }
    let kind = text.withBytes(in: line) { name in
      Call.Kind.allCases.first { name.hasSameBytes(as: $0.name.utf8.span) }
    }
    guard let kind else { throw .unknownType }
    return kind
  }

  private func time(_ line: Span<UInt8>) throws(CallRefusal) -> Instant {
    let fields: (CallField, CallField, CallField) = (.timestamp, .originalTimestamp, .receivedAt)
    let field =
      self[fields.0].isPresent ? fields.0 : self[fields.1].isPresent ? fields.1 : fields.2
    guard self[field].isPresent else { throw .noTime }
    guard case .string(let text) = self[field],
      let instant = CallText(form: .string(text)).withBytes(in: line, { Instant(iso8601: $0) })
    else { throw .notADate(field) }
    return instant
  }

  /// A string; nil when it is missing, null or empty.
  private func string(_ field: CallField) throws(CallRefusal) -> CallText? {
    switch self[field] {
    case .none: return nil
    case .string(let text): return text.range.isEmpty ? nil : CallText(form: .string(text))
    default: throw .wrongKind(field, .string)
    }
  }

  /// A string or a number; nil when it is missing, null or empty.
  private func identity(_ field: CallField) throws(CallRefusal) -> CallText? {
    switch self[field] {
    case .none: return nil
    case .string(let text): return text.range.isEmpty ? nil : CallText(form: .string(text))
    case .number(let range): return CallText(form: .number(range))
    default: throw .wrongKind(field, .identity)
    }
  }

  private func object(_ field: CallField) throws(CallRefusal) -> Range<Int>? {
    switch self[field] {
    case .none: return nil
    case .object(let range): return range
    default: throw .wrongKind(field, .object)
    }
  }

  private func needed(
    _ field: CallField, _ text: CallText?, _ kind: Call.Kind
  ) throws(CallRefusal) -> CallText {
    guard let text else { throw .missing(field, kind) }
    return text
  }
}
