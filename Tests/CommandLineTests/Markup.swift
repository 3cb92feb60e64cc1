/// The elements of a page, read as strict XML by hand.
///
/// It knows what the pages need: a doctype, comments, elements with double-quoted attributes, text, and
/// the five named entities and numbers. Everything else is a problem.
struct ParsedMarkup {
  struct Element {
    let name: String
    let attributes: [String: String]
    /// The text in it and in the elements in it.
    var text = ""
  }

  /// In the order of their beginnings.
  private(set) var elements: [Element] = []
  /// The first thing that is wrong; nil when it is well-formed.
  private(set) var problem: String?

  private var rest: Substring.UnicodeScalarView
  private var open: [Int] = []

  init(_ text: String) {
    rest = Substring(text).unicodeScalars
    while !rest.isEmpty, problem == nil { step() }
    if problem == nil, let last = open.last { problem = "<\(elements[last].name)> is not closed" }
  }

  func all(_ name: String, class value: String? = nil) -> [Element] {
    elements.filter {
      $0.name == name
        && (value == nil
          || $0.attributes["class"]?.split(separator: " ").contains { $0 == value ?? "" } == true)
    }
  }

  private mutating func step() {
    if take("<!DOCTYPE html>") { return }
    if take("<!--") { return skip(past: "-->") }
    if take("</") { return close() }
    if take("<") { return begin() }
    guard let text = text(upTo: "<") else { return }
    if open.isEmpty {
      if text.contains(where: { !$0.isWhitespace }) { problem = "text outside: \(text)" }
      return
    }
    for element in open { elements[element].text += text }
  }

  private mutating func begin() {
    let name = word()
    guard !name.isEmpty else { return fail("a bare '<'") }
    var attributes: [String: String] = [:]
    while problem == nil {
      let hasSpace = skipSpace()
      let isEmpty = take("/>")
      if isEmpty || take(">") {
        if open.isEmpty, !elements.isEmpty { return fail("a second root <\(name)>") }
        elements.append(Element(name: name, attributes: attributes))
        if !isEmpty { open.append(elements.count - 1) }
        return
      }
      let key = word()
      guard hasSpace, !key.isEmpty, take("=\"") else { return fail("in <\(name) \(key)") }
      guard attributes[key] == nil else { return fail("'\(key)' twice in <\(name)>") }
      guard let value = text(upTo: "\"") else { return }
      guard take("\"") else { return fail("an attribute without an end") }
      attributes[key] = value
    }
  }

  private mutating func close() {
    let name = word()
    guard take(">"), let last = open.popLast() else { return fail("</\(name)>") }
    if elements[last].name != name { fail("<\(elements[last].name)> ends with </\(name)>") }
  }

  /// Text with its entities resolved.
  private mutating func text(upTo end: Unicode.Scalar) -> String? {
    var text = String.UnicodeScalarView()
    while let scalar = rest.first, scalar != end {
      rest.removeFirst()
      switch scalar {
      case "<":
        fail("'<' in an attribute")
        return nil
      case "&":
        guard let resolved = entity() else {
          fail("an entity")
          return nil
        }
        text.append(resolved)
      case "\t", "\n": text.append(scalar)
      case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
        fail("the character \(scalar.value)")
        return nil
      default: text.append(scalar)
      }
    }
    return String(text)
  }

  private mutating func entity() -> Unicode.Scalar? {
    let named: [(String, Unicode.Scalar)] = [
      ("amp;", "&"), ("lt;", "<"), ("gt;", ">"), ("quot;", "\""), ("#39;", "'"), ("#13;", "\r"),
    ]
    for (name, scalar) in named where take(name) { return scalar }
    return nil
  }

  private mutating func word() -> String {
    var word = String.UnicodeScalarView()
    while let scalar = rest.first,
      scalar.properties.isAlphabetic || "0123456789-:".unicodeScalars.contains(scalar)
    {
      word.append(rest.removeFirst())
    }
    return String(word)
  }

  private mutating func skipSpace() -> Bool {
    var isAny = false
    while let scalar = rest.first, scalar.properties.isWhitespace {
      rest.removeFirst()
      isAny = true
    }
    return isAny
  }

  private mutating func skip(past end: String) {
    while !rest.isEmpty {
      if take(end) { return }
      rest.removeFirst()
    }
    fail("a comment without an end")
  }

  private mutating func take(_ text: String) -> Bool {
    guard rest.starts(with: text.unicodeScalars) else { return false }
    rest.removeFirst(text.unicodeScalars.count)
    return true
  }

  private mutating func fail(_ text: String) { problem = problem ?? text }
}
