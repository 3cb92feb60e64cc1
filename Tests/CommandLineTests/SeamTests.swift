import HeapSandbox
import Testing
import Values

/// Only a debug build has crash points.
private let hasCrashPoints: Bool = {
  #if DEBUG
    true
  #else
    false
  #endif
}()

@Suite("The seam between live events and the past")
struct SeamTests {
  /// Live events, then the past before them, then live ones again, with data that comes on time.
  ///
  /// - Parameter crash: a commit before which one of the calls is ended.
  private static func play(_ scene: EventScene, crash: (step: Int, label: String)? = nil) throws {
    var step = 0
    /// A call that may be ended before a commit, and is made again then.
    func call(_ words: [String]) throws {
      step += 1
      if let crash, crash.step == step {
        let killed = try scene.rollcall.run(words, crash: crash.label)
        #expect(killed.ending == .signal(9), "\(words) \(killed.errors)")
      }
      let outcome = try scene.rollcall.run(words)
      #expect(outcome.ending == .code(0), "\(words) \(outcome.errors)")
    }
    func run(_ day: Double) throws {
      try call(["run", "--at", EventScene.at(day), "--timeout", "10m"])
    }
    try scene.defineMore()
    try scene.buySome(400, users: 150, from: 0, to: 40)
    try run(40)
    try scene.buySome(150, users: 150, from: 40, to: 47.3)
    try run(47.3)
    try scene.buySome(20, users: 150, from: 47.3, to: 48)
    try run(48)
    try call(
      scene.backfillWords(["backfill", "--send"], from: 10, to: 48, now: 48) + ["--timeout", "10m"])
    try scene.buySome(60, users: 150, from: 48, to: 66)
    try run(66)
    try call(
      scene.backfillWords(["backfill", "--send"], from: -1, to: 66, now: 66) + ["--timeout", "10m"])
    try scene.buySome(60, users: 150, from: 66, to: 70)
    try run(70)
  }

  @Test("with data on time every entry and exit is at Heap once, in order, as the spells have it")
  func onTime() throws {
    let scene = try EventScene()
    try Self.play(scene)
    try scene.rollcall.json(
      "backfill", "--from", EventScene.at(-1), "--to", EventScene.at(70), "--at", EventScene.at(70))
    let events = scene.events
    let spells = try scene.spells()
    #expect(events == spells && events.count > 400)
    scene.expectNothingTwice()
    #expect(scene.heap.count("defaulted_timestamps") <= 0)
    #expect(try scene.rows("event_corrections").isEmpty)
    // Counted apart from all of that: who bought something in the five days before.
    var bought: [String: [Int64]] = [:]
    let calls = try scene.rollcall.connection().prepareFresh(
      "SELECT i.external_id, e.time FROM events AS e JOIN identities AS i ON i.id = e.user ORDER BY 2"
    ).all { ($0.text(0), $0.int(1)) }
    for (user, time) in calls { bought[user, default: []].append(time) }
    for (user, times) in bought {
      var moves: [String] = []
      var end = Int64.min
      for time in times {
        if time >= end {
          if end != .min { moves.append("-" + Instant(milliseconds: end).description) }
          moves.append("+" + Instant(milliseconds: time).description)
        }
        end = time + 5 * EventScene.day + 1
      }
      if end <= EventScene.start + 70 * EventScene.day {
        moves.append("-" + Instant(milliseconds: end).description)
      }
      #expect(events["recent " + user] == moves, "\(user)")
    }
  }

  @Test("two stores with the same history owe and send the same, byte by byte")
  func repeatable() throws {
    let scenes = try [EventScene(seed: 5), EventScene(seed: 5)]
    for scene in scenes {
      try Self.play(scene)
    }
    for table in ["audience_events", "event_ranges", "event_corrections"] {
      let same = try scenes[0].rows(table) == scenes[1].rows(table)
      #expect(same, "\(table)")
    }
    #expect(scenes[0].events == scenes[1].events)
  }

