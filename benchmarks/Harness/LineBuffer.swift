import Foundation

/// Bytes on their way into a file, written a megabyte at a time.
struct LineBuffer {
  private var bytes: [UInt8] = []
  private let file: FileHandle
  private static let full = 1 << 20

  /// Begins a new file at the path.
  init(creating path: String) throws {
    let url = URL(fileURLWithPath: path)
    try Data().write(to: url)
    file = try FileHandle(forWritingTo: url)
    bytes.reserveCapacity(Self.full + 4096)
  }

  mutating func add(_ text: StaticString) {
    bytes.append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  mutating func add(_ text: [UInt8]) { bytes.append(contentsOf: text) }

  /// A whole number, with zeros in front up to `width`.
  mutating func add(_ number: Int, width: Int = 1) {
    var digits = 1
    var power = 10
    while number >= power || digits < width {
      digits += 1
      power *= 10
    }
    for _ in 0..<digits {
      power /= 10
      bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / power % 10))
    }
  }

  /// The low `digits` hexadecimal digits of a number.
  mutating func add(hexadecimal number: UInt64, digits: Int) {
    for place in (0..<digits).reversed() {
      let digit = UInt8(truncatingIfNeeded: number >> (UInt64(place) * 4)) & 15
      bytes.append(digit + (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10))
    }
  }

  /// Ends the line.
  mutating func endLine() throws {
    bytes.append(UInt8(ascii: "\n"))
    if bytes.count >= Self.full { try flush() }
  }

  mutating func flush() throws {
    try file.write(contentsOf: bytes)
    bytes.removeAll(keepingCapacity: true)
  }

  mutating func close() throws {
    try flush()
    try file.close()
  }
}
