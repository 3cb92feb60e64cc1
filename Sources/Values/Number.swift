import Foundation

extension Double {
  /// The double of a decimal number whose form was checked before: nearest, infinite past the range.
  ///
  /// Up to fifteen digits and small exponents are exact in one multiplication or division (Clinger,
  /// "How to read floating point numbers accurately", 1990); the rest goes to the C library.
  public init(decimal bytes: Span<UInt8>, _ range: Range<Int>) {
    var mantissa: Int64 = 0
    var digits = 0
    var scale = 0
    var exponent = 0
    var at = range.lowerBound
    let negative = bytes[at] == UInt8(ascii: "-")
    if negative { at += 1 }
    var afterPoint = false
    while at < range.upperBound {
      let byte = bytes[at]
      if byte == UInt8(ascii: ".") {
        afterPoint = true
      } else if byte | 0x20 == UInt8(ascii: "e") {
        break
      } else {
        if mantissa > 0 || byte != UInt8(ascii: "0") { digits += 1 }
        if digits <= 18 { mantissa = mantissa * 10 + Int64(byte - UInt8(ascii: "0")) }
        if afterPoint { scale += 1 }
      }
      at += 1
    }
    if at < range.upperBound {
      at += 1
      let negativeExponent = bytes[at] == UInt8(ascii: "-")
      if negativeExponent || bytes[at] == UInt8(ascii: "+") { at += 1 }
      // Cut where no count of digits could bring it back into the range.
      while at < range.upperBound, exponent < 1 << 50 {
        exponent = exponent * 10 + Int(bytes[at] - UInt8(ascii: "0"))
        at += 1
      }
      if negativeExponent { exponent = -exponent }
    }
    let power = exponent - scale
    if digits <= 15, power >= -22, power <= 22 {
      let whole = Double(mantissa)
      let value =
        power < 0 ? whole / exactPowersOfTen[-power] : whole * exactPowersOfTen[power]
      self = negative ? -value : value
      return
    }
    var text = [CChar](repeating: 0, count: range.count + 1)
    for (index, at) in range.enumerated() { text[index] = CChar(bitPattern: bytes[at]) }
    self = strtod(text, nil)
  }

  /// The number as ECMAScript prints it: `42`, `0.1`, `1e+21`, `5e-324`; `-0` is `0`.
  ///
  /// Source: ECMA-262, Number::toString.
  public var textForm: String {
    if self == 0 { return "0" }
    guard isFinite else { return isNaN ? "NaN" : self < 0 ? "-Infinity" : "Infinity" }
    if magnitude < 9_007_199_254_740_992, self == rounded(.towardZero) {
      return String(Int64(self))
    }
    let form = shortestDecimal
    var digits = String(form.mantissa.magnitude)
    var exponent = form.exponent
    while digits.hasSuffix("0") {
      digits.removeLast()
      exponent += 1
    }
    let sign = self < 0 ? "-" : ""
    let point = digits.count + exponent
    if exponent >= 0, point <= 21 {
      return sign + digits + String(repeating: "0", count: exponent)
    } else if point > 0, point <= 21 {
      return sign + digits.prefix(point) + "." + digits.dropFirst(point)
    } else if point > -6, point <= 0 {
      return sign + "0." + String(repeating: "0", count: -point) + digits
    }
    let power = (point - 1 < 0 ? "-" : "+") + String(abs(point - 1))
    let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
    return sign + digits.prefix(1) + fraction + "e" + power
  }

  /// The shortest decimal that reads back as this double: `mantissa * 10^exponent`.
  ///
  /// Only for finite numbers. The mantissa has at most seventeen digits.
  var shortestDecimal: (mantissa: Int64, exponent: Int) {
    if magnitude < 9_007_199_254_740_992, self == rounded(.towardZero) {
      return (Int64(self), 0)
    }
    // A decimal of up to fifteen digits that rounds to this double is the only such one.
    let cents = (self * 100).rounded()
    if cents.magnitude < 1e15, cents / 100 == self { return (Int64(cents), -2) }
    var mantissa: Int64 = 0
    var exponent = 0
    var afterPoint = false
    var text = Substring(magnitude.description)
    while let character = text.popFirst() {
      if character == "." {
        afterPoint = true
      } else if character == "e" {
        exponent += Int(text) ?? 0
        break
      } else {
        mantissa = mantissa * 10 + Int64(character.wholeNumberValue ?? 0)
        if afterPoint { exponent -= 1 }
      }
    }
    return (self < 0 ? -mantissa : mantissa, exponent)
  }
}

/// 10^0 to 10^22, each of which a double holds exactly.
let exactPowersOfTen: [Double] = [
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
  1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
]

extension String {
  /// The double of a whole string of the form `-?(digits[.digits]|.digits)([eE][+-]?digits)?`, or
  /// nil when it has another form or passes the range of a double.
  public var numericForm: Double? {
    guard let first = utf8.first, first < 0x3A else { return nil }
    return Array(utf8).withUnsafeBufferPointer { units -> Double? in
      let bytes = Span(_unsafeElements: units)
      var at = 0
      func digits() -> Int {
        let start = at
        while at < bytes.count, bytes[at] &- UInt8(ascii: "0") < 10 { at += 1 }
        return at - start
      }
      if bytes[0] == UInt8(ascii: "-") { at = 1 }
      let whole = digits()
      if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
        at += 1
        guard digits() > 0 else { return nil }
      } else if whole == 0 {
        return nil
      }
      if at < bytes.count, bytes[at] | 0x20 == UInt8(ascii: "e") {
        at += 1
        if at < bytes.count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") {
          at += 1
        }
        guard digits() > 0 else { return nil }
      }
      guard at == bytes.count else { return nil }
      let number = Double(decimal: bytes, 0..<bytes.count)
      return number.isFinite ? number : nil
    }
  }
}
