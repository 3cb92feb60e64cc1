import Testing

@testable import Oracle

/// Sequences, their shrinking and their scripts.
@Suite struct SequenceTests {
  private func sequences(_ count: UInt64) -> [OracleSequence] {
    (0..<count).map { seed in
      var generator = OracleGenerator(
        seed: seed, options: OracleOptions(.everything, definitions: 2...5, calls: 15...50))
      return OracleSequence(generator.makeCase(), parts: 4, seed: seed)
    }
  }

  @Test func `a case is cut into steps whose runs go forward in time`() {
    for (seed, sequence) in zip(UInt64(0)..<20, sequences(20)) {
      var generator = OracleGenerator(
        seed: seed, options: OracleOptions(.everything, definitions: 2...5, calls: 15...50))
      let world = generator.makeCase()
      #expect(sequence.steps.count == 4)
      #expect(OracleCall.ndjson(sequence.steps.flatMap(\.calls)) == world.ndjson)
      #expect(sequence.steps.map(\.now) == sequence.steps.map(\.now).sorted())
      #expect(sequence.files.map(\.content) == world.files(seed: seed).map(\.content))
      let known = sequence.world(at: 1)
      #expect(known.calls.count == world.calls.count / 2)
      #expect(known.now == sequence.steps[1].now)
    }
  }

  /// Fails when a call about the first definition's event is ingested, and a later run sends.
  private func fails(_ sequence: OracleSequence) -> Bool {
    guard sequence.definitions.contains(where: { $0.key == "d1" }),
      let place = sequence.steps.firstIndex(where: { step in
        step.calls.contains { $0.properties["price"] == 3 }
      })
    else { return false }
    return sequence.steps[(place + 1)...].contains(where: \.sends)
  }

  @Test func `a sequence shrinks to what matters`() throws {
    let failing = sequences(200).filter(fails)
    try #require(failing.count > 5)
    for sequence in failing {
      let small = sequence.shrunk(while: fails)
      #expect(fails(small))
      #expect(small.definitions.map(\.key) == ["d1"])
      #expect(small.spelling == nil)
      #expect(small.steps.count == 2)
      #expect(small.steps.map(\.calls.count) == [1, 0])
      #expect(small.steps.map(\.sends) == [false, true])
      #expect(small.steps[0].calls.first?.properties == ["price": 3])
      #expect(small.steps.allSatisfy { $0.now % 86_400_000 == 0 })
    }
  }

  @Test func `a run alone can be left out, and its calls come with the next`() throws {
    let sequence = try #require(sequences(1).first)
    let ids = sequence.steps.flatMap(\.calls).map(\.messageId)
    // Nothing may be lost but runs.
    let small = sequence.shrunk { $0.steps.flatMap(\.calls).map(\.messageId) == ids }
    #expect(small.steps.count == 1)
    #expect(small.steps.first?.calls.count == ids.count)
    #expect(small.definitions.isEmpty)
  }

  @Test func `no run comes before the one of the step before`() {
    let sequence = OracleSequence([], [.init([], at: noon + 1), .init([], at: noon + minute + 1)])
    let small = sequence.shrunk { $0.steps.count == 2 && $0.steps[0].now == noon + 1 }
    #expect(small.steps.map(\.now) == [noon + 1, noon + minute])
  }

  @Test func `there are only so many attempts`() throws {
    let sequence = try #require(sequences(1).first)
    for limit in [0, 1, 20] {
      var attempts = 0
      let small = sequence.shrunk(attempts: limit) { _ in
        attempts += 1
        return attempts % 3 != 0
      }
      #expect(attempts == limit)
      #expect(limit > 0 || small.description == sequence.description)
    }
  }

  @Test func `what never fails again stays as it is`() throws {
    let sequence = try #require(sequences(1).first)
    #expect(sequence.shrunk { _ in false }.description == sequence.description)
  }

  @Test func `the script has the files, the steps and the comparison`() {
    let definition = OracleDefinition("buyer", .audience(some("Bought")))
    let sequence = OracleSequence(
      [definition],
      [
        .init([OracleCall(.track, id: "m", at: noon, user: "u", event: "Bought")], at: noon),
        .init([], at: noon + day, sends: true),
      ])
    #expect(
      sequence.description == """
        mkdir audiences ticks full
        ticks() { (cd ticks && rollcall --audiences ../audiences "$@"); }
        full() { (cd full && rollcall --audiences ../audiences "$@"); }
        cat > audiences/file.destination <<'END_OF_FILE'
        ---
        type: file
        path: identify.ndjson
        ---
        END_OF_FILE
        cat > audiences/buyer.audience <<'END_OF_FILE'
        ---
        name: buyer
        key: buyer
        ---
        event('Bought').count() >= 1
        END_OF_FILE

        cat > 1.ndjson <<'END_OF_FILE'
        {"type":"track","messageId":"m","timestamp":"2026-03-10T12:00:00.000Z","userId":"u","event":"Bought"}
        END_OF_FILE
        ticks ingest ../1.ndjson && ticks run --future --at 2026-03-10T12:00:00.000Z --no-send
        full ingest ../1.ndjson && full run --full --future --at 2026-03-10T12:00:00.000Z --no-send

        cat > 2.ndjson <<'END_OF_FILE'
        END_OF_FILE
        ticks ingest ../2.ndjson && ticks run --future --at 2026-03-11T12:00:00.000Z
        full ingest ../2.ndjson && full run --full --future --at 2026-03-11T12:00:00.000Z

        ticks verify
        full verify
        ticks export buyer > ticks/buyer.exported
        full export buyer > full/buyer.exported
        diff ticks/buyer.exported full/buyer.exported

        """)
  }
}
