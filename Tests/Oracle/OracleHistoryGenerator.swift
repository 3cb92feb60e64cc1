/// Makes the calls of a random case.
struct OracleHistoryGenerator {
  let vocabulary: OracleVocabulary
  var random: OracleRandom
  let options: OracleOptions

  private func allows(_ construct: OracleConstructs) -> Bool {
    options.constructs.contains(construct)
  }

  /// Calls in their order of arrival.
  mutating func calls() -> [OracleCall] {
    var calls: [OracleCall] = []
    for number in 0..<random.int(in: options.calls) { calls.append(call("m\(number)")) }
    let order = calls.indices.sorted { (calls[$0].timestamp, $0) < (calls[$1].timestamp, $1) }
    calls = order.map { calls[$0] }
    if allows(.late) {
      if random.chance(30) {
        calls = random.shuffled(calls)
      } else {
        for _ in 0..<random.int(in: 0...4) where calls.count > 1 {
          let late = calls.remove(at: random.int(in: 0...(calls.count - 1)))
          calls.insert(late, at: random.int(in: 0...calls.count))
        }
      }
    }
    if allows(.duplicates), !calls.isEmpty {
      for _ in 0..<random.int(in: 0...2) {
        var copy = random.chance(50) ? random.pick(calls) : call("")
        copy.messageId = random.pick(calls).messageId
        calls.insert(copy, at: random.int(in: 0...calls.count))
      }
    }
    return calls
  }

  private mutating func call(_ id: String) -> OracleCall {
    let kind = random.pick(weighted: [
      (70, OracleCall.Kind.track), (allows(.traits) ? 14 : 1, .identify),
      (allows(.pages) ? 7 : 0, .page), (allows(.pages) ? 3 : 0, .screen),
      (allows(.accounts) ? 14 : 0, .group), (allows(.merging) ? 2 : 0, .alias),
    ])
    let time = vocabulary.instant(&random, from: -20, to: allows(.future) ? 4 : 0)
    var call = OracleCall(kind, id: id, at: allows(.future) ? time : min(time, vocabulary.now))
    addIdentity(to: &call)
    switch kind {
    case .track:
      call.event = random.pick(vocabulary.eventNames)
      call.properties = values(presence: 75)
    case .page, .screen:
      if random.chance(80) { call.name = random.pick(vocabulary.texts) }
      call.properties = values(presence: 50)
      if random.chance(20) {
        call.properties = call.properties.setting("page_name", to: .string("red"))
      }
    case .identify:
      call.traits = allows(.traits) ? values(presence: 40) : .absent
    case .group:
      call.groupId = random.pick(["acme", "globex"])
      call.traits = values(presence: 40)
    case .alias: break
    }
    if random.chance(50) { call.context = context() }
    if random.chance(50) { call.writeKey = random.pick(vocabulary.sources) }
    return call
  }

  private mutating func user() -> String { "u\(random.int(in: 1...options.users))" }

  private mutating func addIdentity(to call: inout OracleCall) {
    let anonymous = "a\(random.int(in: 1...(options.users + 1)))"
    switch call.kind {
    case .alias:
      call.userId = user()
      call.previousId = user()
    case .identify where allows(.merging):
      if random.chance(90) { call.userId = user() }
      if call.userId == nil || random.chance(40) { call.anonymousId = anonymous }
    default:
      let hidden = allows(.merging) || allows(.anonymous)
      if !hidden || random.chance(65) { call.userId = user() }
      if call.userId == nil || (hidden && random.chance(15)) { call.anonymousId = anonymous }
    }
  }

  private mutating func context() -> OracleValue {
    var context = OracleValue.object([])
    if random.chance(50) {
      let id = random.pick(vocabulary.sources)
      context = context.setting(
        "source_id", to: random.chance(80) ? .string(id) : random.pick([7, nil]))
    }
    if random.chance(50) {
      context = context.setting("page", to: ["path": .string(random.pick(vocabulary.texts))])
    }
    if random.chance(10) { context = context.setting("timestamp", to: "2020-01-01") }
    return context
  }

  /// Properties or traits: each key there with some chance, sometimes of a kind one does not expect.
  private mutating func values(presence: Int) -> OracleValue {
    var members: [OracleMember] = []
    for key in random.shuffled(keys) where random.chance(presence) {
      members.append(OracleMember(key, value(of: key)))
    }
    return .object(members)
  }

  private var keys: [String] {
    ["price", "qty", "brand", "primary topic", "active", "tags", "sizes", "items"]
      + (allows(.objects) ? ["box", "a.b"] : [])
      + (allows(.dates) ? ["due", "days"] : [])
  }

  private mutating func value(of key: String) -> OracleValue {
    if random.chance(5) { return .absent }
    if random.chance(8) { return random.chance(50) ? text() : number() }
    switch key {
    case "price", "qty", "w": return number()
    case "active": return random.pick([true, true, false, "true"])
    case "due": return date()
    case "tags": return list { $0.random.chance(80) ? $0.text() : $0.number() }
    case "sizes": return list { $0.number() }
    case "days": return list { $0.date() }
    case "items": return list { $0.item() }
    case "box":
      var members: [OracleMember] = []
      let keys = ["w", "c.d", "brand"] + (allows(.dates) ? ["due"] : [])
      for key in random.shuffled(keys) where random.chance(70) {
        members.append(OracleMember(key, value(of: key)))
      }
      return .object(members)
    default: return text()
    }
  }

  private mutating func item() -> OracleValue {
    guard random.chance(90) else { return text() }
    var item: [OracleMember] = []
    if random.chance(80) { item.append(OracleMember("sku", text())) }
    if random.chance(80) { item.append(OracleMember("qty", number())) }
    if random.chance(30) { item.append(OracleMember("tags", list { $0.text() })) }
    return .object(item)
  }

  private mutating func list(_ element: (inout Self) -> OracleValue) -> OracleValue {
    var elements: [OracleValue] = []
    for _ in 0..<random.int(in: 0...3) {
      elements.append(random.chance(8) ? .absent : element(&self))
    }
    return .array(elements)
  }

  private mutating func text() -> OracleValue { .string(random.pick(vocabulary.texts)) }

  private mutating func number() -> OracleValue {
    let number = random.pick(vocabulary.numbers)
    if random.chance(12) {
      let text = OracleValue.text(of: number)
      let spellings = [text, text + (text.contains(".") ? "0" : ".0"), "0" + text, text + "x"]
      return .string(text.contains("e") ? text : random.pick(spellings))
    }
    if allows(.overflow), random.chance(3) { return .number(random.pick([.infinity, -.infinity])) }
    return .number(number)
  }

  private mutating func date() -> OracleValue {
    if random.chance(8) {
      return .string(random.pick(["2026-02-30", "soon", "2026-03-01T24:00", "2026-03-01T00:00 Z"]))
    }
    return .string(vocabulary.date(&random))
  }
}
