/// A word of SQL with its place: a name, a literal in quotes, a parameter, a number, or a sign.
///
/// As much of SQLite's words as it takes to show where something stands; what the words mean is
/// SQLite's affair.
struct SQLWord {
  enum Kind: Equatable { case name, text, other }

  let kind: Kind
  /// Without quotes.
  let text: String
  let range: SourceRange

  /// The words of a part of a source, without comments.
  static func words(of source: SourceText, _ range: SourceRange) -> [SQLWord] {
    var words: [SQLWord] = []
    var at = range.lowerBound
    func byte(_ offset: Int = 0) -> UInt8? {
      at + offset < range.upperBound ? source.utf8[at + offset] : nil
    }
    func skip(until isEnd: (Int) -> Int?) {
      while at < range.upperBound {
        if let end = isEnd(at) {
          at = end
          return
        }
        at += 1
      }
    }
    while let first = byte() {
      let start = at
      switch first {
      case 0...0x20: at += 1
      case UInt8(ascii: "-") where byte(1) == UInt8(ascii: "-"):
        skip { source.utf8[$0] == UInt8(ascii: "\n") ? $0 + 1 : nil }
      case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "*"):
        at += 2
        skip {
          $0 + 1 < range.upperBound && source.utf8[$0] == UInt8(ascii: "*")
            && source.utf8[$0 + 1] == UInt8(ascii: "/") ? $0 + 2 : nil
        }
      case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"), UInt8(ascii: "["):
        let close = first == UInt8(ascii: "[") ? UInt8(ascii: "]") : first
        at += 1
        skip { source.utf8[$0] == close ? $0 + 1 : nil }
        let closed = at - start > 1 && source.utf8[at - 1] == close
        let inner = (start + 1)..<max(start + 1, closed ? at - 1 : at)
        words.append(
          SQLWord(
            kind: first == UInt8(ascii: "'") ? .text : .name, text: source[inner],
            range: start..<at))
      case _ where isNameByte(first):
        skip { isNameByte(source.utf8[$0]) ? nil : $0 }
        words.append(SQLWord(kind: .name, text: source[start..<at], range: start..<at))
      default:
        at += 1
        words.append(SQLWord(kind: .other, text: source[start..<at], range: start..<at))
      }
    }
    return words
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
      || byte &- UInt8(ascii: "0") < 10 || byte == UInt8(ascii: "_") || byte >= 0x80
  }
}
