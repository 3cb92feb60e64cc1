import EventStore
import Testing
import Values

@Suite struct CallScannerTests {
  private func scan(_ text: String) throws(CallRefusal) -> Call {
    try CallScanner.scan(Array(text.utf8).span)
  }

  /// A call around these members, which say what is tested.
  private func refusal(_ text: String) -> CallRefusal? {
    do throws(CallRefusal) {
      _ = try scan(text)
      return nil
    } catch {
      return error
    }
  }

  private func refusal(ofTrackWith members: String) -> CallRefusal? {
    refusal(#"{"type":"track","event":"A",\#(members)}"#)
  }

  @Test func `fields may come in any order and with escaped keys`() throws {
    let line = Array(
      #"{"context":{"ip":"::1"},"timestamp":"2026-01-02","\u0075serId":"u","event":"A","type":"track"}"#
        .utf8)
    let call = try CallScanner.scan(line.span)
    #expect(call.kind == .track)
    #expect(call.userID?.string(in: line.span) == "u")
    #expect(call.time == Instant(iso8601: "2026-01-02"))
    #expect(call.context == 11..<23)
    #expect(call.properties == nil)
  }

  @Test(arguments: [
    (#""plain""#, "plain"), (#""a\"b\u00e9\ud83d\ude00""#, "a\"bé😀"), ("42", "42"), ("-7", "-7"),
    ("1.50", "1.5"), ("1e3", "1000"), ("-0", "0"), ("12345678901234567890", "12345678901234567890"),
    (#""null""#, "null"),
  ])
  func `an id is a string or the text of a number`(json: String, text: String) throws {
    let line = Array(
      #"{"type":"identify","userId":\#(json),"timestamp":"2026-01-02"}"#.utf8)
    let call = try CallScanner.scan(line.span)
    #expect(call.userID?.string(in: line.span) == text)
  }

  @Test(arguments: ["null", #""""#])
  func `null and the empty string are no id`(json: String) {
    #expect(
      refusal(ofTrackWith: #""userId":\#(json),"timestamp":"2026-01-02""#) == .noIdentity)
    #expect(
      refusal(ofTrackWith: #""userId":\#(json),"anonymousId":"a","timestamp":"2026-01-02""#) == nil)
  }

  @Test func `the first time that is there is taken`() throws {
    func time(_ members: String) throws -> Instant {
      try scan(#"{"type":"track","event":"A","userId":"u",\#(members)}"#).time
    }
    let all = #""receivedAt":"2026-01-03","originalTimestamp":"2026-01-02","timestamp":"#
    #expect(try time(all + #""2026-01-01""#) == Instant(iso8601: "2026-01-01"))
    #expect(try time(all + "null") == Instant(iso8601: "2026-01-02"))
    #expect(try time(#""receivedAt":"2026-01-03""#) == Instant(iso8601: "2026-01-03"))
    #expect(
      try time(#""timestamp":"2026-01-01T00\u003a30+01:00""#)
        == Instant(iso8601: "2025-12-31T23:30Z"))
  }

  @Test func `a time that is no date does not fall through to the next`() {
    let rest = #""userId":"u","receivedAt":"2026-01-03","#
    for time in [#""2026-02-30T00:00:00Z""#, #""soon""#, #""""#, "1767225600000", "{}", "true"] {
      #expect(
        refusal(ofTrackWith: rest + #""timestamp":\#(time)"#) == .notADate(.timestamp), "\(time)")
    }
    #expect(
      refusal(ofTrackWith: rest + #""originalTimestamp":"x""#) == .notADate(.originalTimestamp))
    #expect(refusal(ofTrackWith: #""userId":"u""#) == .noTime)
  }

  @Test func `each type says what it needs`() {
    let rest = #""userId":"u","timestamp":"2026-01-02"}"#
    #expect(refusal(#"{"type":"track",\#(rest)"#) == .missing(.event, .track))
    #expect(refusal(#"{"type":"track","event":"",\#(rest)"#) == .missing(.event, .track))
    #expect(refusal(#"{"type":"track","event":5,\#(rest)"#) == .wrongKind(.event, .string))
    #expect(refusal(#"{"type":"page",\#(rest)"#) == nil)
    #expect(refusal(#"{"type":"screen","name":{},\#(rest)"#) == .wrongKind(.name, .string))
    #expect(refusal(#"{"type":"identify",\#(rest)"#) == nil)
    #expect(refusal(#"{"type":"group",\#(rest)"#) == .missing(.groupID, .group))
    #expect(refusal(#"{"type":"alias",\#(rest)"#) == .missing(.previousID, .alias))
    #expect(
      refusal(
        #"{"type":"alias","anonymousId":"a","previousId":"p","timestamp":"2026-01-02"}"#)
        == .missing(.userID, .alias))
    #expect(refusal(#"{"type":"buy",\#(rest)"#) == .unknownType)
    #expect(refusal(#"{"type":7,\#(rest)"#) == .wrongKind(.type, .string))
    #expect(refusal("{" + rest) == .noType)
    #expect(refusal("{}") == .noType)
    #expect(refusal("[1]") == .notAnObject)
  }

  @Test func `properties, traits and context are objects or null`() {
    let rest = #""userId":"u","timestamp":"2026-01-02","#
    for (field, key) in [
      (CallField.properties, "properties"), (.traits, "traits"), (.context, "context"),
    ] {
      #expect(refusal(ofTrackWith: rest + #""\#(key)":null"#) == nil)
      #expect(refusal(ofTrackWith: rest + #""\#(key)":{}"#) == nil)
      for wrong in ["[]", "1", #""{}""#, "true"] {
        #expect(
          refusal(ofTrackWith: rest + #""\#(key)":\#(wrong)"#) == .wrongKind(field, .object))
      }
    }
    #expect(refusal(ofTrackWith: rest + #""userId":[]"#) != nil)
    #expect(
      refusal(ofTrackWith: rest + #""anonymousId":[]"#) == .wrongKind(.anonymousID, .identity))
  }

  @Test func `the whole line is validated, also where nothing is read`() {
    let rest = #""userId":"u","timestamp":"2026-01-02","#
    func reason(_ members: String) -> JSONError.Reason? {
      guard case .notJSON(let error) = refusal(ofTrackWith: rest + members) else { return nil }
      return error.reason
    }
    #expect(reason(#""userId":"u""#) == .duplicateKey)
    #expect(reason(#""timestamp":null,"x":1"#) == .duplicateKey)
    #expect(reason(#""\u0065vent":"B""#) == .duplicateKey)
    #expect(reason(#""x":1,"x":2"#) == .duplicateKey)
    #expect(reason(#""properties":{"a":{"b":1,"b":1}}"#) == .duplicateKey)
    #expect(reason(#""x":"\ud800""#) == .badEscape)
    #expect(reason(#""x":"\#u{0}""#) == .controlCharacter)
    #expect(reason(#""x":\#u{0}1"#) == .unexpectedByte)
    #expect(reason(#""x":01"#) == .badNumber)
    let deep = String(repeating: "[", count: 250) + String(repeating: "]", count: 250)
    #expect(reason(#""x":\#(deep)"#) == .tooDeep)
    #expect(refusal(#"{"type":"track""#) == .notJSON(JSONError(.unexpectedEnd, at: 15)))
    #expect(refusal("{} {}") == .notJSON(JSONError(.trailingText, at: 3)))
  }

  @Test func `a null key cannot be given twice`() {
    #expect(
      refusal(#"{"type":null,"type":"track"}"#) == .notJSON(JSONError(.duplicateKey, at: 13)))
  }

  @Test func `a refusal in words holds nothing of the line`() {
    #expect(
      CallRefusal.notADate(.timestamp).message == "the timestamp is not an ISO 8601 date")
    #expect(CallRefusal.missing(.event, .track).message == "a call of type track needs event")
    #expect(
      CallRefusal.unknownType.message
        == "the type is none of track, page, screen, identify, group, alias")
    #expect(CallRefusal.tooLong.message == "the line is longer than 1 MiB")
    #expect(
      CallRefusal.wrongKind(.userID, .identity).message == "userId is not a string or a number")
  }
}
