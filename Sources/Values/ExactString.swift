import Foundation

/// A string that is equal to another only when their Unicode scalars are the same.
///
/// Swift's own `==` holds "é" and "e" + U+0301 to be one string; event names, keys and identities
/// are different strings then, as they are for SQLite and for Heap.
public struct ExactString: Sendable, Hashable, Comparable, ExpressibleByStringLiteral,
  CustomStringConvertible
{
  public let text: String

  public init(_ text: String) { self.text = text }

  public init(stringLiteral text: String) { self.text = text }

  public var description: String { text }

  public static func == (left: ExactString, right: ExactString) -> Bool {
    left.text.isExactly(right.text)
  }

  /// The order of the Unicode scalars, which is the order of the UTF-8 bytes.
  public static func < (left: ExactString, right: ExactString) -> Bool {
    left.text.precedesByScalars(right.text)
  }

  public func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}

extension String {
  /// Whether both strings have the same Unicode scalars.
  public func isExactly(_ other: String) -> Bool {
    let (one, another) = (utf8, other.utf8)
    guard one.count == another.count else { return false }
    let known = one.withContiguousStorageIfAvailable { one in
      another.withContiguousStorageIfAvailable { another in
        guard let a = one.baseAddress, let b = another.baseAddress else { return Int32(0) }
        return memcmp(a, b, one.count)
      }
    }
    if let order = known.flatMap({ $0 }) { return order == 0 }
    return one.elementsEqual(another)
  }

  /// Whether this string comes first by Unicode scalar order.
  public func precedesByScalars(_ other: String) -> Bool {
    utf8.lexicographicallyPrecedes(other.utf8)
  }

  /// Whether the scalars of `part` occur in this string, one after the other.
  public func containsExactly(_ part: String) -> Bool {
    var text = self
    var part = part
    return text.withUTF8 { text in
      part.withUTF8 { part in
        guard let first = part.first else { return true }
        guard part.count <= text.count else { return false }
        for start in 0...(text.count - part.count) where text[start] == first {
          if text[start..<(start + part.count)].elementsEqual(part) { return true }
        }
        return false
      }
    }
  }

  /// Whether this string begins with the scalars of `part`.
  public func startsExactly(with part: String) -> Bool { utf8.starts(with: part.utf8) }

  /// Whether this string ends with the scalars of `part`.
  public func endsExactly(with part: String) -> Bool {
    utf8.count >= part.utf8.count && utf8.suffix(part.utf8.count).elementsEqual(part.utf8)
  }
}
