import Oracle
import Testing

@Suite("The script of a sequence")
struct SequenceScriptTests {
  private static let day: Int64 = 86_400_000
  /// 2026-03-10T00:00:00Z.
  private static let start: Int64 = 1_773_100_800_000

  @Test("does what the sequence says, to both stores")
  func script() throws {
    let bought = OracleStream("Bought", [.within(OracleDuration(5, .day))])
    let definitions = [
      OracleDefinition(
        "buyer",
        .audience(
          .compare(.reduced(bought, .count), .relation(.atLeast, .literal(.number(1)))))),
      OracleDefinition("bought", .trait(.reduced(OracleStream("Bought"), .count))),
    ]
    func call(_ id: String, _ user: String, day: Int64) -> OracleCall {
      OracleCall(.track, id: id, at: Self.start + day * Self.day, user: user, event: "Bought")
    }
    let sequence = OracleSequence(
      definitions,
      [
        .init([call("1", "ann", day: 0), call("2", "bob", day: 3)], at: Self.start + 3 * Self.day),
        .init([call("3", "bob", day: 4)], at: Self.start + 6 * Self.day, sends: true),
      ], spelling: 7)
    let rollcall = try Rollcall()
    try rollcall.write(sequence.description, to: "script")
    let output = try rollcall.shell("script")
    #expect(!output.contains("error") && !output.contains("not found"), "\(output)")
    #expect(output.split(separator: "\n").count { $0.hasPrefix("good: ") } == 2, "\(output)")
    for store in ["ticks", "full"] {
      #expect(
        try rollcall.read("\(store)/buyer.exported") == #"{"user_id":"bob","value":true}"# + "\n")
      #expect(
        try rollcall.read("\(store)/bought.exported")
          == #"{"user_id":"ann","value":1}"# + "\n" + #"{"user_id":"bob","value":2}"# + "\n")
      // The first run sends nothing.
      let sent = try rollcall.read("\(store)/identify.ndjson").split(separator: "\n")
      #expect(sent.count == 2)
    }
    #expect(output.split(separator: "\n").allSatisfy { !$0.hasPrefix("<") && !$0.hasPrefix(">") })
  }
}
