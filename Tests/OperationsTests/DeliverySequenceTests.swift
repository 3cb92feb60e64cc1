import Foundation
import Oracle
import Testing
import Values

/// Sequences of ingests and runs, with a destination that knows users by a trait and is told of
/// accounts, their users, and the users' latest accounts.
///
/// `ROLLCALL_SEQUENCES` sets how many, a quarter of it.
struct DeliverySequenceTests {
  private static var sequences: UInt64 { SequenceCount.all / 4 }

  /// Identities are compared byte for byte, and texts in a test by what they look like: so none that
  /// look alike.
  private static let options = OracleOptions(
    .everything.subtracting(.unicode), definitions: 2...5, calls: 15...50, users: 4)

  /// What the sequences came across, so that they do not pass because nothing happens in them.
  private final class Seen {
    var words: Set<String> = []
  }

  @Test("ticks tell a destination by traits and accounts what full runs do, and what is true")
  func told() throws {
    let seen = Seen()
    for seed in 0..<Self.sequences {
      var generator = OracleGenerator(seed: seed &+ 9_000_000, options: Self.options)
      let sequence = OracleSequence(generator.makeCase(), parts: 5, seed: seed)
      guard let failure = shrunkFailure(sequence, check: { try failure($0, seen) }) else {
        continue
      }
      Issue.record("seed \(seed)\n\(failure)")
      return
    }
    let words = [
      "account", "account of a user", "held", "shared", "taken back from an identity", "user",
    ]
    #expect(seen.words.sorted() == words || Self.sequences < 50)
  }

  /// A place where every definition about accounts is sent to both, and users are known by `brand`.
  private func place(_ sequence: OracleSequence) throws -> Workplace {
    let files = sequence.files.map { file in
      let lines = file.content.split(separator: "\n", omittingEmptySubsequences: false)
      let isAboutAccounts = lines.contains {
        $0.hasPrefix("type:") && $0.hasSuffix("accounts")
      }
      let front = isAboutAccounts ? ["---", "send: both"] : ["---"]
      return (
        name: file.name,
        content: (front + lines.dropFirst().map(String.init)).joined(separator: "\n")
      )
    }
    return try Workplace(
      files, settings: "identity: trait brand\naccount_property: Account ID\n", isPrepared: true)
  }

  /// How a sequence fails; nil when it does not.
  private func failure(_ sequence: OracleSequence, _ seen: Seen) throws -> String? {
    let ticked = try place(sequence)
    let full = try place(sequence)
    for (part, step) in sequence.steps.enumerated() {
      for place in [ticked, full] {
        try place.ingest(OracleCall.ndjson(step.calls))
        try place.run(at: step.now, isFull: place === full, sends: step.sends)
      }
      let tables = [
        "SELECT * FROM pending", "SELECT profile, identity FROM user_identities",
        "SELECT identity FROM former_identities", "SELECT * FROM affiliations",
      ]
      for table in tables {
        let difference = difference(
          Set(try ticked.rows(table)), Set(try full.rows(table)), "\(table): ticks (+), full (-)")
        if let difference { return difference + "\n  in step \(part + 1)" }
      }
      let told = difference(try ticked.told(), try full.told(), "told by ticks (+), full (-)")
      if let told { return told + "\n  in step \(part + 1)" }
    }
    guard let last = sequence.steps.last else { return nil }
    try ticked.run(at: last.now, sends: true)
    return try wrongAffiliations(ticked, at: last.now) ?? wronglyTold(ticked, seen)
  }

  /// The accounts of users, held against the events.
  private func wrongAffiliations(_ place: Workplace, at now: Int64) throws -> String? {
    let onFile = try place.rows(
      """
      SELECT coalesce(l.root, e.user), e.account, max(e.time)
      FROM events AS e LEFT JOIN links AS l ON l.identity = e.user
      WHERE e.account IS NOT NULL AND e.user IS NOT NULL AND e.time <= \(now)
        AND json_extract(e.body, '$.type') = 'group'
      GROUP BY 1, 2
      """)
    let found = try place.rows("SELECT user, account, latest FROM affiliations")
    return difference(Set(found), Set(onFile), "affiliations (+), events (-)")
  }