  @Test(
    "a SIGKILL in the middle of any part loses nothing and tells nothing twice",
    .enabled(if: hasCrashPoints),
    arguments: [
      (1, "run"), (2, "run"), (2, "acknowledge:2"), (3, "doubt"), (4, "backfill"),
      (4, "begin-events"), (4, "note-events:1"), (4, "note-events:3"), (4, "finish-events"),
      (4, "acknowledge"), (5, "run"), (6, "note-events:2"), (6, "acknowledge"), (7, "acknowledge"),
    ])
  func killed(_ step: Int, _ label: String) throws {
    let scene = try EventScene(seed: 3)
    try Self.play(scene, crash: (step, label))
    try scene.rollcall.json(
      "backfill", "--from", EventScene.at(-1), "--to", EventScene.at(70), "--at", EventScene.at(70))
    #expect(try scene.events == scene.spells())
    #expect(scene.heap.count("conflicting_duplicates") == 0)
    // Only what was in doubt is sent again.
    if !label.hasPrefix("acknowledge") { scene.expectNothingTwice() }
  }

  @Test("with late data nothing is told twice, directions alternate, and corrections are reported")
  func lateData() throws {
    for seed in 1...3 as ClosedRange<UInt64> {
      let scene = try EventScene(seed: seed)
      try scene.defineMore()
      try scene.buySome(60, users: 10, from: 0, to: 40)
      try scene.run(40)
      for day in stride(from: 42.0, through: 60, by: 3) {
        try scene.buySome(12, users: 12, from: day - 12, to: day)
        try scene.run(day)
        scene.expectNothingTwice()
      }
      try scene.backfill(from: -1, to: 60, now: 60)
      scene.expectNothingTwice()
      try scene.buySome(30, users: 12, from: 20, to: 62)
      let report = try scene.run(63)
      scene.expectNothingTwice()
      let corrections = report["audience_events"]["corrections"].count
      #expect(try Self.differences(scene, day: 63) == corrections && corrections > 0)
    }
  }

