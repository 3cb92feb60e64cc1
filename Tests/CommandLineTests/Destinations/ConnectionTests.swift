import HeapSandbox
import Testing
import Values

@Suite("What the four destinations do: the connection")
struct ConnectionTests {
  @Test("Row 1, app id: it suffices, and what is no number is refused before any request")
  func appID() throws {
    let heap = try RehearsalHeap()
    let rollcall = try Rollcall.withOrders()
    rollcall.environment = ["HEAP_URL": heap.sandbox.url]
    for id in ["x", "11a", "1.5", "-11", ""] {
      try rollcall.addHeap("app_id: \(id)\n")
      for verb in ["check", "plan", "run", "send"] {
        let outcome = try rollcall.run(verb, "--at", "2023-03-01")
        #expect(outcome.ending == .code(1), "\(verb) with '\(id)'")
        #expect(
          outcome.everything.contains("'app_id' must be Heap's environment id: digits only"))
      }
    }
    #expect(heap.paths.isEmpty)
    try rollcall.addHeap("app_id: 11\n")
    #expect(try rollcall.run("check").ending == .code(0))
    #expect(try rollcall.json("run", "--at", "2023-03-01")["sent"] == .number(13))
    #expect(heap.paths == ["/api/add_user_properties"])
    // A region is named by its short name; without one it is the United States'.
    try rollcall.addHeap("app_id: 11\nregion: eu\n")
    #expect(try rollcall.run("check").ending == .code(0))
    try rollcall.addHeap("app_id: 11\nregion: asia\n")
    #expect(try rollcall.run("check").output.contains("'region' must be us or eu"))
  }

  @Test("Row 2, named connections: each has a state of its own")
  func named() throws {
    let heap = try RehearsalHeap(apps: ["11", "12"])
    let rollcall = try Rollcall.withOrders()
    try rollcall.remove("audiences/heap.destination")
    rollcall.environment = ["HEAP_URL": heap.sandbox.url]
    for (name, app, every) in [("staging", "11", ""), ("production", "12", "every: 9d\n")] {
      try rollcall.write(
        "---\ntype: heap\napp_id: \(app)\n\(every)---\n", to: "audiences/\(name).destination")
    }
    try rollcall.json("run", "--at", "2023-03-01")
    #expect(heap.state(app: "11") == heap.state(app: "12"))
    // The production waits for its time: what it is owed is not what the other was told.
    let run = try rollcall.json("run", "--at", "2023-03-06")
    #expect(run["destinations"].elements.map { $0["name"].textForm } == ["production", "staging"])
    #expect(run["destinations"].elements.map(\.["pending"]) == [.number(5), .number(0)])
    #expect(heap.user("eve", app: "11") == #"{"orders":1,"recent":"true","spent":50}"#)
    #expect(heap.user("eve", app: "12") == nil)
    #expect(heap.state(app: "11") != heap.state(app: "12"))
    #expect(try rollcall.json("send", "--now")["sent"] == .number(5))
    #expect(heap.state(app: "11") == heap.state(app: "12"))
    #expect(heap.noOpWrites == 0 && heap.count("misrouted") == 0)
  }

  @Test(
    "Row 14, other behaviours: mirror, update only and delete are refused with what there is",
    arguments: ["mode: mirror", "behavior: update_only", "operation: delete", "on_delete: null"])
  func behaviours(_ line: String) throws {
    let (rollcall, heap) = try Rollcall.withHeap()
    let select = "SELECT user_id AS id, first_seen FROM users"
    try rollcall.model("m", "object: user\nidentity: id\n\(line)", select)
    let key = line.prefix { $0 != ":" }
    let help =
      "   = help: users and accounts are updated or created, an event is inserted once; "
      + "mirror, update only and delete are not supported\n"
    let check = try rollcall.run("check")
    #expect(check.ending == .code(1))
    #expect(
      check.output.hasPrefix(
        """
        error[unknown-setting]: there is no setting '\(key)'
          --> audiences/m.sql:4:1
        """), "\(check.output)")
    #expect(check.output.contains(help), "\(check.output)")
    #expect(try rollcall.run("run", "--at", "2023-03-01").ending == .code(1))
    // Nor is it a destination's to choose.
    try rollcall.model("m", "object: user\nidentity: id", select)
    try rollcall.addHeap(line + "\n")
    let destination = try rollcall.run("check")
    #expect(destination.ending == .code(1) && destination.output.contains(help))
    #expect(heap.paths.isEmpty)
  }
}
