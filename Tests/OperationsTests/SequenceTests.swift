import EventStore
import Foundation
import Membership
import Oracle
import Testing
import Values

@testable import Operations

/// Sequences of ingests and runs: a store rolled by ticks, one rolled in full, and the oracle.
///
/// `ROLLCALL_SEQUENCES` sets how many.
struct SequenceTests {
  private static var sequences: UInt64 { SequenceCount.all }

  /// How many of the sequences may run beside one another.
  private static let lanes: UInt64 = 4

  private static let options = OracleOptions(
    .everything, definitions: 2...5, calls: 15...50, users: 3)

  @Test(
    "ticks leave the members, values and pending deliveries of full runs, and of the oracle",
    arguments: 0..<lanes)
  func ticksAreFull(lane: UInt64) throws {
    for seed in stride(from: lane, to: Self.sequences, by: Int(Self.lanes)) {
      var generator = OracleGenerator(seed: seed &+ 7_000_000, options: Self.options)
      let sequence = OracleSequence(generator.makeCase(), parts: 4, seed: seed)
      let limit = Self.partLimits[Int(seed) % Self.partLimits.count]
      let smallest = Self.smallestForThreads[Int(seed / Self.lanes) % 3]
      let failure = shrunkFailure(sequence) {
        try self.failure(
          $0, partLimit: limit, recentLimit: Self.recentLimits[Int(seed / 2) % 3],
          smallestForThreads: smallest)
      }
      guard let failure else { continue }
      Issue.record("seed \(seed)\n\(failure)")
      return
    }
  }

  /// Parts of histories are folded by each run that finds any, now and then, and never.
  private static let partLimits: [HistoryParts.Limit] = [
    .init(count: 0, share: 0), .init(count: 3, share: 0), .init(count: .max),
  ]

  /// Recent rows of the snapshot are settled by each run, now and then, by way of two tables, and never.
  private static let recentLimits: [RecentLimit] = [
    .init(count: 0, share: 0), .init(count: 9, share: 0, latest: 3), .init(),
  ]

  /// Ticks evaluate on several threads always, where there are a few users and perhaps fewer events, and
  /// never.
  private static let smallestForThreads = [1, 3, .max]

  /// How a sequence fails; nil when it does not.
  private func failure(
    _ sequence: OracleSequence, partLimit: HistoryParts.Limit, recentLimit: RecentLimit,
    smallestForThreads: Int
  ) throws -> String? {
    let ticked = try Workplace(sequence.files, isPrepared: true)
    let full = try Workplace(sequence.files, isPrepared: true)
    for place in [ticked, full] {
      place.partLimit = partLimit
      place.recentLimit = recentLimit
    }
    ticked.smallestForThreads = smallestForThreads
    for (part, step) in sequence.steps.enumerated() {
      let lines = OracleCall.ndjson(step.calls)
      for place in [ticked, full] {
        try place.ingest(lines)
        try place.run(
          at: step.now, isFull: place === full, sends: step.sends, threads: part % 2 + 1,
          outdatedShare: sequence.steps.count % 2 == 0 ? 1 : DigestUse.largestOutdatedShare)
      }
      let truth = sequence.world(at: part).memberships(at: step.now)
      let pending = "SELECT destination, kind, profile, definition FROM pending"
      let differences = [
        difference(try ticked.memberships(), truth, "ticks (+), oracle (-)"),
        difference(try full.memberships(), truth, "full runs (+), oracle (-)"),
        difference(
          Set(try ticked.rows(pending)), Set(try full.rows(pending)),
          "pending of ticks (+), of full runs (-)"),
        difference(try ticked.told(), try full.told(), "told by ticks (+), by full runs (-)"),
      ]
      if let difference = differences.lazy.compactMap({ $0 }).first {
        return difference + "\n  in step \(part + 1)"
      }
    }
    for place in [ticked, full] {
      let breaks = try place.rows(Self.brokenLog)
      if !breaks.isEmpty { return "the change log contradicts itself or the snapshot: \(breaks)" }
      guard try place.session.verify().difference != nil else { continue }
      return "verify finds a difference \(place === full ? "after full runs" : "after ticks")"
    }
    guard let last = sequence.steps.last else { return nil }
    try ticked.run(at: last.now, sends: true)
    return try wronglyTold(ticked, sequence.definitions)
  }

  /// Changes whose previous value is not what the change before came to, and last ones that are not what the
  /// snapshot holds.
  private static let brokenLog = """
    SELECT run, profile, definition FROM (
      SELECT run, profile, definition, previous, value,
        lag(value) OVER known AS before, row_number() OVER known AS number,
        lead(run) OVER known AS later
      FROM changes WINDOW known AS (PARTITION BY profile, definition ORDER BY run)) AS c
    WHERE number > 1 AND previous IS NOT before OR later IS NULL AND value IS NOT (
      SELECT m.value FROM members AS m
      WHERE m.profile = c.profile AND m.definition = c.definition)
    """

  /// Every (identity, property) ever sent holds the snapshot's value, or the default; and every
  /// value that is not a default was sent.
  private func wronglyTold(
    _ place: Workplace, _ definitions: [OracleDefinition]
  ) throws -> String? {
    var rest = Set<[String]>()
    for row in try place.memberships() where !row[1].hasPrefix("anonymous ") {
      for (property, value) in DeliverySequenceTests.sent(try Value(json: row[2]), row[0]) {
        rest.insert([row[1], property, value.json])
      }
    }
    var wrong = Set<[String]>()
    for told in try place.told() {
      if rest.remove(told) != nil { continue }
      let isAudience =
        definitions.first { told[1].hasPrefix($0.key + ".") } == nil
        && definitions.first { $0.key == told[1] }?.isAudience ?? true
      if told[2] != (isAudience ? "false" : "\"\"") { wrong.insert(told) }
    }
    // Zeros of counts are defaults.
    return difference(wrong, rest.filter { $0[2] != "0" }, "told (+), not told (-)")
  }
}
