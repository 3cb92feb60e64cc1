import Definitions
import Foundation
import Operations
import Oracle
import Testing
import Values

/// The numbers of a report against the oracle, which knows sets and instants and no passes.
struct OverviewTests {
  private static let day: Int64 = 86_400_000

  private static let options = OracleOptions(
    .everything, definitions: 2...5, calls: 15...50, users: 3)

  /// How many sequences: a twentieth of `ROLLCALL_SEQUENCES`.
  private static var sequences: UInt64 { max(10, SequenceCount.all / 20) }

  @Test(
    "members, overlap, forecasts and what a run would change are the oracle's", arguments: [0, 1])
  func oracle(lane: UInt64) throws {
    for seed in stride(from: lane, to: Self.sequences, by: 2) {
      var generator = OracleGenerator(seed: seed &+ 91_000_000, options: Self.options)
      let sequence = OracleSequence(generator.makeCase(), parts: 3, seed: seed)
      let place = try Workplace(sequence.files)
      for (part, step) in sequence.steps.enumerated() {
        try place.ingest(OracleCall.ndjson(step.calls))
        let world = sequence.world(at: part)
        place.session.at = Instant(milliseconds: step.now)
        let overview = try place.session.report()
        var problems = Self.sizeProblems(overview, world, step.now)
        problems += Self.forecastProblems(overview, world.world, step.now)
        problems += Self.overlapProblems(overview, world, step.now)
        problems += try Self.planProblems(overview, place, isFirst: part == 0)
        guard problems.isEmpty else {
          let text = problems.joined(separator: "\n")
          Issue.record("seed \(seed), step \(part + 1)\n\(text)\n\(world)")
          return
        }
        try place.run(at: step.now, threads: 1)
      }
    }
  }

  private static func members(_ rows: Set<[String]>, _ key: String) -> Set<String> {
    Set(rows.filter { $0[0] == key }.map { $0[1] })
  }

  private static func sizeProblems(
    _ overview: Overview, _ oracle: OracleCase, _ now: Int64
  ) -> [String] {
    let rows = oracle.memberships(at: now)
    var problems: [String] = []
    let world = oracle.world
    let anonymous =
      oracle.definitions.contains(where: \.includeAnonymous)
      ? world.anonymousProfiles(at: now).count : 0
    let users = world.users(at: now).count + anonymous
    if overview.users != users { problems.append("\(overview.users) users, not \(users)") }
    var sizes = overview.audiences.map { ($0.definition.key, $0.members) }
    for trait in overview.traits {
      sizes.append((trait.definition.key, trait.members))
      sizes.append((trait.definition.key, trait.distribution?.count ?? -1))
    }
    for (key, size) in sizes where size != members(rows, key).count {
      problems.append("\(key): \(size) members, not \(members(rows, key).count)")
    }
    return problems
  }

  private static func overlapProblems(
    _ overview: Overview, _ oracle: OracleCase, _ now: Int64
  ) -> [String] {
    let rows = oracle.memberships(at: now)
    var problems: [String] = []
    for overlap in overview.overlaps {
      for (a, first) in overlap.keys.enumerated() {
        for (b, second) in overlap.keys.enumerated() {
          let common = members(rows, first).intersection(members(rows, second)).count
          let found = overlap.table.common(a, b)
          if found != common {
            problems.append("\(first) and \(second) share \(found), not \(common)")
          }
        }
      }
    }
    return problems
  }

  /// Tries every instant up to the horizon at which the oracle's value could be another one.
  private static func forecastProblems(
    _ overview: Overview, _ world: OracleWorld, _ now: Int64
  ) -> [String] {
    var problems: [String] = []
    for audience in overview.audiences {
      let key = audience.definition.key
      let end = now + 30 * day
      func isMember(_ subject: OracleSubject, _ instant: Int64) -> Bool {
        world.subjects(of: key, at: instant).contains(subject)
          && world.value(of: key, for: subject, at: instant) == .boolean(true)
      }
      var counts: [String: Int] = [:]
      for subject in world.subjects(of: key, at: end) {
        let isMemberNow = isMember(subject, now)
        let instants = world.boundaries(of: key, for: subject, after: now, pairs: true)
        let change = instants.prefix { $0 <= end }.first { isMember(subject, $0) != isMemberNow }
        for horizon in Forecast.Horizon.allCases {
          guard let change, change <= now + Int64(horizon.days) * day else { continue }
          counts["\(horizon) \(isMemberNow)", default: 0] += 1
        }
      }
      for horizon in Forecast.Horizon.allCases {
        let leaving = audience.forecast?.leaving(horizon) ?? -1
        let entering = audience.forecast?.entering(horizon) ?? -1
        let expected = [counts["\(horizon) true"] ?? 0, counts["\(horizon) false"] ?? 0]
        if [leaving, entering] != expected {
          problems.append(
            "\(key) within a \(horizon): \(leaving) leave, \(entering) enter, not \(counts)")
        }
      }
    }
    return problems
  }

  private static func planProblems(
    _ overview: Overview, _ place: Workplace, isFirst: Bool
  ) throws -> [String] {
    let plan = try place.session.plan(isFull: true)
    var standings = overview.audiences.map { ($0.definition.key, $0.standing) }
    for trait in overview.traits { standings.append((trait.definition.key, trait.standing)) }
    return standings.compactMap { key, standing -> String? in
      guard let planned = plan.definitions.first(where: { $0.key == key }) else {
        return "\(key) is not planned"
      }
      guard let difference = standing.difference else {
        return isFirst ? nil : "\(key) is not compared"
      }
      if isFirst { return "\(key) is compared before the first run" }
      let found = [difference.enter, difference.leave, difference.change]
      let tally = planned.tally
      let expected = [tally.entered, tally.left, tally.changed]
      return found == expected ? nil : "\(key): \(found), planned \(expected)"
    }
  }

