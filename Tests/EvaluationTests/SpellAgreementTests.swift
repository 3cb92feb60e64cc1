import Evaluation
import Foundation
import Oracle
import Testing
import Values

/// Spells of random definitions over random histories, against the oracle at every boundary.
///
/// `ROLLCALL_CASES` sets how many, as for the values.
struct SpellAgreementTests {
  private static var cases: UInt64 {
    ProcessInfo.processInfo.environment["ROLLCALL_CASES"].flatMap(UInt64.init) ?? 8_000
  }

  private static let lanes: UInt64 = 4
  private static let day: Int64 = 86_400_000

  /// What people mostly write, so that most definitions are swept.
  private static let plain = OracleOptions(
    [
      .windows, .traits, .future, .late, .unicode, .duplicates, .dates, .conversions, .nested,
      .parentWindows, .zeroDurations,
    ],
    definitions: 1...4, calls: 8...40, users: 2, depth: 2)

  /// The spells by brute force: the values at every instant at which they could change.
  private func expected(
    _ world: OracleCase, _ oracle: OracleWorld, _ key: String, _ user: String,
    _ range: Range<Int64>
  ) -> [String] {
    let instants =
      [range.lowerBound]
      + oracle.boundaries(of: key, for: .user(user), after: range.lowerBound).filter(range.contains)
    var spells: [(since: Int64, until: Int64, value: String)] = []
    for (place, instant) in instants.enumerated() {
      guard oracle.users(at: instant).contains(user) else { continue }
      let value = oracle.value(of: key, user: user, at: instant)
      if value == .absent || value == .boolean(false) { continue }
      let until = place + 1 < instants.count ? instants[place + 1] : range.upperBound
      if let last = spells.last, last.until == instant, last.value == value.json {
        spells[spells.count - 1].until = until
      } else {
        spells.append((instant, until, value.json))
      }
    }
    return spells.map { "\($0.since)..<\($0.until) \($0.value)" }
  }

  private func disagreement(_ world: OracleCase, seed: UInt64) throws -> String? {
    var random = OracleRandom(seed: seed)
    let from = world.now - Int64(random.int(in: 0...60)) * Self.day
    let length = Int64(random.int(in: 1...120)) * Self.day + Int64(random.int(in: 0...999))
    let range = from..<(from + length)
    let engine = try Engine(world)
    let oracle = world.world
    for user in oracle.users(at: range.upperBound - 1) {
      let swept = engine.spells(of: user, in: range, sweeps: true)
      let stepped = engine.spells(of: user, in: range, sweeps: false)
      for definition in world.definitions {
        guard let place = engine.program.keys.firstIndex(of: definition.key) else { continue }
        let expected = expected(world, oracle, definition.key, user, range)
        for (way, spells) in [("swept", swept), ("stepped", stepped)] {
          let found = spells[place].map { "\($0.since)..<\($0.until) \($0.value.json)" }
          if found != expected {
            return "\(definition.key) of \(user) in \(range), \(way):\n  expected \(expected)\n"
              + "  found    \(found)"
          }
        }
      }
    }
    return nil
  }

  private func check(_ world: OracleCase, seed: UInt64) throws -> Bool {
    guard let failure = try disagreement(world, seed: seed) else { return true }
    let small = world.shrunk(attempts: 3000) { smaller in
      (try? disagreement(smaller, seed: seed)).flatMap { $0 } != nil
    }
    let reason = (try? disagreement(small, seed: seed)).flatMap { $0 } ?? failure
    Issue.record("seed \(seed): \(reason)\n\(small)")
    return false
  }

  @Test("spells of plain definitions are the history at every boundary", arguments: 0..<lanes)
  func plainSpells(lane: UInt64) throws {
    var inPass = 0
    for seed in stride(from: lane, to: Self.cases / 8, by: Int(Self.lanes)) {
      var generator = OracleGenerator(seed: seed &+ 8_000_000, options: Self.plain)
      let world = generator.makeCase()
      inPass += try Engine(world).definitionsInPass
      guard try check(world, seed: seed) else { return }
    }
    #expect(inPass > Int(Self.cases / 32), "too few were swept: \(inPass)")
  }

  @Test("spells of any definitions are the history at every boundary", arguments: 0..<lanes)
  func allSpells(lane: UInt64) throws {
    for seed in stride(from: lane, to: Self.cases / 10, by: Int(Self.lanes)) {
      var generator = OracleGenerator(seed: seed &+ 9_000_000)
      guard try check(generator.makeCase(), seed: seed) else { return }
    }
  }
}
