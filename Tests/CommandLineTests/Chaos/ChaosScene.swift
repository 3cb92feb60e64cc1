import Foundation
import HeapSandbox
import Values

/// A store, definitions and a strict Heap, to which things happen by chance.
///
/// Whatever is nobody's business holds the word `secret`: every identity, and every text.
final class ChaosScene {
  let plan: ChaosPlan
  let heap: HeapSandbox
  let rollcall: Rollcall
  /// What the steps were, to be shown when something is wrong.
  var story: [String] = []
  /// What was printed by all the verbs together.
  private(set) var printed = ""
  var random: ChaosRandom
  /// Milliseconds.
  var now: Int64 = 1_672_531_200_000
  var calls = 0
  private(set) var kills = 0
  /// Whether a process was killed at an instant of which nothing is known: a request of its may arrive yet.
  var isUnsettled = false
  var models: [ChaosModel]
  /// What a value that went away becomes at the destination, by its file.
  var absent = "empty"
  /// Whether that was ever `keep`.
  var hasKept = false
  var memory = ChaosMemory()

  static let day: Int64 = 86_400_000

  init(seed: UInt64) throws {
    let plan = ChaosPlan(seed: seed)
    self.plan = plan
    random = ChaosRandom(seed: seed)
    models = plan.hasModels ? ChaosModel.all : []
    var configuration = HeapSandbox.Configuration(knownApps: ["11"])
    configuration.accountIDProperty = "account_id"
    if plan.sendsJSON { configuration.profile = .lenient }
    heap = try HeapSandbox(configuration)
    heap.start()
    rollcall = try Rollcall()
    rollcall.environment = ["HEAP_URL": heap.url, "HEAP_APP_ID": "11"]
    story.append(plan.words)
    try define("recent.audience", "event('Bought').within(30 days).count() >= 1")
    try define("bought.trait", "event('Bought').within(30 days).count()")
    try define("place.trait", "trait('spot')")
    try define("active.audience", "event('Bought').within(20 days).count() >= 2", isAccount: true)
    try define("tier.trait", "trait('level')", isAccount: true)
    for model in models { try write(model) }
    try encode("empty")
    try ingestEverybody()
    try ingest(20)
  }

  deinit { heap.stop() }

  var at: String { Instant(milliseconds: now).description }

  /// One thing that happens; nil, or what it did that it must not do.
  func step() throws -> String? {
    switch random.next(upTo: 16) {
    case 0: try ingest(1 + random.next(upTo: 8))
    case 1, 2: now += Int64(random.next(upTo: 12)) * Self.day + Int64(random.next(upTo: 1000))
    case 3, 4: try edit()
    case 5: if let key = try held().keys.sorted().first { try call("approve", key) }
    case 6 where random.next(upTo: 2) == 0: return try stepBack()
    case 6: try call(random.pick(["status", "metrics"]), "--at", at)
    default:
      // Late calls between one delivery and the next.
      if random.next(upTo: 2) == 0 { try ingest(1 + random.next(upTo: 4)) }
      return try deliver()
    }
    return nil
  }

  /// A clock that is set back: the run is refused, and changes nothing.
  private func stepBack() throws -> String? {
    guard try rollcall.count("SELECT count(*) FROM runs") > 0 else { return nil }
    let last = try rollcall.count("SELECT max(at) FROM runs")
    let before = try rollcall.contents()
    let words = ["run", "--at", Instant(milliseconds: Int64(last) - 1).description]
    let outcome = try rollcall.run(words)
    note(words, outcome, "a step back")
    let isAsBefore = try rollcall.contents() == before
    return outcome.ending == .code(2) && isAsBefore ? nil : "a run in the past was not refused"
  }

  // MARK: Verbs

  /// Runs a verb that is expected to end well, or with what it holds.
  func call(_ words: String...) throws {
    let outcome = try rollcall.run(words)
    note(words, outcome, "")
    try remember(words, outcome)
  }

  func note(_ words: [String], _ outcome: Rollcall.Outcome, _ circumstance: String) {
    if outcome.ending == .signal(9) { kills += 1 }
    printed += outcome.everything
    story.append(
      "\(words.joined(separator: " ")) [\(circumstance)]: \(outcome.ending) \(outcome.everything)")
  }

  /// Notes what a run may have found, and what it must have.
  func remember(_ words: [String], _ outcome: Rollcall.Outcome) throws {
    guard words.first == "run" else { return }
    let isTaken = [.code(0), .code(3)].contains(outcome.ending)
    let connection = try rollcall.connection()
    memory.note(try ChaosSnapshot(connection, isByTrait: plan.knowsByMail))
    for model in models where model.isEnabled {
      memory.note(try model.rows(connection, at: at), isTaken: isTaken)
    }
  }

  // MARK: What there is

  /// Values and events of which nobody knows whether Heap has them.
  func inDoubt() throws -> Int {
    guard rollcall.exists("rollcall.sqlite") else { return 0 }
    return try rollcall.count(
      """
      SELECT (SELECT count(*) FROM acknowledged WHERE in_doubt)
        + (SELECT count(*) FROM model_values WHERE in_doubt)
      """)
  }

  func count(_ name: String) -> Int { heap.counters()["total"][name].count }

  /// What is held, by key, with the reasons.
  func held() throws -> [String: Set<String>] {
    let status = try Value(json: rollcall.run("status", "--json", "--at", at).output)
    var held: [String: Set<String>] = [:]
    for hold in status["destinations"].elements.flatMap(\.["held"].elements) {
      held[hold["key"].textForm ?? "", default: []].insert(hold["reason"].textForm ?? "")
    }
    return held
  }
}