  // MARK: Many users

  private static func audience(_ name: String, _ query: String) -> (String, String) {
    (
      "\(name).audience",
      "---\nname: \(name)\ndescription: Those of \(name)\n---\n\(query)\n"
    )
  }

  private static func order(_ user: Int, at time: Int64) -> String {
    """
    {"type":"track","event":"Order","messageId":"\(user)-\(time)","userId":"u\(user)",\
    "timestamp":"\(Instant(milliseconds: time))","properties":{"total":\(user % 500)}}

    """
  }

  @Test("threads over packed histories and one that looks everybody up count the same")
  func threads() throws {
    let place = try Workplace([
      Self.audience("recent", "event('Order').within(30 days).count() >= 1"),
      Self.audience("lapsed", "event('Order').within(30 days).count() = 0"),
      ("total.trait", "---\nname: total\n---\nevent('Order').sum(property('total'))\n"),
    ])
    // Of 6,000 users a hundred bought on each of 60 days, at noon.
    let calls = (0..<6000).map { Self.order($0, at: Int64($0 % 60) * Self.day + Self.day / 2) }
    try place.ingest(calls.joined())
    try place.run(at: 60 * Self.day)
    func numbers() throws -> [Int] {
      let overview = try place.session.report()
      var numbers = [overview.users, overview.cutShort]
      for audience in overview.audiences {
        numbers.append(audience.members)
        for horizon in Forecast.Horizon.allCases {
          numbers.append(audience.forecast?.leaving(horizon) ?? -1)
          numbers.append(audience.forecast?.entering(horizon) ?? -1)
        }
        numbers.append(audience.standing.difference?.enter ?? -1)
        numbers.append(audience.standing.difference?.leave ?? -1)
      }
      numbers.append(overview.overlaps[0].table.common(0, 1))
      for trait in overview.traits {
        numbers.append(trait.members)
        numbers += trait.distribution?.numbers.bins().map(\.count) ?? []
      }
      return numbers
    }
    place.session.at = Instant(milliseconds: 62 * Self.day)
    let threaded = try numbers()
    // Days 32 to 59 lie within 30 days of day 62. Two days' worth have left since the run.
    #expect(
      threaded.prefix(18) == [
        6000, 0, 3200, 0, 100, 0, 700, 0, 2800, 200, 0, 2800, 100, 0, 700, 0, 2800, 0,
      ])
    // A call behind the run is not packed: nobody is scanned. Its user is not there yet.
    try place.ingest(Self.order(7777, at: 500 * Self.day))
    #expect(try numbers() == threaded)
  }

  @Test("sizes come from the runs that are kept, and many runs share points")
  func sizes() throws {
    let place = try Workplace([
      Self.audience("recent", "event('Order').within(3 days).count() >= 1")
    ])
    try place.ingest((0..<40).map { Self.order($0, at: Int64($0) * Self.day / 4) }.joined())
    for day in Int64(1)...12 { try place.run(at: day * Self.day) }
    let series = try place.session.report().audiences[0].sizes
    #expect(series.points.map(\.members).prefix(4) == [5, 9, 13, 13])
    #expect(series.points.count == 12)
    let last = Instant(milliseconds: 12 * Self.day)
    #expect(series.points.last == .init(at: last, members: 4, entered: 0, left: 4))
    // 500 more runs at instants that are close together.
    for run in Int64(1)...500 { try place.run(at: 12 * Self.day + run * 1_000_000) }
    let thinned = try place.session.report().audiences[0].sizes
    #expect(thinned.points.count <= SizeSeries.limit)
    #expect(thinned.points.count > SizeSeries.limit / 3)
    #expect(thinned.points.last?.members == 0)
    #expect(thinned.points.reduce(0) { $0 + $1.entered } == 40)
    #expect(thinned.points.reduce(0) { $0 + $1.left } == 40)
  }

  @Test("a removed definition, one that is off, and a store without a run are told as such")
  func standings() throws {
    let place = try Workplace([
      Self.audience("stays", "event('Order').count() >= 1"),
      Self.audience("goes", "event('Order').count() >= 1"),
    ])
    try place.ingest(Self.order(1, at: 0))
    place.session.at = Instant(milliseconds: Self.day)
    let before = try place.session.report()
    #expect(before.status.lastRun == nil)
    #expect(before.audiences.allSatisfy { $0.standing.difference == nil && $0.members == 1 })
    #expect(before.audiences.allSatisfy { $0.sizes.points.isEmpty })
    try place.run(at: Self.day)
    try FileManager.default.removeItem(atPath: place.session.folder + "/goes.audience")
    try place.write(
      "stays.audience",
      "---\nname: stays\nenabled: false\n---\nevent('Order').count() >= 1\n")
    let after = try place.session.report()
    #expect(after.removed.map(\.key) == ["goes"])
    #expect(after.removed.map(\.members) == [1])
    #expect(after.audiences.map(\.members) == [1])
    #expect(after.audiences[0].forecast == nil)
    #expect(after.audiences[0].standing.difference == nil)
  }
}
