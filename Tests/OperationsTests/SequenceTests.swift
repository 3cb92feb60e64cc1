import Foundation
import Oracle
import Testing
import Values

/// Sequences of ingests and runs: a store rolled by ticks, one rolled in full, and the oracle.
///
/// `ROLLCALL_SEQUENCES` sets how many.
struct SequenceTests {
  private static var sequences: UInt64 {
    ProcessInfo.processInfo.environment["ROLLCALL_SEQUENCES"].flatMap(UInt64.init) ?? 2000
  }

  /// How many of the sequences may run beside one another.
  private static let lanes: UInt64 = 4

  private static let options = OracleOptions(
    .everything, definitions: 2...5, calls: 15...50, users: 3)

  /// What the oracle says that the snapshot holds.
  private func expected(_ world: OracleCase, at now: Int64) -> Set<[String]> {
    let oracle = world.world
    var rows: Set<[String]> = []
    for definition in world.definitions {
      for subject in oracle.subjects(of: definition.key, at: now) {
        let value = oracle.value(of: definition.key, for: subject, at: now)
        if value == .absent || value == .boolean(false) { continue }
        let whose =
          switch subject {
          case .user(let id): "user \(id)"
          case .anonymous(let id): "anonymous \(id)"
          case .account(let id): "account \(id)"
          }
        rows.insert([definition.key, whose, readable(value).json])
      }
    }
    return rows
  }

  /// A number past the range has no JSON form: what is stored is its text.
  private func readable(_ value: OracleValue) -> OracleValue {
    switch value {
    case .number(let number) where !number.isFinite: .string(value.text ?? "")
    case .array(let elements): .array(elements.map(readable))
    case .object(let members):
      .object(members.map { OracleMember($0.key, readable($0.value)) })
    default: value
    }
  }

  @Test(
    "ticks leave the members, values and pending deliveries of full runs, and of the oracle",
    arguments: 0..<lanes)
  func ticksAreFull(lane: UInt64) throws {
    for seed in stride(from: lane, to: Self.sequences, by: Int(Self.lanes)) {
      var generator = OracleGenerator(seed: seed &+ 7_000_000, options: Self.options)
      let world = generator.makeCase()
      var random = OracleRandom(seed: seed)
      let ticked = try Workplace(world.files(seed: seed))
      let full = try Workplace(world.files(seed: seed))
      let parts = 4
      var now = world.now - 20 * 86_400_000
      for part in 0..<parts {
        let from = world.calls.count * part / parts
        let to = world.calls.count * (part + 1) / parts
        let lines = OracleCall.ndjson(Array(world.calls[from..<to]))
        now += Int64(random.int(in: 0...12)) * 86_400_000 + Int64(random.int(in: 0...999_999))
        let sends = random.chance(50)
        for place in [ticked, full] {
          try place.ingest(lines)
          try place.run(at: now, isFull: place === full, sends: sends)
        }
        var known = world
        known.calls = Array(world.calls[..<to])
        let snapshot = try ticked.memberships()
        let truth = expected(known, at: now)
        #expect(snapshot == truth, "seed \(seed), step \(part), now \(now)\n\(known)")
        #expect(try full.memberships() == truth, "seed \(seed), step \(part)")
        let pending = "SELECT destination, profile, definition FROM pending ORDER BY 1, 2, 3"
        #expect(try ticked.rows(pending) == full.rows(pending), "seed \(seed), step \(part)")
        #expect(try ticked.told() == full.told(), "seed \(seed), step \(part)")
        guard snapshot == truth else { return }
      }
      #expect(try ticked.session.verify().difference == nil, "seed \(seed)")
      #expect(try full.session.verify().difference == nil, "seed \(seed)")
      try ticked.run(at: now, sends: true)
      try expectToldIsSnapshot(ticked, world, seed)
    }
  }

  /// Every (identity, property) ever sent holds the snapshot's value, or the default; and every
  /// value that is not a default was sent.
  private func expectToldIsSnapshot(
    _ place: Workplace, _ world: OracleCase, _ seed: UInt64
  ) throws {
    var rest = Set<[String]>()
    for row in try place.memberships() where row[1].hasPrefix("user ") {
      let id = Value.string(String(row[1].dropFirst("user ".count))).json
      var value = try Value(json: row[2])
      if case .array = value { value = .string(value.json) }
      if case .object = value { value = .string(value.json) }
      if case .number(let number) = value, number.magnitude >= 0x1p53 {
        value = .string(number.textForm)
      }
      rest.insert([id, row[0], value.json])
    }
    for told in try place.told() {
      if rest.remove(told) != nil { continue }
      let isAudience = world.definitions.first { $0.key == told[1] }?.isAudience ?? true
      #expect(told[2] == (isAudience ? "false" : "\"\""), "seed \(seed): \(told)")
    }
    // Zeros of counts are defaults.
    #expect(rest.allSatisfy { $0[2] == "0" }, "seed \(seed): \(rest)")
  }
}
