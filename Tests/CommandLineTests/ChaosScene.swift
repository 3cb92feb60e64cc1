import Foundation
import HeapSandbox
import Values

/// A store, definitions and a strict Heap, to which things happen by chance.
///
/// Whatever is nobody's business holds the word `secret`: every identity, and every text.
final class ChaosScene {
  let heap: HeapSandbox
  let rollcall: Rollcall
  /// What the steps were, to be shown when something is wrong.
  private(set) var story: [String] = []
  /// What was printed by all the verbs together.
  private(set) var printed = ""
  private var random: ChaosRandom
  /// Milliseconds.
  private var now: Int64 = 1_672_531_200_000
  private var calls = 0
  private(set) var kills = 0

  private static let day: Int64 = 86_400_000

  init(seed: UInt64) throws {
    random = ChaosRandom(seed: seed)
    var configuration = HeapSandbox.Configuration(knownApps: ["11"])
    configuration.accountIDProperty = "account_id"
    heap = try HeapSandbox(configuration)
    heap.start()
    rollcall = try Rollcall()
    rollcall.environment = ["HEAP_URL": heap.url, "HEAP_APP_ID": "11"]
    try define("recent.audience", "event('Bought').within(30 days).count() >= 1")
    try define("bought.trait", "event('Bought').within(30 days).count()")
    try define("place.trait", "trait('spot')")
    try define("active.audience", "event('Bought').within(20 days).count() >= 2", isAccount: true)
    try define("tier.trait", "trait('level')", isAccount: true)
    try encode("empty")
    try ingest(20)
  }

  deinit { heap.stop() }

  var at: String { Instant(milliseconds: now).description }

  // MARK: What happens

  /// One thing that happens; nil, or what it did that it must not do.
  func step() throws -> String? {
    switch random.next(upTo: 14) {
    case 0, 1: try ingest(1 + random.next(upTo: 8))
    case 2, 3: now += Int64(random.next(upTo: 12)) * Self.day + Int64(random.next(upTo: 1000))
    case 4, 5: try edit()
    case 6: return try stepBack()
    default: return try deliver()
    }
    return nil
  }

  /// Faults, a crash, or neither, while a run or a send is under way.
  private func deliver() throws -> String? {
    let verb = random.next(upTo: 3) == 0 ? ["send", "--now"] : ["run"]
    let words = verb + ["--at", at, "--attempts", "1", "--timeout", "10m"]
    let doubted = try inDoubt()
    let writes = count("no_op_property_writes")
    switch random.next(upTo: 4) {
    case 0:
      let labels = [
        "run", "register", "doubt", "acknowledge", "acknowledge:2", "settle", "batch", "guard",
        "refuse", "quarantine",
      ]
      let label = labels[random.next(upTo: labels.count)]
      try note(words, rollcall.run(words, crash: label), "crash before \(label)")
    case 1: try note(words, try killed(words), "killed at a request")
    case 2:
      let fault = try fault()
      try note(words, rollcall.run(words), fault)
      try heap.setFaults([])
    default: try note(words, rollcall.run(words), "")
    }
    // Nothing is written again but what was in doubt.
    let again = count("no_op_property_writes") - writes
    return again > doubted
      ? "\(again) values were written again, and \(doubted) were in doubt" : nil
  }

  /// A fault of some requests from the next one on, in words.
  private func fault() throws -> String {
    let from = 1 + random.next(upTo: 3)
    let some = 1 + random.next(upTo: 6)
    let applies = random.next(upTo: 2) == 0
    let unclear: [Fault.Action] = [
      .status(503), .status(500), .status(429, retryAfter: "1"), .status(408), .close, .reset,
      .truncate, .html, .drip(milliseconds: 1),
    ]
    switch random.next(upTo: 4) {
    case 0: try heap.setFaults([Fault(from: from, count: some, .status(400))])
    case 1:
      try heap.setFaults([
        Fault(from: from, count: 1, random.next(upTo: 2) == 0 ? .redirect() : .cut)
      ])
    default:
      let action = unclear[random.next(upTo: unclear.count)]
      try heap.setFaults([Fault(from: from, count: some, action, applies: applies)])
      return "\(action) from \(from), \(some) times, \(applies ? "applied" : "not applied")"
    }
    return "refusal, redirect or cut from \(from)"
  }

