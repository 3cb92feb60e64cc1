/// One request as it came over the wire.
struct HTTPRequest: Sendable {
  /// A header field; names compare without case.
  struct Field: Sendable {
    let name: String
    let value: String
  }

  /// What was read of the body.
  enum Body: Sendable {
    case whole([UInt8])
    /// More than the limit: the rest was left unread, and the connection must end.
    case tooLarge
  }

  let method: String
  /// The target without its query, as sent: nothing is decoded.
  let path: String
  let query: String
  /// Whether it is HTTP/1.1, and not 1.0.
  let isCurrent: Bool
  let fields: [Field]
  var body = Body.whole([])

  /// The value of the first field of that name, given in lower case.
  func field(_ name: String) -> String? {
    fields.first { $0.name.lowercased() == name }?.value
  }

  /// The members of a comma-separated field, all its lines together, in lower case.
  func list(_ name: String) -> [String] {
    fields.filter { $0.name.lowercased() == name }
      .flatMap { $0.value.split(separator: ",") }
      .map { $0.trimmingBlanks.lowercased() }
  }

  /// Whether the client lets the connection live on after this request.
  var keepsAlive: Bool { isCurrent && !list("connection").contains("close") }

  /// The bytes of the body that were kept.
  var bodyBytes: [UInt8] {
    if case .whole(let bytes) = body { bytes } else { [] }
  }

  /// The media type of the body in lower case, without parameters; empty when none is given.
  var mediaType: String {
    let type = (field("content-type") ?? "").prefix { $0 != ";" }
    return type.trimmingBlanks.lowercased()
  }

  /// The parameters of the query, percent-decoded, or nil when they are malformed.
  ///
  /// A `+` stands for itself, since identities hold it, and not for a space.
  var parameters: [(name: String, value: String)]? {
    var parameters: [(name: String, value: String)] = []
    for pair in query.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = parts[0].percentDecoded,
        let value = (parts.count > 1 ? parts[1] : "").percentDecoded
      else { return nil }
      parameters.append((name, value))
    }
    return parameters
  }
}

extension Substring {
  /// Without the blanks and tabs at both ends.
  var trimmingBlanks: String {
    let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    var text = drop(while: isBlank)
    while let last = text.last, isBlank(last) { text.removeLast() }
    return String(text)
  }

  /// The text with its `%XX` resolved, or nil when one is malformed or the outcome is not UTF-8.
  fileprivate var percentDecoded: String? {
    var bytes: [UInt8] = []
    var units = utf8[...]
    while let unit = units.popFirst() {
      guard unit == UInt8(ascii: "%") else {
        bytes.append(unit)
        continue
      }
      guard let high = units.popFirst()?.hexDigit, let low = units.popFirst()?.hexDigit else {
        return nil
      }
      bytes.append(high << 4 | low)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}

extension UInt8 {
  /// The value of an ASCII hexadecimal digit.
  var hexDigit: UInt8? {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
