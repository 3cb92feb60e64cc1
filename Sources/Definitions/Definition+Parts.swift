import Values

extension Definition {
  /// The definition with another query, such as a part of its own: asked of the same profiles, in
  /// the same stratum.
  public func asking(_ query: Query) -> Definition {
    var part = self
    part.query = query
    return part
  }
}

extension [Definition] {
  /// The places of the definitions with these keys and of all that they refer to, however far.
  ///
  /// The definitions stand in dependency order, and so do the places.
  public func places(neededFor keys: Set<String>) -> [Int] {
    var keys = keys
    for definition in reversed() where keys.contains(definition.key) {
      keys.formUnion(definition.references)
    }
    return indices.filter { keys.contains(self[$0].key) }
  }
}

extension Definition.Query {
  /// Where the query stands in its file.
  public var range: SourceRange {
    switch self {
    case .audience(let condition): condition.range
    case .trait(let scalar): scalar.range
    }
  }
}

extension Comparator {
  /// The comparator as it is written: `>=`, or the name of a function.
  public var name: String {
    switch self {
    case .compare(let relation, _): relation.rawValue
    case .exists: "exists"
    case .absent: "absent"
    case .contains: "contains"
    case .omits: "omits"
    case .oneOf: "one_of"
    case .noneOf: "none_of"
    case .startsWith: "starts_with"
    case .endsWith: "ends_with"
    case .beforeDate: "before_date"
    case .afterDate: "after_date"
    case .withinLast: "within_last"
    case .withinNext: "within_next"
    case .beforeLast: "before_last"
    case .afterNext: "after_next"
    }
  }

  /// The scalar to the right, where there is one.
  public var operand: Scalar? {
    switch self {
    case .compare(_, let scalar), .beforeDate(let scalar), .afterDate(let scalar): scalar
    default: nil
    }
  }
}

extension SourceText {
  /// A part of a query on one line: as it is written, with line breaks and comments taken out.
  public func oneLine(_ range: SourceRange) -> String {
    let tokens = Lexer(self, range).tokens.filter { $0.kind != .end }
    var text = ""
    var end = range.lowerBound
    var last: Token?
    for token in tokens {
      let gap = utf8[end..<token.range.lowerBound]
      if gap.allSatisfy({ $0 == UInt8(ascii: " ") }) {
        text += self[end..<token.range.lowerBound]
      } else if !"([{".contains(last), !".)]},".contains(token) {
        text += " "
      }
      text += self[token.range]
      end = token.range.upperBound
      last = token
    }
    return text
  }
}

extension String {
  /// Whether the token is one of these marks; a missing one counts.
  fileprivate func contains(_ token: Token?) -> Bool {
    guard let token else { return true }
    return unicodeScalars.contains { token.isMark($0) }
  }
}
