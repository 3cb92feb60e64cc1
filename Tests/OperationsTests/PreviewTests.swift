import Foundation
import Operations
import Oracle
import Testing
import Values

/// What a preview says beyond the size, against single definitions, sets and the oracle.
struct PreviewTests {
  private static let day: Int64 = 86_400_000

  private static let options = OracleOptions(
    .everything, definitions: 2...5, calls: 15...50, users: 3)

  @Test("size, trend and overlap of random definitions are the oracle's", arguments: [0, 1])
  func oracle(lane: UInt64) throws {
    for seed in stride(from: lane, to: 30, by: 2) {
      var generator = OracleGenerator(seed: seed &+ 92_000_000, options: Self.options)
      let oracle = generator.makeCase()
      let place = try Workplace(oracle.files())
      try place.ingest(oracle.ndjson)
      try place.run(at: oracle.now)
      let rows = oracle.memberships(at: oracle.now)
      func members(_ key: String, _ rows: Set<[String]>) -> Set<String> {
        Set(rows.filter { $0[0] == key }.map { $0[1] })
      }
      for definition in oracle.definitions {
        let key = definition.key
        let own = members(key, rows)
        let preview = try place.session.preview(key)
        #expect(preview.size == own.count, "seed \(seed), \(key)")
        #expect(preview.trend.count == 12)
        for (number, point) in preview.trend.enumerated() {
          let instant = oracle.now - Int64(11 - number) * 7 * Self.day
          #expect(point.at.milliseconds == instant)
          let size = members(key, oracle.memberships(at: instant)).count
          #expect(point.size == size, "seed \(seed), \(key) at \(point.at)")
        }
        for neighbour in preview.overlap {
          let other = members(neighbour.key, rows)
          #expect(neighbour.members == other.count, "seed \(seed), \(key)")
          #expect(neighbour.common == own.intersection(other).count, "seed \(seed), \(key)")
          #expect(neighbour.share == Double(neighbour.common) / Double(own.count))
        }
        if !definition.isAudience { #expect(preview.overlap.isEmpty && preview.forecast == nil) }
      }
    }
  }

  private static let conditions = [
    "event('Order').count() >= 2", "event('Order').within(40 days).count() >= 1",
    "event('Order').sum(property('total')) >= 60", "trait('often') = true",
  ]

  private static func audience(_ name: String, _ query: String) -> (name: String, content: String) {
    (name: "\(name).audience", content: "---\nname: \(name)\n---\n\(query)\n")
  }

  /// 60 users with up to five orders each, by a rule that mixes them.
  private static func calls() -> String {
    var calls = ""
    for user in 0..<60 {
      for order in 0..<(user * 7 % 6) {
        let day = Int64((user * 13 + order * 29) % 97)
        let time = Instant(milliseconds: day * Self.day)
        let total = (user + order * 11) % 40
        calls += """
          {"type":"track","event":"Order","messageId":"\(user)-\(order)","userId":"u\(user)",\
          "timestamp":"\(time)","properties":{"total":\(total)}}

          """
      }
    }
    return calls
  }

  private func place() throws -> Workplace {
    let parts = Self.conditions
    let joined = "\(parts[0]) AND (\(parts[1]) AND \(parts[2]))\nAND \(parts[3])"
    var files = [
      Self.audience("often", "event('Order').within(70 days).count() >= 3"),
      Self.audience("joined", joined),
    ]
    for (number, condition) in parts.enumerated() {
      files.append(Self.audience("part\(number)", condition))
    }
    let place = try Workplace(files)
    try place.ingest(Self.calls())
    return place
  }

  private func exported(_ place: Workplace, _ key: String) throws -> Set<String> {
    var lines = ""
    try place.session.export(key, .csv) { lines += $0 }
    return Set(lines.split(separator: "\n").dropFirst().map(String.init))
  }

  @Test("the funnel is what its conditions are as definitions of their own, one after the other")
  func funnel() throws {
    let place = try place()
    try place.run(at: 100 * Self.day)
    let preview = try place.session.preview("joined")
    #expect(preview.funnel.map(\.condition) == Self.conditions)
    var rest: Set<String>?
    for (number, part) in preview.funnel.enumerated() {
      let members = try exported(place, "part\(number)")
      rest = rest?.intersection(members) ?? members
      #expect(part.size == members.count)
      #expect(part.all == rest?.count)
    }
    #expect(preview.funnel.last?.all == preview.size)
    #expect(preview.size > 0)
    #expect(preview.funnel.map(\.all).sorted(by: >) == preview.funnel.map(\.all))
    #expect(Set(preview.funnel.map(\.all)).count == 4, "each condition takes somebody away")
  }

  @Test("one condition is a funnel of one, and a trait has none")
  func oneCondition() throws {
    let place = try place()
    try place.write("count.trait", "---\nname: count\n---\nevent('Order').count()\n")
    place.session.at = Instant(milliseconds: 100 * Self.day)
    let preview = try place.session.preview("part0")
    #expect(preview.funnel.map(\.all) == [preview.size])
    #expect(try place.session.preview("count").funnel.isEmpty)
  }

  @Test("the nearest audiences are those with the largest part in common, and need a run")
  func nearest() throws {
    let place = try place()
    place.session.at = Instant(milliseconds: 100 * Self.day)
    #expect(try place.session.preview("joined").overlap.isEmpty)
    try place.run(at: 100 * Self.day)
    let preview = try place.session.preview("joined")
    let own = try exported(place, "joined")
    var nearness: [(key: String, part: Double)] = []
    for key in ["often", "part0", "part1", "part2", "part3"] {
      let other = try exported(place, key)
      let part = Double(own.intersection(other).count) / Double(own.union(other).count)
      nearness.append((key, part))
    }
    nearness.sort { a, b in a.part != b.part ? a.part > b.part : a.key < b.key }
    let nearest = nearness.prefix(3).map(\.key)
    #expect(preview.overlap.map(\.key) == nearest)
  }

  @Test("who leaves is who is none any more at one of the instants until then")
  func forecast() throws {
    let place = try place()
    place.session.at = Instant(milliseconds: 100 * Self.day)
    let preview = try place.session.preview("part1", sampleSize: 1000)
    let now = Set(preview.sample.map(\.userID))
    // Orders are at midnight, and count for 40 days with their ends.
    var gone: Set<String> = []
    var entered: Set<String> = []
    for days in Int64(0)..<30 {
      place.session.at = Instant(milliseconds: (100 + days) * Self.day + 1)
      let later = Set(try place.session.preview("part1", sampleSize: 1000).sample.map(\.userID))
      gone.formUnion(now.subtracting(later))
      entered.formUnion(later.subtracting(now))
      for horizon in Forecast.Horizon.allCases where Int64(horizon.days) == days + 1 {
        #expect(preview.forecast?.leaving(horizon) == gone.count)
        #expect(preview.forecast?.entering(horizon) == entered.count)
      }
    }
    #expect(gone.count > 5)
  }
}
