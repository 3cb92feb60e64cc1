import Definitions
import Foundation
import Testing
import Values

@testable import Delivery

struct FormTests {
  private func encode(
    _ stored: String?, _ kind: Definition.Kind = .trait,
    _ booleans: DestinationDefinition.Booleans = .string
  ) -> String? {
    let encoder = PropertyEncoder(
      DestinationDefinition(
        name: "heap", target: .heap(appID: "1", url: ""), booleans: booleans, path: ""))
    guard let value = stored.flatMap({ try? Value(json: $0) }) else {
      return encoder.absentValue(kind)?.json
    }
    return encoder.properties(of: value, key: "key").first?.value.json
  }

  @Test("values are sent as numbers and strings")
  func values() {
    #expect(encode("true", .audience) == "\"true\"")
    #expect(encode(nil, .audience) == "\"false\"")
    #expect(encode("true", .audience, .json) == "true")
    #expect(encode(nil, .audience, .json) == "false")
    #expect(encode("42") == "42")
    #expect(encode("12.5") == "12.5")
    #expect(encode("9007199254740992") == "\"9007199254740992\"")
    #expect(encode("\"Zürich/\\\"x\\\"\"") == "\"Zürich/\\\"x\\\"\"")
    #expect(encode("[\"a\",1,null]") == "\"[\\\"a\\\",1,null]\"")
    #expect(encode(nil) == "\"\"")
  }

  @Test("a text is cut at 1023 UTF-16 units, never inside a surrogate pair")
  func lengths() throws {
    #expect(PropertyEncoder.shortened(String(repeating: "x", count: 1024)).utf16.count == 1023)
    #expect(PropertyEncoder.shortened(String(repeating: "x", count: 1023)).utf16.count == 1023)
    #expect(PropertyEncoder.shortened(String(repeating: "😀", count: 600)).utf16.count == 1022)
  }

  @Test("identities have 1 to 255 UTF-16 units and are not blank")
  func identities() {
    #expect(PropertyEncoder.problem(withIdentity: "ann") == nil)
    #expect(PropertyEncoder.problem(withIdentity: String(repeating: "😀", count: 127)) == nil)
    #expect(PropertyEncoder.problem(withIdentity: String(repeating: "😀", count: 128)) != nil)
    #expect(PropertyEncoder.problem(withIdentity: "\t") != nil)
    #expect(PropertyEncoder.problem(withIdentity: "") != nil)
  }

  @Test("accepted is an empty body, a JSON object or OK, and nothing else")
  func acceptance() {
    for body in ["", "{}", " {\"a\":1}\n", "OK", "OK\n"] {
      #expect(HTTPTransport.isAcceptance(Data(body.utf8)), "\(body)")
    }
    for body in ["<html></html>", "[]", "{", "ok then", "null", "\"OK\""] {
      #expect(!HTTPTransport.isAcceptance(Data(body.utf8)), "\(body)")
    }
  }

  @Test("Retry-After is seconds or a date")
  func retryAfter() {
    let now = Date(timeIntervalSince1970: 784_111_777)  // Sun, 06 Nov 1994 08:49:37 GMT
    #expect(RetryAfter.seconds("120", now: now) == 120)
    #expect(RetryAfter.seconds("Sun, 06 Nov 1994 08:50:07 GMT", now: now) == 30)
    #expect(RetryAfter.seconds("Sun, 06 Nov 1994 08:00:00 GMT", now: now) == 0)
    #expect(RetryAfter.seconds("Sunday, 06-Nov-94 08:50:07 GMT", now: now) == 30)
    #expect(RetryAfter.seconds("Sun Nov  6 08:50:07 1994", now: now) == 30)
    #expect(RetryAfter.seconds(" 7 ", now: now) == 7)
    for header in ["soon", "-5", "+5", "0x10", "nan", "inf", ""] {
      #expect(RetryAfter.seconds(header, now: now) == nil, "\(header)")
    }
  }

  @Test("waits double, keep half of it to chance, and stay under the cap")
  func backOff() {
    let policy = RetryPolicy()
    #expect(policy.delay(afterAttempt: 1, retryAfter: nil, random: 1) == 0.5)
    #expect(policy.delay(afterAttempt: 1, retryAfter: nil, random: 0) == 0.25)
    #expect(policy.delay(afterAttempt: 4, retryAfter: nil, random: 1) == 4)
    #expect(policy.delay(afterAttempt: 99, retryAfter: nil, random: 1) == 60)
    #expect(policy.delay(afterAttempt: 1, retryAfter: 3600, random: 0) == 3600)
  }
}
