import HeapSandbox
import Testing
import Values

@Suite("Entries and exits as events")
struct AudienceEventTests {
  @Test("a run tells what happened since the one before, a spell between the two included")
  func live() throws {
    let scene = try EventScene()
    try scene.buy("ann", -1)
    #expect(try scene.run(0)["audience_events"]["entered"] == .number(0))
    // Ann's spell goes on; Bob's begins and ends between two runs; Cai's begins.
    try scene.buy("ann", 3)
    try scene.buy("bob", 1)
    try scene.buy("cai", 9)
    let plan = try scene.rollcall.json("plan", "--at", EventScene.at(10))["destinations"][0]
    let report = try scene.run(10)
    #expect(plan["audience_events"]["entered"] == report["audience_events"]["entered"])
    #expect(report["audience_events"]["entered"] == .number(2))
    #expect(report["audience_events"]["exited"] == .number(2))
    #expect(report["audience_events"]["pending"] == .number(0))
    #expect(plan["values"] == report["sent"])
    #expect(scene.days("ann") == ["-8"])
    #expect(scene.days("bob") == ["+1", "-6"])
    #expect(scene.days("cai") == ["+9"])
    #expect(scene.events["recent bob"]?.last == "-2023-01-07T00:00:00.001Z")
    try scene.run(10)
    try scene.run(30)
    #expect(scene.days("cai") == ["+9", "-14"])
    scene.expectNothingTwice()
  }

  @Test("without the setting nothing is told, and with it what comes from then on")
  func off() throws {
    let scene = try EventScene("")
    try scene.run(0)
    try scene.buy("ann", 1)
    #expect(try scene.run(2)["audience_events"] == .absent)
    try scene.run(10)
    #expect(scene.events.isEmpty)
    #expect(try scene.rows("event_ranges").isEmpty)
    try scene.buy("bob", 11)
    try scene.rollcall.addHeap("events: on\n")
    try scene.run(12)
    #expect(scene.events.isEmpty)
    try scene.run(20)
    #expect(scene.days("bob") == ["-16"] && scene.events.count == 1)
    // Off again for a while: that is a gap, which a backfill fills.
    try scene.rollcall.addHeap()
    try scene.buy("cai", 21)
    try scene.run(30)
    try scene.rollcall.addHeap("events: on\n")
    try scene.run(31)
    try scene.buy("cai", 32)
    try scene.run(33)
    #expect(scene.days("cai") == ["+32"])
    let done = try scene.backfill(to: 31, now: 33)
    #expect(done["entered"] == .number(3) && done["exited"] == .number(2))
    #expect(scene.days("ann") == ["+1", "-6"] && scene.days("bob") == ["+11", "-16"])
    #expect(scene.days("cai") == ["+21", "-26", "+32"])
    scene.expectNothingTwice()
  }

  @Test("a file gets track calls, with booleans as its encoding has them")
  func file() throws {
    let scene = try EventScene()
    try scene.rollcall.remove("audiences/heap.destination")
    try scene.rollcall.write(
      "---\ntype: file\npath: calls.json\nevents: on\n---\n",
      to: "audiences/file.destination")
    try scene.run(0)
    try scene.buy("ann", 1)
    try scene.run(2)
    let lines = try scene.rollcall.read("calls.json").split(separator: "\n")
    #expect(lines.count == 2)
    let call = try Value(json: String(lines.last ?? ""))
    #expect(call["type"] == .string("track") && call["event"] == .string("Audience Entered"))
    #expect(call["properties"].json == #"{"audience_key":"recent","recent":true}"#)
    #expect(call["timestamp"] == .string("2023-01-02T00:00:00.000Z"))
    #expect(call["messageId"].textForm?.count == 64)
  }

  @Test("late data: nothing is told twice, and what was told and is no more is reported")
  func late() throws {
    let scene = try EventScene()
    try scene.run(0)
    try scene.buy("ann", 1)
    try scene.run(3)
    // In time for the exit: it was not told yet.
    try scene.buy("ann", 2)
    #expect(try scene.run(8)["audience_events"]["new_corrections"] == .number(0))
    #expect(scene.days("ann") == ["+1", "-7"])
    // She had not left.
    try scene.buy("ann", 6.5)
    let corrected = try scene.run(9)["audience_events"]
    #expect(corrected["new_corrections"] == .number(1) && corrected["corrections"] == .number(1))
    #expect(try scene.run(12)["audience_events"]["corrections"] == .number(2))
    let status = try scene.rollcall.run("status", "--at", EventScene.at(12))
    #expect(status.output.contains("2 corrections of a past that was told, not sent"))
    #expect(scene.days("ann") == ["+1", "-7"])
    try scene.buy("ann", 20)
    #expect(try scene.run(21)["audience_events"]["corrections"] == .number(2))
    #expect(scene.days("ann") == ["+1", "-7", "+20"])
    // A whole spell before what was told.
    try scene.buy("bob", 30)
    try scene.run(31)
    try scene.buy("bob", 22)
    #expect(try scene.run(32)["audience_events"]["new_corrections"] == .number(2))
    #expect(scene.days("bob") == ["+30"])
    scene.expectNothingTwice()
    // The past that was told stays as it was told.
    try scene.backfill(to: 32, now: 32)
    #expect(scene.days("ann") == ["+1", "-7", "+20", "-25"])
    scene.expectNothingTwice()
  }

