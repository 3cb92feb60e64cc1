import Evaluation
import Foundation
import Oracle
import Testing
import Values

/// The engine against the oracle, on seeded random definitions and histories.
///
/// `ROLLCALL_CASES` sets how many definitions and histories the values are compared for.
struct OracleAgreementTests {
  private static var cases: UInt64 {
    ProcessInfo.processInfo.environment["ROLLCALL_CASES"].flatMap(UInt64.init) ?? 12_000
  }

  /// How many parts of the cases may run beside one another.
  private static let lanes: UInt64 = 4

  /// How far the histories are followed, in milliseconds.
  private static let horizon: Int64 = 400 * 86_400_000

  private func seeds(_ count: UInt64, lane: UInt64) -> StrideTo<UInt64> {
    stride(from: lane, to: count, by: Int(Self.lanes))
  }

  /// How an engine fails a case; nil when it does not.
  private func disagreement(_ world: OracleCase, spelling: UInt64) throws -> String? {
    let engine = try Engine(world, spelling: spelling)
    let oracle = world.world
    let ages: [Int64] = [0, 1, 3_600_000, 5 * 86_400_000, 60 * 86_400_000]
    let age = ages[Int(spelling % UInt64(ages.count))]
    let digested = engine.digested(at: world.now, made: world.now - age)
    for user in oracle.users(at: world.now) {
      let evaluation = engine.values(of: user, at: world.now)
      guard evaluation.exists else { return "\(user) does not exist" }
      let scanned = engine.scanned(user, at: world.now)
      if scanned.values != evaluation.values { return "the scan finds \(scanned.values)" }
      if scanned.next > evaluation.next { return "the scan's next change is later" }
      if let digested = digested[user] ?? nil {
        if digested.values != scanned.values { return "the digest finds \(digested.values)" }
        if digested.next != scanned.next { return "the digest's next change is another one" }
      }
      for definition in world.definitions {
        let expected = oracle.value(of: definition.key, user: user, at: world.now).json
        let found = engine.json(evaluation, definition.key)
        if expected != found {
          return "\(definition.key) of \(user): expected \(expected), found \(found)"
        }
      }
    }
    return nil
  }

  private func lawBroken(_ world: OracleCase, spelling: UInt64) throws -> String? {
    let engine = try Engine(world, spelling: spelling)
    let oracle = world.world
    for user in oracle.users(at: world.now) {
      let next = engine.values(of: user, at: world.now).next
      guard next.milliseconds > world.now else { return "the next change is not in the future" }
      for definition in world.definitions {
        let change = oracle.nextChange(of: definition.key, for: .user(user), after: world.now)
        if let change, next.milliseconds > change {
          return "\(definition.key) of \(user) changes at \(OracleDate.text(of: change)), "
            + "and the next change is \(next)"
        }
      }
    }
    return nil
  }

  /// The instants up to the horizon at which a user's values are others, with the values: by the
  /// engine from next change to next change.
  private func steps(_ engine: Engine, _ user: String, from now: Int64) -> [Int64: [String]] {
    var found: [Int64: [String]] = [:]
    var (at, last) = (now, [String]())
    while at < now + Self.horizon {
      let evaluation = engine.values(of: user, at: at)
      let values = evaluation.values.map(\.json)
      if values != last { found[at] = values }
      (at, last) = (evaluation.next.milliseconds, values)
    }
    return found
  }

  private func stepsDiffer(_ world: OracleCase) throws -> String? {
    let engine = try Engine(world)
    let oracle = world.world
    for user in oracle.users(at: world.now) {
      let boundaries = world.definitions.flatMap {
        oracle.boundaries(of: $0.key, for: .user(user), after: world.now)
      }
      var (expected, last) = ([Int64: [String]](), [String]())
      for instant in [world.now] + Set(boundaries).sorted()
      where instant < world.now + Self.horizon {
        let values = engine.program.keys.map { key in
          oracle.value(of: key, user: user, at: instant).json
        }
        if values != last { expected[instant] = values }
        last = values
      }
      let found = steps(engine, user, from: world.now)
      for instant in Set(expected.keys).union(found.keys).sorted()
      where expected[instant] != found[instant] {
        return "\(user) at \(OracleDate.text(of: instant)): expected \(expected[instant] ?? []), "
          + "found \(found[instant] ?? [])"
      }
    }
    return nil
  }

