import Foundation
import Operations
import Testing
import Values

/// What the guard holds at a destination, run by run.
struct GuardTests {
  @Test("29 % a run for five runs is held at the second, and so is all behind it")
  func addsUp() throws {
    let shop = try GuardedPlace()
    for (day, users) in [0..<290, 290..<580, 580..<870, 870..<970, 970..<1000].enumerated() {
      try shop.order(users, day: Int64(day))
    }
    #expect(shop.held(try shop.run(day: 4)) == [])
    #expect(try shop.told() == 1000)
    // From the 31st day on they leave, 29 % first.
    #expect(shop.held(try shop.run(day: 30, minute: 1)) == [])
    #expect(try shop.told() == 710)
    for (day, changes) in [31: 290, 32: 580, 33: 680, 34: 710].sorted(by: { $0.key < $1.key }) {
      let report = try shop.run(day: Int64(day), minute: 1)
      #expect(shop.held(report) == ["buyers swing \(changes)"])
      #expect(report.sent == 0 && report.pending == changes && report.held == changes)
      #expect(report.definitions[0].tally.members == 710 - changes, "it goes on being computed")
    }
    #expect(try shop.told() == 710)
  }

  @Test("changed values add up within a day, and not beyond it")
  func withinADay() throws {
    let shop = try GuardedPlace("event('Ordered').count()")
    try shop.order(0..<1000, day: 0)
    try shop.run(day: 0)
    try shop.order(0..<290, day: 1)
    #expect(shop.held(try shop.run(day: 1)) == [])
    try shop.order(0..<290, day: 1)
    #expect(shop.held(try shop.run(day: 1, minute: 60)) == ["buyers swing 290"])
    // A day after the first of them, what is pending is the first of a new day.
    #expect(shop.held(try shop.run(day: 2)) == [])
    #expect(try shop.place.told().contains(["user u0", "buyers", "3"]))
  }

  @Test("a window that moves evenly is never held")
  func steady() throws {
    let shop = try GuardedPlace()
    for day in 0..<30 as Range<Int64> {
      try shop.order(Int(day) * 20..<Int(day + 1) * 20, day: day)
    }
    try shop.run(day: 29)
    for day in 30..<75 as Range<Int64> {
      try shop.order(Int(day) * 20..<Int(day + 1) * 20, day: day)
      #expect(shop.held(try shop.run(day: day, minute: 1)) == [], "day \(day)")
    }
    #expect(try shop.told() == 600)
  }

  @Test("a feed that breaks drains a window, and is held before much is gone")
  func brokenFeed() throws {
    let shop = try GuardedPlace()
    for day in 0..<30 as Range<Int64> {
      try shop.order(Int(day) * 20..<Int(day + 1) * 20, day: day)
    }
    try shop.run(day: 29)
    var last = 0
    for day in 30..<60 as Range<Int64> { last = try shop.run(day: day, minute: 1).held }
    #expect(last == 420)
    #expect(try shop.told() == 420)
  }

  @Test("an emptied store is held as a whole")
  func emptied() throws {
    let shop = try GuardedPlace()
    try shop.order(0..<200, day: 0)
    try shop.run(day: 1)
    for table in ["events", "links"] { _ = try shop.place.rows("DELETE FROM \(table)") }
    _ = try shop.place.session.rebuild()
    #expect(shop.held(try shop.run(day: 2, isFull: true)) == ["buyers swing 200"])
    #expect(try shop.told() == 200)
  }

  @Test("a removed definition is held until it is approved; then its values are taken away")
  func removed() throws {
    let shop = try GuardedPlace()
    try shop.define("ever", "event('Ordered').count() >= 1", front: "guard: off\n")
    try shop.order(0..<5, day: 0)
    try shop.run(day: 0)
    try shop.remove("ever.audience")
    let plan = try shop.place.session.plan()
    #expect(plan.held == 5 && plan.requests == 0)
    #expect(shop.held(try shop.run(day: 1)) == ["ever removed 5"])
    #expect(shop.held(try shop.run(day: 2)) == ["ever removed 5"])
    #expect(try shop.told("ever") == 5)
    let approvals = try shop.place.session.approve("ever")
    #expect(approvals.map(\.changes) == [5] && approvals.map(\.destination) == ["file"])
    let report = try shop.run(day: 3)
    #expect(shop.held(report) == [] && report.sent == 5)
    #expect(try shop.told("ever") == 0)
    #expect(try shop.told() == 5, "the others stay")
  }

