import Testing

@testable import Oracle

/// 2026-03-10T12:00:00Z.
let noon: Int64 = 1_773_144_000_000
let minute: Int64 = 60_000
let hour: Int64 = 3_600_000
let day: Int64 = 86_400_000

/// A track call of the user `u`.
func track(
  _ event: String, _ at: Int64, _ properties: OracleValue = [:], user: String = "u",
  context: OracleValue = .absent, writeKey: String? = nil
) -> OracleCall {
  OracleCall(
    .track, id: "", at: at, user: user, event: event, properties: properties, context: context,
    writeKey: writeKey)
}

/// Calls with message ids by position.
func numbered(_ calls: [OracleCall]) -> [OracleCall] {
  calls.enumerated().map { index, call in
    var call = call
    if call.messageId.isEmpty { call.messageId = "message \(index)" }
    return call
  }
}

/// The value of one query for the user `u`.
func value(
  _ body: OracleDefinition.Body, _ calls: [OracleCall], at now: Int64 = noon
) -> OracleValue {
  let definition = OracleDefinition("it", body)
  let world = OracleWorld(calls: numbered(calls), definitions: [definition])
  return world.value(of: "it", user: "u", at: now)
}

/// The value of a computed trait for the user `u`.
func value(
  _ scalar: OracleScalar, _ calls: [OracleCall], at now: Int64 = noon
) -> OracleValue {
  value(.trait(scalar), calls, at: now)
}

/// Whether the user `u` is in an audience.
func holds(
  _ condition: OracleCondition, _ calls: [OracleCall], at now: Int64 = noon
) -> Bool {
  value(.audience(condition), calls, at: now) == true
}

/// The number of events of a stream.
func count(_ stream: OracleStream, _ calls: [OracleCall], at now: Int64 = noon) -> OracleValue {
  value(.reduced(stream, .count), calls, at: now)
}

/// Whether a property with some value passes a test.
func passes(_ property: OracleValue, _ test: OracleTest, at now: Int64 = noon) -> Bool {
  let condition = OracleCondition.compare(.field(OracleField(.property, "x")), test)
  let stream = OracleStream("A", [.where(condition)])
  return count(stream, [track("A", noon - 100 * 365 * day, ["x": property])], at: now) == 1
}

/// The condition that a stream has events.
func some(_ event: String, _ filters: OracleFilter...) -> OracleCondition {
  .compare(
    .reduced(OracleStream(event, filters), .count), .relation(.atLeast, .literal(.number(1))))
}

func property(_ keys: String...) -> OracleField {
  OracleField(.property, keys.map { $0 == "$" ? .each : .key($0) })
}

func trait(_ keys: String...) -> OracleField {
  OracleField(.trait, keys.map { $0 == "$" ? .each : .key($0) })
}

func identify(
  _ at: Int64, _ traits: OracleValue, user: String? = "u", anonymous: String? = nil
) -> OracleCall {
  OracleCall(.identify, id: "", at: at, user: user, anonymous: anonymous, traits: traits)
}
