import Definitions
import Values

/// Holds values against tests, in place in the packed history.
struct CellMatcher: ~Copyable {
  private let tests: FixedTable<ScanProgram.Test>
  private let parts: FixedTable<ScanProgram.Part>
  private let texts: FixedTable<UInt8>
  /// For each part and byte, how far a search may go on where a place cannot end with that byte.
  private let skips: FixedTable<UInt16>
  private let rest: Rest

  /// What values of another type need.
  private final class Rest {
    let program: Program
    let names: NameTable

    init(_ program: Program, _ names: NameTable) {
      self.program = program
      self.names = names
    }
  }

  init(_ scan: ScanProgram, _ names: NameTable) {
    tests = FixedTable(scan.tests)
    parts = FixedTable(scan.parts)
    texts = FixedTable(scan.texts)
    skips = FixedTable(scan.parts.flatMap { Self.skips($0, scan.texts) })
    rest = Rest(scan.program, names)
  }

  /// Horspool's table: the distance of the last place of each byte from the end of the part.
  private static func skips(_ part: ScanProgram.Part, _ texts: [UInt8]) -> [UInt16] {
    let longest = min(part.count, Int(UInt16.max))
    var skips = [UInt16](repeating: UInt16(longest), count: 256)
    for offset in 0..<max(0, part.count - 1) {
      let distance = min(part.count - 1 - offset, longest)
      skips[Int(texts[part.start + offset])] = UInt16(distance)
    }
    return skips
  }

  /// Whether the value at a place passes a test; at -1 it is absent.
  @inline(__always)
  func passes(_ index: Int, _ cell: Int, _ bytes: Span<UInt8>) -> Bool {
    let test = tests[index]
    var reader = ScanReader(at: cell)
    switch test.kind {
    case .number(let relation, let other):
      guard cell >= 0 else { return false }
      if let number = reader.number(bytes), number.isFinite { return relation.holds(number, other) }
    case .texts(let range, let isTrue):
      guard cell >= 0 else { return false }
      if let text = reader.text(bytes) {
        for part in range where isText(parts[part], text, bytes) { return isTrue }
        return !isTrue
      }
    case .contains(let range, let isTrue):
      guard cell >= 0 else { return !isTrue }
      if let text = reader.text(bytes) {
        for part in range where contains(part, text, bytes) { return isTrue }
        return !isTrue
      }
    case .other: break
    }
    return rest.program.holds(test.condition, for: value(cell, bytes))
  }

  /// The same for a value in memory.
  func passes(_ index: Int, _ value: Value) -> Bool {
    rest.program.holds(tests[index].condition, for: value)
  }

  /// The value at a place; absent at -1.
  func value(_ cell: Int, _ bytes: Span<UInt8>) -> Value {
    cell < 0 ? .absent : ScanReader(at: cell).value(bytes, rest.names)
  }

  @inline(__always)
  private func isText(
    _ part: ScanProgram.Part, _ text: Range<Int>, _ bytes: Span<UInt8>
  ) -> Bool {
    guard part.count == text.count else { return false }
    for offset in 0..<part.count
    where bytes[text.lowerBound + offset] != texts[part.start + offset] {
      return false
    }
    return true
  }

  private func contains(_ index: Int, _ text: Range<Int>, _ bytes: Span<UInt8>) -> Bool {
    let part = parts[index]
    guard part.count > 0 else { return true }
    let end = part.count - 1
    let lastByte = texts[part.start + end]
    var at = text.lowerBound + end
    while at < text.upperBound {
      let byte = bytes[at]
      if byte == lastByte, isText(part, (at - end)..<(at + 1), bytes) { return true }
      at += Int(skips[index * 256 + Int(byte)])
    }
    return false
  }
}

extension Relation {
  /// Whether a number stands in the relation to another. Both are finite.
  @inline(__always)
  func holds(_ number: Double, _ other: Double) -> Bool {
    switch self {
    case .equal: number == other
    case .unequal: number != other
    case .greater: number > other
    case .less: number < other
    case .greaterOrEqual: number >= other
    case .lessOrEqual: number <= other
    }
  }
}
