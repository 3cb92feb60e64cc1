import Foundation

/// A place in a source: UTF-8 offsets into its text.
public typealias SourceRange = Range<Int>

/// The text of one file, with its lines.
public struct SourceText: Sendable, Equatable {
  /// The path as it is shown to people.
  public let path: String
  public let utf8: [UInt8]
  private let lineStarts: [Int]

  public init(path: String, utf8: [UInt8]) {
    self.path = path
    self.utf8 = utf8
    var starts = [0]
    for (index, byte) in utf8.enumerated() where byte == UInt8(ascii: "\n") {
      starts.append(index + 1)
    }
    lineStarts = starts
  }

  public init(path: String, text: String) { self.init(path: path, utf8: Array(text.utf8)) }

  /// The text of a range; bytes that are not UTF-8 are replaced.
  public subscript(range: SourceRange) -> String {
    String(decoding: utf8[range], as: UTF8.self)
  }

  /// The offset behind the byte order mark, if there is one.
  var startOfText: Int { utf8.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0 }

  /// How many lines there are.
  public var lineCount: Int { lineStarts.count }

  /// Line and column of an offset, from 1. A column is a Unicode scalar.
  public func position(of offset: Int) -> (line: Int, column: Int) {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    let end = Swift.min(offset, utf8.count)
    let before = utf8[lineStarts[low]..<Swift.max(end, lineStarts[low])]
    return (low + 1, before.reduce(into: 1) { if $1 & 0xC0 != 0x80 { $0 += 1 } })
  }

  /// The bytes of a line, from 1, without its end.
  public func lineRange(_ line: Int) -> SourceRange {
    let start = lineStarts[line - 1]
    var end = line < lineStarts.count ? lineStarts[line] - 1 : utf8.count
    if end > start, utf8[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return start..<end
  }
}
