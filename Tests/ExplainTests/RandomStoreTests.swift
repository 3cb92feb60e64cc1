import Foundation
import Operations
import Oracle
import Testing
import Values

/// Explanations out of a store, of random definitions over random calls: users, anonymous profiles
/// and accounts, with links between ids, before a run and behind one.
///
/// `ROLLCALL_STORES` sets how many.
struct RandomStoreTests {
  private static var stores: UInt64 {
    ProcessInfo.processInfo.environment["ROLLCALL_STORES"].flatMap(UInt64.init) ?? 25
  }

  // A number past the range has no JSON form to be compared.
  private static let options = OracleOptions(
    .everything.subtracting(.overflow), definitions: 2...5, calls: 15...50, users: 3)

  @Test("everybody has the oracle's value, flips when it was said, and agrees with the snapshot")
  func explained() throws {
    var flips = 0
    for seed in 11_000_000..<(11_000_000 + Self.stores) {
      var generator = OracleGenerator(seed: seed, options: Self.options)
      let world = generator.makeCase()
      let desk = try Desk()
      for (name, content) in world.files(seed: seed) { try desk.write(content, to: name) }
      let half = world.calls.count / 2
      try desk.ingest(OracleCall.ndjson(Array(world.calls[..<half])))
      try desk.run(at: Instant(milliseconds: world.now))
      try desk.ingest(OracleCall.ndjson(Array(world.calls[half...])))
      try expect(desk, world, seed, &flips)
      try desk.run(at: Instant(milliseconds: world.now))
      try expect(desk, world, seed, &flips, agrees: true)
    }
    #expect(flips > Int(Self.stores))
  }

  private func expect(
    _ desk: Desk, _ world: OracleCase, _ seed: UInt64, _ flips: inout Int, agrees: Bool = false
  ) throws {
    let oracle = world.world
    for key in world.definitions.map(\.key) {
      let subjects = oracle.subjects(of: key, at: world.now)
      var reports: [ExplainReport] = []
      try desk.session.explain(key, subjects.map(\.id)) { reports.append($0) }
      #expect(reports.count == subjects.count)
      for (subject, report) in zip(subjects, reports) {
        let comment: Comment = "seed \(seed): \(key) of \(subject)\n\(world)"
        func value(at instant: Int64) -> String {
          oracle.value(of: key, for: subject, at: instant).json
        }
        #expect(report.value.json == value(at: world.now), comment)
        #expect(report.tree?.value == report.value, comment)
        if agrees { #expect(report.snapshot?.agrees == true, comment) }
        let expected = oracle.nextChange(of: key, for: subject, after: world.now)
        guard case .at(let instant, let next) = report.nextChange else {
          #expect(report.nextChange == .never && expected == nil, comment)
          continue
        }
        flips += 1
        #expect(instant.milliseconds == expected, comment)
        #expect(next.json == value(at: instant.milliseconds), comment)
        #expect(report.value.json == value(at: instant.milliseconds - 1), comment)
      }
    }
  }
}
