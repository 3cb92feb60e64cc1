import SQLite
import Values

/// What Heap holds, held against the snapshot and the models.
struct ChaosVerdict {
  /// What is wrong.
  private(set) var mistakes: [String] = []
  /// What is not as the snapshot says, and may be so: held, shared, or kept.
  private(set) var excused: [String: Int] = [:]

  private let scene: ChaosScene
  private let snapshot: ChaosSnapshot
  /// The definitions that are held as a whole.
  private let held: Set<String>
  /// Those whose values that went away may still be as they were.
  private let recoded: Set<String>
  private let kinds: [String: String]

  init(_ scene: ChaosScene) throws {
    self.scene = scene
    let connection = try scene.rollcall.connection()
    snapshot = try ChaosSnapshot(connection, isByTrait: scene.plan.knowsByMail)
    let holds = try scene.held()
    held = Set(holds.filter { $0.value != ["encoding_changed"] }.keys)
    recoded = Set(holds.filter { $0.value.contains("encoding_changed") }.keys)
    kinds = Dictionary(
      try connection.prepareFresh("SELECT key, kind FROM definitions")
        .all { ($0.text(0), $0.text(1)) }
    ) { first, _ in first }
    try compareDefinitions()
    try compareModels(connection)
    try checkTables(connection)
  }

  private var app: Value { scene.heap.state()["apps"]["11"] }

  // MARK: Definitions

  private mutating func compareDefinitions() throws {
    var rest = snapshot.values
    for told in told() where !Self.isOfModel(told.place) {
      let expected = rest[told.place.whose]?.removeValue(forKey: told.place.property)
      guard told.value != expected else { continue }
      if let excuse = excuse(told.place, told.value, expected) {
        excused[excuse, default: 0] += 1
      } else {
        mistakes.append("\(told.place): \(told.value), not \(expected ?? "taken back")")
      }
    }
    for (whose, values) in rest.sorted(by: { $0.key < $1.key }) {
      // Zeros of counts are defaults.
      for (property, value) in values.sorted(by: { $0.key < $1.key }) where value != "0" {
        if held.contains(Self.key(property)) {
          excused["held", default: 0] += 1
        } else {
          mistakes.append("not told: \(whose), \(property): \(value)")
        }
      }
    }
  }

  private static func key(_ property: String) -> String { String(property.prefix { $0 != "." }) }

  /// Why a value may stand where the snapshot has another, or none; nil when it may not.
  private func excuse(
    _ place: ChaosMemory.Place, _ value: String, _ expected: String?
  ) -> String? {
    let key = Self.key(place.property)
    let isAudience = kinds[key] == "audience"
    let gone = isAudience ? "\"false\"" : "\"\""
    if expected == nil, value == gone { return "taken back" }
    let wasTrue = scene.memory.ever(place, was: value) || value == gone
    guard wasTrue else { return nil }
    if held.contains(key) { return "held" }
    if snapshot.shared.contains(place.whose) { return "shared" }
    guard expected == nil, !isAudience else { return nil }
    if scene.absent == "keep" || recoded.contains(key) { return "kept" }
    // What an identity that is nobody's any more was told while values were kept stays.
    let isNobody = place.whose.hasPrefix("user ") && snapshot.values[place.whose] == nil
    return scene.hasKept && scene.plan.knowsByMail && isNobody ? "kept" : nil
  }

  private func told() -> [(place: ChaosMemory.Place, value: String)] {
    let app = app
    return [("users", "user"), ("accounts", "account")].flatMap { name, kind in
      app[name].keys.flatMap { id in
        app[name][id]["properties"].keys.map { property in
          (
            ChaosMemory.Place(whose: "\(kind) \(id)", property: property),
            app[name][id]["properties"][property].json
          )
        }
      }
    }
  }

  // MARK: Models

  private static func isOfModel(_ place: ChaosMemory.Place) -> Bool {
    place.property.hasPrefix("habit_") || place.property.hasPrefix("circle_")
  }

  private mutating func compareModels(_ connection: Connection) throws {
    let told = Dictionary(uniqueKeysWithValues: told().map { ($0.place, $0.value) })
    var present: Set<ChaosMemory.Place> = []
    for model in scene.models where model.object != .event {
      for row in try model.rows(connection, at: scene.at) {
        for (property, value) in row.values {
          let place = ChaosMemory.Place(whose: row.whose, property: property)
          let found = told[place]
          present.insert(place)
          let isRight =
            value.map { found == $0 }
            ?? (found == nil || found == "\"\""
              || scene.absent == "keep" && scene.memory.ever(place, was: found ?? ""))
          if !isRight {
            mistakes.append("\(place): \(found ?? "nothing"), not \(value ?? "taken back")")
          }
        }
      }
    }
    // A row that vanished leaves what was said, whenever that was.
    for (place, value) in told where Self.isOfModel(place) && !present.contains(place) {
      if value == "\"\"" || scene.memory.ever(place, was: value) {
        excused["vanished", default: 0] += 1
      } else {
        mistakes.append("\(place): \(value), which never was")
      }
    }
    compareEvents()
  }

  private mutating func compareEvents() {
    var stored: [String: Int] = [:]
    let events = app["events"]
    for id in events.keys {
      let value = events[id]
      let message = value["properties"]["message"].textForm ?? ""
      stored[message, default: 0] += 1
      let event = ChaosModel.Event(
        identity: value["identity"].textForm ?? "", time: value["timestamp"].textForm ?? "",
        message: message, number: value["properties"]["number"].count)
      if scene.memory.events[message]?.contains(event) != true {
        mistakes.append("event \(message) never was: \(value.json)")
      }
    }
    for (message, count) in stored where count > 1 {
      mistakes.append("event \(message) is stored \(count) times")
    }
    for message in scene.memory.owed.sorted() where stored[message] == nil {
      mistakes.append("event \(message) is lost")
    }
  }

  // MARK: The store's own account

  /// Nothing waits but what is held, or has no identity of its own.
  private mutating func checkTables(_ connection: Connection) throws {
    let keys = held.map { "'\($0)'" }.joined(separator: ", ")
    let isHeld = "definition IN (SELECT id FROM definitions WHERE key IN (\(keys)))"
    let lacksIdentity = """
      NOT (SELECT identity_definition FROM destinations) IS NULL AND kind = 0 AND NOT EXISTS (
        SELECT 1 FROM user_identities AS u WHERE u.profile = pending.profile AND NOT EXISTS (
          SELECT 1 FROM user_identities AS o
          WHERE o.identity = u.identity AND o.profile <> u.profile))
      """
    let isShared = """
      identity IN (SELECT identity FROM user_identities GROUP BY identity HAVING count(*) > 1)
      """
    let waiting = [
      "pending WHERE NOT (\(isHeld)) AND NOT (\(lacksIdentity))",
      "quarantine WHERE NOT (\(isHeld)) AND NOT (\(isShared))",
      "model_values WHERE wanted IS NOT NULL OR refused IS NOT NULL OR in_doubt",
      "model_events WHERE item IS NOT NULL OR in_doubt",
    ]
    // What is kept is not sent again, and so stays in doubt.
    let doubt = "acknowledged WHERE in_doubt AND NOT (\(isHeld)) AND NOT (\(isShared))"
    let rest = held.isEmpty && snapshot.shared.isEmpty ? ["former_identities"] : []
    for table in waiting + rest + (scene.hasKept ? [] : [doubt]) {
      let rows =
        try connection.prepareFresh("SELECT count(*) FROM \(table)")
        .first { Int($0.int(0)) } ?? 0
      if rows != 0 { mistakes.append("\(table): \(rows) rows") }
    }
  }
}
