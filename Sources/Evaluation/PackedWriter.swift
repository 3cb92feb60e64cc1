import Values

/// Writes the packed form, into memory of its own that it keeps for what comes next.
struct PackedWriter: ~Copyable {
  private var base: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private(set) var count = 0

  init(capacity: Int = 256) {
    self.capacity = capacity
    base = .allocate(capacity: capacity)
  }

  deinit { base.deallocate() }

  /// What was written.
  var bytes: [UInt8] { [UInt8](UnsafeBufferPointer(start: base, count: count)) }

  /// Calls `body` with what was written, in place.
  @inline(__always)
  func withSpan<Result, Failure>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(Span(_unsafeElements: UnsafeBufferPointer(start: base, count: count)))
  }

  /// Forgets what stands behind the first `count` bytes.
  mutating func truncate(to count: Int) {
    precondition(count >= 0 && count <= self.count)
    self.count = count
  }

  // MARK: Bytes

  /// Makes room for so many more bytes.
  @inline(__always)
  mutating func reserve(_ more: Int) { if capacity - count < more { grow(by: more) } }

  @inline(never)
  private mutating func grow(by more: Int) {
    capacity = max(capacity * 2, count + more)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    larger.moveInitialize(from: base, count: count)
    base.deallocate()
    base = larger
  }

  @inline(__always)
  mutating func append(_ byte: UInt8) {
    reserve(1)
    base[count] = byte
    count += 1
  }

  @inline(__always)
  mutating func append(_ bytes: Span<UInt8>) {
    reserve(bytes.count)
    bytes.withUnsafeBufferPointer {
      if let start = $0.baseAddress { (base + count).initialize(from: start, count: $0.count) }
    }
    count += bytes.count
  }

  @inline(__always)
  mutating func varint(_ number: UInt64) {
    reserve(10)
    var rest = number
    while rest >= 0x80 {
      base[count] = UInt8(truncatingIfNeeded: rest) | 0x80
      count += 1
      rest >>= 7
    }
    base[count] = UInt8(truncatingIfNeeded: rest)
    count += 1
  }

  mutating func zigzag(_ number: Int64) { varint(Self.zigzag(number)) }

  private static func zigzag(_ number: Int64) -> UInt64 {
    UInt64(bitPattern: (number << 1) ^ (number >> 63))
  }

  /// How many bytes a varint takes.
  private static func length(_ number: UInt64) -> Int {
    (70 - (number | 1).leadingZeroBitCount) / 7
  }

  // MARK: Lengths that are known afterwards

  /// Leaves room for a length of one byte, and returns its place.
  mutating func open() -> Int {
    append(0)
    return count - 1
  }

  /// Writes the length of what stands behind a place, which moves when the length is longer.
  mutating func close(_ place: Int) {
    let content = place + 1
    let length = count - content
    let prefix = Self.length(UInt64(length))
    // What stands behind the length is not counted while that is written: there has to be room now.
    reserve(10)
    if prefix > 1 {
      (base + place + prefix).update(from: base + content, count: length)
    }
    count = place
    varint(UInt64(length))
    count += length
  }

  // MARK: Records

  /// The beginning of a record, up to its time. Returns its length in bytes.
  mutating func head(_ kind: History.RecordKind, _ event: Int32, isAnonymous: Bool) -> Int {
    let start = count
    append(kind.rawValue | (isAnonymous ? History.anonymousBit : 0))
    varint(UInt64(event))
    return count - start
  }

  /// A whole record, with what time and row are more than those of the one before.
  mutating func record(_ head: Span<UInt8>, _ time: Int64, _ row: Int64, _ body: Span<UInt8>) {
    let (time, row) = (Self.zigzag(time), Self.zigzag(row))
    let length = head.count + Self.length(time) + Self.length(row) + body.count
    varint(UInt64(length))
    append(head)
    varint(time)
    varint(row)
    append(body)
  }

  // MARK: Values

  mutating func tag(_ tag: PackedTag) { append(tag.rawValue) }

  mutating func string(_ utf8: Span<UInt8>) {
    tag(.string)
    varint(UInt64(utf8.count))
    append(utf8)
  }

  mutating func value(_ value: Value, _ names: NameTable) {
    switch value {
    case .absent: tag(.null)
    case .boolean(let flag): tag(flag ? .yes : .no)
    case .number(let number): self.number(number)
    case .string(let text): string(text.utf8.span)
    case .array(let elements):
      tag(.array)
      let start = open()
      for element in elements { self.value(element, names) }
      close(start)
    case .object(let members):
      tag(.object)
      let start = open()
      for member in members {
        varint(UInt64(names.number(of: member.key)))
        self.value(member.value, names)
      }
      close(start)
    }
  }

  mutating func number(_ number: Double) {
    if number == 0 && number.sign == .minus {
      double(number)
    } else if number.magnitude < 9_007_199_254_740_992, number == number.rounded(.towardZero) {
      integer(Int64(number))
    } else if let digits = number.hundredths {
      hundredths(digits)
    } else {
      double(number)
    }
  }

  mutating func integer(_ number: Int64) {
    tag(.integer)
    zigzag(number)
  }

  mutating func hundredths(_ number: Int64) {
    tag(.decimal)
    zigzag(number)
    append(2)
  }

  private mutating func double(_ number: Double) {
    tag(.double)
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      append(UInt8(truncatingIfNeeded: number.bitPattern >> shift))
    }
  }
}

/// It is the only owner of its memory.
extension PackedWriter: @unchecked Sendable {}

extension Double {
  /// The number in hundredths when these say it exactly as a decimal.
  fileprivate var hundredths: Int64? {
    let hundredths = (self * 100).rounded()
    return hundredths.magnitude < 1e15 && hundredths / 100 == self ? Int64(hundredths) : nil
  }
}
