import Evaluation
import Foundation
import Oracle
import Testing
import Values

/// The engine against the oracle, on seeded random definitions and histories.
///
/// `ROLLCALL_CASES` sets how many cases each test takes.
struct OracleAgreementTests {
  private static var cases: UInt64 {
    ProcessInfo.processInfo.environment["ROLLCALL_CASES"].flatMap(UInt64.init) ?? 4000
  }

  /// How an engine fails a case; nil when it does not.
  private func disagreement(_ world: OracleCase, spelling: UInt64) throws -> String? {
    let engine = try Engine(world, spelling: spelling)
    let oracle = world.world
    for user in oracle.users(at: world.now) {
      let evaluation = engine.values(of: user, at: world.now)
      guard evaluation.exists else { return "\(user) does not exist" }
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

  @Test("values of random definitions over random histories are the oracle's")
  func valuesAgree() throws {
    for seed in 0..<Self.cases {
      var generator = OracleGenerator(seed: seed)
      let world = generator.makeCase()
      if let failure = try disagreement(world, spelling: seed) {
        report(world, seed, failure) { try disagreement($0, spelling: seed) }
        return
      }
    }
  }

  @Test("no value changes before the next change, by the oracle")
  func lawHolds() throws {
    for seed in 0..<(Self.cases / 3) {
      var generator = OracleGenerator(seed: seed &+ 1_000_000)
      let world = generator.makeCase()
      if let failure = try lawBroken(world, spelling: seed) {
        report(world, seed, failure) { try lawBroken($0, spelling: seed) }
        return
      }
    }
  }

  @Test("between now and the next change the engine's values stay as they are")
  func valuesStayUntilNext() throws {
    for seed in 0..<Self.cases {
      var generator = OracleGenerator(seed: seed &+ 2_000_000)
      let world = generator.makeCase()
      let engine = try Engine(world)
      var random = OracleRandom(seed: seed)
      for user in world.world.users(at: world.now) {
        let evaluation = engine.values(of: user, at: world.now)
        let end = min(evaluation.next.milliseconds, world.now + 400 * 86_400_000)
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
