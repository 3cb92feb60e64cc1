/// An opening quote: straight or curly, single or double.
struct Quote {
  let isDouble: Bool
  let isCurly: Bool

  /// Bytes of the opening quote.
  var length: Int { isCurly ? 3 : 1 }

  init?(_ bytes: [UInt8], at: Int, end: Int) {
    switch bytes[at] {
    case UInt8(ascii: "'"): (isDouble, isCurly) = (false, false)
    case UInt8(ascii: "\""): (isDouble, isCurly) = (true, false)
    case 0xE2 where at + 2 < end && bytes[at + 1] == 0x80 && bytes[at + 2] == 0x98:
      (isDouble, isCurly) = (false, true)  // ‘
    case 0xE2 where at + 2 < end && bytes[at + 1] == 0x80 && bytes[at + 2] == 0x9C:
      (isDouble, isCurly) = (true, true)  // “
    default: return nil
    }
  }

  /// The length of the quote at `at` when it closes this one: a curly one is closed by the next
  /// curly or straight one of its kind, a straight one by itself alone.
  func closes(_ bytes: [UInt8], at: Int, end: Int) -> Int? {
    if bytes[at] == (isDouble ? UInt8(ascii: "\"") : UInt8(ascii: "'")) { return 1 }
    guard isCurly, at + 2 < end, bytes[at] == 0xE2, bytes[at + 1] == 0x80 else { return nil }
    let ours: ClosedRange<UInt8> = isDouble ? 0x9C...0x9D : 0x98...0x99
    return ours.contains(bytes[at + 2]) ? 3 : nil
  }
}

/// What looks like a date: a proper one, or one in a form that the language does not have.
struct DateForm {
  let length: Int
  /// `YYYY-MM-DD[Thh:mm[:ss[.f…]][zone]]`, ranges unchecked.
  let isProper: Bool

  init?(_ bytes: [UInt8], at start: Int, end: Int) {
    var reader = Reader(bytes: bytes, at: start, end: end)
    if reader.take("0000-00-00") {
      if reader.take("T00:00") {
        if reader.take(":00"), reader.take(".0") {
          while reader.take("0") {}
        }
        if !reader.take("Z"), reader.take("+00") || reader.take("-00") {
          _ = reader.take(":00") || reader.take("00")
        }
      }
      let properEnd = reader.at
      reader.takeRest()
      (length, isProper) = (reader.at - start, reader.at == properEnd)
    } else {
      // Three numbers between two equal signs, as in 2026-1-5, 1/5/2026 or 5.1.2026.
      guard reader.takeNumber(), let sign = reader.takeSign("-/."), reader.takeNumber(),
        reader.takeSign(sign) != nil, reader.takeNumber()
      else { return nil }
      reader.takeRest()
      (length, isProper) = (reader.at - start, false)
    }
  }

  private struct Reader {
    let bytes: [UInt8]
    var at: Int
    let end: Int

    /// Takes a text in which `0` stands for any digit.
    mutating func take(_ pattern: String) -> Bool {
      var next = at
      for expected in pattern.utf8 {
        guard next < end else { return false }
        guard expected == UInt8(ascii: "0") ? isDigit(next) : bytes[next] == expected else {
          return false
        }
        next += 1
      }
      at = next
      return true
    }

    /// Takes one to four digits.
    mutating func takeNumber() -> Bool {
      let start = at
      while isDigit(at), at < start + 4 { at += 1 }
      return at > start && !isDigit(at)
    }

    mutating func takeSign(_ signs: String) -> String? {
      guard at < end, signs.utf8.contains(bytes[at]), isDigit(at + 1) else { return nil }
      at += 1
      return String(Unicode.Scalar(bytes[at - 1]))
    }

    /// Takes what sticks to a date and cannot be a word of the language: more digits, a time behind
    /// a space, a zone in another form.
    mutating func takeRest() {
      let marks = Array("T t :+Zz".utf8)
      let space = at
      if take(" 00:00") || take(" 0:00") { at = space + 1 }
      guard at < end, isDigit(at) || marks.contains(bytes[at]) && bytes[at] != 0x20 else {
        return
      }
      // A ':' or '+' belongs to a time only when it goes on; an example has one behind its value.
      if ":+".utf8.contains(bytes[at]), !isDigit(at + 1) { return }
      let isLetter = bytes[at] | 0x20 > 0x60
      if isLetter, bytes[at] | 0x20 != UInt8(ascii: "z"), !isDigit(at + 1) { return }
      while isDigit(at) || at < end && Array("Tt:+-.Zz".utf8).contains(bytes[at]) { at += 1 }
    }

    private func isDigit(_ place: Int) -> Bool {
      place < end && bytes[place] &- UInt8(ascii: "0") < 10
    }
  }
}
