/// One mistake, or one doubt, about a file, with its place.
public struct Diagnostic: Sendable, Equatable {
  public enum Severity: String, Sendable { case error, warning }

  /// What each reader of one file tells at most: past that, the file is not what it says it is.
  static let limit = 100

  public let severity: Severity
  public let id: ID
  /// What is wrong, in a sentence without a full stop.
  public let message: String
  /// What stands under the carets.
  public let label: String
  /// What to do about it.
  public let help: String?
  /// The path as it is shown to people.
  public let path: String
  public let range: SourceRange
  /// Line and column of the first scalar concerned, from 1.
  public let line: Int
  public let column: Int
  let excerpt: Excerpt?

  public init(
    _ id: ID, _ message: String, label: String = "", help: String? = nil,
    at range: SourceRange, in source: SourceText, severity: Severity = .error
  ) {
    self.severity = severity
    self.id = id
    self.message = message.cut
    self.label = label
    self.help = help?.cut
    self.path = source.path
    self.range = range
    (line, column) = source.position(of: range.lowerBound)
    excerpt = Excerpt(range, line: line, in: source)
  }

  /// A diagnostic about a file or folder as a whole.
  public init(
    _ id: ID, _ message: String, help: String? = nil, path: String,
    severity: Severity = .error
  ) {
    self.severity = severity
    self.id = id
    self.message = message.cut
    label = ""
    self.help = help?.cut
    self.path = path
    range = 0..<0
    (line, column) = (1, 1)
    excerpt = nil
  }

  /// The diagnostic as text: the message, the place, the line, carets under the token, the help.
  public var rendered: String {
    var out = "\(severity.rawValue)[\(id.rawValue)]: \(message.withoutControls)\n"
    let help = help.map { "= help: \($0.withoutControls)\n" }
    guard let excerpt else {
      out += "  --> \(path)\n"
      if let help { out += "   \(help)" }
      return out
    }
    let number = String(line)
    let gutter = String(repeating: " ", count: number.count)
    out += "  --> \(path):\(line):\(column)\n"
    out += " \(number) | \(excerpt.text)\n"
    out += " \(gutter) | \(excerpt.carets)\(label.isEmpty ? "" : " " + label.withoutControls)\n"
    if let help { out += " \(gutter) \(help)" }
    return out
  }

  /// The line of a diagnostic, cut to a window when it is very long.
  struct Excerpt: Sendable, Equatable {
    let text: String
    let carets: String

    init(_ range: SourceRange, line: Int, in source: SourceText) {
      let bounds = source.lineRange(line)
      let window = 96
      var start = bounds.lowerBound
      var end = bounds.upperBound
      if range.lowerBound - start > window { start = range.lowerBound - window / 2 }
      if end - start > 2 * window { end = start + 2 * window }
      while start < end, source.utf8[start] & 0xC0 == 0x80 { start += 1 }
      while end > start, end < bounds.upperBound, source.utf8[end] & 0xC0 == 0x80 { end -= 1 }
      func shown(_ part: SourceRange) -> String { source[part].withoutControls }
      let before = start > bounds.lowerBound ? "…" : ""
      text = before + shown(start..<end) + (end < bounds.upperBound ? "…" : "")
      let first = Swift.min(Swift.max(range.lowerBound, start), end)
      let last = Swift.min(Swift.max(range.upperBound, first), end)
      let padding = before.count + shown(start..<first).count
      carets =
        String(repeating: " ", count: padding)
        + String(repeating: "^", count: Swift.max(1, shown(first..<last).count))
    }
  }
}

extension String {
  /// The text without its middle when it quotes something that nobody would read to the end.
  fileprivate var cut: String {
    let most = 1000
    guard utf8.count > most, unicodeScalars.count > most else { return self }
    return String(unicodeScalars.prefix(most / 2)) + "…" + String(unicodeScalars.suffix(most / 2))
  }

  /// The text with a space for each character that steers a terminal instead of being shown:
  /// controls, and what turns the direction of writing.
  fileprivate var withoutControls: String {
    func isControl(_ scalar: Unicode.Scalar) -> Bool {
      switch scalar.value {
      case 0..<0x20, 0x7F..<0xA0, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
      default: false
      }
    }
    guard unicodeScalars.contains(where: isControl) else { return self }
    return String(
      String.UnicodeScalarView(unicodeScalars.map { isControl($0) ? " " : $0 }))
  }
}
