import Foundation
import Testing
import Values

/// Scripts of chance: faults, SIGKILLs of whoever sends, steps of the clock and edits of definitions, with
/// the sandbox as the judge.
///
/// `ROLLCALL_CHAOS` sets how many scripts.
@Suite("Whatever happens, Heap has the snapshot in the end")
struct ChaosTests {
  private static let scripts =
    ProcessInfo.processInfo.environment["ROLLCALL_CHAOS"].flatMap(UInt64.init) ?? 2

  @Test("faults, kills, clock steps and edits, by a seed", arguments: 0..<scripts)
  func chaos(_ seed: UInt64) throws {
    let scene = try ChaosScene(seed: seed)
    for _ in 0..<20 {
      if let mistake = try scene.step() {
        Issue.record("seed \(seed): \(mistake)\n\(scene.story.joined(separator: "\n"))")
        return
      }
    }
    // The faults are over. What the last edits hold is approved, and one send goes out.
    try scene.encode("empty")
    try scene.call("run", "--at", scene.at, "--no-send", "--future")
    for key in try scene.held().sorted() { try scene.call("approve", key) }
    let doubted = try scene.inDoubt()
    let writes = scene.count("no_op_property_writes")
    try scene.call("send", "--now", "--at", scene.at, "--retry-quarantined", "--timeout", "10m")

    var wrong = try Self.differences(scene)
    if scene.count("no_op_property_writes") - writes > doubted {
      wrong.append("values were written again that were not in doubt")
    }
    let mustBeZero = [
      "conflicting_duplicates", "unknown_app", "rejected_by_limit", "dropped_by_limit", "rejected",
      "misrouted", "malformed",
    ]
    for name in mustBeZero where scene.count(name) != 0 {
      wrong.append("\(name): \(scene.count(name))")
    }
    for table in ["pending", "quarantine", "acknowledged WHERE in_doubt"] {
      let rows = try scene.rollcall.count("SELECT count(*) FROM \(table)")
      if rows != 0 { wrong.append("\(table): \(rows) rows") }
    }
    if scene.printed.contains("secret") { wrong.append("an identity or a value was printed") }
    let requests = scene.count("requests")
    try scene.call("send", "--now", "--at", scene.at)
    if scene.count("requests") != requests { wrong.append("a second send made a request") }
    let story = scene.story.joined(separator: "\n")
    #expect(wrong.isEmpty, "seed \(seed): \(wrong.joined(separator: "\n"))\n\(story)")
  }

  /// Where Heap has something else than the snapshot says: told and not so, or so and not told.
  private static func differences(_ scene: ChaosScene) throws -> [String] {
    var expected = try Expected(scene.rollcall)
    var wrong: [String] = []
    for told in told(scene) {
      let value = expected.take(told.whose, told.property)
      let isRight =
        value.map { $0 == told.value.json }
        ?? ["\"false\"", "\"\""].contains(told.value.json)
      if !isRight {
        wrong.append(
          "\(told.whose), \(told.property): \(told.value.json), not \(value ?? "taken back")")
      }
    }
    return wrong + expected.rest.map { "not told: \($0)" }
  }

  private static func told(
    _ scene: ChaosScene
  ) -> [(whose: String, property: String, value: Value)] {
    let app = scene.heap.state()["apps"]["11"]
    return [("users", "user"), ("accounts", "account")].flatMap { name, kind in
      app[name].keys.flatMap { id in
        app[name][id]["properties"].keys.map { property in
          ("\(kind) \(id)", property, app[name][id]["properties"][property])
        }
      }
    }
  }
}

/// What the snapshot says that Heap has to have.
private struct Expected {
  private var values: [String: [String: String]] = [:]

  init(_ rollcall: Rollcall) throws {
    try add(
      """
      SELECT iif(i.kind = 0, 'user ', 'account ') || i.external_id, d.key, m.value
      FROM members AS m JOIN identities AS i ON i.id = m.profile
        JOIN definitions AS d ON d.id = m.definition
      """, rollcall)
    // An audience by any of the user's accounts, a trait by the latest.
    try add(
      """
      SELECT 'user ' || i.external_id, d.key, m.value
      FROM affiliations AS f JOIN identities AS i ON i.id = f.user
        JOIN members AS m ON m.profile = f.account JOIN definitions AS d ON d.id = m.definition
      WHERE d.kind = 'audience' OR f.account = (
        SELECT account FROM affiliations WHERE user = f.user ORDER BY latest DESC, row DESC)
      """, rollcall)
    try add(
      """
      SELECT 'user ' || i.external_id, 'account_id', json_quote((
          SELECT a.external_id FROM affiliations AS f JOIN identities AS a ON a.id = f.account
          WHERE f.user = i.id ORDER BY latest DESC, row DESC))
      FROM identities AS i WHERE i.id IN (SELECT user FROM affiliations)
      """, rollcall)
  }

  private mutating func add(_ sql: String, _ rollcall: Rollcall) throws {
    let rows = try rollcall.connection().prepareFresh(sql)
      .all { ($0.text(0), $0.text(1), $0.text(2)) }
    for (whose, key, json) in rows { add(try Value(json: json), whose, key) }
  }

  private mutating func add(_ value: Value, _ whose: String, _ name: String) {
    switch value {
    case .object(let members):
      for member in members { add(member.value, whose, name + "." + member.key) }
    case .boolean(let flag):
      values[whose, default: [:]][name] = "\"\(flag)\""
    default: values[whose, default: [:]][name] = value.json
    }
  }

  mutating func take(_ whose: String, _ property: String) -> String? {
    values[whose]?.removeValue(forKey: property)
  }

  /// What was not taken, but for the zeros of counts, which are defaults.
  var rest: [String] {
    values.flatMap { whose, values in
      values.filter { $0.value != "0" }.map { "\(whose), \($0.key): \($0.value)" }
    }.sorted()
  }
}