  @Test("what is owed and was never sent follows the truth")
  func withdrawn() throws {
    let scene = try EventScene()
    try scene.run(0)
    try scene.buy("ann", 1)
    try scene.run(8, "--no-send")
    let status = try scene.rollcall.json("status")["destinations"][0]
    #expect(status["audience_events"]["pending"] == .number(2))
    try scene.buy("ann", 5)
    let report = try scene.run(9)["audience_events"]
    #expect(report["withdrawn"] == .number(1) && report["corrections"] == .number(0))
    #expect(scene.days("ann") == ["+1"])
    try scene.run(11)
    #expect(scene.days("ann") == ["+1", "-10"])
    scene.expectNothingTwice()
  }

  @Test("an edited, disabled, removed or added audience begins anew with the run that finds it so")
  func definitions() throws {
    let scene = try EventScene()
    try scene.run(0)
    try scene.buy("ann", 1)
    try scene.run(2)
    #expect(scene.days("ann") == ["+1"])
    // Under the new query she is none; that is no exit in time.
    try scene.define("recent.audience", "event('Bought').within(12 hours).count() >= 1")
    try scene.run(3)
    #expect(scene.days("ann") == ["+1"])
    try scene.buy("ann", 4)
    try scene.run(5)
    #expect(scene.days("ann") == ["+1", "+4", "-4.5"])
    try scene.define(
      "recent.audience", "event('Bought').within(12 hours).count() >= 1", front: "enabled: false\n")
    try scene.buy("ann", 6)
    try scene.run(7)
    try scene.define("recent.audience", "event('Bought').within(12 hours).count() >= 1")
    try scene.define("other.audience", "event('Bought').within(1 day).count() >= 1")
    try scene.run(8)
    try scene.buy("ann", 9)
    try scene.run(10.5)
    #expect(scene.days("ann") == ["+1", "+4", "-4.5", "+9", "-9.5"])
    #expect(scene.days("ann", in: "other") == ["+9", "-10"])
    try scene.rollcall.remove("audiences/other.audience")
    try scene.buy("ann", 11)
    try scene.run(12)
    try scene.define("other.audience", "event('Bought').within(1 day).count() >= 1")
    try scene.run(13)
    #expect(scene.days("ann", in: "other") == ["+9", "-10"])
    // What lies before is told of where no query was told; each ordinal once.
    try scene.backfill(to: 13, now: 13)
    #expect(
      scene.days("ann", in: "other")
        == ["+1", "-2", "+4", "-5", "+6", "-7", "+9", "-10", "+11", "-12"])
    #expect(
      scene.days("ann") == ["+1", "+4", "-4.5", "+6", "-6.5", "+9", "-9.5", "+11", "-11.5"])
    #expect(scene.heap.count("duplicates") == 0)
  }

  @Test("an audience that another one refers to begins both anew when it is edited")
  func reference() throws {
    let scene = try EventScene()
    try scene.define("twice.audience", "trait('recent') = true")
    try scene.run(0)
    try scene.buy("ann", 1)
    try scene.run(2)
    #expect(scene.days("ann", in: "twice") == ["+1"])
    try scene.define("recent.audience", "event('Bought').within(1 hour).count() >= 1")
    try scene.run(3)
    #expect(scene.days("ann", in: "twice") == ["+1"] && scene.days("ann") == ["+1"])
  }

  @Test("with a trait for identity, events wait until the user has one, and go to it")
  func identity() throws {
    let scene = try EventScene("events: on\nidentity: trait email\n")
    try scene.run(0)
    try scene.buy("ann", 1)
    let waiting = try scene.run(2, exits: 3)["audience_events"]
    #expect(waiting["pending"] == .number(1) && waiting["waiting"] == .number(1))
    #expect(scene.events.isEmpty)
    try scene.rollcall.ingest(
      """
      {"type":"identify","messageId":"e","userId":"ann","timestamp":"\(EventScene.at(3))",\
      "traits":{"email":"ann@example.com"}}

      """)
    try scene.run(4)
    #expect(scene.days("ann@example.com") == ["+1"])
    // The exit goes to who she is then.
    try scene.rollcall.ingest(
      """
      {"type":"identify","messageId":"f","userId":"ann","timestamp":"\(EventScene.at(5))",\
      "traits":{"email":"ann@example.org"}}

      """)
    try scene.run(9)
    #expect(scene.days("ann@example.org") == ["-6"])
    // Two with one identity: nobody's.
    try scene.rollcall.ingest(
      """
      {"type":"identify","messageId":"g","userId":"bob","timestamp":"\(EventScene.at(10))",\
      "traits":{"email":"ann@example.org"}}

      """)
    try scene.buy("bob", 11)
    #expect(try scene.run(12, exits: 3)["audience_events"]["waiting"] == .number(1))
    scene.expectNothingTwice()
  }

  @Test("anonymous profiles and accounts have no events")
  func others() throws {
    let scene = try EventScene("events: on\naccount_property: account_id\n")
    try scene.define(
      "anyone.audience", "event('Bought').count() >= 1", front: "include_anonymous: true\n")
    try scene.define(
      "firms.audience", "event('Bought').count() >= 1", front: "type: accounts\nsend: both\n")
    try scene.run(0)
    try scene.rollcall.ingest(
      """
      {"type":"track","event":"Bought","messageId":"a","anonymousId":"x","timestamp":"\(EventScene.at(1))"}
      {"type":"group","messageId":"b","userId":"ann","groupId":"acme","timestamp":"\(EventScene.at(1))"}
      {"type":"track","event":"Bought","messageId":"c","userId":"ann","timestamp":"\(EventScene.at(1))"}

      """)
    try scene.run(2)
    #expect(Set(scene.events.keys) == ["anyone ann", "recent ann"])
    let refused = try scene.rollcall.run(
      scene.backfillWords(["backfill", "--send", "firms"], to: 2, now: 2))
    #expect(refused.ending == .code(2))
    #expect(refused.errors.contains("none of the definitions is an audience of users"))
  }

  @Test("a user of accounts is told of when a user beside changes the account")
  func accounts() throws {
    let scene = try EventScene("events: on\naccount_property: account_id\n")
    try scene.define(
      "active.audience", "event('Bought').within(1 day).count() >= 1", front: "type: accounts\n")
    try scene.define("team.audience", "trait('active') = true")
    try scene.rollcall.ingest(
      """
      {"type":"group","messageId":"g1","userId":"ann","groupId":"acme","timestamp":"\(EventScene.at(-1))"}
      {"type":"group","messageId":"g2","userId":"bob","groupId":"acme","timestamp":"\(EventScene.at(-1))"}

      """)
    try scene.run(0)
    try scene.buy("bob", 1)
    try scene.run(5)
    #expect(scene.days("ann", in: "team") == ["+1", "-2"])
    #expect(scene.days("bob", in: "team") == ["+1", "-2"])
  }

  @Test("while an audience is held its events are, and they go with the approval")
  func held() throws {
    let scene = try EventScene()
    try scene.rollcall.define(
      "recent.audience", "event('Bought').within(5 days).count() >= 1")
    try scene.buySome(600, users: 120, from: -1, to: 0)
    try scene.run(0)
    let report = try scene.run(9, exits: 3)
    let members = report["audience_events"]["exited"].count
    #expect(members > 100)
    #expect(report["audience_events"]["waiting"].count == members)
    #expect(scene.events.isEmpty)
    try scene.rollcall.json("approve", "recent")
    try scene.run(9)
    #expect(scene.events.count == members)
    scene.expectNothingTwice()
  }

  @Test("a refused event is kept apart, and sent again when somebody asks for it")
  func refused() throws {
    let scene = try EventScene()
    try scene.run(0)
    try scene.buy("ann", 1)
    try scene.buy("bob", 1)
    try scene.heap.sandbox.setFaults([Fault(path: "/api/track", from: 1, count: 2, .status(400))])
    #expect(try scene.run(2, exits: 3)["quarantined"] == .number(1))
    #expect(scene.events.count == 1)
    let status = try scene.rollcall.json("status", "--at", EventScene.at(2), exits: 3)
    #expect(status["destinations"][0]["audience_events"]["quarantined"] == .number(1))
    try scene.rollcall.json("send", "--retry-quarantined", "--at", EventScene.at(2))
    #expect(scene.days("ann") == ["+1"] && scene.days("bob") == ["+1"])
    scene.expectNothingTwice()
  }

  @Test("an identity that Heap cannot have is kept apart without a request")
  func impossible() throws {
    let scene = try EventScene()
    try scene.run(0)
    try scene.buy(String(repeating: "x", count: 256), 1)
    try scene.run(2, exits: 3)
    #expect(scene.heap.count("rejected") <= 0)
    let status = try scene.rollcall.json("status", "--at", EventScene.at(2), exits: 3)
    #expect(status["destinations"][0]["audience_events"]["quarantined"] == .number(1))
  }
}
