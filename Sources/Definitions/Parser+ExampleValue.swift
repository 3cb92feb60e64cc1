import Values

/// Values of an example.
///
///     value    = literal | words | "nothing" | list | object
///     list     = "[" [ value { "," value } ] "]"
///     object   = "{" [ name ":" value { "," name ":" value } ] "}"
///
/// A literal is the language's; words without quotes are their text, and `nothing` is absent.
extension Parser {
  mutating func exampleValue() throws(Failed) -> Value {
    switch token.kind {
    case .mark("["): return try nestedExampleValue { parser throws(Failed) in try parser.array() }
    case .mark("{"): return try nestedExampleValue { parser throws(Failed) in try parser.object() }
    default: break
    }
    let isLiteralCall = token.word == "literal" && following.isMark("(")
    if token.word == nil || isLiteralCall, let value = try literalIfAny() { return value }
    let words = bareWords()
    switch words.count {
    case 0:
      throw fail(
        .syntax, "a value is expected here",
        label: "not a number, text, true, false, a list or an object",
        help: "put other text in quotes: '…'")
    case 1 where words[0] == "nothing": return .absent
    case 1 where ["true", "false"].contains(words[0].lowercased()):
      return .boolean(words[0].lowercased() == "true")
    default: return .string(words.joined(separator: " "))
    }
  }

  private mutating func array() throws(Failed) -> Value {
    let open = token
    advance()
    var elements: [Value] = []
    if !token.isMark("]") {
      repeat { elements.append(try exampleValue()) } while takeComma()
    }
    try close(open, with: "]")
    return .array(elements)
  }

  private mutating func object() throws(Failed) -> Value {
    let open = token
    advance()
    var members: [Value.Member] = []
    var names: Set<ExactString> = []
    if !token.isMark("}") {
      repeat { members.append(try member(&names)) } while takeComma()
    }
    try close(open, with: "}")
    return .object(members)
  }

  private mutating func member(_ names: inout Set<ExactString>) throws(Failed) -> Value.Member {
    let start = token
    guard let name = try exampleName() else {
      throw fail(
        .syntax, "the name of a property is expected here", label: "expected a name",
        help: "write it like this: { total: 12.50, currency: 'EUR' }")
    }
    let nameRange = range(from: start)
    guard token.isMark(":") else {
      throw fail(
        .syntax, "the property '\(name)' needs its value", label: "expected ':' here",
        help: token.isMark(".")
          ? "write the object: { address: { city: 'Paris' } }"
          : "write it like this: { total: 12.50 }; a name that holds digits is put in quotes")
    }
    advance()
    let value = try exampleValue()
    guard names.insert(ExactString(name)).inserted else {
      throw fail(
        .duplicateProperty, "the property '\(name)' is given twice", label: "the second time",
        help: "remove one of them", at: nameRange)
    }
    return Value.Member(name, value)
  }

  private mutating func takeComma() -> Bool {
    guard token.isMark(",") else { return false }
    advance()
    return true
  }

  private mutating func close(_ open: Token, with mark: Unicode.Scalar) throws(Failed) {
    guard token.isMark(mark) else {
      throw fail(
        .syntax, "a ',' or '\(mark)' is missing", label: "expected ',' or '\(mark)' here",
        help: "the '\(source[open.range])' at \(place(open)) is not closed; text with more than "
          + "words is put in quotes")
    }
    advance()
  }

  private mutating func nestedExampleValue(
    _ body: (inout Parser) throws(Failed) -> Value
  ) throws(Failed) -> Value {
    guard depth < Self.depthLimit else {
      let failed = fail(
        .tooDeep, "nested more than \(Self.depthLimit) deep", label: "this is one too many")
      // Nothing behind this place can be read sensibly.
      index = tokens.count - 1
      throw failed
    }
    depth += 1
    defer { depth -= 1 }
    return try body(&self)
  }
}
