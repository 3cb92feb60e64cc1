import Definitions
import Testing
import Values

@testable import Delivery

/// Values as Heap gets them, byte for byte.
struct EncodingTests {
  /// The properties of a value under the key `k`, as compact JSON in the order of the source.
  private func encoded(
    _ json: String, _ booleans: DestinationDefinition.Booleans = .string,
    form: Encoding.Form = .flat
  ) throws -> String {
    let encoder = PropertyEncoder(Encoding(booleans: booleans, absent: .empty, form: form))
    let properties = encoder.properties(of: try Value(json: json), key: "k")
    #expect(properties.allSatisfy { $0.problem == nil })
    return Value.object(properties.map { .init($0.name, $0.value) }).json
  }

  @Test(
    "Segment's vectors",
    arguments: [
      (
        #"{"foo":{"bar":{"cheese":"american","prop":[1,2,3],"products":[{"A":"Jello"},{"B":"Peanut"}]}}}"#,
        #"{"k.foo.bar.cheese":"american","k.foo.bar.prop":"[1,2,3]","#
          + #""k.foo.bar.products":"[{\"A\":\"Jello\"},{\"B\":\"Peanut\"}]"}"#
      ),
      (#"["1",2,"cheers"]"#, #"{"k":"[\"1\",2,\"cheers\"]"}"#),
      (#"{"a":null}"#, "{}"), (#"{"a":{}}"#, "{}"), (#"{"a":[]}"#, #"{"k.a":"[]"}"#),
      (#"{"a":{"b":null}}"#, "{}"), ("{}", "{}"), ("null", "{}"),
      (#""2016-01-01""#, #"{"k":"2016-01-01T00:00:00.000Z"}"#),
      (#""2016-01-01T01:30:00.5+02:00""#, #"{"k":"2015-12-31T23:30:00.500Z"}"#),
      (#""2016-02-30""#, #"{"k":"2016-02-30"}"#), (#""2016""#, #"{"k":"2016"}"#),
      (#"{"x":true,"y":false}"#, #"{"k.x":"true","k.y":"false"}"#),
      (
        #"{"a":{"/":"é/\"\n😀"},"b":[null,"/",{"c":null}]}"#,
        #"{"k.a./":"é/\"\n😀","k.b":"[null,\"/\",{\"c\":null}]"}"#
      ),
      (#"{"b":1,"a":2}"#, #"{"k.b":1,"k.a":2}"#),
      (#"["2016-01-01"]"#, #"{"k":"[\"2016-01-01\"]"}"#),
    ])
  func vectors(_ json: String, _ expected: String) throws {
    #expect(try encoded(json) == expected)
  }

  @Test(
    "numbers are as JavaScript prints them, and whole ones past 2^53 are text",
    arguments: [
      ("42", "42"), ("42.0", "42"), ("-0", "0"), ("0.1", "0.1"), ("1e-7", "1e-7"),
      ("0.30000000000000004", "0.30000000000000004"), ("-12.50", "-12.5"),
      ("9007199254740991", "9007199254740991"), ("-9007199254740991", "-9007199254740991"),
      ("9007199254740992", #""9007199254740992""#), ("1e21", #""1e+21""#),
      ("-9007199254740993", #""-9007199254740992""#), ("5e-324", "5e-324"),
      ("123456789.125", "123456789.125"),
    ])
  func numbers(_ json: String, _ expected: String) throws {
    #expect(try encoded(json) == #"{"k":\#(expected)}"#)
    #expect(try encoded("[\(json)]").contains("\"["))
  }

  @Test("booleans are text, or JSON where that is asked for, in arrays always JSON")
  func booleans() throws {
    #expect(try encoded(#"{"a":true,"b":[true]}"#) == #"{"k.a":"true","k.b":"[true]"}"#)
    #expect(try encoded(#"{"a":true,"b":[true]}"#, .json) == #"{"k.a":true,"k.b":"[true]"}"#)
  }

  @Test("the form of stores before version 3 has objects as text and dates as they came")
  func plain() throws {
    #expect(try encoded(#"{"a":{"b":1}}"#, form: .plain) == #"{"k":"{\"a\":{\"b\":1}}"}"#)
    #expect(try encoded(#""2016-01-01""#, form: .plain) == #"{"k":"2016-01-01"}"#)
  }

  @Test("two parts of a value with one name are both left out and reported")
  func collisions() throws {
    let encoder = PropertyEncoder(Encoding(booleans: .string, absent: .empty))
    let value = try Value(json: #"{"a.b":1,"a":{"b":2,"c":3}}"#)
    let properties = encoder.properties(of: value, key: "k")
    #expect(properties.map(\.name) == ["k.a.b", "k.a.c"])
    #expect(properties.map { $0.problem != nil } == [true, false])
  }

  @Test("names have 511 UTF-16 units at most")
  func names() throws {
    let encoder = PropertyEncoder(Encoding(booleans: .string, absent: .empty))
    func problem(_ count: Int, _ character: String) -> String? {
      let name = String(repeating: character, count: count)
      return encoder.properties(of: .object([.init(name, .number(1))]), key: "k")[0].problem
    }
    #expect(problem(509, "x") == nil && problem(254, "😀") == nil)
    #expect(problem(510, "x") == "the name is longer than 511 characters")
    #expect(problem(255, "😀") != nil)
  }

  @Test("a text past 1023 UTF-16 units is cut or refused, as the destination says")
  func longTexts() {
    let long = Value.string(String(repeating: "x", count: 1024))
    let encoding = Encoding(booleans: .string, absent: .empty)
    let cut = PropertyEncoder(encoding).properties(of: long, key: "k")[0]
    #expect(cut.isShortened && cut.problem == nil)
    #expect(cut.value == .string(String(repeating: "x", count: 1023)))
    let refused = PropertyEncoder(encoding, longValues: .reject).properties(of: long, key: "k")[0]
    #expect(refused.problem == "the text is longer than 1023 characters")
    let fits = Value.string(String(repeating: "x", count: 1023))
    let whole = PropertyEncoder(encoding, longValues: .reject).properties(of: fits, key: "k")[0]
    #expect(!whole.isShortened && whole.problem == nil && whole.value == fits)
  }

  @Test("an event's name has 1 to 1024 UTF-16 units")
  func eventNames() {
    func problem(_ name: String) -> String? { PropertyEncoder.problem(withEventName: name) }
    #expect(problem(String(repeating: "x", count: 1024)) == nil)
    #expect(problem(String(repeating: "x", count: 1025)) != nil)
    #expect(problem(String(repeating: "😀", count: 513)) != nil)
    #expect(problem(" ") != nil)
  }

  @Test("an encoding is stored as text and read again")
  func stored() {
    for booleans in DestinationDefinition.Booleans.allCases {
      for absent in DestinationDefinition.Absent.allCases {
        for form in [Encoding.Form.plain, .flat] {
          let encoding = Encoding(booleans: booleans, absent: absent, form: form)
          #expect(Encoding(text: encoding.text) == encoding)
        }
      }
    }
    for text in ["", "string empty", "string empty 3", "text empty 2", "string none 2"] {
      #expect(Encoding(text: text) == nil, "\(text)")
    }
  }
}