  @Test(
    "a call of another range takes an unfinished one along", .enabled(if: hasCrashPoints),
    arguments: ["note-events:1", "note-events:2"])
  func anotherRange(_ crash: String) throws {
    let scene = try EventScene()
    try scene.defineMore()
    try scene.buySome(500, users: 150, from: 0, to: 40)
    try scene.run(40)
    let killed = try scene.rollcall.run(
      scene.backfillWords(["backfill", "--send"], from: 20, to: 40, now: 40), crash: crash)
    #expect(killed.ending == .signal(9))
    // What runs find out between the two counts.
    try scene.buySome(100, users: 150, from: 10, to: 41)
    try scene.run(41)
    try scene.backfill(from: -1, to: 41, now: 41)
    scene.expectNothingTwice()
    #expect(try scene.rows("event_ranges").allSatisfy { $0.hasSuffix(",NULL") })
    let corrections = try scene.rollcall.json("status", "--at", EventScene.at(41))
    #expect(
      try Self.differences(scene, day: 41)
        == corrections["destinations"][0]["audience_events"]["corrections"].count)
  }

  /// In how many entries and exits what was told and the truth differ.
  private static func differences(_ scene: EventScene, day: Double) throws -> Int {
    try scene.rollcall.json(
      "backfill", "--from", EventScene.at(-1), "--to", EventScene.at(day), "--at",
      EventScene.at(day))
    let (told, truth) = (scene.events, try scene.spells())
    return Set(told.keys).union(truth.keys).reduce(0) { sum, key in
      sum + Set(told[key] ?? []).symmetricDifference(truth[key] ?? []).count
    }
  }

  @Test("runs go on beside a backfill, and what they find out about its past counts")
  func beside() throws {
    let scene = try EventScene()
    try scene.defineMore()
    try scene.buySome(3000, users: 1500, from: 0, to: 40)
    try scene.run(40)
    let running = try scene.rollcall.start(
      scene.backfillWords(["backfill", "--send"], from: -1, to: 40, now: 40)
        + ["--wait", "5m", "--timeout", "10m"])
    var day = 40.0
    repeat {
      day += 1
      try scene.buySome(40, users: 1500, from: 10, to: day)
      try scene.run(day, "--wait", "5m", "--timeout", "10m")
    } while running.isRunning && day < 60
    let outcome = try running.outcome()
    #expect(outcome.ending == .code(0), "\(outcome.errors)")
    try scene.run(61)
    scene.expectNothingTwice()
    let corrections = try scene.rollcall.json("status", "--at", EventScene.at(61))["destinations"][
      0][
        "audience_events"]["corrections"]
    #expect(try Self.differences(scene, day: 61) == corrections.count)
  }

  @Test("what is planned is what is sent, and a second call sends nothing")
  func planned() throws {
    let scene = try EventScene()
    try scene.defineMore()
    try scene.buySome(200, users: 20, from: 0, to: 30)
    try scene.run(30)
    let before = try scene.rollcall.contents()
    let plan = try scene.rollcall.run(
      scene.backfillWords(["plan", "--backfill"], to: 30, now: 30))
    #expect(plan.ending == .code(0))
    let isUntouched = try scene.rollcall.contents() == before
    #expect(isUntouched && scene.events.isEmpty)
    let some = try scene.rollcall.run(
      scene.backfillWords(["plan", "--backfill", "recent", "bought"], to: 30, now: 30))
    #expect(try Value(json: some.output)["destinations"][0]["definitions"].elements.count == 1)
    let done = try scene.backfill(to: 30, now: 30)
    #expect(done["entered"].count > 20 && done["delivery"]["audience_events"]["pending"].count == 0)
    #expect(try scene.backfill(to: 30, now: 30)["events"] == .number(0))
    #expect(try scene.backfill(from: 5, to: 30, now: 30)["events"] == .number(0))
    let words = try scene.rollcall.run([
      "plan", "--backfill", "--from", EventScene.at(0), "--to", EventScene.at(30), "--at",
      EventScene.at(30),
    ])
    #expect(words.output.hasSuffix("heap: nothing to send\n"), "\(words.output)")
    scene.expectNothingTwice()
  }

  @Test("what cannot be told is refused before anything is computed")
  func refused() throws {
    let scene = try EventScene("")
    try scene.buy("ann", 1)
    func refusal(_ words: [String]) throws -> String {
      let outcome = try scene.rollcall.run(words)
      #expect(outcome.ending == .code(2), "\(words)")
      return outcome.errors
    }
    func send(_ day: Double = 10, keys: String...) throws -> String {
      let words = scene.backfillWords(["backfill", "--send"] + keys, to: day, now: 10)
      return try refusal(words.filter { $0 != "--json" })
    }
    #expect(try send().contains("no destination is told of entries and exits"))
    try scene.rollcall.addHeap("events: on\n")
    #expect(try send().contains("no run has begun to tell 'heap' of 'recent'"))
    try scene.run(10)
    #expect(try scene.rows("spells").isEmpty)
    #expect(
      try send(9).contains(
        "'heap' is told of 'recent' since 2023-01-11T00:00:00.000Z, and a range that ends at "
          + "2023-01-10T00:00:00.000Z would leave a gap"))
    #expect(try scene.rows("spells").isEmpty)
    try scene.define("bought.trait", "event('Bought').count()")
    #expect(try send(keys: "bought").contains("none of the definitions is an audience of users"))
    #expect(try send(keys: "nothing").contains("nothing"))
    try scene.define("recent.audience", "event('Bought').within(6 days).count() >= 1")
    #expect(try send().contains("'recent' was edited since the last run"))
    #expect(try refusal(["plan", "--from", "2023-01-01"]).contains("belongs to a backfill's plan"))
    #expect(try refusal(["plan", "recent"]).contains("'plan' takes no 'recent'"))
    #expect(try refusal(["plan", "--backfill"]).contains("a backfill needs a range"))
    scene.rollcall.environment["HEAP_APP_ID"] = nil
    #expect(try send().contains("nothing can be sent to 'heap'"))
  }
}
