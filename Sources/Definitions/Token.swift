import Values

/// A word of the query.
struct Token: Sendable {
  enum Kind: Sendable, Equatable {
    /// Letters, digits and `_`, beginning with a letter: keywords and names of functions.
    case word(String)
    case string(String)
    case number(Double, isInteger: Bool)
    /// An unquoted date: the string of its text.
    case date(String)
    case relation(Relation)
    case and, or, not
    /// One of `( ) { } [ ] , . :`, in examples `;` too.
    case mark(Unicode.Scalar)
    case end
  }

  let kind: Kind
  let range: SourceRange

  /// The word in lower case when this is one.
  var word: String? {
    if case .word(let text) = kind { return text.lowercased() }
    return nil
  }

  var isOpening: Bool { isMark("(") || isMark("[") || isMark("{") }

  var isClosing: Bool { isMark(")") || isMark("]") || isMark("}") }

  func isMark(_ scalar: Unicode.Scalar) -> Bool { kind == .mark(scalar) }
}
