/// A string that is equal to another only when every Unicode scalar is.
///
/// Swift compares strings by canonical equivalence: `"é"` equals `"e\u{301}"`. The language does not,
/// so whatever is a key of a dictionary or a member of a set here is wrapped in this.
struct ExactText: Hashable, Comparable {
  let text: String

  init(_ text: String) { self.text = text }

  static func == (left: Self, right: Self) -> Bool { left.text.isExactly(right.text) }

  static func < (left: Self, right: Self) -> Bool { left.text.comesBefore(right.text) }

  func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
  }
}

extension String {
  /// Scalar for scalar the same. UTF-8 encodes each scalar in exactly one way.
  func isExactly(_ other: String) -> Bool { utf8.elementsEqual(other.utf8) }

  /// Unicode scalar order, which is the order of the UTF-8 bytes.
  func comesBefore(_ other: String) -> Bool { utf8.lexicographicallyPrecedes(other.utf8) }

  /// Whether `other` occurs somewhere, scalar for scalar. The empty string occurs everywhere.
  func hasExactly(_ other: String) -> Bool {
    let text = Array(unicodeScalars)
    let wanted = Array(other.unicodeScalars)
    guard text.count >= wanted.count else { return false }
    for start in 0...(text.count - wanted.count)
    where text[start...].starts(with: wanted) {
      return true
    }
    return false
  }

  /// Whether the text begins with `other`, scalar for scalar.
  func startsExactly(with other: String) -> Bool { utf8.starts(with: other.utf8) }

  /// Whether the text ends with `other`, scalar for scalar.
  func endsExactly(with other: String) -> Bool {
    unicodeScalars.reversed().starts(with: other.unicodeScalars.reversed())
  }
}
