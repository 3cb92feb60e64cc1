import Values

/// A piece of HTML that is XML, too.
///
/// It is written as a literal. What is put into it is escaped by its type: a text becomes text, however
/// many angle brackets it has, and only another piece goes in as it is.
struct Markup: Sendable, ExpressibleByStringInterpolation {
  private(set) var html: String

  static let nothing = Markup(html: "")

  private init(html: String) { self.html = html }

  init(stringLiteral html: String) { self.html = html }

  init(stringInterpolation: StringInterpolation) { html = stringInterpolation.html }

  static func += (left: inout Markup, right: Markup) { left.html += right.html }

  var isEmpty: Bool { html.isEmpty }

  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var html = ""

    init(literalCapacity: Int, interpolationCount: Int) {
      html.reserveCapacity(literalCapacity + 16 * interpolationCount)
    }

    mutating func appendLiteral(_ literal: String) { html += literal }

    mutating func appendInterpolation(_ text: String) { html += Markup.escaped(text) }

    /// A count, with separators between thousands.
    mutating func appendInterpolation(_ count: Int) { html += grouped(count) }

    /// A length or a place in a drawing, to hundredths.
    mutating func appendInterpolation(at place: Double) {
      html += Value.number((place * 100).rounded() / 100).json
    }

    mutating func appendInterpolation(_ piece: Markup) { html += piece.html }

    mutating func appendInterpolation(_ pieces: [Markup]) {
      for piece in pieces { html += piece.html }
    }
  }

  /// A text as it stands in an element, or in an attribute between double quotes.
  ///
  /// What XML does not allow at all (control characters and the like) becomes U+FFFD.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    escaped.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      case "\t", "\n": escaped.unicodeScalars.append(scalar)
      case "\r": escaped += "&#13;"
      case "\u{FFFE}", "\u{FFFF}", "\u{7F}"..."\u{9F}": escaped += "\u{FFFD}"
      case _ where scalar.value < 0x20: escaped += "\u{FFFD}"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}

/// A part of a whole from 0 to 1, as a percentage with one digit behind the point.
func percentage(_ share: Double?) -> String {
  guard let share else { return "–" }
  let tenths = Int((share * 1000).rounded())
  if tenths == 0, share > 0 { return "< 0.1 %" }
  return "\(tenths / 10).\(tenths % 10) %"
}
