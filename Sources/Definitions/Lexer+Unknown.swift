/// A character that the language does not use, and what was probably meant by it.
struct UnknownCharacter {
  private let scalar: Unicode.Scalar

  init(_ text: String) { scalar = text.unicodeScalars.first ?? " " }

  /// Whether it is a part of a word, in whatever script.
  var isLetter: Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .nonspacingMark, .spacingMark, .decimalNumber:
      true
    default: false
    }
  }

  private var isSpace: Bool { scalar.properties.isWhitespace }

  private var isInvisible: Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .privateUse, .unassigned: true
    default: isSpace
    }
  }

  func message(_ text: String) -> String {
    guard isInvisible else { return "'\(text)' has no meaning in a query" }
    let digits = String(scalar.value, radix: 16, uppercase: true)
    let padding = String(repeating: "0", count: max(0, 4 - digits.count))
    return "the invisible character U+\(padding)\(digits) has no meaning in a query"
  }

  func help(_ text: String) -> String? {
    if isLetter { return "put text in quotes: '\(text)'" }
    if isSpace { return "write a plain space" }
    if isInvisible { return "remove it" }
    return Self.meant[scalar]
  }

  private static let meant: [Unicode.Scalar: String] = {
    let quote = "put text in straight quotes: ' or \""
    let sum = "a query does not calculate: write the outcome"
    return [
      "’": quote, "”": quote, "„": quote, "‚": quote, "«": quote, "»": quote, "‹": quote,
      "›": quote, "`": quote, "´": quote, "′": quote, "″": quote,
      "≥": "write >=", "≤": "write <=", "≠": "write !=", "&": "write AND", "|": "write OR",
      "–": "write -", "—": "write -", "−": "write -",
      "#": "a comment begins with --", "/": "a comment begins with --",
      ";": "remove it: nothing marks the end of a query", "+": sum, "-": sum, "*": sum,
      "%": "write a share as a number, such as 0.2",
      "\\": "a backslash belongs inside quotes",
    ]
  }()
}
