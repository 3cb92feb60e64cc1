import SQLite
import Testing
import Values

@testable import Membership

@Suite("Results of the verbs")
struct MachineOutputTests {
  private static func expect(
    _ keys: String, in document: Value, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for key in keys.split(separator: " ") {
      #expect(document.keys.contains(String(key)), "\(key)", sourceLocation: sourceLocation)
    }
  }

  @Test("Every document of --json has the keys that are promised")
  func documents() throws {
    let rollcall = try Rollcall.withOrders()
    let heap = try RehearsalHeap()
    rollcall.environment = heap.environment
    let at = ["--at", "2023-03-01"]
    func document(_ words: String...) throws -> Value {
      let outcome = try rollcall.run(words + at + ["--json"])
      #expect(outcome.ending == .code(0), "\(words)")
      #expect(outcome.errors == "", "\(words)")
      #expect(outcome.output.split(separator: "\n").count == 1, "\(words)")
      return try Value(json: outcome.output)
    }
    let definition = "key kind members enter leave change"
    Self.expect(
      "accepted duplicates rejected rejects_file", in: try document("ingest", "calls.ndjson"))
    Self.expect("diagnostics", in: try document("check"))
    let preview = try document("preview", "recent")
    Self.expect("key size sample trend funnel overlap forecast", in: preview)
    #expect(preview["size"] == .number(4))
    let plan = try document("plan")
    Self.expect("definitions requests", in: plan)
    Self.expect(definition, in: plan["definitions"][0])
    let run = try document("run")
    Self.expect("run at evaluated entered left changed sent pending", in: run)
    Self.expect("sent pending quarantined", in: try document("send"))
    let status = try document("status")
    Self.expect("definitions last_run pending quarantined", in: status)
    #expect(status["events"] == .number(7))
    #expect(status["users"] == .number(6))
    Self.expect("difference", in: try document("verify"))
    let report = try document("report")
    Self.expect(
      "at users accounts events new_events last_run audiences traits models overlap removed destinations",
      in: report)
    let audience = "key name description query subject enabled members share last_right stale"
    Self.expect(audience + " next_run sizes forecast", in: report["audiences"][0])
    Self.expect(audience + " next_run sizes", in: report["traits"][0])
  }

