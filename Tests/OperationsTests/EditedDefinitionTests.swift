import Foundation
import Operations
import Oracle
import Testing

/// Definitions that come, change, are off and on again between runs: only they are evaluated for
/// everybody, and the snapshot is the oracle's.
///
/// `ROLLCALL_SEQUENCES` sets how many sequences of all kinds there are; a tenth of them are these.
struct EditedDefinitionTests {
  private static var sequences: UInt64 { SequenceCount.all / 10 }

  private static let options = OracleOptions(
    .everything, definitions: 2...4, calls: 15...40, users: 3)

  /// One run: how much of the calls is there, and which definitions.
  private struct Step {
    let calls: Int
    let definitions: [OracleDefinition]
    var isLastOff = false
  }

  private func steps(_ world: OracleCase, _ seed: UInt64) -> [Step] {
    let others = Array(world.definitions.dropLast())
    var generator = OracleGenerator(
      seed: seed &+ 90_000_000, options: OracleOptions(.everything, definitions: 1...1))
    // What the edited definition asks next stands alone, and nobody refers to the last one.
    var edited = generator.makeCase().definitions[0]
    edited.key = world.definitions[others.count].key
    let third = world.calls.count / 3
    return [
      Step(calls: third, definitions: others),
      Step(calls: 2 * third, definitions: world.definitions),
      Step(calls: 2 * third, definitions: others + [edited]),
      Step(calls: world.calls.count, definitions: others + [edited], isLastOff: true),
      Step(calls: world.calls.count, definitions: others + [edited]),
      Step(calls: world.calls.count, definitions: world.definitions),
    ]
  }

  private func write(_ step: Step, _ place: Workplace) throws {
    for name in try FileManager.default.contentsOfDirectory(atPath: place.session.folder)
    where !name.hasSuffix(".destination") {
      try FileManager.default.removeItem(atPath: place.session.folder + "/" + name)
    }
    let files = OracleCase(calls: [], definitions: step.definitions, now: 0).files()
    for (number, file) in files.enumerated() {
      let isOff = step.isLastOff && number == files.count - 1
      let content =
        isOff
        ? file.content.replacing("---\n", with: "---\nenabled: false\n", maxReplacements: 1)
        : file.content
      try place.write(file.name, content)
    }
  }

  @Test("a definition that comes, changes, goes off and on again has the oracle's members")
  func edits() throws {
    var methods: [String: Int] = [:]
    for seed in 0..<Self.sequences {
      var generator = OracleGenerator(seed: seed &+ 11_000_000, options: Self.options)
      let world = generator.makeCase()
      let place = try Workplace([])
      var ingested = 0
      for (number, step) in steps(world, seed).enumerated() {
        try write(step, place)
        try place.ingest(OracleCall.ndjson(Array(world.calls[ingested..<step.calls])))
        ingested = step.calls
        let now = world.now + Int64(number) * 3 * 86_400_000
        // Then the standings say nothing of the snapshot.
        if number > 0, seed % 3 == 0 { _ = try place.session.rebuild() }
        let report = try place.run(at: now, threads: Int(seed % 2) + 1)
        methods["\(report.method)".prefix { $0.isLetter }.description, default: 0] += 1
        if step.isLastOff { continue }
        let known = OracleCase(
          calls: Array(world.calls[..<step.calls]), definitions: step.definitions, now: now)
        let (found, truth) = (try place.memberships(), known.memberships(at: now))
        #expect(found == truth, "seed \(seed), step \(number)\n\(known)")
        guard found == truth else { return }
      }
      #expect(try place.session.verify().difference == nil, "seed \(seed)")
    }
    #expect(Set(methods.keys) == ["scan", "partialScan", "tick"])
  }
}
