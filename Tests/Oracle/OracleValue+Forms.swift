extension OracleValue {
  /// The value as a number: a finite JSON number, or a string that is one from end to end.
  public var numeric: Double? {
    switch self {
    case .number(let number): number.isFinite ? number : nil
    case .string(let text): Self.numeric(of: text)
    default: nil
    }
  }

  /// The value as text; nothing when absent.
  public var text: String? {
    switch self {
    case .absent: nil
    case .string(let text): text
    default: json
    }
  }

  /// Compact JSON with numbers in ECMAScript form and `null` for what is absent.
  public var json: String {
    switch self {
    case .absent: "null"
    case .boolean(let flag): flag ? "true" : "false"
    case .number(let number): Self.text(of: number)
    case .string(let text): Self.quoted(text)
    case .array(let elements): "[" + elements.map(\.json).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { Self.quoted($0.key) + ":" + $0.value.json }.joined(separator: ",") + "}"
    }
  }

  /// The instant that a date string names, in UTC milliseconds.
  public var instant: Int64? {
    if case .string(let text) = self { OracleDate.instant(of: text) } else { nil }
  }

  /// `-?(digits[.digits]|.digits)([eE][+-]?digits)?`, ASCII only, within the range of a double.
  static func numeric(of text: String) -> Double? {
    var rest = Substring(text).utf8[...]
    func digits() -> Int {
      let run = rest.prefix { $0 >= 0x30 && $0 <= 0x39 }
      rest = rest.dropFirst(run.count)
      return run.count
    }
    func take(_ bytes: String) -> Bool {
      guard let first = rest.first, bytes.utf8.contains(first) else { return false }
      rest = rest.dropFirst()
      return true
    }
    _ = take("-")
    let whole = digits()
    if take(".") {
      guard digits() > 0 else { return nil }
    } else {
      guard whole > 0 else { return nil }
    }
    if take("eE") {
      _ = take("+-")
      guard digits() > 0 else { return nil }
    }
    guard rest.isEmpty else { return nil }
    // The library's parser wants a digit before the point.
    let negative = text.utf8.first == 0x2D
    let magnitude = negative ? text.dropFirst() : Substring(text)
    guard let number = Double("0" + magnitude), number.isFinite else { return nil }
    return negative ? -number : number
  }

  /// A number as ECMAScript's Number::toString prints it.
  ///
  /// See https://tc39.es/ecma262/#sec-numeric-types-number-tostring, whose names are used here: the
  /// value is `digits × 10^(n - k)` with `k` digits.
  public static func text(of number: Double) -> String {
    if number.isNaN { return "NaN" }
    if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
    if number == 0 { return "0" }
    let decimal = OracleDecimal(number)
    let sign = decimal.isNegative ? "-" : ""
    let digits = String(decimal.digits)
    let k = digits.count
    let n = decimal.exponent + k
    func zeros(_ count: Int) -> String { String(repeating: "0", count: count) }
    if k <= n, n <= 21 { return sign + digits + zeros(n - k) }
    if 0 < n, n <= 21 { return sign + digits.prefix(n) + "." + digits.dropFirst(n) }
    if -6 < n, n <= 0 { return sign + "0." + zeros(-n) + digits }
    let power = (n - 1 < 0 ? "-" : "+") + String(abs(n - 1))
    if k == 1 { return sign + digits + "e" + power }
    return sign + digits.prefix(1) + "." + digits.dropFirst() + "e" + power
  }

  /// A JSON string; non-ASCII and `/` stay as they are.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{8}": result += "\\b"
      case "\u{C}": result += "\\f"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\0"..."\u{1F}":
        let hex = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