  /// Whoever alone has an identity is told what is true of the user; an identity of nobody is told
  /// that nothing is; one of two is left as it is.
  private func wronglyTold(_ place: Workplace, _ seen: Seen) throws -> String? {
    var expected: [String: [String: Value]] = [:]
    func expect(_ sql: String, _ whose: String) throws {
      for row in try place.rows(sql) {
        for (name, value) in Self.sent(try Value(json: row[2]), row[1]) {
          expected[whose + row[0], default: [:]][name] = value
        }
      }
    }
    let known = """
      (SELECT profile, identity FROM user_identities GROUP BY identity HAVING count(*) = 1)
      """
    try expect(
      """
      SELECT u.identity, d.key, m.value FROM \(known) AS u JOIN members AS m USING (profile)
        JOIN definitions AS d ON d.id = m.definition WHERE NOT d.is_identity
      """, "user ")
    try expect(
      """
      SELECT u.identity, d.key, m.value FROM \(known) AS u JOIN affiliations AS f ON f.user = u.profile
        JOIN members AS m ON m.profile = f.account JOIN definitions AS d ON d.id = m.definition
      WHERE d.kind = 'audience' OR f.account = (
        SELECT account FROM affiliations WHERE user = u.profile ORDER BY latest DESC, row DESC)
      """, "user ")
    try expect(
      """
      SELECT i.external_id, d.key, m.value FROM members AS m
        JOIN identities AS i ON i.id = m.profile JOIN definitions AS d ON d.id = m.definition
      WHERE i.kind = 2
      """, "account ")
    for row in try place.rows(
      """
      SELECT u.identity, (
          SELECT i.external_id FROM affiliations AS f JOIN identities AS i ON i.id = f.account
          WHERE f.user = u.profile ORDER BY latest DESC, row DESC) AS account
      FROM \(known) AS u WHERE account IS NOT NULL
      """)
    { expected["user " + row[0], default: [:]]["Account ID"] = .string(row[1]) }

    let shared = Set(
      try place.rows("SELECT identity FROM user_identities GROUP BY identity HAVING count(*) > 1")
        .map { "user " + $0[0] })
    if !shared.isEmpty { seen.words.insert("shared") }
    if try place.rows("SELECT count(*) FROM pending") != [["0"]] { seen.words.insert("held") }
    var wrong: Set<[String]> = []
    for told in try place.told() where !shared.contains(told[0]) {
      let value = expected[told[0]]?.removeValue(forKey: told[1])
      let isRight = value.map { $0.json == told[2] } ?? ["false", "\"\""].contains(told[2])
      if !isRight { wrong.insert(told) }
      seen.words.insert(told[0].hasPrefix("user") ? "user" : "account")
      if told[1] == "Account ID" { seen.words.insert("account of a user") }
      if told[0].hasPrefix("user"), expected[told[0]] == nil {
        seen.words.insert("taken back from an identity")
      }
    }
    var missing: Set<[String]> = []
    for (whose, values) in expected {
      // Zeros of counts are defaults.
      for (name, value) in values where value != .number(0) {
        missing.insert([whose, name, value.json])
      }
    }
    return difference(wrong, missing, "told (+), not told (-)")
  }

  /// A value as it is sent: properties and their values.
  static func sent(_ value: Value, _ name: String) -> [(String, Value)] {
    switch value {
    case .absent: []
    case .object(let members): members.flatMap { sent($0.value, name + "." + $0.key) }
    case .array: [(name, .string(value.json))]
    case .number(let number) where number.magnitude >= 0x1p53:
      [(name, .string(number.textForm))]
    case .string: [(name, .string(value.date?.description ?? value.textForm ?? ""))]
    default: [(name, value)]
    }
  }
}
