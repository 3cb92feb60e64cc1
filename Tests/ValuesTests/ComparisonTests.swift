import Testing
import Values

/// `=`, the order, and the text comparators of language.md section 3.
@Suite struct ComparisonTests {
  private static func json(_ text: String) throws -> Value { try Value(json: text) }

  @Test(
    "two values are equal as numbers when one is a number, else by their text",
    arguments: [
      ("50", #""50.0""#), ("50", "50.0"), ("true", #""true""#), ("false", #""false""#), ("0", "-0"),
      ("0", #""-0""#), ("1000", #""1e3""#), ("0.2", #"".20""#), (#""a""#, #""a""#),
      (#""""#, #""""#),
      ("123", #""00123""#), ("[1,2]", #""[1,2]""#), ("[1.0]", "[1]"),
      (#"{"a":"é/"}"#, #""{\"a\":\"é/\"}""#),
      ("1e21", #""1000000000000000000000""#), (#"[-0]"#, #""[0]""#), ("null", "null"),
    ])
  func equal(_ left: String, _ right: String) throws {
    let (a, b) = (try Self.json(left), try Self.json(right))
    // Absent is equal to nothing, itself included.
    #expect(a.equals(b) == a.isPresent)
    #expect(b.equals(a) == a.isPresent)
  }

  @Test(
    "what differs as a number, or as a text where neither is a number, is not equal",
    arguments: [
      (#""00123""#, #""123""#), (#""50""#, #""50.0""#), (#""a""#, #""A""#), (#""a""#, #""a ""#),
      ("true", "1"), ("true", #""True""#), ("false", "0"), ("false", #""""#), ("50", #""50 ""#),
      ("50", #""+50""#), ("50", #""fifty""#), ("1", "[1]"), ("[1,2]", "[2,1]"),
      ("[1,2]", #""[1, 2]""#),
      (#"{"a":1,"b":2}"#, #"{"b":2,"a":1}"#), ("\"\u{E9}\"", "\"e\u{301}\""), ("null", #""""#),
      ("null", #""null""#),
      ("null", "0"), ("null", "false"), (#""2026-01-01""#, #""2026-01-01T00:00:00Z""#),
      ("1e999", "1"),
    ])
  func unequal(_ left: String, _ right: String) throws {
    let (a, b) = (try Self.json(left), try Self.json(right))
    #expect(!a.equals(b))
    #expect(!b.equals(a))
  }

  @Test(
    "two values are in order as numbers when both are numeric, as instants when both are dates",
    arguments: [
      ("1", "2", .less), ("2", "1", .greater), ("1", "1.0", .equal), (#""10""#, #""9""#, .greater),
      (#""00123""#, #""123""#, .equal), ("5", #""5.0""#, .equal), (#"".5""#, "1", .less),
      ("-0", "0", .equal),
      (#""2026-01-01""#, #""2026-01-01T00:00:00Z""#, .equal),
      (#""2026-01-01T00:00:00+01:00""#, #""2026-01-01""#, .less),
      (#""2026-01-02""#, #""2026-01-01T23:59:59.999Z""#, .greater),
    ] as [(String, String, Value.Ordering)])
  func ordered(_ left: String, _ right: String, _ order: Value.Ordering) throws {
    let (a, b) = (try Self.json(left), try Self.json(right))
    #expect(a.order(b) == order)
    let reversed: Value.Ordering = order == .less ? .greater : order == .greater ? .less : .equal
    #expect(b.order(a) == reversed)
  }

  @Test(
    "other values have no order",
    arguments: [
      (#""a""#, #""b""#), ("true", "false"), ("true", "1"), ("null", "1"), ("null", "null"),
      ("1", #""one""#),
      (#""2026-01-01""#, "1"), (#""2026-01-01""#, #""1""#), (#""2026-02-30""#, #""2026-01-01""#),
      ("[1]", "[2]"), ("[1]", "1"), ("1e999", "1"), (#""1e999""#, "1"),
    ])
  func unordered(_ left: String, _ right: String) throws {
    let (a, b) = (try Self.json(left), try Self.json(right))
    #expect(a.order(b) == nil)
    #expect(b.order(a) == nil)
  }

  @Test(
    "the text form of a value",
    arguments: [
      (#""a\nb""#, "a\nb"), (#""""#, ""), ("true", "true"), ("42.0", "42"), ("1e21", "1e+21"),
      ("-0.0", "0"),
      (#"[ 1.50 , "é/" , null ]"#, #"[1.5,"é/",null]"#),
      (#"{ "b" : 1 , "a" : [ ] }"#, #"{"b":1,"a":[]}"#),
    ])
  func textForm(_ json: String, _ text: String) throws {
    #expect(try Self.json(json).textForm == text)
  }

  @Test("absent has no text form, and the empty string has one")
  func absent() {
    #expect(Value.absent.textForm == nil)
    #expect(Value.string("").textForm == "")
    #expect(Value.string("").isPresent)
    #expect(!Value.absent.isPresent)
    #expect(Value.object([Value.Member("a", .absent)])["b"] == .absent)
  }

  @Test(
    "containing, beginning and ending go by scalars, not by what looks like one letter",
    arguments: [
      // text, part, contains, starts, ends
      ("abcabd", "abd", true, false, true), ("abc", "", true, true, true),
      ("", "", true, true, true),
      ("", "a", false, false, false), ("abc", "abc", true, true, true),
      ("abc", "abcd", false, false, false),
      ("aaab", "aab", true, false, true), ("e\u{301}a", "e", true, true, false),
      ("ae\u{301}", "e", true, false, false), ("ae\u{301}", "\u{301}", true, false, true),
      ("\u{E9}", "e\u{301}", false, false, false), ("e\u{301}", "\u{E9}", false, false, false),
      ("👩‍👧", "👧", true, false, true), ("🇩🇪🇫🇷", "🇪🇫", true, false, false),
      ("a\r\nb", "\n", true, false, false),
      ("Straße", "STRASSE", false, false, false), ("\u{0}x", "\u{0}", true, true, false),
    ])
  func parts(_ text: String, _ part: String, _ contains: Bool, _ starts: Bool, _ ends: Bool) {
    #expect(text.containsExactly(part) == contains)
    #expect(text.startsExactly(with: part) == starts)
    #expect(text.endsExactly(with: part) == ends)
  }

  @Test("searching random texts finds what trying every place finds")
  func search() {
    var generator = SeededGenerator(seed: 8)
    for _ in 0..<5000 {
      func word(_ count: ClosedRange<Int>) -> [Unicode.Scalar] {
        (0..<Int.random(in: count, using: &generator)).map { _ in
          ["a", "b", "é", "\u{301}"].randomElement(using: &generator) ?? "a"
        }
      }
      let (text, part) = (word(0...12), word(0...4))
      let places = text.count < part.count ? [] : Array(0...(text.count - part.count))
      let expected = places.contains { Array(text[$0..<($0 + part.count)]) == part }
      func string(_ word: [Unicode.Scalar]) -> String { String(String.UnicodeScalarView(word)) }
      #expect(string(text).containsExactly(string(part)) == expected)
    }
  }
}
