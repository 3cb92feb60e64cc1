import Definitions
import Evaluation
import EventStore
import Membership
import SQLite
import Values

/// Holds the digests of a store against the histories that they were made of: a profile's values and
/// next change must come out alike.
final class DigestCheck: RowVisitor {
  private let histories: Histories
  private let coder: OutcomeCoder
  private let outdated: Set<Int64>
  private var digested: ScanEvaluator
  private var direct: ScanEvaluator
  private var seen: Set<Int64> = []
  private var different: Int64?

  private init(
    _ histories: Histories, _ definitions: [Definition], _ coder: OutcomeCoder, at now: Instant,
    outdated: [Int64]
  ) {
    self.histories = histories
    self.coder = coder
    self.outdated = Set(outdated)
    digested = ScanEvaluator(definitions, histories.names, at: now, ranks: coder.ranks)
    direct = ScanEvaluator(definitions, histories.names, at: now, ranks: coder.ranks)
  }

  /// A profile of whom the digests say something else than the history; nil when there is none, or no
  /// digests of these definitions.
  static func difference(
    _ histories: Histories, _ definitions: [Definition], _ coder: OutcomeCoder, at now: Instant,
    _ connection: Connection
  ) throws -> Int64? {
    let fingerprint = DigestUse.fingerprint(definitions)
    guard let digests = try Digests(connection, fingerprint: fingerprint, at: now) else {
      return nil
    }
    let check = DigestCheck(
      histories, definitions, coder, at: now, outdated: try digests.outdated(histories))
    try Digests.visit(connection, 0...Int64.max, check)
    if let different = check.different { return different }
    return try histories.profiles().first { profile in
      try !check.seen.contains(profile) && !check.outdated.contains(profile)
        && !histories.history(of: profile).isEmpty
    }
  }

  func visit(_ row: VisitedRow) throws { try row.withBytes(0, check) }

  private func check(_ block: Span<UInt8>) throws {
    var cursor = digested.open(block)
    while different == nil {
      let count = digested.evaluateChunk(&cursor, block)
      if count == 0 { return }
      for place in 0..<count where different == nil { try check(place) }
    }
  }

  private func check(_ place: Int) throws {
    let profile = digested.identity(at: place)
    seen.insert(profile)
    guard !outdated.contains(profile), digested.select(place) else { return }
    try histories.withHistory(of: profile, &direct) { $0.evaluate($1) }
    var outcome = OutcomeBuffer()
    var other = OutcomeBuffer()
    coder.encode(&digested, into: &outcome)
    coder.encode(&direct, into: &other)
    if outcome.bytes != other.bytes || digested.next != direct.next { different = profile }
  }
}
