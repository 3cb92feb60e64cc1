import Foundation
import Operations
import Testing
import Values

/// A service with a clock of its own: no test waits.
struct ServiceTests {
  private static let hour: Int64 = 3_600_000
  private static let start = GuardedPlace.start

  /// Serves until the script is at its end. Returns what it told: `time what`, times in minutes since the
  /// start.
  @discardableResult
  private static func serve(
    _ shop: GuardedPlace, every: String = "2h", _ timekeeper: ScriptedTimekeeper,
    _ each: @escaping (Service.Record) throws -> Void = { _ in }
  ) throws -> [String] {
    var told: [String] = []
    shop.place.session.at = nil
    var service = Service(
      shop.place.session, Cadence(every: try #require(Duration(short: every))), RunOptions(),
      timekeeper
    ) { record in
      told.append(Self.text(record))
      do { try each(record) } catch { Issue.record(error) }
    }
    try service.serve()
    return told
  }

  private static func text(_ record: Service.Record) -> String {
    let minute = Double(record.at.milliseconds - start) / 60_000
    let time = minute == minute.rounded() ? "\(Int(minute))" : "\(minute)"
    return switch record.event {
    case .started: "started"
    case .run(let report):
      "\(time) run at \((report.run.at.milliseconds - start) / 60_000), \(report.sent) sent"
    case .sent(let reports): "\(time) send, \(reports.reduce(0) { $0 + $1.sent }) sent"
    case .reread(let definitions): "\(time) reread \(definitions)"
    case .kept(let error): "\(time) kept: \(error.message.prefix { $0 != "'" })"
    case .failed(let error): "\(time) failed: \(error.message.prefix { $0 != "'" })"
    case .stopped: "stopped"
    }
  }

  private static func shop() throws -> GuardedPlace {
    let shop = try GuardedPlace(
      "event('Ordered').within(1 hours).count() >= 1", front: "guard: off\n")
    try shop.order(0..<3, day: 0)
    return shop
  }

  @Test("the first run is at once, and the others at the beats, to the millisecond")
  func beats() throws {
    let shop = try Self.shop()
    let timekeeper = ScriptedTimekeeper(
      at: Self.start + 30 * 60_000, [.time(late: 3), .time(late: 700), .time(late: 0)])
    let told = try Self.serve(shop, timekeeper)
    #expect(
      told == [
        "started", "30 run at 30, 3 sent", "120 run at 120, 3 sent", "240 run at 240, 0 sent",
        "360 run at 360, 0 sent", "stopped",
      ])
    #expect(
      try shop.place.rows("SELECT at % 7200000 FROM runs WHERE id > 1") == [["0"], ["0"], ["0"]])
    #expect(timekeeper.waits.count == 4)
  }

  @Test("Row 34, cadence: beats that went by are made up by one run, not by several")
  func missed() throws {
    let shop = try Self.shop()
    var isFirst = true
    let timekeeper = ScriptedTimekeeper(at: Self.start, [.time(), .time()])
    let told = try Self.serve(shop, timekeeper) { record in
      // The first run takes five hours: two beats go by.
      guard case .run = record.event, isFirst else { return }
      isFirst = false
      timekeeper.pass(milliseconds: 5 * Self.hour)
    }
    #expect(
      told == [
        "started", "0 run at 0, 3 sent", "300 run at 300, 3 sent", "360 run at 360, 0 sent",
        "480 run at 480, 0 sent", "stopped",
      ])
  }

  @Test("after a pause of the service one run makes up for it; within a beat there is none")
  func restarted() throws {
    let shop = try Self.shop()
    try Self.serve(shop, ScriptedTimekeeper(at: Self.start, []))
    let same = try Self.serve(shop, ScriptedTimekeeper(at: Self.start + Self.hour, []))
    #expect(same == ["started", "stopped"])
    let later = try Self.serve(shop, ScriptedTimekeeper(at: Self.start + 27 * Self.hour, [.time()]))
    #expect(
      later == ["started", "1620 run at 1620, 3 sent", "1680 run at 1680, 0 sent", "stopped"])
  }

  @Test("a clock that goes back repeats no beat")
  func clockGoesBack() throws {
    let shop = try Self.shop()
    let timekeeper = ScriptedTimekeeper(
      at: Self.start + 2 * Self.hour, [.jump(to: Self.start + Self.hour), .time(), .time()])
    let told = try Self.serve(shop, timekeeper)
    #expect(told == ["started", "120 run at 120, 0 sent", "240 run at 240, 0 sent", "stopped"])
  }

  @Test("a destination with a cadence of its own is sent to when it is due, between two beats")
  func destinationCadence() throws {
    let shop = try Self.shop()
    let calls = shop.place.folder.appendingPathComponent("slow.ndjson").path
    try shop.place.write("file.destination", "---\ntype: file\npath: \(calls)\nevery: 3h\n---\n")
    let told = try Self.serve(
      shop, ScriptedTimekeeper(at: Self.start, [.time(), .time(), .time(), .time()]))
    #expect(
      told == [
        "started", "0 run at 0, 3 sent", "120 run at 120, 0 sent", "180.00005 send, 3 sent",
        "240 run at 240, 0 sent", "360 run at 360, 0 sent", "stopped",
      ])
    #expect(try String(contentsOfFile: calls, encoding: .utf8).contains("false"))
  }

  @Test("a destination whose cadence is the service's is sent to at every beat")
  func sameCadence() throws {
    let shop = try Self.shop()
    let calls = shop.place.folder.appendingPathComponent("slow.ndjson").path
    try shop.place.write("file.destination", "---\ntype: file\npath: \(calls)\nevery: 2h\n---\n")
    let told = try Self.serve(
      shop, ScriptedTimekeeper(at: Self.start, [.time(late: 9), .time(late: 2)]))
    #expect(
      told == [
        "started", "0 run at 0, 3 sent", "120 run at 120, 3 sent", "240 run at 240, 0 sent",
        "stopped",
      ])
  }

  @Test("the definitions are read again on demand, and a folder that is wrong changes nothing")
  func reread() throws {
    let shop = try Self.shop()
    let at = Self.start
    let timekeeper = ScriptedTimekeeper(
      at: at,
      [
        .reread(at: at + 60_000), .time(), .reread(at: at + 121 * 60_000), .time(),
        .reread(at: at + 241 * 60_000),
      ])
    var runs = 0
    let told = try Self.serve(shop, timekeeper) { record in
      switch record.event {
      case .run:
        runs += 1
        if runs == 1 { try shop.define("ever", "event('Orderd') count") }
        if runs == 2 { try shop.define("ever", "event('Ordered').count() >= 1") }
        if runs == 3 { try FileManager.default.removeItem(atPath: shop.place.session.folder) }
      default: break
      }
    }
    #expect(
      told == [
        "started", "0 run at 0, 3 sent", "1 kept: the definitions in ", "120 run at 120, 3 sent",
        "121 reread 2", "240 run at 240, 3 sent", "241 kept: the definitions in ", "stopped",
      ])
  }

  @Test("what is edited is not taken before it is asked for")
  func notBefore() throws {
    let shop = try Self.shop()
    let told = try Self.serve(shop, ScriptedTimekeeper(at: Self.start, [.time()])) { record in
      if case .run = record.event { try shop.define("ever", "event('Ordered').count() >= 1") }
    }
    #expect(told == ["started", "0 run at 0, 3 sent", "120 run at 120, 3 sent", "stopped"])
  }

  @Test("a run that fails is told, and the next beat tries again")
  func failure() throws {
    let shop = try Self.shop()
    let store = shop.place.session.storePath
    var runs = 0
    let told = try Self.serve(
      shop, ScriptedTimekeeper(at: Self.start, [.time(), .time()])
    ) { record in
      switch record.event {
      case .run:
        runs += 1
        if runs == 1 { try FileManager.default.moveItem(atPath: store, toPath: store + ".away") }
      case .failed: try FileManager.default.moveItem(atPath: store + ".away", toPath: store)
      default: break
      }
    }
    #expect(
      told == [
        "started", "0 run at 0, 3 sent", "120 failed: there is no store ", "240 run at 240, 3 sent",
        "stopped",
      ])
  }

  @Test("after a run by hand in the same beat, the service's run is at the clock's instant")
  func byHand() throws {
    let shop = try Self.shop()
    let timekeeper = ScriptedTimekeeper(at: Self.start, [.time(late: 5000)])
    var isFirst = true
    let told = try Self.serve(shop, timekeeper) { record in
      guard case .run = record.event, isFirst else { return }
      isFirst = false
      try shop.run(day: 0, minute: 120)
      _ = try shop.place.rows("UPDATE runs SET at = at + 1000 WHERE id = 2")
    }
    #expect(told == ["started", "0 run at 0, 3 sent", "120 run at 120, 0 sent", "stopped"])
    #expect(try shop.place.rows("SELECT at % 60000 FROM runs") == [["0"], ["1000"], ["5000"]])
  }

  @Test("it does not begin with wrong definitions, without a store, or beside another one")
  func refused() throws {
    let shop = try Self.shop()
    shop.place.session.wait = .zero
    let timekeeper = ScriptedTimekeeper(at: Self.start, [])
    var error: OperationError?
    try Self.serve(shop, timekeeper) { record in
      guard case .started = record.event else { return }
      error = #expect(throws: OperationError.self) {
        try Self.serve(shop, ScriptedTimekeeper(at: Self.start, []))
      }
    }
    #expect(error?.message == "another 'rollcall serve' is going on" && error?.kind == .store)
    let path = shop.place.session.storePath
    shop.place.session.storePath = path + ".none"
    error = #expect(throws: OperationError.self) { try Self.serve(shop, timekeeper) }
    #expect(error?.kind == .store)
    shop.place.session.storePath = path
    try shop.define("ever", "event(")
    error = #expect(throws: OperationError.self) { try Self.serve(shop, timekeeper) }
    #expect(error?.kind == .wrong)
  }

  @Test("a definition is stale when a destination had it right longer ago than two cadences")
  func stale() throws {
    let shop = try Self.shop()
    func status(at minute: Int64) throws -> StatusReport {
      shop.place.session.at = Instant(milliseconds: Self.start + minute * 60_000)
      return try shop.place.session.status()
    }
    try shop.run(day: 0)
    #expect(try !status(at: 100_000).needsAttention, "nobody said how often")
    try Self.serve(shop, ScriptedTimekeeper(at: Self.start, []))
    #expect(try status(at: 240).definitions[0].freshness?.isStale == false)
    let report = try status(at: 241)
    #expect(report.definitions[0].freshness?.isStale == true && report.needsAttention)
    #expect(
      report.definitions[0].freshness?.lastRight == Instant(milliseconds: Self.start))
    // A destination with a longer cadence may be older.
    let calls = shop.place.folder.appendingPathComponent("identify.ndjson").path
    try shop.place.write("file.destination", "---\ntype: file\npath: \(calls)\nevery: 1d\n---\n")
    #expect(try !status(at: 2880).needsAttention)
    #expect(try status(at: 2881).needsAttention)
    // What does not arrive is not right, though the run was.
    try FileManager.default.removeItem(atPath: calls)
    try FileManager.default.createDirectory(atPath: calls, withIntermediateDirectories: false)
    #expect(try shop.run(day: 2).destinations[0].failure != nil)
    #expect(
      try status(at: 2880).definitions[0].freshness?.lastRight
        == Instant(milliseconds: Self.start))
  }
}