  /// Runs until Heap has a request, and kills it before the answer; when it makes none, to its end.
  private func killed(_ words: [String]) throws -> Rollcall.Outcome {
    try heap.setFaults([Fault(from: 1, count: 1, .delay(milliseconds: 2000))])
    defer { try? heap.setFaults([]) }
    let before = count("requests")
    let running = try rollcall.start(words)
    while count("requests") == before, running.isRunning { Thread.sleep(forTimeInterval: 0.005) }
    running.send(signal: SIGKILL)
    return try running.outcome()
  }

  /// A clock that is set back: the run is refused, and changes nothing.
  private func stepBack() throws -> String? {
    guard try rollcall.count("SELECT count(*) FROM runs") > 0 else { return nil }
    let last = try rollcall.count("SELECT max(at) FROM runs")
    let before = try rollcall.contents()
    let words = ["run", "--at", Instant(milliseconds: Int64(last) - 1).description]
    let outcome = try rollcall.run(words)
    try note(words, outcome, "a step back")
    let isAsBefore = try rollcall.contents() == before
    return outcome.ending == .code(2) && isAsBefore ? nil : "a run in the past was not refused"
  }

  // MARK: What there is

  private func define(_ file: String, _ query: String, isAccount: Bool = false) throws {
    story.append("\(file): \(query)")
    try rollcall.define(
      file, query, front: "guard: off\n" + (isAccount ? "type: accounts\nsend: both\n" : ""))
  }

  /// What a value that went away becomes at the destination, from now on.
  func encode(_ absent: String) throws {
    story.append("absent: \(absent)")
    try rollcall.addHeap("account_property: account_id\nabsent: \(absent)\n")
  }

  private func edit() throws {
    let days = 5 + random.next(upTo: 40)
    switch random.next(upTo: 5) {
    case 0: try define("recent.audience", "event('Bought').within(\(days) days).count() >= 1")
    case 1: try define("bought.trait", "event('Bought').within(\(days) days).count()")
    case 2:
      try define("place.trait", random.next(upTo: 2) == 0 ? "trait('spot')" : "trait('town')")
    case 3: try encode(random.next(upTo: 2) == 0 ? "keep" : "empty")
    default:
      if rollcall.exists("audiences/extra.trait") {
        story.append("extra.trait is removed")
        try rollcall.remove("audiences/extra.trait")
      } else {
        try define("extra.trait", "trait('town')")
      }
    }
  }

  private func ingest(_ count: Int) throws {
    var lines = ""
    for _ in 0..<count {
      calls += 1
      let user = random.next(upTo: 12)
      let town = random.next(upTo: 3)
      let place = [
        #"{"town":"secret town \#(town)","zip":\#(town)}"#, #"{"town":"secret town \#(town)"}"#,
        #""secret place""#,
      ][random.next(upTo: 3)]
      let rest = [
        #""type":"track","event":"Bought""#, #""type":"track","event":"Bought""#,
        #""type":"identify","traits":{"spot":\#(place),"town":"secret \#(town)"}"#,
        #""type":"group","groupId":"secret account \#(user % 3)","traits":{"level":"secret \#(town)"}"#,
      ][random.next(upTo: 4)]
      let time = Instant(milliseconds: now - Int64(random.next(upTo: 20)) * Self.day)
      lines += """
        {"messageId":"\(calls)","userId":"secret user \(user)","timestamp":"\(time)",\(rest)}

        """
    }
    try rollcall.write(lines, to: "calls.ndjson")
    try note(["ingest"], rollcall.run("ingest", "calls.ndjson"), "\(count) calls")
  }

  func inDoubt() throws -> Int {
    guard rollcall.exists("rollcall.sqlite") else { return 0 }
    return try rollcall.count("SELECT count(*) FROM acknowledged WHERE in_doubt")
  }

  func count(_ name: String) -> Int { heap.counters()["total"][name].count }

  /// Runs a verb that is expected to end well, or with what it holds.
  func call(_ words: String...) throws {
    try note(words, rollcall.run(words), "")
  }

  /// The keys of what is held.
  func held() throws -> Set<String> {
    let status = try Value(json: rollcall.run("status", "--json", "--at", at).output)
    return Set(
      status["destinations"].elements.flatMap(\.["held"].elements).compactMap(\.["key"].textForm))
  }

  private func note(_ words: [String], _ outcome: Rollcall.Outcome, _ circumstance: String) throws {
    if outcome.ending == .signal(9) { kills += 1 }
    printed += outcome.everything
    story.append(
      "\(words.joined(separator: " ")) [\(circumstance)]: \(outcome.ending) \(outcome.everything)")
  }
}

/// A row of random numbers that is the same for the same seed (SplitMix64).
struct ChaosRandom {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  mutating func next(upTo bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
  }
}
