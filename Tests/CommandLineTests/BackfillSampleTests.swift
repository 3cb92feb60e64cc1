import Foundation
import Oracle
import SQLite
import Testing
import Values

/// The spells of the example definitions over the sample of purchases, against the oracle at every instant
/// at which something could change.
///
/// One customer in seventeen; with `ROLLCALL_EVERYBODY` set, everybody, and a run for each day.
@Suite("The past of the sample of purchases")
struct BackfillSampleTests {
  private static let takesEverybody =
    ProcessInfo.processInfo.environment["ROLLCALL_EVERYBODY"] != nil

  private static let day: Int64 = 86_400_000
  private static let first: Int64 = 852_076_800_000  // 1997-01-01
  private static let range = first..<(first + Int64(Purchases.day(1998, 7, 1)) * day)

  // MARK: The example definitions, as the oracle takes them

  private static func orders(_ filters: OracleFilter...) -> OracleStream {
    OracleStream("Order Completed", filters)
  }

  private static func days(_ count: Int) -> OracleDuration { OracleDuration(count, .day) }

  private static func count(
    _ stream: OracleStream, _ relation: OracleTest.Relation, _ number: Double
  ) -> OracleCondition {
    .compare(.reduced(stream, .count), .relation(relation, .literal(.number(number))))
  }

  private static let revenue = OracleField(.property, "revenue")
  private static let quantity = OracleField(.property, "quantity")

  private static let definitions: [OracleDefinition] = [
    OracleDefinition(
      "big_spenders",
      .audience(
        .compare(
          .reduced(orders(.within(days(365))), .sum(revenue)),
          .relation(.atLeast, .literal(.number(200)))))),
    OracleDefinition(
      "bulk_buyers",
      .audience(
        count(
          orders(
            .where(.compare(.field(quantity), .relation(.atLeast, .literal(.number(5))))),
            .within(days(180))), .atLeast, 1))),
    OracleDefinition(
      "lapsed_customers",
      .audience(
        .and([count(orders(), .atLeast, 1), count(orders(.within(days(90))), .equal, 0)]))),
    OracleDefinition("lifetime_value", .trait(.reduced(orders(), .sum(revenue)))),
    OracleDefinition(
      "lapsed_big_spenders",
      .audience(
        .and([
          .compare(
            .field(OracleField(.trait, "lapsed_customers")),
            .relation(.equal, .literal(.boolean(true)))),
          .compare(
            .field(OracleField(.trait, "lifetime_value")),
            .relation(.atLeast, .literal(.number(100)))),
        ]))),
    OracleDefinition(
      "order_completed_last_30days", .audience(count(orders(.within(days(30))), .atLeast, 1))),
    OracleDefinition(
      "quiet_for_a_quarter",
      .audience(
        .and([
          count(orders(.between(days(60), days(120))), .atLeast, 1),
          count(orders(.within(days(60))), .equal, 0),
        ]))),
    OracleDefinition(
      "second_order_within_a_month",
      .audience(
        count(
          orders(.where(count(orders(.withinParent(days(30))), .atLeast, 1))), .atLeast, 1))),
    OracleDefinition(
      "two_orders_last_30days", .audience(count(orders(.within(days(30))), .atLeast, 2))),
    OracleDefinition("favourite_quantity", .trait(.reduced(orders(), .mode(quantity)))),
    OracleDefinition("last_order_value", .trait(.reduced(orders(), .last(revenue)))),
    OracleDefinition("number_of_orders", .trait(.reduced(orders(), .count))),
    OracleDefinition("orders_last_90days", .trait(.reduced(orders(.within(days(90))), .count))),
  ]

  private func expected(_ purchases: [Purchase]) -> [String] {
    let user = purchases[0].customer
    let calls = purchases.map { purchase in
      OracleCall(
        .track, id: "\(purchase.number)", at: Self.first + Int64(purchase.day) * Self.day,
        user: user, event: "Order Completed",
        properties: [
          "revenue": .number(Double(purchase.cents) / 100),
          "quantity": .number(Double(purchase.quantity)),
        ])
    }
    let oracle = OracleWorld(calls: calls, definitions: Self.definitions)
    var rows: [String] = []
    for definition in Self.definitions {
      let later = oracle.boundaries(
        of: definition.key, for: .user(user), after: Self.range.lowerBound)
      var open: (since: Int64, value: String)?
      for instant in [Self.range.lowerBound] + later.filter(Self.range.contains)
        + [Self.range.upperBound]
      {
        var value: String?
        if instant < Self.range.upperBound, !oracle.users(at: instant).isEmpty {
          let found = oracle.value(of: definition.key, user: user, at: instant)
          if found != .absent && found != .boolean(false) { value = found.json }
        }
        if open?.value == value { continue }
        if let open { rows.append("\(definition.key) \(open.since) \(instant) \(open.value)") }
        open = value.map { (instant, $0) }
      }
    }
    return rows.sorted()
  }

