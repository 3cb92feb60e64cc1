import Testing
import Values

/// Prometheus' text format 0.0.4, as strict as its documentation: each family once and in one piece, with
/// its type before its samples, and no two samples with the same labels.
private struct MetricsText {
  struct Mistake: Error { let line: String }

  private(set) var types: [String: String] = [:]
  /// `name{a="b"}` to the value.
  private(set) var samples: [String: Double] = [:]

  init(_ text: String) throws {
    var family = ""
    guard text.hasSuffix("\n") else { throw Mistake(line: "the end") }
    for line in text.split(separator: "\n").map(String.init) {
      if let match = line.wholeMatch(of: /# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)/) {
        family = String(match.1)
        guard types[family] == nil else { throw Mistake(line: line) }
      } else if let match = line.wholeMatch(of: /# TYPE (\S+) (counter|gauge)/) {
        guard String(match.1) == family, types[family] == nil else { throw Mistake(line: line) }
        types[family] = String(match.2)
      } else if let match = line.wholeMatch(of: Self.sample) {
        let sample = String(match.1) + String(match.2 ?? "")
        guard String(match.1) == family, types[family] != nil, samples[sample] == nil,
          let value = Double(match.3)
        else { throw Mistake(line: line) }
        samples[sample] = value
      } else {
        throw Mistake(line: line)
      }
    }
  }

  private nonisolated(unsafe) static let sample =
    /([a-zA-Z_:][a-zA-Z0-9_:]*)(\{[a-z_]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z_]+="(?:[^"\\\n]|\\["\\n])*")*\})? ([0-9.e+-]+)/
}

@Suite("Metrics")
struct MetricsTests {
  private static func prepared() throws -> (Rollcall, RehearsalHeap) {
    let heap = try RehearsalHeap()
    let rollcall = try Rollcall.withOrders()
    rollcall.environment = heap.environment
    return (rollcall, heap)
  }

  private static func metrics(_ rollcall: Rollcall, at: String) throws -> MetricsText {
    let outcome = try rollcall.run("metrics", "--at", at)
    #expect(outcome.ending == .code(0) && outcome.errors == "")
    for name in ["ann", "bob", "10.5", "60.25"] { #expect(!outcome.output.contains(name)) }
    return try MetricsText(outcome.output)
  }

  @Test("before the first run there is nothing to tell but that")
  func empty() throws {
    let (rollcall, _) = try Self.prepared()
    let metrics = try Self.metrics(rollcall, at: "2023-03-01")
    #expect(metrics.samples["rollcall_runs_total"] == 0)
    #expect(metrics.samples["rollcall_new_events"] == 7)
    #expect(metrics.samples["rollcall_last_run_duration_seconds"] == nil)
    #expect(metrics.types["rollcall_staleness_seconds"] == nil)
  }

  @Test("runs, sizes, what is pending, quarantined and held, ages, and requests by outcome")
  func numbers() throws {
    let (rollcall, heap) = try Self.prepared()
    try rollcall.json("run", "--at", "2023-03-01")
    try rollcall.remove("audiences/orders.trait")
    try rollcall.json("run", "--at", "2023-03-02", exits: 3)
    try rollcall.ingest(
      order("gus", at: "2023-03-02T00:00:00Z", id: "gus"), as: "more.ndjson")
    try heap.setFault(.status(503))
    try rollcall.json("run", "--at", "2023-03-03", "--attempts", "2", exits: 3)
    let metrics = try Self.metrics(rollcall, at: "2023-03-03T00:00:10Z")
    let expected: [String: Double] = [
      "rollcall_runs_total": 3, "rollcall_evaluated_profiles_total": 7,
      "rollcall_last_run_evaluated_profiles": 1,
      "rollcall_last_run_timestamp_seconds": 1_677_801_600, "rollcall_new_events": 0,
      "rollcall_members{definition=\"recent\"}": 5,
      "rollcall_pending_values{destination=\"heap\"}": 6,
      "rollcall_in_doubt_values{destination=\"heap\"}": 2,
      "rollcall_quarantined_values{destination=\"heap\"}": 0,
      "rollcall_held_changes{destination=\"heap\"}": 4,
      "rollcall_staleness_seconds{destination=\"heap\",definition=\"recent\"}": 86_410,
      "rollcall_requests_total{destination=\"heap\",outcome=\"accepted\"}": 1,
      "rollcall_requests_total{destination=\"heap\",outcome=\"unclear\"}": 2,
      "rollcall_requests_total{destination=\"heap\",outcome=\"refused\"}": 0,
      "rollcall_requests_total{destination=\"heap\",outcome=\"unusable\"}": 0,
      "rollcall_paused_destinations": 0,
    ]
    for (sample, value) in expected {
      #expect(metrics.samples[sample] == value, "\(sample)")
    }
    #expect(try #require(metrics.samples["rollcall_last_run_duration_seconds"]) >= 0)
    #expect(metrics.types["rollcall_requests_total"] == "counter")
    #expect(metrics.types["rollcall_pending_values"] == "gauge")
  }

  @Test("the counts of runs and requests only grow, whatever is forgotten")
  func counters() throws {
    let (rollcall, heap) = try Self.prepared()
    defer { withExtendedLifetime(heap) {} }
    try rollcall.json("run", "--at", "2023-03-01")
    try rollcall.json("run", "--at", "2023-03-05", "--keep", "1d")
    #expect(try rollcall.count("SELECT count(*) FROM runs") == 1)
    #expect(
      try Self.metrics(rollcall, at: "2023-03-05").samples["rollcall_runs_total"] == 2)
  }

  @Test("a destination whose file is gone is counted, and has no samples")
  func paused() throws {
    let (rollcall, heap) = try Self.prepared()
    defer { withExtendedLifetime(heap) {} }
    try rollcall.json("run", "--at", "2023-03-01")
    try rollcall.remove("audiences/heap.destination")
    let metrics = try Self.metrics(rollcall, at: "2023-03-01")
    #expect(metrics.samples["rollcall_paused_destinations"] == 1)
    #expect(!metrics.samples.keys.contains { $0.contains("heap") })
  }

  @Test("a destination's name is escaped")
  func escaped() throws {
    let (rollcall, _) = try Self.prepared()
    let text = try rollcall.read("audiences/heap.destination")
    try rollcall.remove("audiences/heap.destination")
    try rollcall.write(text, to: "audiences/a\"b\\c.destination")
    let metrics = try Self.metrics(rollcall, at: "2023-03-01")
    #expect(metrics.samples[#"rollcall_pending_values{destination="a\"b\\c"}"#] == 0)
  }

  @Test("as a document")
  func document() throws {
    let (rollcall, _) = try Self.prepared()
    let document = try rollcall.json("metrics")
    #expect(
      document["metrics"][0].json == """
        {"name":"rollcall_runs_total","type":"counter","help":"Runs since the store began.",\
        "samples":[{"labels":{},"value":0}]}
        """)
  }
}
