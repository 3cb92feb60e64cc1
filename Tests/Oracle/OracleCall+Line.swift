extension OracleCall {
  /// The call as one line of NDJSON, without the line end.
  ///
  /// Numbers keep the sign of zero, and one past the range of a double is written as such.
  public var line: String {
    var writer = OracleLineWriter(random: nil)
    return writer.line(of: self)
  }

  /// Calls as NDJSON in their order of arrival, each line ended.
  ///
  /// With a seed, numbers and strings are written in equivalent ways by chance: `5.0` for `5`,
  /// escapes for characters, spaces between tokens.
  public static func ndjson(_ calls: [OracleCall], seed: UInt64? = nil) -> String {
    var writer = OracleLineWriter(random: seed.map { OracleRandom(seed: $0) })
    var text = ""
    for call in calls { text += writer.line(of: call) + "\n" }
    return text
  }
}

/// Writes calls as JSON.
private struct OracleLineWriter {
  /// The source of chance; without one the writing is compact and canonical.
  var random: OracleRandom?

  mutating func line(of call: OracleCall) -> String {
    func member(_ key: String, _ text: String?) -> OracleMember {
      OracleMember(key, text.map { .string($0) } ?? .absent)
    }
    let members = [
      member("type", call.kind.rawValue), member("messageId", call.messageId),
      member("timestamp", OracleDate.text(of: call.timestamp)), member("userId", call.userId),
      member("anonymousId", call.anonymousId), member("groupId", call.groupId),
      member("previousId", call.previousId), member("event", call.event),
      member("name", call.name), OracleMember("properties", call.properties),
      OracleMember("traits", call.traits), OracleMember("context", call.context),
      member("writeKey", call.writeKey),
    ]
    return text(of: .object(members.filter(\.value.isPresent)))
  }

  private mutating func chance(_ percent: Int) -> Bool { random?.chance(percent) ?? false }

  private mutating func gap() -> String { chance(2) ? " " : "" }

  private mutating func text(of value: OracleValue) -> String {
    switch value {
    case .absent, .boolean: return value.json
    case .number(let number): return text(of: number)
    case .string(let string): return text(of: string)
    case .array(let elements):
      var parts: [String] = []
      for element in elements { parts.append(gap() + text(of: element)) }
      return "[" + parts.joined(separator: ",") + gap() + "]"
    case .object(let members):
      var parts: [String] = []
      for member in members {
        parts.append(
          gap() + text(of: member.key) + gap() + ":" + gap() + text(of: member.value))
      }
      return "{" + parts.joined(separator: ",") + gap() + "}"
    }
  }

  private mutating func text(of number: Double) -> String {
    if number.isInfinite { return number < 0 ? "-1e999" : "1e999" }
    let text = (number == 0 && number.sign == .minus ? "-" : "") + OracleValue.text(of: number)
    guard chance(15), !text.utf8.contains(0x65) else { return text }
    if text.contains(".") { return text + (chance(50) ? "0" : "E+0") }
    return text + (chance(50) ? ".0" : "e0")
  }

  private mutating func text(of string: String) -> String {
    guard chance(5) else { return OracleValue.quoted(string) }
    var text = "\""
    for scalar in string.unicodeScalars {
      if scalar == "/" {
        text += "\\/"
      } else if chance(70), scalar.isASCII, scalar.value >= 0x20, scalar != "\"", scalar != "\\" {
        text.unicodeScalars.append(scalar)
      } else {
        for unit in String(scalar).utf16 {
          let hex = String(unit, radix: 16, uppercase: chance(50))
          text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
        }
      }
    }
    return text + "\""
  }
}
