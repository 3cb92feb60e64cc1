import Foundation
import HeapSandbox
import Testing
import Values

/// A store, audiences and a strict Heap that is told of entries and exits.
final class EventScene {
  let heap: RehearsalHeap
  let rollcall: Rollcall
  private var calls = 0
  private var random: ChaosRandom

  static let day: Int64 = 86_400_000
  /// The first instant of all, a midnight.
  static let start: Int64 = 1_672_531_200_000

  /// - Parameters:
  ///   - settings: further lines of the destination's file.
  ///   - seed: of what happens by chance.
  init(_ settings: String = "events: on\n", seed: UInt64 = 1) throws {
    heap = try RehearsalHeap()
    rollcall = try Rollcall()
    random = ChaosRandom(seed: seed)
    rollcall.environment = heap.environment
    try rollcall.ingest("")
    try define("recent.audience", "event('Bought').within(5 days).count() >= 1")
    try rollcall.addHeap(settings)
  }

  func define(_ file: String, _ query: String, front: String = "") throws {
    try rollcall.define(file, query, front: "guard: off\n" + front)
  }

  /// Audiences in which people come and go in several ways.
  func defineMore() throws {
    try define("busy.audience", "event('Bought').within(10 days).count() >= 2")
    try define(
      "lapsed.audience",
      "event('Bought').count() >= 1 AND event('Bought').within(7 days).count() = 0")
    try define("loyal.audience", "trait('recent') = true AND trait('busy') = true")
    try define("bought.trait", "event('Bought').count()")
  }

  /// An instant, days behind the first.
  static func at(_ day: Double) -> String {
    Instant(milliseconds: start + Int64(day * Double(Self.day))).description
  }

  func buy(_ user: String, _ days: Double..., more: String = "") throws {
    try ingest(days.map { (user, $0, more) })
  }

  private func ingest(_ bought: [(user: String, day: Double, more: String)]) throws {
    try rollcall.ingest(
      bought.map { user, day, more in
        calls += 1
        return """
          {"type":"track","event":"Bought","messageId":"\(calls)","userId":"\(user)",\
          "timestamp":"\(Self.at(day))"\(more)}

          """
      }.joined())
  }

  /// Purchases by chance in a time.
  func buySome(_ count: Int, users: Int, from: Double, to: Double) throws {
    try ingest(
      (0..<count).map { _ in
        let part = Double(random.next(upTo: 100_000)) / 100_000
        return ("user \(random.next(upTo: users))", from + (to - from) * part, "")
      })
  }

  @discardableResult
  func run(_ day: Double, _ words: String..., exits code: Int32 = 0) throws -> Value {
    let outcome = try rollcall.run(["run", "--at", Self.at(day), "--json"] + words)
    #expect(outcome.ending == .code(code), "\(outcome.errors)")
    return try Value(json: outcome.output)["destinations"][0]
  }

  func backfillWords(_ verb: [String], from: Double = 0, to: Double, now: Double) -> [String] {
    verb + ["--from", Self.at(from), "--to", Self.at(to), "--at", Self.at(now), "--json"]
  }

  /// Sends the past, which is what its plan says.
  @discardableResult
  func backfill(from: Double = 0, to: Double, now: Double, exits code: Int32 = 0) throws -> Value {
    let plan = try rollcall.run(
      backfillWords(["plan", "--backfill"], from: from, to: to, now: now))
    #expect(plan.ending == .code(0), "\(plan.errors)")
    let before = arrivals
    let outcome = try rollcall.run(
      backfillWords(["backfill", "--send"], from: from, to: to, now: now))
    #expect(outcome.ending == .code(code), "\(outcome.errors)")
    let planned = try Value(json: plan.output)["destinations"][0]
    let done = try Value(json: outcome.output)["destinations"][0]
    for key in ["entered", "exited", "corrections", "definitions", "events"] {
      #expect(planned[key] == done[key], "\(key)")
    }
    if code == 0 { #expect(arrivals - before == planned["events"].count) }
    return done
  }

  // MARK: What arrived

  private var arrivals: Int {
    guard case .object(let members) = heap.sandbox.state()["apps"][RehearsalHeap.app]["events"]
    else { return 0 }
    return members.count
  }

  /// The events at Heap: audience, identity, and what happened when, in the order of time.
  var events: [String: [String]] {
    guard case .object(let members) = heap.sandbox.state()["apps"][RehearsalHeap.app]["events"]
    else { return [:] }
    var found: [String: [(String, String)]] = [:]
    for member in members {
      let event = member.value
      let key = event["properties"]["audience_key"].textForm ?? ""
      let flag = event["properties"][key].textForm ?? ""
      let name = event["event"].textForm ?? ""
      #expect(name == (flag == "true" ? "Audience Entered" : "Audience Exited"))
      let time = event["timestamp"].textForm ?? ""
      found[key + " " + (event["identity"].textForm ?? ""), default: []]
        .append((time, (flag == "true" ? "+" : "-") + time))
    }
    return found.mapValues { $0.sorted { $0.0 < $1.0 }.map(\.1) }
  }

  /// One user's events in an audience, as `+1.5` for an entry a day and a half behind the first instant.
  func days(_ user: String, in key: String = "recent") -> [String] {
    (events[key + " " + user] ?? []).map { text in
      let instant = Instant(iso8601: String(text.dropFirst()))?.milliseconds ?? 0
      let days = Double(instant - Self.start) / Double(Self.day)
      let rounded = (days * 1000).rounded() / 1000
      let isWhole = rounded == rounded.rounded()
      return String(text.prefix(1)) + (isWhole ? "\(Int(rounded))" : "\(rounded)")
    }
  }

  /// The entries and exits that the spells of a backfill make.
  func spells(since day: Double = 0) throws -> [String: [String]] {
    var found: [String: [String]] = [:]
    let rows = try rollcall.connection().prepareFresh(
      """
      SELECT definition || ' ' || user_id, since, until FROM membership_spells
      WHERE kind = 'audience' ORDER BY 1, 2
      """
    ).all { ($0.text(0), $0.text(1), $0.optionalText(2)) }
    for (key, since, until) in rows {
      if since >= Self.at(day) { found[key, default: []].append("+" + since) }
      if let until, until >= Self.at(day) { found[key, default: []].append("-" + until) }
    }
    return found
  }

  /// Nothing arrived twice, and directions alternate for each user and audience.
  func expectNothingTwice(
    repetitions: Int = 0, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(heap.count("duplicates") == repetitions, sourceLocation: sourceLocation)
    #expect(heap.count("conflicting_duplicates") == 0, sourceLocation: sourceLocation)
    for (key, moves) in events {
      let alternates = zip(moves, moves.dropFirst()).allSatisfy { $0.first != $1.first }
      #expect(alternates, "\(key): \(moves)", sourceLocation: sourceLocation)
    }
  }

  func rows(_ table: String) throws -> [String] {
    try rollcall.contents().filter { $0.hasPrefix(table + ": ") }
  }
}