  @Test("a definition that was off, and is gone then, is held too")
  func disabledThenRemoved() throws {
    let shop = try GuardedPlace()
    try shop.define("ever", "event('Ordered').count() >= 1")
    try shop.order(0..<5, day: 0)
    try shop.run(day: 0)
    try shop.define("ever", "event('Ordered').count() >= 1", front: "enabled: false\n")
    #expect(shop.held(try shop.run(day: 1)) == [])
    try shop.remove("ever.audience")
    #expect(shop.held(try shop.run(day: 2)) == ["ever removed 5"])
    #expect(try shop.told("ever") == 5)
  }

  @Test("a file that was deleted by mistake and comes back costs no request")
  func back() throws {
    let shop = try GuardedPlace()
    try shop.define("ever", "event('Ordered').count() >= 1")
    try shop.order(0..<500, day: 0)
    try shop.run(day: 0)
    try shop.remove("buyers.audience")
    #expect(shop.held(try shop.run(day: 1)) == ["buyers removed 500"])
    try shop.define("buyers", "event('Ordered').within(30 days).count() >= 1")
    let report = try shop.run(day: 2)
    #expect(shop.held(report) == [] && report.requests == 0 && report.pending == 0)
    #expect(try shop.told() == 500)
  }

  @Test("more than what was approved is held again")
  func moreThanApproved() throws {
    let shop = try GuardedPlace()
    try shop.order(0..<200, day: 0)
    try shop.order(200..<300, day: 1)
    try shop.run(day: 1)
    #expect(shop.held(try shop.run(day: 30, minute: 1)) == ["buyers swing 200"])
    #expect(try shop.place.session.approve("buyers").map(\.changes) == [200])
    // Before it goes out, others leave as well.
    #expect(shop.held(try shop.run(day: 31, minute: 1)) == ["buyers swing 300"])
    #expect(try shop.told() == 300)
    #expect(try shop.place.session.approve("buyers").map(\.changes) == [300])
    #expect(try shop.run(day: 32).sent == 300)
    // An approval is used up: the next swing is held, and small again is free.
    try shop.order(300..<500, day: 32)
    #expect(shop.held(try shop.run(day: 33)) == [], "nobody was left to guard")
    #expect(shop.held(try shop.run(day: 62, minute: 1)) == ["buyers swing 200"])
  }

  @Test("a definition under another key is held on both sides, and approved as one")
  func renamed() throws {
    let shop = try GuardedPlace()
    try shop.order(0..<5, day: 0)
    try shop.run(day: 0)
    try shop.remove("buyers.audience")
    try shop.define("customers", "event('Ordered').within(30 days).count() >= 1")
    let held = ["buyers key_changed 5", "customers key_changed 5"]
    let report = try shop.run(day: 1)
    #expect(shop.held(report) == held && report.sent == 0)
    #expect(report.destinations[0].holds.map(\.counterpart) == ["customers", "buyers"])
    #expect(shop.held(try shop.run(day: 2)) == held)
    #expect(try shop.place.session.approve("customers").map(\.key) == ["buyers", "customers"])
    #expect(try shop.run(day: 3).sent == 10)
    #expect(try shop.told() == 0)
    #expect(try shop.told("customers") == 5)
    try shop.order(0..<6, day: 4)
    #expect(shop.held(try shop.run(day: 4)) == [], "it is a definition like any other now")
  }

