import Testing
import Values

/// What RFC 8259 allows, what it forbids, and where a mistake is found.
@Suite struct JSONScannerTests {
  static func mistake(_ text: String) -> JSONError? { mistake(Array(text.utf8)) }

  static func mistake(_ bytes: [UInt8]) -> JSONError? {
    do {
      _ = try Value(json: bytes.span)
      return nil
    } catch {
      return error
    }
  }

  @Test("every escape stands for its character")
  func escapes() throws {
    let source = #""\"\\\/\b\f\n\r\t\u0041\u00e9\u00E9\u20AC\uD83D\uDE00\u0000""#
    let expected = "\"\\/\u{8}\u{C}\n\r\tAéé€😀\u{0}"
    #expect(try Value(json: source) == .string(expected))
  }

  @Test(
    "an escape that JSON does not have is refused at its backslash",
    arguments: [
      (#""\x""#, 1), (#""a\'""#, 2), (#""\U0041""#, 1), (#""\u00g0""#, 1), (#""\u-001""#, 1),
      (#""\u12"x"#, 1), (#""\u１２３４""#, 1), ("\"\\é\"", 1), ("\"\\\n\"", 1),
      // Half of a pair of surrogates, in each way to be half.
      (#""\uD83D""#, 1), (#""\uDE00""#, 1), (#""ab\uDE00\uD83D""#, 3), (#""\uD83D\u0041""#, 1),
      (#""\uD83Dx""#, 1), (#""\uD83D\n""#, 1), (#""\uD83D\uD83D\uDE00""#, 1),
    ])
  func badEscapes(_ text: String, _ offset: Int) {
    #expect(Self.mistake(text) == JSONError(.badEscape, at: offset))
  }

  @Test("a control character inside a string is refused; DEL and NEL are none")
  func controlCharacters() throws {
    for byte in UInt8(0)..<0x20 {
      #expect(Self.mistake([0x22, 0x61, byte, 0x22]) == JSONError(.controlCharacter, at: 2))
    }
    #expect(try Value(json: "\"\u{7F}\u{85}\"") == .string("\u{7F}\u{85}"))
  }

  @Test("a string ends, breaks or goes on at the same byte wherever in it that byte stands")
  func everyByteEverywhere() {
    for place in 0..<20 {
      for byte in UInt8(0)...255 {
        var bytes = Array(#""abcdefghijklmnopqrst""#.utf8)
        bytes[place + 1] = byte
        let expected: JSONError? =
          switch byte {
          case 0..<0x20: JSONError(.controlCharacter, at: place + 1)
          case 0x22: JSONError(.trailingText, at: place + 2)
          // The letter behind it makes an escape, or does not.
          case 0x5C where !"bfnrt".utf8.contains(bytes[place + 2]) && place < 19:
            JSONError(.badEscape, at: place + 1)
          case 0x5C where place == 19: JSONError(.unexpectedEnd, at: 22)
          case 0x80...: JSONError(.notUTF8, at: place + 1)
          default: nil
          }
        #expect(Self.mistake(bytes) == expected, "byte \(byte) at \(place)")
      }
    }
  }

  @Test(
    "a number is read by the grammar of JSON",
    arguments: [
      ("0", 0), ("-0", 0), ("10", 10), ("-1", -1), ("1.5", 1.5), ("1e3", 1000), ("1E3", 1000),
      ("1e+3", 1000), ("25e-1", 2.5), ("0e0", 0), ("0.0", 0), ("1e00002", 100),
      ("9007199254740993", 9_007_199_254_740_992), ("1e999", .infinity), ("-1e999", -.infinity),
      ("1e-999", 0), ("0e999999999999", 0), ("0.1e-99999999999999999999", 0),
    ])
  func numbers(_ text: String, _ number: Double) throws {
    #expect(try Value(json: text) == .number(number))
  }

  @Test(
    "a number of another form is refused where it begins",
    arguments: ["-", "01", "-01", "00", "1.", "1.e3", "1e", "1e+", "1E-", "-a", "1.-2", "--1"])
  func badNumbers(_ text: String) {
    #expect(Self.mistake(text) == JSONError(.badNumber, at: 0))
    #expect(Self.mistake("[" + text + "]") == JSONError(.badNumber, at: 1))
  }

  @Test(
    "the place of a mistake is the first byte that cannot stand there",
    arguments: [
      ("", .unexpectedEnd, 0), ("  ", .unexpectedEnd, 2), ("[", .unexpectedEnd, 1),
      ("[1", .unexpectedEnd, 2), ("[1,", .unexpectedEnd, 3), (#"{"a""#, .unexpectedEnd, 4),
      (#"{"a":"#, .unexpectedEnd, 5), (#"{"a":1,"#, .unexpectedEnd, 7), ("tru", .unexpectedEnd, 3),
      (#""abc"#, .unexpectedEnd, 4), (#""abc\"#, .unexpectedEnd, 5), ("nul", .unexpectedEnd, 3),
      ("trux", .unexpectedByte, 3), ("True", .unexpectedByte, 0), ("+1", .unexpectedByte, 0),
      (".5", .unexpectedByte, 0), ("[1 2]", .unexpectedByte, 3), ("[1,]", .unexpectedByte, 3),
      ("[,1]", .unexpectedByte, 1), ("{,}", .unexpectedByte, 1), ("{1:2}", .unexpectedByte, 1),
      (#"{"a" 1}"#, .unexpectedByte, 5), (#"{"a":1,}"#, .unexpectedByte, 7),
      ("[1}", .unexpectedByte, 2),
      (#"{"a":1]"#, .unexpectedByte, 6), ("'a'", .unexpectedByte, 0), ("NaN", .unexpectedByte, 0),
      ("\u{B}1", .unexpectedByte, 0), ("\u{A0}1", .unexpectedByte, 0),
      ("\u{FEFF}1", .unexpectedByte, 0),
      ("é", .unexpectedByte, 0), ("1 x", .trailingText, 2), ("{}{}", .trailingText, 2),
      ("null\u{0}", .trailingText, 4), ("1a", .trailingText, 1), ("[]]", .trailingText, 2),
    ] as [(String, JSONError.Reason, Int)])
  func places(_ text: String, _ reason: JSONError.Reason, _ offset: Int) {
    #expect(Self.mistake(text) == JSONError(reason, at: offset))
  }

  @Test("white space is the four characters of JSON, anywhere between two words")
  func whiteSpace() throws {
    let text = " \t\r\n{ \"a\" \n:\t[ 1 , null\r] , \"b\" : { } , \"c\" : [ ] } \n"
    #expect(try Value(json: text).json == #"{"a":[1,null],"b":{},"c":[]}"#)
  }

  @Test(
    "a key that stands twice in one object is refused at the second one's quote",
    arguments: [
      (#"{"a":1,"a":1}"#, 7), (#"{"a":1,"b":2,"\u0061":3}"#, 13), (#"{"\u0061":1,"a":2}"#, 12),
      (#"{"\u0061":1,"\u0061":2}"#, 12), (#"{"":1,"":2}"#, 6), (#"{"x":{"a":1,"a":2}}"#, 12),
      (#"{"\/":1,"/":2}"#, 8), (#"{"\uD83D\uDE00":1,"😀":2}"#, 18),
    ])
  func duplicateKeys(_ text: String, _ offset: Int) {
    #expect(Self.mistake(text) == JSONError(.duplicateKey, at: offset))
    var scanner = JSONScanner()
    #expect(throws: JSONError(.duplicateKey, at: offset)) {
      try scanner.skipValue(Array(text.utf8).span)
    }
  }

  @Test("keys are one when their scalars are: neither case nor normalization counts")
  func differentKeys() throws {
    let text = "{\"a\":1,\"A\":2,\"\u{E9}\":3,\"e\u{301}\":4,\"x\":{\"a\":5}}"
    let value = try Value(json: text)
    #expect(value.json == text)
    #expect(value["\u{E9}"] == .number(3))
    #expect(value["e\u{301}"] == .number(4))
  }

  @Test(
    "a duplicate is found among many keys, plain and escaped", arguments: [3, 16, 17, 18, 3000])
  func manyKeys(_ count: Int) throws {
    let keys = (0..<count).map { #""key\#($0)":0"# }
    #expect(try Value(json: "{" + keys.joined(separator: ",") + "}").isPresent)
    for repeated in [0, count / 2, count - 1] {
      let again = keys + [#""\u006bey\#(repeated)":0"#]
      let text = "{" + again.joined(separator: ",") + "}"
      let offset = text.utf8.count - again[count].utf8.count - 1
      #expect(Self.mistake(text) == JSONError(.duplicateKey, at: offset))
    }
  }

  @Test("two hundred levels are read, one more is refused at its bracket")
  func depth() throws {
    let limit = JSONScanner.depthLimit
    #expect(limit == 200)
    for (open, close) in [("[", "]"), (#"{"a":"#, "}")] {
      let inside = open == "[" ? "[]" : "{}"
      let text =
        String(repeating: open, count: limit - 1) + inside
        + String(repeating: close, count: limit - 1)
      #expect(try Value(json: text).json == text)
      let tooDeep =
        String(repeating: open, count: limit) + inside + String(repeating: close, count: limit)
      #expect(Self.mistake(tooDeep) == JSONError(.tooDeep, at: open.utf8.count * limit))
    }
    // Depth is how many are open at once, not how many there are.
    let wide = "[" + Array(repeating: "[[]]", count: 1000).joined(separator: ",") + "]"
    #expect(try Value(json: wide).json == wide)
    let endless = String(repeating: "[", count: 1_000_000)
    #expect(Self.mistake(endless) == JSONError(.tooDeep, at: limit))
  }

  @Test("skipping a value judges as reading it does, and says which bytes it was")
  func skipping() throws {
    let text = #"  {"a":[1,-2.5e3,"x\n",true,false,null,{"b":{}}]} tail"#
    var scanner = JSONScanner()
    let range = try scanner.skipValue(Array(text.utf8).span)
    #expect(range == 2..<(text.utf8.count - 5))
    #expect(throws: JSONError(.trailingText, at: text.utf8.count - 4)) {
      try scanner.end(Array(text.utf8).span)
    }
  }

  @Test("a mistake is put into words without any of the text")
  func words() {
    #expect(JSONError(.badEscape, at: 6).message == "not a JSON escape at byte 7")
    #expect(JSONError(.tooDeep, at: 0).message == "nested more than 200 deep at byte 1")
  }
}
