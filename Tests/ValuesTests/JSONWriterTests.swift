import Testing
import Values

/// What is written reads as `JSON.stringify` would have it.
@Suite struct JSONWriterTests {
  @Test("a string escapes quotes, backslashes and control characters, and nothing else")
  func strings() {
    // The results of JSON.stringify.
    let short = [0x08: #"\b"#, 0x09: #"\t"#, 0x0A: #"\n"#, 0x0C: #"\f"#, 0x0D: #"\r"#]
    for code in 0..<0x20 {
      let scalar = Unicode.Scalar(UInt8(code))
      let digits = String(code, radix: 16)
      let escape = short[code] ?? #"\u00"# + (code < 16 ? "0" : "") + digits
      #expect(Value.string("a\(Character(scalar))b").json == "\"a\(escape)b\"")
    }
    #expect(Value.string(#"say "\" / 'x'"#).json == #""say \"\\\" / 'x'""#)
    #expect(Value.string("\r\n").json == #""\r\n""#)
    for raw in ["", "é", "e\u{301}", "\u{7F}\u{85}\u{2028}\u{2029}\u{FEFF}", "👩‍👩‍👧", "</script>"] {
      #expect(Value.string(raw).json == "\"\(raw)\"")
    }
  }

  @Test("objects keep the order of their keys, also of those that look like numbers")
  func objects() throws {
    let text = #"{"z":1,"10":2,"2":[],"a":{"b":[1,[2,null]],"":""},"k\"\\\n":true}"#
    #expect(try Value(json: text).json == text)
  }

  @Test("numbers are written as ECMAScript prints them, wherever they stand")
  func numbers() throws {
    let value = try Value(json: #"[42.0,-0,-0.0,1E21,1e-7,100000000000000000000,0.10,{"a":1.50}]"#)
    #expect(value.json == #"[42,0,0,1e+21,1e-7,100000000000000000000,0.1,{"a":1.5}]"#)
    #expect(value.textForm == value.json)
    #expect(
      Value.array([.number(.infinity), .number(.nan), .absent]).json == #"["Infinity","NaN",null]"#)
  }

  @Test("what was written reads back as the same value")
  func roundTrip() throws {
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<3000 {
      let value = Self.anyValue(depth: 4, &generator)
      #expect(try Value(json: value.json) == value)
    }
  }

  private static func anyValue(depth: Int, _ generator: inout SeededGenerator) -> Value {
    switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &generator) {
    case 0: return .absent
    case 1: return .boolean(Bool.random(using: &generator))
    case 2: return .number(generator.anyDouble())
    case 3: return .number(Double(Int.random(in: -1000...1000, using: &generator)) / 100)
    case 4: return .string(anyText(&generator))
    case 5:
      return .array(
        (0..<Int.random(in: 0...4, using: &generator)).map { _ in
          anyValue(depth: depth - 1, &generator)
        })
    default:
      return .object(
        (0..<Int.random(in: 0...4, using: &generator)).map { index in
          Value.Member("\(index)" + anyText(&generator), anyValue(depth: depth - 1, &generator))
        })
    }
  }

  private static func anyText(_ generator: inout SeededGenerator) -> String {
    var text = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0...8, using: &generator) {
      let limit: UInt32 =
        [0x30, 0x80, 0x800, 0x10000, 0x110000].randomElement(using: &generator) ?? 1
      if let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &generator)) {
        text.append(scalar)
      }
    }
    return String(text)
  }
}
