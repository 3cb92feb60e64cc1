import Testing
import Values

/// Well-formed UTF-8 is what table 3-7 of the Unicode Standard lists, and nothing else.
@Suite struct UTF8Tests {
  private static func isAccepted(_ bytes: [UInt8]) -> Bool {
    let text = [0x22] + bytes + [0x22]
    guard let value = try? Value(json: text.span) else { return false }
    guard case .string(let string) = value else { return false }
    return Array(string.utf8) == bytes
  }

  /// The rows of table 3-7: the ranges of the bytes of a sequence.
  static let wellFormed: [[ClosedRange<UInt8>]] = [
    [0xC2...0xDF, 0x80...0xBF],
    [0xE0...0xE0, 0xA0...0xBF, 0x80...0xBF],
    [0xE1...0xEC, 0x80...0xBF, 0x80...0xBF],
    [0xED...0xED, 0x80...0x9F, 0x80...0xBF],
    [0xEE...0xEF, 0x80...0xBF, 0x80...0xBF],
    [0xF0...0xF0, 0x90...0xBF, 0x80...0xBF, 0x80...0xBF],
    [0xF1...0xF3, 0x80...0xBF, 0x80...0xBF, 0x80...0xBF],
    [0xF4...0xF4, 0x80...0x8F, 0x80...0xBF, 0x80...0xBF],
  ]

  @Test(
    "the corners of every row are accepted, one step outside of any is refused",
    arguments: wellFormed)
  func rows(_ row: [ClosedRange<UInt8>]) {
    for corner in 0..<(1 << row.count) {
      let bytes = row.enumerated().map { place, range in
        corner >> place & 1 == 0 ? range.lowerBound : range.upperBound
      }
      #expect(Self.isAccepted(bytes))
      // The first byte apart, where the next row may begin.
      for place in 1..<bytes.count {
        for outside in [row[place].lowerBound - 1, row[place].upperBound + 1] {
          var wrong = bytes
          wrong[place] = outside
          #expect(!Self.isAccepted(wrong), "\(wrong)")
        }
      }
      for length in 1..<bytes.count {
        let cut = Array(bytes.prefix(length))
        #expect(!Self.isAccepted(cut), "\(cut)")
        #expect(JSONScannerTests.mistake([0x22, 0x61] + cut) == JSONError(.notUTF8, at: 2))
      }
    }
  }

  @Test("every first byte is judged with every second byte as the table says")
  func firstTwoBytes() {
    for first in UInt8(0x80)...0xFF {
      for second in UInt8.min...0xFF where second != 0x22 && second != 0x5C {
        let row = Self.wellFormed.first {
          $0[0].contains(first) && $0[1].contains(second)
        }
        let bytes = [first, second] + Array(repeating: 0x80, count: (row?.count ?? 2) - 2)
        #expect(Self.isAccepted(bytes) == (row != nil), "\(bytes)")
      }
    }
  }

  @Test(
    "overlong forms, surrogates and what lies past U+10FFFF are refused at their first byte",
    arguments: [
      [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF], [0xF0, 0x80, 0x80, 0x80],
      [0xF0, 0x8F, 0xBF, 0xBF], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],
      [0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80],
      [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFE],
      [0xFF],
      [0x80], [0xBF],
    ] as [[UInt8]])
  func illFormed(_ bytes: [UInt8]) {
    let text = Array("\"é€".utf8) + bytes + [0x22]
    #expect(JSONScannerTests.mistake(text) == JSONError(.notUTF8, at: 6))
  }

  @Test("outside of a string, what is not UTF-8 is called so, and a letter is only out of place")
  func outsideStrings() {
    #expect(JSONScannerTests.mistake([0xFF]) == JSONError(.notUTF8, at: 0))
    #expect(JSONScannerTests.mistake([0x5B, 0xE2, 0x80]) == JSONError(.notUTF8, at: 1))
    #expect(JSONScannerTests.mistake("[“a”]") == JSONError(.unexpectedByte, at: 1))
  }
}
