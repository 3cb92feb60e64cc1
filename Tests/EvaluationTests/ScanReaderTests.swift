import Testing
import Values

@testable import Evaluation

/// Packed values, read in place. What comes behind them, and how much, must not matter.
struct ScanReaderTests {
  /// The bytes with up to nine others behind them.
  private func padded(_ bytes: [UInt8]) -> [[UInt8]] {
    (0..<10).flatMap { count in
      [0x00, 0x7F, 0x80, 0xFF].map { bytes + [UInt8](repeating: $0, count: count) }
    }
  }

  @Test("numbers of every length are read, in the middle of the bytes and at their end")
  func varints() {
    let powers = (0..<64).map { UInt64(1) << UInt64($0) }
    for number in powers + powers.map({ $0 - 1 }) + [.max] {
      var writer = PackedWriter()
      writer.varint(number)
      for bytes in padded(writer.bytes) {
        var reader = ScanReader(at: 0)
        #expect(reader.varint(bytes.span) == number)
        #expect(reader.at == writer.count, "\(number)")
      }
    }
  }

  @Test("values of every kind are passed over")
  func skips() {
    let names = NameTable()
    let texts = ["", "a", "seven77", "eight888", String(repeating: "x", count: 300)]
    var values = texts.map(Value.string) + [.absent, .boolean(true), .boolean(false)]
    values += [0, -1, 63, 64, 8191, 8192, 1e9, 9e15, -9e15, 0.01, 123.45, 1e12 + 0.5, -0.0, 1e300]
      .map(Value.number)
    values.append(.array([.string("b"), .number(7)]))
    let many = Value.array(Array(repeating: .number(0.1), count: 40))
    values.append(.object([Value.Member("key", many)]))
    for value in values {
      var writer = PackedWriter()
      writer.value(value, names)
      for bytes in padded(writer.bytes) {
        var reader = ScanReader(at: 0)
        reader.skip(bytes.span)
        #expect(reader.at == writer.count, "\(value)")
      }
    }
  }

  @Test("a number is read in hundredths when it is kept so, and no other")
  func hundredths() {
    func hundredths(_ value: Value) -> Int64? {
      var writer = PackedWriter()
      writer.value(value, NameTable())
      var reader = ScanReader(at: 0)
      return writer.withSpan { reader.hundredths($0) }
    }
    #expect(hundredths(.number(12)) == 1200)
    #expect(hundredths(.number(-0.07)) == -7)
    #expect(hundredths(.number(9_007_199_254_740_991)) == 900_719_925_474_099_100)
    for value: Value in [.number(0.005), .number(-0.0), .number(1e300), .string("12"), .absent] {
      #expect(hundredths(value) == nil, "\(value)")
    }
  }
}