  @Test("An export has a line for each member, sorted by the bytes of the id")
  func export() throws {
    let rollcall = try Rollcall()
    let users = ["b", "B", "é", "a", "10", "9", "\\\"q\\\",c", "new\\nline", "\\u0001", "d,e"]
    try rollcall.ingest(
      users.enumerated().map { order($1, at: "2023-02-01T00:00:00Z", id: "\($0)") }.joined())
    try rollcall.define("ever.audience", "event('Order Completed').count() >= 1")
    try rollcall.define("never.audience", "event('Order Completed').count() > 9")
    try rollcall.json("run", "--at", "2023-03-01")
    #expect(
      try rollcall.run("export", "ever").output == """
        {"user_id":"\\u0001","value":true}
        {"user_id":"\\"q\\",c","value":true}
        {"user_id":"10","value":true}
        {"user_id":"9","value":true}
        {"user_id":"B","value":true}
        {"user_id":"a","value":true}
        {"user_id":"b","value":true}
        {"user_id":"d,e","value":true}
        {"user_id":"new\\nline","value":true}
        {"user_id":"é","value":true}

        """)
    #expect(
      try rollcall.run("export", "ever", "--format", "csv").output == """
        user_id,value
        \u{1},true
        \"""q"",c",true
        10,true
        9,true
        B,true
        a,true
        b,true
        "d,e",true
        "new
        line",true
        é,true

        """)
    #expect(try rollcall.run("export", "never").output == "")
    #expect(try rollcall.run("export", "never", "--format", "csv").output == "user_id,value\n")
  }

  @Test("Values of every kind are exported as JSON, and in CSV as their text")
  func values() throws {
    let rollcall = try Rollcall()
    try rollcall.ingest(
      """
      {"type":"track","event":"A","userId":"u","timestamp":"2023-01-01T00:00:00Z",\
      "properties":{"n":1e21,"t":"a, \\"b\\"","l":"x"}}
      {"type":"track","event":"A","userId":"u","timestamp":"2023-01-02T00:00:00Z",\
      "properties":{"l":"y"}}

      """)
    try rollcall.define("n.trait", "event('A').first(property('n'))")
    try rollcall.define("t.trait", "event('A').first(property('t'))")
    try rollcall.define("l.trait", "event('A').unique(property('l'))")
    try rollcall.json("run", "--at", "2023-03-01")
    for (key, json, text) in [
      ("n", "1e+21", "1e+21"), ("t", #""a, \"b\"""#, #""a, ""b""""#),
      ("l", #"["x","y"]"#, #""[""x"",""y""]""#),
    ] {
      let lines = try rollcall.run("export", key).output
      #expect(lines == "{\"user_id\":\"u\",\"value\":\(json)}\n")
      let table = try rollcall.run("export", key, "--format", "csv").output
      #expect(table == "user_id,value\nu,\(text)\n")
    }
  }

  @Test("A preview shows a definition as it stands in its file, and writes nothing")
  func preview() throws {
    let rollcall = try Rollcall.withOrders()
    try rollcall.json("run", "--at", "2023-03-01", "--no-send")
    let before = try rollcall.contents()
    try rollcall.define(
      "recent.audience", "trait('orders') >= 1 AND trait('spent') > 20",
      front: "description: Worth a letter\n")
    #expect(
      try rollcall.run("preview", "recent", "--at", "2023-03-01").output == """
        recent  recent
          Worth a letter
          2 members of 5 users (40.0 %), at 2023-03-01T00:00:00.000Z
            cai
            fay

          last 12 weeks  ▁▁▅███▅▅▅▅▅█  0 → 2, at most 2

          condition             meet it  all so far
          trait('orders') >= 1        4           4
          trait('spent') > 20         3           2

          if nothing happens  leave  enter
          within 1 day            ·      ·
          within 7 days           1      1
          within 30 days          2      1

        """)
    let spent = try rollcall.json("preview", "spent", "--at", "2023-01-01", "--show-values")
    #expect(spent["sample"].json == #"[{"user_id":"dot","value":40}]"#)
    let isUntouched = try rollcall.contents() == before
    #expect(isUntouched)
  }

  @Test("Status says how things stand, before the first run and after it")
  func status() throws {
    let rollcall = try Rollcall.withOrders()
    rollcall.environment = ["HEAP_APP_ID": "11", "HEAP_URL": "http://127.0.0.1:9"]
    #expect(
      try rollcall.run("status").output == """
        7 events of 6 users, 7 since the last run
        no run yet: 'rollcall plan' shows what one would do

        heap: 0 pending, no batch yet

        """)
    try rollcall.json("run", "--at", "2023-03-01", "--no-send")
    #expect(
      try rollcall.run("status").output == """
        7 events of 6 users, 0 since the last run
        last run: 1 at 2023-03-01T00:00:00.000Z, full

          definition  kind      members  last right
          orders      trait           5  never yet
          recent      audience        4  never yet
          spent       trait           5  never yet

        heap: 13 pending, no batch yet

        """)
  }

  @Test("Status says when each definition was last right, and exits with 3 when that is too old")
  func lastRight() throws {
    let heap = try RehearsalHeap()
    let rollcall = try Rollcall.withOrders()
    rollcall.environment = heap.environment
    try rollcall.json("run", "--at", "2023-03-01")
    try rollcall.connection().execute("INSERT INTO service(id, every) VALUES (1, 3600000)")
    #expect(try rollcall.run("status", "--at", "2023-03-01T02:00:00Z").ending == .code(0))
    let old = try rollcall.run("status", "--at", "2023-03-01T02:00:00.001Z")
    #expect(old.ending == .code(3))
    #expect(
      old.output.contains(
        "recent      audience        4  2023-03-01T00:00:00.000Z  older than twice its cadence\n"))
    let document = try rollcall.json("status", "--at", "2023-03-01T02:00:00.001Z", exits: 3)
    let recent = document["definitions"].definition("recent")
    #expect(recent["last_right"] == .string("2023-03-01T00:00:00.000Z"))
    #expect(recent["stale"] == .boolean(true))
  }

  @Test("Verify says where the snapshot is wrong, and exits with 1")
  func verify() throws {
    let rollcall = try Rollcall.withOrders()
    try rollcall.json("run", "--at", "2023-03-01", "--no-send")
    #expect(try rollcall.run("verify").ending == .code(0))
    try rollcall.connection().execute("UPDATE latest_members SET value = '7' WHERE value = '20'")
    let outcome = try rollcall.run("verify")
    #expect(outcome.ending == .code(1))
    #expect(outcome.output.contains("the snapshot and a fresh evaluation differ in 'spent'"))
    try rollcall.json("rebuild")
    try rollcall.json("run", "--full", "--at", "2023-03-01", "--no-send")
    #expect(try rollcall.run("verify").ending == .code(0))
    let connection = try rollcall.connection()
    var standings = try Standings(connection)
    for profile in try Standings.profiles(connection) {
      let next = try standings.standing(of: profile).next
      try standings.store(Standing(next: next, outcome: [1, 0]), of: profile)
    }
    try standings.flush()
    let standing = try rollcall.run("verify")
    #expect(standing.ending == .code(1))
    #expect(standing.output.contains("where the profile stands is not what the snapshot holds"))
  }
}
