import Foundation
import HeapSandbox
import Values

/// Runs and sends that come to grief, or not.
extension ChaosScene {
  /// Faults, a crash, or neither, while a run or a send is under way.
  func deliver() throws -> String? {
    let attempts = plan.repeats ? 1 + random.next(upTo: 3) : 1
    let verb = random.pick([["run"], ["run"], ["send", "--now"], ["send", "--now"]])
    let words =
      verb + ["--at", at, "--attempts", "\(attempts)", "--timeout", "10m"]
      + (verb[0] == "send" && random.next(upTo: 3) == 0 ? ["--retry-quarantined"] : [])
    let holds = try held().filter { $0.value != ["encoding_changed"] }
    let before = told(of: Set(holds.keys))
    let doubted = try inDoubt()
    let writes = count("no_op_property_writes")
    let first = heap.requests().elements.count + 1
    let wasUnsettled = isUnsettled
    isUnsettled = false
    let outcome: Rollcall.Outcome
    var circumstance = ""
    switch random.next(upTo: 8) {
    case 0:
      let label = random.pick([
        "run", "register", "models", "retry", "doubt", "doubt:2", "acknowledge", "acknowledge:2",
        "settle", "batch", "guard", "refuse", "quarantine",
      ])
      circumstance = "crash before \(label)"
      outcome = try rollcall.run(words, crash: label)
    case 1:
      let path = somePath()
      let request = 1 + random.next(upTo: path == nil ? 4 : 2)
      circumstance = "killed at request \(request) \(path ?? "")"
      outcome = try killed(words, at: request, path)
    case 2:
      let wait = random.next(upTo: 150)
      circumstance = "killed after \(wait) ms"
      outcome = try killed(words, after: wait)
    case 3, 4, 5, 6:
      circumstance = try fault()
      outcome = try rollcall.run(words)
      try heap.setFaults([])
    default: outcome = try rollcall.run(words)
    }
    note(words, outcome, circumstance)
    try remember(words, outcome)
    if !wasUnsettled, let key = try sentThoughHeld(holds, before, isSend: verb[0] == "send") {
      return "something of '\(key)' was sent that is held"
    }
    guard !wasUnsettled, !isUnsettled else { return nil }
    // Nothing is written again but what was in doubt, or became so by a request without an answer.
    let again = count("no_op_property_writes") - writes
    let unanswered = attempts > 1 ? Self.unanswered(heap.requests(from: first)) : 0
    return again > doubted + unanswered
      ? "\(again) values were written again, and \(doubted + unanswered) were in doubt" : nil
  }

  /// The definition of which something went out though it was held, and still is. What is held since it
  /// was removed, or has another key, a send alone never lets go.
  private func sentThoughHeld(
    _ holds: [String: Set<String>], _ before: [String: Set<String>], isSend: Bool
  ) throws -> String? {
    guard !holds.isEmpty else { return nil }
    let now = try held().filter { $0.value != ["encoding_changed"] }
    let told = told(of: Set(holds.keys))
    return holds.keys.sorted().first { key in
      let isForGood = !(holds[key] ?? []).isDisjoint(with: ["removed", "key_changed"])
      return (now[key] != nil || isSend && isForGood) && before[key] != told[key]
    }
  }

  /// What Heap has of each of these definitions.
  private func told(of keys: Set<String>) -> [String: Set<String>] {
    var told: [String: Set<String>] = [:]
    guard !keys.isEmpty else { return told }
    let app = heap.state()["apps"]["11"]
    for list in ["users", "accounts"] {
      for id in app[list].keys {
        let properties = app[list][id]["properties"]
        for name in properties.keys {
          let key = String(name.prefix { $0 != "." })
          guard keys.contains(key) else { continue }
          told[key, default: []].insert("\(list) \(id) \(name) \(properties[name].json)")
        }
      }
    }
    return told
  }

  /// How many properties were written by requests whose answer did not say so.
  static func unanswered(_ requests: Value) -> Int {
    let hiding: Set<String> = ["status", "close", "reset", "truncate", "html"]
    return requests.elements
      .filter {
        $0["decision"] == .string("accepted") && hiding.contains($0["fault"].textForm ?? "")
      }
      .reduce(0) { $0 + $1["property_writes"].count }
  }

  /// One of Heap's paths that take many at once, or any.
  private func somePath() -> String? {
    let properties = ["/api/add_user_properties", "/api/add_account_properties"]
    return random.pick([nil, nil] + properties + (models.isEmpty ? [] : ["/api/track"]))
  }

  /// A fault of some requests from the next one on, in words.
  private func fault() throws -> String {
    let path = somePath()
    let from = 1 + random.next(upTo: path == nil ? 4 : 2)
    let some = 1 + random.next(upTo: 6)
    let applies = random.next(upTo: 2) == 0
    let unclear: [Fault.Action] = [
      .status(503), .status(500), .status(429, retryAfter: "1"), .status(408), .close, .reset,
      .truncate, .html, .html, .drip(milliseconds: 1),
    ]
    switch random.next(upTo: 5) {
    case 0: try heap.setFaults([Fault(path: path, from: from, count: some, .status(400))])
    case 1:
      try heap.setFaults([
        Fault(path: path, from: from, count: 1, random.next(upTo: 2) == 0 ? .redirect() : .cut)
      ])
    case 2:
      // An answer that gets lost, and a refusal of the same when it is asked again.
      try heap.setFaults([
        Fault(path: path, from: from, count: 1, .close, applies: true),
        Fault(path: path, from: from + 1, count: some, .status(400)),
      ])
    default:
      let action = random.pick(unclear)
      try heap.setFaults([
        Fault(path: path, from: from, count: some, action, applies: applies)
      ])
      return "\(action) from \(from) \(path ?? ""), \(some) times, "
        + (applies ? "applied" : "not applied")
    }
    return "refusal, redirect, cut or a lost answer from \(from) \(path ?? "")"
  }

  /// Runs until Heap has a request, and kills it before the answer; when it does not come to that one,
  /// to its end.
  private func killed(
    _ words: [String], at request: Int, _ path: String?
  ) throws -> Rollcall.Outcome {
    try heap.setFaults([
      Fault(path: path, from: request, count: 1, .delay(milliseconds: 600_000))
    ])
    defer { try? heap.setFaults([]) }
    let before = count("faults")
    let running = try rollcall.start(words)
    while count("faults") == before, running.isRunning {
      Thread.sleep(forTimeInterval: 0.002)
    }
    running.send(signal: SIGKILL)
    return try running.outcome()
  }

  private func killed(_ words: [String], after milliseconds: Int) throws -> Rollcall.Outcome {
    let running = try rollcall.start(words)
    Thread.sleep(forTimeInterval: Double(milliseconds) / 1000)
    running.send(signal: SIGKILL)
    isUnsettled = true
    return try running.outcome()
  }
}
