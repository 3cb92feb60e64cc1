import Values

/// The grammar of an example, one line. Its own words are written in lower case, so that names such
/// as `Signed In` need no quotes.
///
///     example  = outcome ":" history
///     outcome  = "true" | "false"                       in an .audience
///              | "=" value                              in a .trait
///     history  = "nothing" | item { ";" item }
///     item     = name [ object ] time
///              | "trait" name "=" value
///     name     = string | word { word }
///
/// The forms of a time and of a value stand in `Parser+ExampleTime.swift` and
/// `Parser+ExampleValue.swift`.
extension Parser {
  /// Reads the line. Nil when it is blank, or when something in it is wrong.
  mutating func example(of kind: Definition.Kind, line: Int) -> Example? {
    let start = token
    guard start.kind != .end, diagnostics.isEmpty else { return nil }
    do {
      let expected = try outcome(kind)
      var events: [Example.Event] = []
      var traits: [Example.Trait] = []
      history(&events, &traits)
      guard diagnostics.isEmpty else { return nil }
      return Example(
        expected: expected, events: events, traits: traits, text: source[range(from: start)],
        line: line)
    } catch {
      return nil
    }
  }

  /// Whether the token is a word of the examples' own, in lower case.
  func isWord(_ text: String) -> Bool { token.kind == .word(text) }

  private var isAtItemEnd: Bool { token.kind == .end || token.isMark(";") }

  // MARK: What is expected

  private mutating func outcome(_ kind: Definition.Kind) throws(Failed) -> Value {
    let expected =
      switch kind {
      case .audience: try truth()
      case .trait: try traitValue()
      }
    guard token.isMark(":") else {
      throw fail(
        .syntax, "a ':' is missing after what is expected", label: "expected ':' here",
        help: "the history stands behind it: 'Order Completed 2 days ago', or 'nothing'")
    }
    advance()
    return expected
  }

  private mutating func truth() throws(Failed) -> Value {
    for flag in [true, false] where isWord("\(flag)") {
      advance()
      return .boolean(flag)
    }
    let help: String? =
      token.kind == .relation(.equal)
      ? "'= value:' is for a .trait"
      : token.word.flatMap { Suggestion.help(for: $0, in: ["true", "false"]) }
    throw fail(
      .badOutcome, "an example of an audience begins with 'true:' or 'false:'",
      label: "expected true or false",
      help: help ?? "write it like this: 'true: Order Completed 2 days ago'")
  }

  private mutating func traitValue() throws(Failed) -> Value {
    guard token.kind == .relation(.equal), source[token.range] == "=" else {
      let isFlag = ["true", "false"].contains(token.word)
      throw fail(
        .badOutcome, "an example of a trait begins with '= value:'", label: "expected '=' here",
        help: isFlag
          ? "'\(source[token.range]):' is for an .audience; for this value write "
            + "'= \(source[token.range]):'"
          : "write it like this: '= 2: Order Completed 2 days ago', or '= nothing: nothing'")
    }
    advance()
    return try exampleValue()
  }

  // MARK: The history

  private mutating func history(_ events: inout [Example.Event], _ traits: inout [Example.Trait]) {
    if isWord("nothing"), following.kind == .end {
      advance()
      return
    }
    var names: Set<ExactString> = []
    while true {
      do {
        if isWord("trait") {
          traits.append(try exampleTrait(&names))
        } else {
          events.append(try exampleEvent())
        }
      } catch {
        // The mistake is noted; the items behind it are read too.
        while !isAtItemEnd { advance() }
      }
      guard token.isMark(";") else { return }
      advance()
    }
  }

  private mutating func exampleTrait(
    _ names: inout Set<ExactString>
  ) throws(Failed) -> Example.Trait {
    let item = token
    advance()
    let start = token
    guard let name = try exampleName() else {
      throw fail(
        .syntax, "the name of the trait is expected here", label: "expected a name",
        help: "write it like this: trait plan = 'pro'")
    }
    let nameRange = range(from: start)
    guard token.kind == .relation(.equal) else {
      throw fail(
        .syntax, "a trait needs its value", label: "expected '=' here",
        help: token.isMark(".")
          ? "write the object: trait address = { city: 'Paris' }"
          : "write it like this: trait plan = 'pro'")
    }
    advance()
    let value = try exampleValue()
    guard isAtItemEnd else {
      throw fail(
        .syntax, "the trait goes on after its value", label: "expected ';' or the end",
        help: "a trait has no time, it holds from the beginning; text with more than words is put "
          + "in quotes")
    }
    guard names.insert(ExactString(name)).inserted else {
      throw fail(
        .duplicateProperty, "the trait '\(name)' is given twice", label: "the second time",
        help: "remove one of them", at: nameRange)
    }
    return Example.Trait(
      name: name, value: value, text: source[range(from: item)], nameRange: nameRange)
  }

  private mutating func exampleEvent() throws(Failed) -> Example.Event {
    if isWord("nothing"), following.kind == .end || following.isMark(";") {
      throw fail(
        .syntax, "'nothing' stands alone", label: "there is something beside it",
        help: "remove it, or quote it when it is the name of an event")
    }
    let start = token
    guard let name = try exampleName() else {
      throw fail(
        .syntax, "an event is expected here", label: "expected the name of an event",
        help: "write it like this: Order Completed 2 days ago; for no events write 'nothing'")
    }
    let properties: Value = token.isMark("{") ? try exampleValue() : .object([])
    let time = try exampleTime()
    guard isAtItemEnd else {
      throw fail(
        .syntax, "the event goes on after its time", label: "expected ';' or the end",
        help: token.isMark("{")
          ? "properties stand before the time: Order Completed { total: 5 } 2 days ago"
          : "put ';' between two events")
    }
    return Example.Event(
      name: name, time: time, properties: properties, text: source[range(from: start)])
  }

  /// A quoted name, or words up to what cannot be one. Nil when there is none.
  mutating func exampleName() throws(Failed) -> String? {
    if case .string(let text) = token.kind {
      advance()
      return text
    }
    let words = bareWords { $0.beginsTime }
    return words.isEmpty ? nil : words.joined(separator: " ")
  }

  /// The words from here on, up to the first one that `stops`.
  mutating func bareWords(until stops: (Parser) -> Bool = { _ in false }) -> [String] {
    var words: [String] = []
    while let word = bareWord, !stops(self) {
      words.append(word)
      advance()
    }
    return words
  }

  /// The text of a token that is made of letters: AND, OR and NOT mean nothing here.
  private var bareWord: String? {
    switch token.kind {
    case .word(let text): return text
    case .and, .or, .not:
      let text = source[token.range]
      return text.first?.isLetter == true ? text : nil
    default: return nil
    }
  }
}