  /// Takes a failing case apart and prints what is left of it.
  private func report(
    _ world: OracleCase, _ seed: UInt64, _ failure: String,
    _ check: (OracleCase) throws -> String?
  ) {
    let small = world.shrunk(attempts: 3000) { smaller in
      (try? check(smaller)).flatMap { $0 } != nil
    }
    let reason = (try? check(small)).flatMap { $0 } ?? failure
    Issue.record("seed \(seed): \(reason)\n\(small)")
  }

  @Test("values of random definitions over random histories are the oracle's", arguments: 0..<lanes)
  func valuesAgree(lane: UInt64) throws {
    for seed in seeds(Self.cases, lane: lane) {
      var generator = OracleGenerator(seed: seed)
      let world = generator.makeCase()
      if let failure = try disagreement(world, spelling: seed) {
        report(world, seed, failure) { try disagreement($0, spelling: seed) }
        return
      }
    }
  }

  /// What people mostly write, so that most definitions are done in the scan's one pass.
  private static let plain = OracleOptions(
    [.windows, .traits, .future, .late, .unicode, .duplicates, .dates, .conversions],
    definitions: 1...5, calls: 8...40, users: 3, depth: 2)

  @Test("plain definitions are the oracle's in one pass", arguments: 0..<lanes)
  func plainValuesAgree(lane: UInt64) throws {
    var inPass = 0
    for seed in seeds(Self.cases / 4, lane: lane) {
      var generator = OracleGenerator(seed: seed &+ 4_000_000, options: Self.plain)
      let world = generator.makeCase()
      inPass += try Engine(world).definitionsInPass
      if let failure = try disagreement(world, spelling: seed) ?? lawBroken(world, spelling: seed) {
        report(world, seed, failure) {
          try disagreement($0, spelling: seed) ?? lawBroken($0, spelling: seed)
        }
        return
      }
    }
    #expect(inPass > Int(Self.cases / 16), "too few were done in one pass: \(inPass)")
  }

  @Test("no value changes before the next change, by the oracle", arguments: 0..<lanes)
  func lawHolds(lane: UInt64) throws {
    for seed in seeds(Self.cases / 10, lane: lane) {
      var generator = OracleGenerator(seed: seed &+ 1_000_000)
      let world = generator.makeCase()
      if let failure = try lawBroken(world, spelling: seed) {
        report(world, seed, failure) { try lawBroken($0, spelling: seed) }
        return
      }
    }
  }

  @Test("from next to next change is the history at every boundary", arguments: 0..<lanes)
  func stepsAreTheHistory(lane: UInt64) throws {
    for seed in seeds(Self.cases / 10, lane: lane) {
      var generator = OracleGenerator(seed: seed &+ 3_000_000)
      let world = generator.makeCase()
      if let failure = try stepsDiffer(world) {
        report(world, seed, failure) { try stepsDiffer($0) }
        return
      }
    }
  }

  @Test("the engine's values stay as they are until the next change", arguments: 0..<lanes)
  func valuesStayUntilNext(lane: UInt64) throws {
    for seed in seeds(Self.cases / 5, lane: lane) {
      var generator = OracleGenerator(seed: seed &+ 2_000_000)
      let world = generator.makeCase()
      let engine = try Engine(world)
      var random = OracleRandom(seed: seed)
      for user in world.world.users(at: world.now) {
        let evaluation = engine.values(of: user, at: world.now)
        let end = min(evaluation.next.milliseconds, world.now + Self.horizon)
        let length = Int(end - 1 - world.now)
        let steps = [length] + (0..<4).map { _ in random.int(in: 0...length) }
        for instant in steps.map({ world.now + Int64($0) }) {
          let later = engine.values(of: user, at: instant)
          #expect(later.values == evaluation.values, "seed \(seed) at \(instant)\n\(world)")
          #expect(later.next >= evaluation.next || later.next.milliseconds > instant)
        }
      }
    }
  }
}
