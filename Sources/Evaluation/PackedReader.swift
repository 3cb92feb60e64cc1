import Definitions
import Values

/// Reads the packed form, forwards, from a place in a history's bytes.
struct PackedReader {
  let bytes: [UInt8]
  var at: Int

  mutating func varint() -> UInt64 {
    var result: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = bytes[at]
      at += 1
      result |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return result }
      shift += 7
    }
  }

  mutating func zigzag() -> Int64 {
    let number = varint()
    return Int64(bitPattern: number >> 1) ^ -Int64(bitPattern: number & 1)
  }

  mutating func byte() -> UInt8 {
    at += 1
    return bytes[at - 1]
  }

  mutating func tag() -> PackedTag { PackedTag(rawValue: byte()) ?? .null }

  /// Passes over one value.
  mutating func skip() {
    switch tag() {
    case .null, .no, .yes: break
    case .integer: _ = varint()
    case .decimal:
      _ = varint()
      at += 1
    case .double: at += 8
    case .string, .array, .object:
      let length = Int(varint())
      at += length
    }
  }

  /// Reads one value into memory.
  mutating func value(_ names: NameTable) -> Value {
    switch tag() {
    case .null: return .absent
    case .no: return .boolean(false)
    case .yes: return .boolean(true)
    case .integer: return .number(Double(zigzag()))
    case .decimal:
      let mantissa = zigzag()
      let digits = byte()
      return .number(Double(mantissa) / (digits == 2 ? 100 : 1))
    case .double:
      var pattern: UInt64 = 0
      for index in 0..<8 { pattern |= UInt64(bytes[at + index]) << UInt64(8 * index) }
      at += 8
      return .number(Double(bitPattern: pattern))
    case .string:
      let length = Int(varint())
      defer { at += length }
      return .string(String(decoding: bytes[at..<(at + length)], as: UTF8.self))
    case .array:
      let end = Int(varint()) + at
      var elements: [Value] = []
      while at < end { elements.append(value(names)) }
      return .array(elements)
    case .object:
      let end = Int(varint()) + at
      var members: [Value.Member] = []
      while at < end {
        let key = names.name(Int32(varint()))
        members.append(Value.Member(key, value(names)))
      }
      return .object(members)
    }
  }

  /// Moves to the member `key` of the object here; false when there is none, or no object.
  mutating func enter(_ key: Int32) -> Bool {
    guard tag() == .object else { return false }
    let end = Int(varint()) + at
    while at < end {
      if Int32(varint()) == key { return true }
      skip()
    }
    return false
  }

  /// The end of the array here, whose first element comes next; nil when this is no array.
  mutating func openArray() -> Int? {
    guard tag() == .array else { return nil }
    let length = Int(varint())
    return at + length
  }
}

extension PackedReader {
  /// Appends the present values of a path, from the value here: one, or as many as `$` finds.
  mutating func collect(
    _ steps: ArraySlice<CompiledPath.Step>, _ names: NameTable, into values: inout [Value]
  ) {
    guard let step = steps.first else {
      let value = value(names)
      if value.isPresent { values.append(value) }
      return
    }
    switch step {
    case .key(let key):
      if enter(key) { collect(steps.dropFirst(), names, into: &values) }
    case .each:
      guard let end = openArray() else { return }
      while at < end {
        var element = self
        element.collect(steps.dropFirst(), names, into: &values)
        skip()
      }
    }
  }

  /// The value of a path without `$`, from the value here.
  mutating func single(_ steps: [CompiledPath.Step], _ names: NameTable) -> Value {
    for step in steps {
      guard case .key(let key) = step, enter(key) else { return .absent }
    }
    return value(names)
  }
}

/// A path with the numbers of its names.
struct CompiledPath: Hashable {
  enum Step: Hashable {
    case key(Int32)
    case each
  }

  let steps: [Step]
  let fansOut: Bool

  init(_ path: FieldPath, _ names: NameTable) {
    steps = path.steps.map { step in
      switch step {
      case .key(let name): .key(names.number(of: name))
      case .each: .each
      }
    }
    fansOut = path.fansOut
  }

  private init(steps: [Step]) {
    self.steps = steps
    fansOut = false
  }

  /// The path up to its first `$`.
  var beforeEach: CompiledPath {
    CompiledPath(steps: Array(steps.prefix { $0 != .each }))
  }
}
