import SQLite
import Values

/// What could ever have been said to Heap, and what had to be: noted after each verb that may have
/// called the roll.
struct ChaosMemory {
  /// `kind id` and a property.
  struct Place: Hashable {
    let whose: String
    let property: String
  }

  /// Every value, as JSON, that a property ever had in the store.
  private var values: [Place: Set<String>] = [:]
  /// Every form that an event ever had, by its insert id.
  private(set) var events: [String: Set<ChaosModel.Event>] = [:]
  /// The insert ids of events that are owed for good.
  private(set) var owed: Set<String> = []

  func ever(_ place: Place, was value: String) -> Bool { values[place]?.contains(value) ?? false }

  mutating func note(_ snapshot: ChaosSnapshot) {
    for (whose, properties) in snapshot.values {
      for (property, value) in properties { note(value, Place(whose: whose, property: property)) }
    }
  }

  /// - Parameter isTaken: whether the run that asked came to its end, and what it found is owed.
  mutating func note(_ rows: [ChaosModel.Row], isTaken: Bool) {
    for row in rows {
      for (property, value) in row.values {
        if let value { note(value, Place(whose: row.whose, property: property)) }
      }
      guard let event = row.event else { continue }
      events[event.message, default: []].insert(event)
      if isTaken { owed.insert(event.message) }
    }
  }

  private mutating func note(_ value: String, _ place: Place) {
    values[place, default: []].insert(value)
  }
}

/// What the snapshot says of everybody, by the identity that a destination knows them by.
struct ChaosSnapshot {
  /// `kind id` to its properties, with values as JSON the way Heap keeps them.
  private(set) var values: [String: [String: String]] = [:]
  /// `user ID` of identities that several users have: they are held.
  private(set) var shared: Set<String> = []
  /// Whether users are known by a trait.
  private let identities: [Int64: String]?

  /// - Parameter isByTrait: whether users are known by the definition that is an identity.
  init(_ connection: Connection, isByTrait: Bool) throws {
    identities = isByTrait ? try Self.identities(connection) : nil
    if let identities {
      let counts = Dictionary(grouping: identities.values) { $0 }.mapValues(\.count)
      shared = Set(counts.filter { $0.value > 1 }.keys.map { "user " + $0 })
    }
    // An audience by any of the user's accounts, a trait by the latest.
    for sql in [
      """
      SELECT m.profile, i.kind, i.external_id, d.key, m.value
      FROM members AS m JOIN identities AS i ON i.id = m.profile
        JOIN definitions AS d ON d.id = m.definition WHERE NOT d.is_identity
      """,
      """
      SELECT f.user, 0, i.external_id, d.key, m.value
      FROM affiliations AS f JOIN identities AS i ON i.id = f.user
        JOIN members AS m ON m.profile = f.account JOIN definitions AS d ON d.id = m.definition
      WHERE d.kind = 'audience' OR f.account = (
        SELECT account FROM affiliations WHERE user = f.user ORDER BY latest DESC, row DESC)
      """,
      """
      SELECT i.id, 0, i.external_id, 'account_id', json_quote((
          SELECT a.external_id FROM affiliations AS f JOIN identities AS a ON a.id = f.account
          WHERE f.user = i.id ORDER BY latest DESC, row DESC))
      FROM identities AS i WHERE i.id IN (SELECT user FROM affiliations)
      """,
    ] {
      let rows = try connection.prepareFresh(sql).all {
        ($0.int(0), $0.int(1), $0.text(2), $0.text(3), $0.text(4))
      }
      for (profile, kind, id, key, json) in rows {
        guard let whose = whose(profile, kind, id) else { continue }
        add(try Value(json: json), whose, key)
      }
    }
    for whose in shared { values[whose] = nil }
  }

  /// Who has which identity: the text of the trait.
  private static func identities(_ connection: Connection) throws -> [Int64: String] {
    let rows = try connection.prepareFresh(
      """
      SELECT m.profile, m.value FROM members AS m JOIN definitions AS d ON d.id = m.definition
      WHERE d.is_identity
      """
    ).all { ($0.int(0), $0.text(1)) }
    return Dictionary(
      uniqueKeysWithValues: try rows.compactMap { profile, json in
        try Value(json: json).textForm.map { (profile, $0) }
      })
  }

  private func whose(_ profile: Int64, _ kind: Int64, _ id: String) -> String? {
    if kind == 2 { return "account " + id }
    guard kind == 0 else { return nil }
    guard let identities else { return "user " + id }
    return identities[profile].map { "user " + $0 }
  }

  private mutating func add(_ value: Value, _ whose: String, _ name: String) {
    switch value {
    case .object(let members):
      for member in members { add(member.value, whose, name + "." + member.key) }
    // A lenient Heap keeps a JSON boolean as a text, too.
    case .boolean(let flag): values[whose, default: [:]][name] = "\"\(flag)\""
    default: values[whose, default: [:]][name] = value.json
    }
  }
}
