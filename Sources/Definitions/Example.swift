import Values

/// One line of a definition's third section: a history in words, and what the definition comes to
/// for a user who has just that history.
///
/// All times are distances from now, so an example says the same at every instant.
public struct Example: Sendable {
  /// An event of the history.
  public struct Event: Sendable {
    public let name: String
    /// From now: negative in the past, zero now, positive in the future. At most 100 years.
    public let time: Duration
    /// An object; without members when the example names none.
    public let properties: Value
    /// The event as it was written.
    public let text: String
  }

  /// A custom trait, which the user has had from the beginning.
  public struct Trait: Sendable {
    public let name: String
    public let value: Value
    /// The trait as it was written.
    public let text: String
    let nameRange: SourceRange
  }

  /// A boolean for an audience; for a trait its value, absent for `nothing`.
  public let expected: Value
  /// In the order of their arrival.
  public let events: [Event]
  public let traits: [Trait]
  /// The line as it was written, without the space around it.
  public let text: String
  /// The line's number in its file, from 1.
  public let line: Int

  /// Reads a section of examples, one a line. A line with a mistake gives diagnostics in place of an
  /// example, and the next line is read all the same.
  static func read(
    _ section: SourceRange, of kind: Definition.Kind, in source: SourceText
  ) -> (examples: [Example], diagnostics: [Diagnostic]) {
    var examples: [Example] = []
    var diagnostics: [Diagnostic] = []
    guard !section.isEmpty else { return ([], []) }
    for line in source.position(of: section.lowerBound).line...source.lineCount {
      var parser = Parser(example: source.lineRange(line), in: source)
      if let example = parser.example(of: kind, line: line) { examples.append(example) }
      diagnostics += parser.diagnostics
      guard diagnostics.count < Diagnostic.limit else { break }
    }
    return (examples, diagnostics)
  }
}

extension Parser {
  /// A parser of one line of the examples.
  fileprivate init(example line: SourceRange, in source: SourceText) {
    self.init(source, line, marks: "(){}[],.:;")
    // What the lexer could not read makes the rest of the line a guess: its first mistake stands
    // for the line.
    diagnostics = diagnostics.prefix(1).map { mistake in
      guard mistake.id == .unknownCharacter else { return mistake }
      return Diagnostic(
        .unknownCharacter, "'\(source[mistake.range])' has no meaning in an example",
        label: "only in quotes", help: "put the name or the text that holds it in quotes",
        at: mistake.range, in: source)
    }
  }
}