  private static let verb = [
    "backfill", "--from", "1997-01-01", "--to", "1998-07-01", "--json",
  ]

  @Test("has the oracle's spells, and on each day the size that a run finds")
  func spells() throws {
    let rollcall = try Rollcall.withSample()
    let report = try Value(json: try rollcall.run(Self.verb).output)
    #expect(report["profiles"] == .number(2357))
    #expect(report["definitions"].elements.count == 13)
    #expect(report["spells"].count == (try rollcall.count("SELECT count(*) FROM spells")))
    let connection = try rollcall.connection()
    let ofUser = try connection.prepareFresh(
      """
      SELECT d.key || ' ' || s.since || ' ' || s.until || ' ' || s.value
      FROM spell_definitions AS d JOIN spells AS s ON s.definition = d.id AND s.profile =
        (SELECT id FROM identities WHERE kind = 0 AND external_id = ?) ORDER BY 1
      """)
    let customers = Dictionary(grouping: Purchases.all, by: \.customer).values
      .sorted { $0[0].number < $1[0].number }
    for (number, purchases) in customers.enumerated()
    where Self.takesEverybody || number % 17 == 0 {
      let found = try ofUser.all(.init(purchases[0].customer)) { $0.text(0) }
      #expect(found.sorted() == expected(purchases), "the \(number)th")
    }
    try compareSizes(rollcall)
  }

  private func compareSizes(_ rollcall: Rollcall) throws {
    let last = Purchases.day(1998, 7, 1)
    let sizes = """
      SELECT d.key || ' ' || (SELECT count(*) FROM spells AS s
        WHERE s.definition = d.id AND s.since <= r.at AND s.until > r.at)
      FROM spell_definitions AS d, runs AS r WHERE r.id = (SELECT max(id) FROM runs) ORDER BY 1
      """
    let members = """
      SELECT d.key || ' ' || r.members FROM run_definitions AS r
      JOIN definitions AS d ON d.id = r.definition
      WHERE r.run = (SELECT max(id) FROM runs) ORDER BY 1
      """
    for day in stride(from: 0, to: last, by: Self.takesEverybody ? 1 : 39) {
      try rollcall.json("run", "--no-send", "--at", Purchases.instant(day))
      #expect(try rollcall.rows(sizes) == rollcall.rows(members), "\(Purchases.instant(day))")
    }
    let at = ["--at", Purchases.instant(last)]
    let before = try rollcall.run(["export", "orders_last_90days"] + at).output
    #expect(try rollcall.run("export", "orders_last_90days").output != before)
    try rollcall.json("run", "--no-send", "--at", Purchases.instant(last))
    #expect(try rollcall.run("export", "orders_last_90days").output == before)
  }

  // MARK: Interrupted, and beside others

  /// Everything that a backfill leaves, byte by byte.
  private func past(_ rollcall: Rollcall) throws -> [String] {
    try rollcall.contents().filter { $0.hasPrefix("spell") }
  }

  @Test("killed at ten instants and taken up again, it comes to the same bytes")
  func killed() throws {
    let whole = try Rollcall.withSample()
    try #require(try whole.run(Self.verb).ending == .code(0))
    let rollcall = try Rollcall.withSample()
    var random = OracleRandom(seed: 10)
    var resumed = 0
    for turn in 0..<10 {
      if turn % 2 == 0 {
        let crash = "backfill:\(random.int(in: 1...4))"
        #expect(try rollcall.run(Self.verb, crash: crash).ending == .signal(9))
      } else {
        let running = try rollcall.start(Self.verb)
        Thread.sleep(forTimeInterval: Double(random.int(in: 0...120)) / 1000)
        running.send(signal: SIGKILL)
        _ = try running.outcome()
      }
      if try rollcall.count("SELECT count(*) FROM backfills WHERE NOT is_done AND place > 0") > 0 {
        resumed += 1
      }
    }
    let last = try rollcall.run(Self.verb)
    #expect(last.ending == .code(0))
    #expect(resumed > 2)
    let isSame = try past(rollcall) == past(whole)
    #expect(isSame)
    for label in ["pack", "begin-backfill", "finish-backfill"] {
      let other = try Rollcall.withSample()
      #expect(try other.run(Self.verb, crash: label).ending == .signal(9))
      #expect(try other.run(Self.verb).ending == .code(0))
      let isSame = try past(other) == past(whole)
      #expect(isSame, "\(label)")
    }
  }