  @Test("a key that changes and changes back costs no request")
  func renamedBack() throws {
    let shop = try GuardedPlace()
    try shop.order(0..<5, day: 0)
    try shop.run(day: 0)
    try shop.remove("buyers.audience")
    try shop.define("customers", "event('Ordered').within(30 days).count() >= 1")
    #expect(try shop.run(day: 1).held == 10)
    try shop.remove("customers.audience")
    try shop.define("buyers", "event('Ordered').within(30 days).count() >= 1")
    let report = try shop.run(day: 2)
    #expect(shop.held(report) == [] && report.requests == 0 && report.pending == 0)
    try shop.order(5..<6, day: 2)
    #expect(try shop.run(day: 3).sent == 1)
  }

  @Test("a key that changes twice is held as one change from the first to the last")
  func renamedTwice() throws {
    let query = "event('Ordered').within(30 days).count() >= 1"
    let shop = try GuardedPlace()
    try shop.order(0..<5, day: 0)
    try shop.run(day: 0)
    for (day, (old, new)) in [("buyers", "clients"), ("clients", "patrons")].enumerated() {
      try shop.remove("\(old).audience")
      try shop.define(new, query)
      #expect(
        shop.held(try shop.run(day: Int64(day) + 1))
          == ["buyers key_changed 5", "\(new) key_changed 5"])
    }
    #expect(try shop.place.session.approve("patrons").map(\.key) == ["buyers", "patrons"])
    #expect(try shop.run(day: 3).sent == 10)
    #expect(try shop.told("clients") == 0 && shop.told("patrons") == 5)
  }

  @Test("with an explicit key, another name is no change at all")
  func explicitKey() throws {
    let query = "event('Ordered').within(30 days).count() >= 1"
    let shop = try GuardedPlace()
    try shop.define("buyers", query, front: "key: regulars\n")
    try shop.order(0..<5, day: 0)
    try shop.run(day: 0)
    try shop.remove("buyers.audience")
    try shop.define("people_who_buy", query, front: "key: regulars\n")
    let report = try shop.run(day: 1)
    #expect(report.requests == 0 && report.pending == 0 && report.held == 0)
  }

  @Test("each destination has its own guard, and an approval may be for one of them")
  func destinations() throws {
    let shop = try GuardedPlace()
    let other = shop.place.folder.appendingPathComponent("other.ndjson").path
    try shop.place.write("other.destination", "---\ntype: file\npath: \(other)\n---\n")
    try shop.order(0..<300, day: 0)
    try shop.run(day: 0)
    let swings = ["buyers swing 300", "buyers swing 300"]
    #expect(shop.held(try shop.run(day: 40)) == swings)
    let session = shop.place.session
    #expect(throws: OperationError.self) { try session.approve("buyers", destination: "othr") }
    #expect(
      try session.approve("buyers", destination: "other").map(\.destination) == ["other"])
    #expect(shop.held(try shop.run(day: 41)) == ["buyers swing 300"])
    #expect(try shop.told() == 300)
    #expect(try String(contentsOfFile: other, encoding: .utf8).contains("false"))
  }

  @Test("what is not held cannot be approved")
  func nothingHeld() throws {
    let shop = try GuardedPlace()
    try shop.order(0..<200, day: 0)
    try shop.run(day: 0)
    let session = shop.place.session
    for (key, help) in [("buyers", "nothing at all is held"), ("x", "nothing at all is held")] {
      let error = #expect(throws: OperationError.self) { try session.approve(key) }
      #expect(error?.kind == .usage && error?.help == help)
    }
    try shop.run(day: 40)
    let error = #expect(throws: OperationError.self) { try session.approve("buyer") }
    #expect(error?.help == "did you mean 'buyers'?")
  }

  @Test("the guard of a file holds for what is pending already")
  func off() throws {
    let shop = try GuardedPlace()
    try shop.order(0..<300, day: 0)
    try shop.run(day: 0)
    #expect(try shop.run(day: 40).held == 300)
    try shop.define(
      "buyers", "event('Ordered').within(30 days).count() >= 1", front: "guard: off\n")
    let sent = try shop.place.session.send(ignoresCadence: false)
    #expect(sent.map(\.sent) == [300] && sent.map(\.held) == [0])
  }
}
