/// The bytes of an outcome while they are put together, in memory that is kept from one profile to the next.
public struct OutcomeBuffer: ~Copyable {
  /// A few bytes that are appended at once.
  struct Short: Sendable {
    private static let limit = 8

    fileprivate let word: UInt64
    fileprivate let count: Int

    /// Whether the bytes are few enough. If not, it stands for nothing.
    var isWhole: Bool { count > 0 }

    init(_ bytes: [UInt8]) {
      count = bytes.count <= Self.limit ? bytes.count : 0
      word = bytes.prefix(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
  }

  private var base: UnsafeMutablePointer<UInt8>
  private var capacity: Int
  private var count = 0
  /// Bytes that are written by somebody else.
  private var scratch: [UInt8] = []

  public init() {
    capacity = 256
    base = .allocate(capacity: capacity)
  }

  deinit { base.deallocate() }

  /// The bytes, copied.
  public var bytes: [UInt8] { [UInt8](UnsafeBufferPointer(start: base, count: count)) }

  /// Calls `body` with the bytes in place.
  @inline(__always)
  public func withSpan<Result>(_ body: (Span<UInt8>) throws -> Result) rethrows -> Result {
    try body(Span(_unsafeElements: UnsafeBufferPointer(start: base, count: count)))
  }

  @inline(__always)
  mutating func removeAll() { count = 0 }

  @inline(__always)
  mutating func append(_ short: Short) {
    // A word is written whatever the count: what is too much is written over.
    if capacity - count < 8 { grow(by: 8) }
    UnsafeMutableRawPointer(base + count).storeBytes(of: short.word.littleEndian, as: UInt64.self)
    count += short.count
  }

  /// Appends what `write` appends.
  mutating func append(_ write: (inout [UInt8]) -> Void) {
    scratch.removeAll(keepingCapacity: true)
    write(&scratch)
    if capacity - count < scratch.count { grow(by: scratch.count) }
    for byte in scratch {
      base[count] = byte
      count += 1
    }
  }

  @inline(never)
  private mutating func grow(by more: Int) {
    capacity = max(capacity * 2, count + more)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    larger.update(from: base, count: count)
    base.deallocate()
    base = larger
  }
}