  @Test("beside runs and ingests, neither disturbs the other")
  func besideRuns() throws {
    let quiet = try Rollcall.withSample()
    let busy = try Rollcall.withSample()
    let backfill = try busy.start(Self.verb)
    for month in 1...6 {
      let calls = Purchases.calls(
        Purchases.all.filter { $0.customer.hasSuffix("\(month)1") }, copy: month)
      for rollcall in [quiet, busy] {
        try rollcall.ingest(calls)
        try rollcall.json("run", "--no-send", "--at", "1998-0\(month)-01")
      }
    }
    #expect(try backfill.outcome().ending == .code(0))
    for rollcall in [quiet, busy] {
      try rollcall.json("run", "--no-send", "--at", "1998-07-01")
      #expect(try rollcall.run(Self.verb).ending == .code(0))
    }
    let spells =
      "SELECT definition || ' ' || profile || ' ' || since || ' ' || until || value FROM spells"
    let isSame = try quiet.rows(spells) == busy.rows(spells)
    #expect(isSame)
    let snapshots = try (quiet.snapshot(), busy.snapshot())
    #expect(snapshots.0 == snapshots.1)
    #expect(try busy.json("verify")["difference"] == .absent)
  }

  @Test("what is printed says how much there is, and a wrong call says the way out")
  func words() throws {
    let rollcall = try Rollcall.withOrders()
    let first = try rollcall.run("backfill", "--from", "2023-01-01", "--to", "2023-03-01", "recent")
    #expect(
      first.output.hasPrefix(
        "Backfill from 2023-01-01T00:00:00.000Z to 2023-03-01T00:00:00.000Z\n  1 definition, "))
    #expect(!first.output.contains("known before"))
    let again = try rollcall.json(
      "backfill", "--from", "2023-01-01", "--to", "2023-03-01", "recent")
    #expect(again["method"] == .string("changed"))
    #expect(again["profiles"] == .number(0))
    #expect(again["changes"].json == #"{"added":0,"removed":0,"altered":0}"#)
    for (words, message) in [
      (["backfill", "--from", "2023-01-01"], "a backfill needs a range"),
      (["backfill", "--from", "2023-01-02", "--to", "2023-01-01"], "is empty"),
      (
        ["backfill", "--from", "2023-01-01", "--to", "2023-02-01", "recnt"],
        "did you mean 'recent'?"
      ),
      (["backfill", "--from", "1990-01-01", "--to", "1991-01-01"], "before the first event at"),
      (["backfill", "--from", "2023-01-01", "--to", "2999-01-01"], "what is to come is no past"),
      (["history", "recent", "--by", "weak"], "did you mean 'week'?"),
      (["history", "recnt"], "did you mean 'recent'?"),
      (["export", "recnt", "--at", "2023-02-01"], "did you mean 'recent'?"),
    ] {
      let outcome = try rollcall.run(words)
      #expect(outcome.ending == .code(2), "\(words)")
      #expect(outcome.errors.contains(message), "\(words): \(outcome.errors)")
    }
    let history = try rollcall.json("history", "recent", "--by", "month")
    #expect(history["periods"].elements.count == 2)
    #expect(history["periods"][0]["source"] == .string("spells"))
    let csv = try rollcall.run("history", "recent", "--by", "month", "--format", "csv").output
    #expect(csv.hasPrefix("from,to,source,size,entered,left,changed\n2023-01-01T00:00:00.000Z,"))
    let lines = try rollcall.run("history", "recent", "--by", "month", "--format", "ndjson").output
    #expect(lines.split(separator: "\n").count == 2)
  }
}
